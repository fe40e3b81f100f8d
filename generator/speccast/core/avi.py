# speccast: if durations
"""Reads the duration of AVI files from the headers of their streams, or from the count of their pictures.

Headers are untrusted: their numbers are used for comparisons only, and the cost of reading them is bounded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .bounded_reads import limit_reads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .media import Read

__all__ = ["seconds_of_avi"]

_UNKNOWN = (0, 0x40000000, 0xFFFFFFFF)
"""Values of an unknown length. FFmpeg writes the second one if it cannot go back to the header."""


@dataclass(slots=True)
class _AviStream:
    is_film: bool
    scale: int
    rate: int
    """A unit of the length lasts scale / rate seconds."""
    length: int

    @property
    def seconds(self) -> float | None:
        is_known = self.length not in _UNKNOWN and self.scale and self.rate
        return self.length * self.scale / self.rate if is_known else None


@dataclass(slots=True)
class _AviLengths:
    """The lengths in the headers of a file."""

    microseconds: int = 0
    """Duration of a picture."""
    pictures: int = 0
    """Number of pictures in the first part of the file, or in all parts."""
    streams: list[_AviStream] = field(default_factory=list[_AviStream])


def seconds_of_avi(read: Read, size: int | None) -> float | None:
    """Return the seconds of the longest stream."""
    read, film = limit_reads(read, size), _AviLengths()
    for name, begin in _chunks(read, size):
        if name == b"avih":
            film.microseconds, film.pictures = struct.unpack("<I12xI", read(begin, 20))
        elif name == b"strh":
            kind, scale, rate, length = struct.unpack("<4s16xII4xI", read(begin, 36))
            film.streams.append(_AviStream(kind == b"vids", scale, rate, length))
        elif name == b"dmlh":
            (pictures,) = struct.unpack("<I", read(begin, 4))
            film.pictures = max(film.pictures, pictures)
        elif name == b"movi":
            break
    for stream in film.streams:
        if stream.is_film and film.pictures not in _UNKNOWN and stream.length not in _UNKNOWN:
            stream.length = max(stream.length, film.pictures)  # some count only those of the first part
    seconds = _longest(film)
    if seconds is None and size is not None:
        film.pictures = 0
        _count_pictures(read, size, film.streams)
        seconds = _longest(film)
    return seconds


def _longest(film: _AviLengths) -> float | None:
    lengths = [each.seconds for each in film.streams]
    known = [each for each in lengths if each is not None]
    if known:
        return max(known)
    is_known = film.microseconds and film.pictures not in _UNKNOWN
    return film.microseconds * film.pictures / 1_000_000 if is_known else None


def _count_pictures(read: Read, size: int, streams: list[_AviStream]) -> None:
    """Take the number of its chunks as the length of each stream of pictures, as in files whose writer could not go back."""
    for stream in streams:
        stream.length = 0
    for name, _ in _chunks(read, size):
        if name[2:] in (b"dc", b"db") and name[:2].isdigit() and int(name[:2]) < len(streams):
            stream = streams[int(name[:2])]
            stream.length += 1 if stream.is_film else 0


def _chunks(read: Read, size: int | None) -> Iterator[tuple[bytes, int]]:
    """Yield the name of each list and chunk, and where its content begins; what is in a list follows it."""
    at = 0
    while size is None or at + 8 <= size:
        name, length = struct.unpack("<4sI", read(at, 8))
        if name in (b"RIFF", b"LIST"):
            yield read(at + 8, 4), at + 12
            at += 12
        else:
            yield name, at + 8
            at += 8 + length + length % 2


# speccast: end
