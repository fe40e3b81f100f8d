"""A file is read again only if its status differs, and an edit always changes the status."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from speccast.cache import Entries
from speccast.publish import disk
from speccast.publish.content import digest
from speccast.publish.digest_cache import DigestCache
from speccast.publish.disk import Disk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "output"
    root.mkdir()
    (root / "fox.py").write_bytes(b"one")
    return root


def read(root: Path) -> object:
    """Return the digest of the file as a run does, which keeps what it found for the next one."""
    with Entries() as entries:
        digests = DigestCache(root, entries)
        found = Disk(root, root, digests).digest("fox.py")
        digests.store()
    return found


def wait() -> None:
    time.sleep(0.6)  # until a change would have another time


def test_an_unchanged_file_is_read_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wait()
    read(root)
    monkeypatch.setattr(disk, "digest", lambda _: pytest.fail("it was read again"))
    assert read(root) == digest(b"one")


def test_an_edit_is_found_although_size_and_time_are_the_same(root: Path) -> None:
    wait()
    read(root)
    before = (root / "fox.py").stat()
    (root / "fox.py").write_bytes(b"two")
    os.utime(root / "fox.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert read(root) == digest(b"two")


def test_another_file_of_the_same_size_and_time_is_found(root: Path) -> None:
    wait()
    read(root)
    before = (root / "fox.py").stat()
    (root / "new").write_bytes(b"two")
    os.utime(root / "new", ns=(before.st_atime_ns, before.st_mtime_ns))
    (root / "new").replace(root / "fox.py")
    assert read(root) == digest(b"two")


def test_a_file_that_changed_moments_ago_is_read_again(root: Path) -> None:
    for number in range(50):
        content = b"%3d" % number
        (root / "fox.py").write_bytes(content)
        assert read(root) == digest(content)


def test_a_deleted_file_is_forgotten(root: Path) -> None:
    wait()
    read(root)
    (root / "fox.py").unlink()
    read(root)
    with Entries() as entries:
        assert DigestCache(root, entries)._stored == {}
