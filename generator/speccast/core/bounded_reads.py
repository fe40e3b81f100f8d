"""Reading parts of untrusted files at a bounded cost, even if their headers are hostile."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .media import Read

__all__ = ["limit_reads"]

_BLOCK = 4096
"""Bytes that are read for a shorter part, since the next part is probably near."""
_MOST_BYTES = 32 * 1024 * 1024
_MOST_PARTS = 50_000


def limit_reads(read: Read, size: int | None) -> Read:
    """Return a function that reads parts of a file, at most 50,000 parts and 32 MiB in blocks of 4 KiB.

    It raises ValueError beyond these limits, and if there is less content than `size` bytes.
    """
    begin, block = 0, b""
    parts = length_read = 0

    def read_part(at: int, length: int) -> bytes:
        nonlocal begin, block, parts, length_read
        parts += 1
        if parts > _MOST_PARTS:
            raise ValueError("too many parts")
        end = at + length if size is None else min(at + length, size)
        if not begin <= at <= end <= begin + len(block):
            wanted = max(length, _BLOCK)
            length_read += wanted
            if length_read > _MOST_BYTES:
                raise ValueError("too many bytes")
            begin, block = at, read(at, wanted)
            if size is not None and at + len(block) < min(at + wanted, size):
                raise ValueError("the file is shorter than its size")
        return block[at - begin : at - begin + length]

    return read_part
