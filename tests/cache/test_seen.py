"""What a file holds, without reading it, where that is certain."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from speccast.cache import Entries, Seen, key_of
from speccast.cache import seen as module

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def entries(tmp_path: Path) -> Entries:
    return Entries(tmp_path / ".speccast_cache" / "generation")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "a.txt"
    file.write_text("one")
    return file


class Reads:
    """A way to digest that counts what is read."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, content: bytes) -> str:
        self.count += 1
        return key_of(content)


def look(entries: Entries, file: Path) -> tuple[str, int]:
    """The digest, and how often the file was read for it."""
    reads = Reads()
    seen = Seen.load(entries, "test", reads)
    digest = seen.of(file)
    seen.save()
    return digest, reads.count


def test_a_file_that_was_just_written_is_read_again(entries: Entries, file: Path) -> None:
    assert [look(entries, file)[1] for _ in range(3)] == [1, 1, 1]


def test_a_file_that_nobody_has_touched_since_is_not(
    entries: Entries, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRAIN_NS", -1_000_000_000)
    assert [look(entries, file) for _ in range(3)] == [
        (key_of(b"one"), 1),
        (key_of(b"one"), 0),
        (key_of(b"one"), 0),
    ]


def test_a_change_that_keeps_size_and_time_is_seen(
    entries: Entries, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRAIN_NS", -1_000_000_000)
    look(entries, file)
    said = file.stat()
    file.write_text("two")
    os.utime(file, ns=(said.st_atime_ns, said.st_mtime_ns))
    assert look(entries, file) == (key_of(b"two"), 1)


def test_another_file_in_its_place_is_seen(
    entries: Entries, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRAIN_NS", -1_000_000_000)
    look(entries, file)
    said = file.stat()
    other = file.with_name("b.txt")
    other.write_text("two")
    os.utime(other, ns=(said.st_atime_ns, said.st_mtime_ns))
    other.replace(file)
    assert look(entries, file) == (key_of(b"two"), 1)


def test_what_is_no_file_is_an_error(entries: Entries, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no plain file"):
        Seen.load(entries, "test").of(tmp_path)
