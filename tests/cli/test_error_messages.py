"""The full text of representative errors of each command, so that a change of their wording is deliberate.

`errors.txt` has the commands with what they print and their exit codes. `tests/emulator/test_error_messages.py` does the same
for `speccast serve`.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from speccast import __version__
from speccast.cli import COMMANDS, run

if TYPE_CHECKING:
    from .conftest import Project

SNAPSHOT = Path(__file__).with_name("errors.txt")
MODEL = "generated/acme/python/acme_client/models/fox.py"

USAGE = (
    "generat",
    "generate --forse",
    "generate --check --force",
    "generate --check --dry-run",
    "generate --diff",
    "generate --format json",
    "generate --watch --check",
    "init ../acme",
    "init acme",
    "init --api acme",
    "init acme --model owl",
    "init --model owl+fox",
    "init --model fox",
    "init --model owl --api other",
    "vendor",
    "vendor --strict",
    "vendor --check",
    "vendor --check --update",
    "vendor --check --into specs",
    "vendor --into src/my-copy",
    "vendor --into generated/copy",
    "vendor --into src/copy --models foxx",
    "vendor --into src/copy --models ,",
    "vendor --into src/copy --from missing/client",
    "vendor --into src/copy --from specs/acme/fox.yaml",
    "vendor --into src/copy --from no_such_package",
    "vendor --into src/copy --update",
    "explain",
    "explain bound-off-stepp",
    "explain specs",
    "explain generated/acme/python/acme_client/models/foxx.py",
    f"explain {MODEL}:9999",
    "rules --format xml",
    "rules P203",
    "completion",
    "completion tcsh",
    "draft none.html",
    "drift",
    "drift --pages none",
    "diff none",
    "lint none.yaml",
    "lint --output xml=report.xml",
    "lint --output json=-",
    "lint --severity P303",
    "lint --severity P303=fatal",
    "lint --select P999",
    "lint --today yesterday",
    "lint --fail-on all",
    "lint --fix --stdin-filename specs/acme/fox.yaml",
    "lint --diff --write-baseline",
    "lint --baseline none.json",
)


def test_errors_of_commands(
    generated: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(generated.folder)
    monkeypatch.setenv("COLUMNS", "110")
    for name in ("CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    sections: list[str] = []

    def record(title: str, *commands: str) -> None:
        sections.append(f"# {title}\n")
        for line in commands:
            code = run(shlex.split(line))
            printed = capsys.readouterr()
            assert code != 0, line
            text = (
                (printed.out + printed.err)
                .replace(str(generated.folder), "/acme")
                .replace(__version__, "VERSION")
            )
            text = re.sub(r"\d+ (lines|untouched|unchanged)", r"N \1", text)
            sections.append(f"$ speccast {line}\n{text}[exit {code}]\n")

    record("A project whose output is up to date", *USAGE)

    assert run(["vendor", "--into", "src/copy"]) == 0
    capsys.readouterr()
    copied = generated.folder / "src" / "copy" / "models" / "fox.py"
    original = copied.read_bytes()
    copied.write_bytes(original + b"edited = True\n")
    record(
        "A vendored file was edited by hand", "vendor --check", "vendor --update", "vendor --into src/copy"
    )
    copied.write_bytes(original)

    model = generated.folder / MODEL
    original = model.read_bytes()
    model.write_bytes(original + b"edited = True\n")
    record(
        "A generated file was edited by hand",
        "generate",
        "generate --check",
        "generate --dry-run",
        "vendor --update",
    )
    model.write_bytes(original)

    spec = generated.fox.read_text(encoding="utf-8")
    generated.fox.write_text(spec.replace("maximum: 50", "maximum: 0"), encoding="utf-8")
    record("A spec has an error", "generate", "generate --check", "lint")
    generated.fox.write_text(spec, encoding="utf-8")

    for text in (
        "[output]\n",
        'outptu = "x"\n',
        'targets = "python"\n',
        'required-version = "<0"\n',
        "output =\n",
    ):
        generated.write("speccast.toml", text)
        record(f"The configuration is {text.strip()}", "generate")

    check("\n".join(sections))


def test_every_command_has_errors_here() -> None:
    assert {line.split()[0] for line in USAGE} >= set(COMMANDS) - {"serve"}


def check(actual: str) -> None:
    """Compare with the snapshot. To accept a change, delete the file and run the test twice."""
    if not SNAPSHOT.exists():
        SNAPSHOT.write_text(actual, encoding="utf-8", newline="\n")
        pytest.fail(f"{SNAPSHOT.name} did not exist and was written")
    assert actual == SNAPSHOT.read_text(encoding="utf-8")
