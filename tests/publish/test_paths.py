"""Security boundary: no path leaves the output folder or changes its meaning on another system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from speccast.errors import SpeccastError
from speccast.publish.paths import check_paths, parent_folders

if TYPE_CHECKING:
    from tests.publish.conftest import Project

UNSAFE = {
    "": "is empty",
    "/etc/passwd": "is absolute",
    "../outside": "leaves its folder",
    "a/../../outside": "leaves its folder",
    "a/./b": "leaves its folder",
    "a//b": "empty part",
    "a/": "empty part",
    "a\\b": "has the character",
    "C:/windows": "has the character :",
    "a.py:stream": "has the character :",
    'a"b': "has the character",
    "a*": "has the character",
    "a\0b": "control or invisible",
    "a\nb": "control or invisible",
    "a\x1b[2Jb": "control or invisible",
    "a\u202eb": "control or invisible",
    "a\u200db": "control or invisible",
    "a\ud800b": "control or invisible",
    "con": "names a device",
    "models/AUX.py": "names a device",
    "a/com1.tar.gz/b": "names a device",
    "a /b": "ends in a space",
    "a./b": "ends in a space or a dot",
    "x" * 256: "more than 255 bytes",
    "é" * 128: "more than 255 bytes",
    ".git/hooks/pre-commit": "reserved",
    "a/.GIT/config": "reserved",
    ".speccast-manifest": "reserved",
    "a/.Speccast-staging": "reserved",
}


@pytest.mark.parametrize("path", UNSAFE)
def test_an_unsafe_path_is_refused_and_nothing_is_written(project: Project, path: str) -> None:
    with pytest.raises(SpeccastError) as refused:
        project.publish({"fine.py": "", path: ""})
    assert UNSAFE[path] in refused.value.message
    assert refused.value.message.isprintable()
    assert refused.value.hint
    assert not project.root.exists()


def test_ordinary_paths_are_accepted() -> None:
    check_paths(
        [
            "a.py",
            "a/b.py",
            ".github/workflows/ci.yml",
            ".gitignore",
            "a b.txt",
            "console.py",
            "aux_1.py",
            "x" * 255,
            "é.py",
            "a/..b",
            "com10",
            "m_3d/__init__.py",
            "%41",
        ]
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.py", "A.py"),
        ("models/a.py", "Models/b.py"),
        ("\u00e9.py", "e\u0301.py"),
        ("stra\u00dfe.py", "STRASSE.py"),
    ],
)
def test_paths_that_are_the_same_on_some_file_systems_are_refused(one: str, other: str) -> None:
    with pytest.raises(SpeccastError, match="are the same on file systems that ignore case") as refused:
        check_paths([other, one])
    assert ascii(one) in refused.value.message or ascii(one.partition("/")[0]) in refused.value.message


def test_a_path_that_is_file_and_folder_is_refused() -> None:
    with pytest.raises(SpeccastError, match="'a/b' is both a file and a folder"):
        check_paths(["a/b/c", "a/b"])


def test_folders_of_a_path_are_outermost_first() -> None:
    assert parent_folders("a/b/c.py") == ["a", "a/b"]
    assert parent_folders("c.py") == []
