"""The same specs give the same bytes on any machine, at any time."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

TURKISH = {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1"}
"""In this locale the upper case of i has a dot; the date is the next day, and sets have another order."""
BARE = {
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "TZ": "America/St_Johns",
    "PYTHONHASHSEED": "4242",
    "SOURCE_DATE_EPOCH": "1",
}
"""In this locale text is ASCII by default."""


def _files(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder, without the caches of tools."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not any(part == "__pycache__" or part.endswith("_cache") for part in path.parts)
    }


@pytest.mark.parametrize("variables", [TURKISH, BARE], ids=["Turkish", "bare"])
def test_another_machine_gives_the_same_bytes(
    generated: Path, tmp_path: Path, speccast: Callable[..., Any], variables: Mapping[str, str]
) -> None:
    other = tmp_path / "elsewhere, in a longer path"
    for file in sorted((generated / "specs").rglob("*"), reverse=True):
        if file.is_file():
            copy = other / file.relative_to(generated)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    ran = speccast("generate", cwd=other / "specs" / "segmind", env=variables, code=0)
    assert ran.err == ""
    assert _files(other / "generated") == _files(generated / "generated")


def test_committed_output_matches_the_specs(generated: Path, repository: Path) -> None:
    """`make check` finds the same; this failure names the files."""
    committed = _files(repository / "generated" / "segmind")
    made = _files(generated / "generated" / "segmind")
    assert sorted(committed) == sorted(made)
    assert [path for path in made if made[path] != committed[path]] == []


def test_a_second_run_writes_nothing(generated: Path, speccast: Callable[..., Any]) -> None:
    def times() -> dict[Path, int]:
        return {
            path: path.stat().st_mtime_ns
            for path in generated.rglob("*")
            if ".speccast_cache" not in path.parts
        }

    before = times()
    ran = speccast("generate", cwd=generated, code=0)
    assert ran.lines[-1].startswith("0 written, ")
    assert not any(line.startswith(("wrote ", "removed ")) for line in ran.lines)
    assert times() == before


def test_the_output_contains_no_path_of_this_machine(generated: Path) -> None:
    places = {str(generated).encode(), str(generated.home()).encode() + b"/"}
    found = [
        path
        for path, text in _files(generated / "generated").items()
        if any(place in text for place in places)
    ]
    assert found == []
