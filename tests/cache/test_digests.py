"""Digests of files that are not read again while they are unchanged."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from speccast.cache import Entries, FileDigests, key_of
from speccast.cache import digests as module

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "a.txt"
    file.write_text("one")
    return file


@pytest.fixture
def no_resolution(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take file times as exact, so that a file counts as unchanged right after it was written."""
    monkeypatch.setattr(module, "RESOLUTION_NS", -1_000_000_000)


class Reads:
    """A digest function that counts its calls."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, content: bytes) -> str:
        self.count += 1
        return key_of(content)


def look(file: Path) -> tuple[str, int]:
    """Return the digest and how many files were read for it."""
    reads = Reads()
    digests = FileDigests.load(Entries(), "test", reads)
    digest = digests.of(file)
    digests.save()
    return digest, reads.count


def test_a_file_that_was_just_written_is_read_again(file: Path) -> None:
    assert [look(file)[1] for _ in range(3)] == [1, 1, 1]


@pytest.mark.usefixtures("no_resolution")
def test_an_unchanged_file_is_read_once(file: Path) -> None:
    assert [look(file) for _ in range(3)] == [(key_of(b"one"), 1), (key_of(b"one"), 0), (key_of(b"one"), 0)]


@pytest.mark.usefixtures("no_resolution")
def test_a_change_that_keeps_size_and_modification_time_is_noticed(file: Path) -> None:
    look(file)
    status = file.stat()
    file.write_text("two")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert look(file) == (key_of(b"two"), 1)


@pytest.mark.usefixtures("no_resolution")
def test_another_file_in_its_place_is_noticed(file: Path) -> None:
    look(file)
    status = file.stat()
    other = file.with_name("b.txt")
    other.write_text("two")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(file)
    assert look(file) == (key_of(b"two"), 1)


def test_a_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="not a regular file"):
        FileDigests.load(Entries(), "test").of(tmp_path)
