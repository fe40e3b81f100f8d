"""The boxes that MP4, QuickTime, AVIF and HEIC files are made of."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .media import Read

__all__ = ["boxes"]


def boxes(read: Read, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name of each box, and the beginning and the end of its content."""
    while at < end:
        head = read(at, 8)
        if len(head) < 8:
            return
        length, name = struct.unpack(">I4s", head)
        begin = 8
        if length == 1:
            (length,) = struct.unpack(">Q", read(at + 8, 8))
            begin = 16
        elif length == 0:
            length = end - at
        if length < begin:
            return
        yield name, at + begin, at + length
        at += length
