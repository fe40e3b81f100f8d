"""A client with a renamed model: its former attribute, classes, module, command and slug work, with a warning."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from speccast.diff.running import start
from tests.diff.conftest import compare_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

SCRIPT = """
import warnings
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as caught:
    {code}
for warning in caught:
    print(warning.category.__name__, warning.filename, warning.message)
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    fox = "renamed_from: {name: old-fox, version: 1.2.0}"
    version, _, _ = compare_versions({"before/fox.yaml": fox}, tmp_path_factory.mktemp("specs"))
    with ExitStack() as stack:
        yield start(version.apis["foxes"].api, {"fox"}, stack).folder


@pytest.mark.parametrize(
    ("code", "warning"),
    [
        ("import fox_client; client = fox_client.Fox('key'); assert client.old_fox is client.fox", "Fox.old_fox is deprecated, use fox"),
        ("import fox_client; assert fox_client.AsyncFox.old_fox is fox_client.AsyncFox.fox", "AsyncFox.old_fox is deprecated, use fox"),
        ("from fox_client.models import OldFox; from fox_client.models.fox import FoxModel; assert OldFox is FoxModel", "OldFox is deprecated"),
        ("from fox_client.models.old_fox import AsyncOldFox", "fox_client.models.old_fox is deprecated, use fox_client.models.fox"),
        ("import fox_client.models.old_fox as m; m.Fox", "fox_client.models.old_fox is deprecated"),
        ("import fox_client; fox_client.Fox('key')._find('old-fox')", "the model old-fox is called fox now"),
    ],
)  # fmt: skip
def test_a_former_name_works_with_a_warning(
    code: str, warning: str, client: Path, run: Callable[..., Any]
) -> None:
    code = code.replace("FoxModel", "Fox")
    result = run([sys.executable, "-c", SCRIPT.format(code=code)], cwd=client, code=0)

    # `from … import` asks for a name twice, at the same line, which the usual filters show once.
    [line] = {*result.lines}
    assert line.startswith("DeprecationWarning <string> ")
    assert warning in line


@pytest.mark.parametrize("command", ["old-fox", "old_fox"])
def test_a_former_command_works_with_a_warning(command: str, client: Path, run: Callable[..., Any]) -> None:
    words = [sys.executable, "-m", "fox_client", command, "--prompt", "x", "--dry-run"]
    result = run(words, cwd=client, code=0)

    assert f"the command {command} is deprecated, use fox" in result.err
    assert "old-fox" not in run([sys.executable, "-m", "fox_client", "--help"], cwd=client, code=0).out


def test_type_checkers_know_the_former_names(client: Path, run: Callable[..., Any]) -> None:
    (client / "use.py").write_text(
        "from fox_client import Fox\nfrom fox_client.models import OldFox\n\n"
        "def call(client: Fox) -> OldFox:\n    return client.old_fox\n",
        encoding="utf-8",
    )
    checker = Path(sys.executable).with_name("ty")
    run([checker, "check", "--python", sys.prefix, "use.py"], cwd=client, code=0)
