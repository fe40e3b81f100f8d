"""Small APIs whose rendered output is stored beside their specs, so that changes of templates are visible.

The expected files have `.golden` at the end, so that no tool takes them for code or tests of this repository. When a
change is intended, `python -m pytest tests/targets/python/test_golden.py --update-golden` updates them; read the diff.
"""

from __future__ import annotations

import difflib
import shutil
from pathlib import Path

import pytest

from speccast.targets.rendering import draft, render
from tests.targets.support import NO_OVERLAY, api_of, objections_of_files

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir())
SUFFIX = ".golden"
UPDATE = "python -m pytest tests/targets/python/test_golden.py --update-golden"


def list_expected(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix().removesuffix(SUFFIX): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob(f"*{SUFFIX}"))
    }


def write(folder: Path, files: dict[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in files.items():
        file = folder / f"{path}{SUFFIX}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")


def difference(path: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"expected {path}", f"rendered {path}", lineterm="", n=1
    )
    return "\n".join(lines)


@pytest.mark.parametrize("case", CASES)
def test_rendered_files_are_the_expected_ones(case: str, request: pytest.FixtureRequest) -> None:
    (folder,) = (GOLDEN / case / "specs").iterdir()
    api = api_of(folder)
    templates = draft(api, "python", NO_OVERLAY).texts
    # Static files are what they are in the tree of templates.
    made = {
        path: content.decode()
        for path, content in render(api, "python", NO_OVERLAY).items()
        if path in templates
    }
    if request.config.getoption("--update-golden", default=False):
        write(GOLDEN / case / "expected", made)
    golden = list_expected(GOLDEN / case / "expected")
    paths = sorted(golden.keys() | made.keys())
    differences = [difference(path, golden.get(path, ""), made.get(path, "")) for path in paths]
    found = "\n".join(filter(None, differences))
    assert not found, f"{found}\n\nIf this is meant: {UPDATE}"
    assert golden == made


@pytest.mark.parametrize("case", CASES)
def test_specs_of_a_case_have_no_problems(case: str) -> None:
    (folder,) = (GOLDEN / case / "specs").iterdir()
    assert not objections_of_files(folder)
