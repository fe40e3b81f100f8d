"""Entries of the cache: what comes out is what went in, or nothing at all."""

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
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".speccast_cache" / "lint"


def the_file(folder: Path) -> Path:
    [file] = folder.iterdir()
    return file


def test_what_was_put_comes_back_to_the_byte(folder: Path) -> None:
    with Entries(folder) as entries:
        entries.put("a", b"\x00\r\n\xff")
        entries.put("b", b"")

    assert Entries(folder).get("a") == b"\x00\r\n\xff"
    assert Entries(folder).get("b") == b""
    assert Entries(folder).get("c") is None


def test_a_later_content_takes_the_place_of_an_earlier_one(folder: Path) -> None:
    entries = Entries(folder)
    entries.put("a", b"one")
    entries.put("a", b"two")

    assert entries.get("a") == b"two"
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("position", [0, 20, 45, -1])
def test_an_entry_with_another_byte_is_none(folder: Path, position: int) -> None:
    entries = Entries(folder)
    entries.put("a", b"content")
    stored = bytearray(the_file(folder).read_bytes())
    stored[position] ^= 1
    the_file(folder).write_bytes(stored)

    assert entries.get("a") is None


def test_an_entry_cut_short_or_lengthened_is_none(folder: Path) -> None:
    entries = Entries(folder)
    entries.put("a", b"content")
    stored = the_file(folder).read_bytes()

    for wrong in (b"", stored[:10], stored[:-1], stored + b"\0"):
        the_file(folder).write_bytes(wrong)
        assert entries.get("a") is None


def test_an_entry_of_another_key_is_none(folder: Path) -> None:
    entries = Entries(folder)
    entries.put("a", b"content")
    stored = the_file(folder).read_bytes()
    the_file(folder).unlink()
    entries.put("b", b"other")
    the_file(folder).write_bytes(stored)

    assert entries.get("b") is None


def test_a_link_is_no_entry(folder: Path, tmp_path: Path) -> None:
    entries = Entries(folder)
    entries.put("a", b"content")
    file = the_file(folder)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")

    assert entries.get("a") is None


def test_what_was_not_used_for_longest_goes_first(folder: Path) -> None:
    with Entries(folder) as entries:
        for number, key in enumerate("abcd"):
            entries.put(key, b"x" * 200)
            newest = max(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
            os.utime(newest, (number, number))
        assert entries.get("a")

    with Entries(folder, limit=700) as entries:
        entries.put("e", b"")
        assert entries.get("b")
    kept = {key for key in "abcde" if Entries(folder).get(key) is not None}

    assert kept == {"a", "b", "e"}
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 700


def test_what_a_killed_run_left_behind_goes_with_time(folder: Path) -> None:
    with Entries(folder) as entries:
        entries.put("a", b"content")
    (folder / ".1-unfinished").write_bytes(b"x" * 1000)
    os.utime(folder / ".1-unfinished", (1, 1))

    with Entries(folder, limit=500) as entries:
        entries.put("b", b"content")

    assert not (folder / ".1-unfinished").exists()
    assert Entries(folder).get("a") == b"content"


def test_a_cache_that_cannot_be_written_fails_nothing(tmp_path: Path) -> None:
    (tmp_path / ".speccast_cache").write_text("a file stands in its way")

    with Entries(tmp_path / ".speccast_cache" / "lint") as entries:
        entries.put("a", b"content")
        assert entries.get("a") is None


def test_the_cache_keeps_itself_out_of_git(folder: Path) -> None:
    Entries(folder).put("a", b"content")

    assert (folder.parent / ".gitignore").read_text() == "*\n"


def test_many_writers_leave_whole_entries(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from speccast.cache import Entries\n"
        "with Entries(Path(sys.argv[1]), limit=20_000) as entries:\n"
        "    for number in range(300): entries.put(str(number % 7), sys.argv[2].encode() * 4000)\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, folder, letter]) for letter in "xyz"]
    entries = Entries(folder)
    while any(writer.poll() is None for writer in writers):
        found = entries.get("3")
        assert found is None or (len(found) == 4000 and len(set(found)) == 1)

    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 20_000 + 3 * 4100


def test_keys_differ_wherever_their_parts_do() -> None:
    parts = [("ab", "c"), ("a", "bc"), ("abc",), ("ab", b"c", ""), ("2:ab", "c"), ()]

    assert len({key_of(*each) for each in parts}) == len(parts)
    assert key_of("ab", "c") == key_of(b"ab", b"c")
