"""Reading a file never waits and never reads a device."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from speccast.reading import read_regular_file

if TYPE_CHECKING:
    from pathlib import Path


def test_a_regular_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert read_regular_file(tmp_path / "file") == b"content"
    assert read_regular_file(tmp_path / "link", 4) == b"cont"
    with pytest.raises(OSError, match="not a regular file"):
        read_regular_file(tmp_path / "link", follow_links=False)
    with pytest.raises(PermissionError, match="another user"):
        read_regular_file(tmp_path / "file", owner=(tmp_path / "file").stat().st_uid + 1)


@pytest.mark.parametrize("kind", ["pipe", "link to a pipe", "folder", "device"])
def test_nothing_else_is_opened(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    if kind == "folder":
        place.mkdir()
    elif kind == "device":
        place.symlink_to("/dev/zero")
    else:
        os.mkfifo(tmp_path / "pipe")
        place = tmp_path / "pipe" if kind == "pipe" else place
        if kind != "pipe":
            place.symlink_to("pipe")
    with pytest.raises(OSError, match="not a regular file"):
        read_regular_file(place)
