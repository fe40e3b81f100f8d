"""The real APIs of `examples/`: clean specs, clients that type checkers accept, generated tests that pass.

`make judges` runs SDKs of the vendors against the emulators of the same specs.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.pytest_command import PYTEST
from tests.thorough import cases

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
APIS = sorted(path.parent.name for path in (ROOT / "examples").glob("*/api.yaml"))
TOOLS = Path(sys.prefix) / "bin"
VENDORS = re.compile(
    r"(?<![a-z])(segmind|replicate|fal|fal[-_.]ai|runway(ml)?|openai|stability[-_. ]?ai|bfl)(?![a-z])",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory, speccast: Callable[..., Any]) -> Path:
    """A project with the specs and generated clients of all examples."""
    folder = tmp_path_factory.mktemp("examples") / "project"
    for name in APIS:
        shutil.copytree(ROOT / "examples" / name, folder / "specs" / name)
    speccast("generate", cwd=folder, code=0)
    return folder


def test_specs_have_no_findings(clients: Path, speccast: Callable[..., Any]) -> None:
    ran = speccast("lint", cwd=clients, code=0)
    assert re.fullmatch(r"All \d+ specs are fine\.\n", ran.out)


def test_specs_name_their_source(clients: Path) -> None:
    for path in (clients / "generated").glob("*/python/*/_specs.json"):
        models = json.loads(path.read_bytes())["models"]
        assert len(models) >= 2, path
        for model in models:
            assert model["source"]["url"].startswith("https://"), model["slug"]
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", model["source"]["date"]), model["slug"]


@pytest.mark.parametrize("name", APIS)
def test_generated_tests_pass(clients: Path, run: Callable[..., Any], name: str) -> None:
    """The tables of limits are run for Segmind and for an invented API, which has all kinds of limits."""
    folder = clients / "generated" / name / "python"
    selected = cases(["-k", "not test_limits"], [])
    ran = run([sys.executable, *PYTEST, *selected], cwd=folder)
    assert ran.code == 0, ran.out
    assert " passed" in ran.lines[-1]


@pytest.mark.parametrize("checker", cases(["ty"], ["mypy", "pyright", "ty"]))
def test_type_checkers_accept_the_clients(clients: Path, run: Callable[..., Any], checker: str) -> None:
    """`test_types` has the other checkers for a client of an API that uses every key of the format."""
    folder = clients / "types"
    if not folder.exists():
        for name in APIS:
            [package] = (clients / "generated" / name / "python").glob("*/_specs.json")
            shutil.copytree(package.parent, folder / package.parent.name)
        settings = json.dumps({"typeCheckingMode": "strict"})
        (folder / "pyrightconfig.json").write_text(settings, encoding="utf-8")
    words = {
        "mypy": ["--strict", "--no-error-summary", "."],
        "pyright": [],
        "ty": ["check", "--python", sys.prefix, "."],
    }[checker]
    path = {"PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"}
    ran = run([TOOLS / checker, *words], cwd=folder, env=path)
    assert ran.code == 0, ran.out


@pytest.mark.parametrize("folder", ["generator", "templates"])
def test_generator_and_templates_name_no_vendor(folder: str) -> None:
    """All that an API needs is in its specs. Documentation may give an address as an example."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and path.suffix in (".py", ".jinja", ".json", ".yaml", ".toml", ".md", ".typed")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if VENDORS.search(line)
    ]
    assert found == []
