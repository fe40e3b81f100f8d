"""Cache entries: `get` returns exactly what was stored, or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from speccast.cache import Entries, key_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(home: Path) -> Path:
    return home / "speccast" / "entries"


def only_file(folder: Path) -> Path:
    [file] = folder.iterdir()
    return file


def test_an_entry_is_returned_unchanged() -> None:
    with Entries() as entries:
        entries.put("a", b"\x00\r\n\xff")
        entries.put("b", b"")

    assert Entries().get("a") == b"\x00\r\n\xff"
    assert Entries().get("b") == b""
    assert Entries().get("c") is None


def test_a_later_entry_replaces_an_earlier_one(folder: Path) -> None:
    entries = Entries()
    entries.put("a", b"one")
    entries.put("a", b"two")

    assert entries.get("a") == b"two"
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("position", [0, 20, 45, -1])
def test_a_damaged_entry_is_ignored(folder: Path, position: int) -> None:
    entries = Entries()
    entries.put("a", b"content")
    stored = bytearray(only_file(folder).read_bytes())
    stored[position] ^= 1
    only_file(folder).write_bytes(stored)

    assert entries.get("a") is None


def test_an_entry_that_was_truncated_or_extended_is_ignored(folder: Path) -> None:
    entries = Entries()
    entries.put("a", b"content")
    stored = only_file(folder).read_bytes()

    for wrong in (b"", stored[:10], stored[:-1], stored + b"\0"):
        only_file(folder).write_bytes(wrong)
        assert entries.get("a") is None


def test_an_entry_of_another_key_is_ignored(folder: Path) -> None:
    entries = Entries()
    entries.put("a", b"content")
    stored = only_file(folder).read_bytes()
    only_file(folder).unlink()
    entries.put("b", b"other")
    only_file(folder).write_bytes(stored)

    assert entries.get("b") is None


def test_the_least_recently_used_entry_is_deleted_first(folder: Path) -> None:
    with Entries() as entries:
        for number, key in enumerate("abcd"):
            entries.put(key, b"x" * 200)
            newest = max(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
            os.utime(newest, (number, number))
        assert entries.get("a")

    with Entries(limit=700) as entries:
        entries.put("e", b"")
        assert entries.get("b")
    kept = {key for key in "abcde" if Entries().get(key) is not None}

    assert kept == {"a", "b", "e"}
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 700


def test_unfinished_entries_are_deleted_and_other_files_are_not(folder: Path, tmp_path: Path) -> None:
    with Entries() as entries:
        entries.put("a", b"content")
    outside = tmp_path / "outside"
    outside.mkdir()
    foreign = folder / "notes.txt"
    for file in (folder / ".0123456789abcdef", foreign, outside / "large"):
        file.write_bytes(b"x" * 1000)
        os.utime(file, (1, 1))
    (folder / ("e" * 64)).symlink_to(outside / "large")
    (folder / ("d" * 64)).mkdir()

    with Entries(limit=300) as entries:
        entries.put("b", b"content")

    assert not (folder / ".0123456789abcdef").exists()
    assert foreign.exists()
    assert (outside / "large").exists()
    assert Entries().get("a") == b"content"


def test_without_writes_nothing_changes_on_the_disk(home: Path) -> None:
    with Entries(writes=False) as entries:
        entries.put("a", b"content")
        assert entries.get("a") is None

    assert not home.exists()


def test_many_writers_leave_complete_entries(folder: Path) -> None:
    script = (
        "import sys; from speccast.cache import Entries\n"
        "with Entries(limit=20_000) as entries:\n"
        "    for number in range(300): entries.put(str(number % 7), sys.argv[1].encode() * 4000)\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, letter]) for letter in "xyz"]
    entries = Entries()
    while any(writer.poll() is None for writer in writers):
        found = entries.get("3")
        assert found is None or (len(found) == 4000 and len(set(found)) == 1)

    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 20_000 + 3 * 4100


def test_keys_differ_wherever_their_parts_do() -> None:
    parts = [("ab", "c"), ("a", "bc"), ("abc",), ("ab", b"c", ""), ("2:ab", "c"), ()]

    assert len({key_of(*each) for each in parts}) == len(parts)
    assert key_of("ab", "c") == key_of(b"ab", b"c")


def test_an_entry_can_be_read_on_a_system_that_follows_links_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows: `os.utime` raises an exception if it is asked not to follow links."""
    utime = os.utime

    def utime_there(path: str, *, follow_symlinks: bool = True) -> None:
        if not follow_symlinks:
            raise NotImplementedError("utime: follow_symlinks unavailable on this platform")
        utime(path)

    Entries().put("a", b"one")
    monkeypatch.setattr(os, "utime", utime_there)
    assert Entries().get("a") == b"one"
