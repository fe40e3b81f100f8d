"""Builds of the same sources have the same bytes: of Speccast itself, and of a generated project."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

BUILD = (sys.executable, "-m", "build", "--no-isolation", "--outdir")


def sources(project: Path) -> list[str]:
    """Return the files of a project: those that git lists, or all in a generated project."""
    if (project / ".git").exists():
        words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(words, cwd=project, capture_output=True, text=True, check=True).stdout
        paths = [path for path in listed.split("\0") if path and (project / path).is_file()]
        # Files that neither the wheel nor the sdist contains need no copy.
        return [path for path in paths if not path.startswith(("tests/", "generated/", "docs/", "tools/"))]
    files = (path for path in project.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(path.relative_to(project).as_posix() for path in files)


def lay_out(project: Path, paths: Iterable[str], folder: Path, *, moment: int, mask: int) -> Path:
    """Copy a project with another order of files, and other times and permissions."""
    for path in paths:
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((project / path).read_bytes())
        place.chmod(0o666 & ~mask)
        os.utime(place, (moment, moment))
    return folder


@pytest.mark.parametrize("what", ["speccast", "generated"])
def test_wheel_and_sdist_have_the_same_digest_everywhere(
    what: str, repository: Path, segmind: Path, run: Callable[..., Any], tmp_path: Path
) -> None:
    project = repository if what == "speccast" else segmind
    if what == "speccast" and not (repository / ".git").exists():
        pytest.skip("not a git repository")
    paths = sources(project)
    one = lay_out(project, paths, tmp_path / "one", moment=1_000_000_000, mask=0o022)
    two = lay_out(project, reversed(paths), tmp_path / "a" / "second place", moment=1_700_000_000, mask=0o077)
    first_machine = {"TZ": "UTC", "PYTHONHASHSEED": "1", "LC_ALL": "C"}
    second_machine = {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "HOME": str(tmp_path)}
    run([*BUILD, tmp_path / "first", one], cwd=tmp_path, env=first_machine, code=0)
    run(
        ["sh", "-c", 'umask 077; exec "$@"', "sh", *BUILD, tmp_path / "again", two],
        cwd=two,
        env=second_machine,
        code=0,
    )
    first, again = digests(tmp_path / "first"), digests(tmp_path / "again")
    assert {name.rpartition(".")[2] for name in first} == {"gz", "whl"}
    assert again == first, differing(tmp_path / "first", tmp_path / "again")


def digests(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


def differing(first: Path, again: Path) -> list[str]:
    """Return the members that differ, for the message of a failure."""
    found = []
    for file in sorted(first.iterdir()):
        one, two = members(file), members(again / file.name)
        found += [
            f"{file.name}: {name}"
            for name in sorted(one.keys() | two.keys())
            if one.get(name) != two.get(name)
        ]
    return found


def members(archive: Path) -> dict[str, object]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {
                info.filename: (info.date_time, info.external_attr, wheel.read(info))
                for info in wheel.infolist()
            }
    with tarfile.open(archive) as sdist:
        return {info.name: (info.mtime, info.mode, info.uid, info.uname, info.size) for info in sdist}
