"""Ruff formats rendered files with fixed options only, in every folder."""

from __future__ import annotations

import subprocess
import tempfile
from typing import TYPE_CHECKING

import pytest

from speccast.errors import SpeccastError
from speccast.targets.python.formatter import RULES, format_python, ruff_version

if TYPE_CHECKING:
    from pathlib import Path

CLUMSY = "import sys\nfrom b import c\nimport os\nx = {  'a':os.sep,\n}\n"
NEAT = 'import os\n\nx = {\n    "a": os.sep,\n}\n'


def test_imports_are_sorted_unused_ones_go_and_the_rest_is_formatted() -> None:
    assert format_python({"a.py": CLUMSY}) == {"a.py": NEAT}


def test_nothing_to_format_is_nothing() -> None:
    assert format_python({}) == {}


def test_imports_of_the_own_package_are_grouped_separately() -> None:
    text = "import acme\nimport pytest\n\nx = acme, pytest\n"
    assert format_python({"a.py": text})["a.py"].startswith("import acme\nimport pytest\n\n")
    parted = format_python({"a.py": text}, first_party=("acme",))
    assert parted["a.py"].startswith("import pytest\n\nimport acme\n")


def test_code_in_a_document_is_formatted_too() -> None:
    page = "# x\n\n```python\nx = {  }\n```\n"
    assert format_python({"a.md": page}) == {"a.md": page.replace("{  }", "{}")}


@pytest.mark.parametrize(
    "folder",
    ["dist", "build", "venv", ".venv", "node_modules", "site-packages", ".git", "a b", "[x]", "coding: #"],
)
def test_no_folder_is_passed_over(folder: str) -> None:
    path = f"{folder}/deep/a.py"
    assert format_python({path: CLUMSY}) == {path: NEAT}


def test_nothing_around_has_a_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a configuration above the folder for temporary files, nor one at hand, nor what git ignores."""
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / "ruff.toml").write_text("line-length = 40\nexclude = ['*']\nindent-width = 2\n")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.chdir(tmp_path)
    for name in ("RUFF_CONFIG", "RUFF_OUTPUT_FILE", "RUFF_OUTPUT_FORMAT"):
        monkeypatch.setenv(name, str(tmp_path / "ruff.toml"))
    assert format_python({"a.py": CLUMSY}) == {"a.py": NEAT}
    assert not list(temporary.iterdir())


def test_invalid_python_is_an_error_with_file_and_position() -> None:
    with pytest.raises(
        SpeccastError, match=r"ruff could not format the rendered files:\n(.|\n)*deep/a\.py:2:"
    ):
        format_python({"deep/a.py": "x = 1\ny = = 2\n", "b.py": "x = 1\n"})


def test_formatting_twice_changes_nothing() -> None:
    once = format_python({"a.py": CLUMSY})
    assert format_python(once) == once


def test_rules_leave_names_to_the_api() -> None:
    # E741 would object to a parameter called l, the D rules to the words of a page, E501 to their length.
    assert not {"E", "E7", "E74", "E741", "E5", "D", "N", "ALL"} & set(RULES)


def test_version_is_that_of_the_program() -> None:
    from ruff import find_ruff_bin

    ran = subprocess.run([find_ruff_bin(), "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout.split()[1] == ruff_version()
