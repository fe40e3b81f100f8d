# speccast: if durations
"""Reads the duration of Ogg files from the positions of the last pages of their streams.

Headers are untrusted: their numbers are used for comparisons only, and the cost of reading them is bounded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from .bounded_reads import limit_reads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .media import Read

__all__ = ["seconds_of_ogg"]

_LONGEST_PAGE = 65307
_TAILS = (_LONGEST_PAGE, 4 * _LONGEST_PAGE)
"""Numbers of bytes at the end of a file to search for the last page of each stream: first few, then more."""
_FIRST_PAGES = 16
"""Number of pages to read for the streams and their beginnings."""
_LONGEST_START = 60
"""Maximum duration of a stream's first page in seconds; if it ends later, it is from a recording that began before."""


class _Page(NamedTuple):
    position: int
    """The time at the end of the page, in units of its stream; negative if no packet ends in it."""
    stream: int
    is_first: bool
    content: int
    """Where its content begins in the file."""
    end: int


@dataclass(slots=True)
class _OggStream:
    rate: float
    """Units of time a second."""
    skipped: int = 0
    """Units at the beginning that are not played."""
    shift: int = 0
    """Bits of a position that count the frames since a key frame."""
    start: int | None = None
    """The first position, in units; None before any."""
    end: int = 0
    """The last position, in units."""

    def note(self, position: int) -> None:
        if position > 0:
            units = (position >> self.shift) + (position & (1 << self.shift) - 1)
            if self.start is None:
                self.start = units if units > _LONGEST_START * self.rate else self.skipped
            self.end = units

    @property
    def seconds(self) -> float:
        return (self.end - (self.start or 0)) / self.rate


@dataclass(slots=True)
class _Link:
    """A sound or film with its streams; a file can have several, one after another."""

    streams: dict[int, _OggStream | None] = field(default_factory=dict[int, _OggStream | None])
    """Streams by number; None for a stream of an unknown type."""
    has_content: bool = False

    def note(self, read: Read, page: _Page) -> None:
        if page.is_first:
            self.streams[page.stream] = _stream(read(page.content, 64))
            return
        self.has_content = True
        stream = self.streams.get(page.stream)
        if stream is not None:
            stream.note(page.position)

    @property
    def is_complete(self) -> bool:
        """Whether all known streams have an end."""
        return all(stream is None or stream.end for stream in self.streams.values())

    @property
    def seconds(self) -> float | None:
        known = [stream.seconds for stream in self.streams.values() if stream is not None]
        longest = max(known, default=0)
        return longest if longest > 0 else None


def seconds_of_ogg(read: Read, size: int | None) -> float | None:
    """Return the seconds of the longest stream of Vorbis, Opus, FLAC, Speex or Theora, of all parts of the file."""
    if size is None:
        return None
    read, link = limit_reads(read, size), _Link()
    for page in islice(_pages(read, 0), _FIRST_PAGES):
        if page.is_first and link.has_content:
            return _seconds_of_chain(read, size)
        link.note(read, page)
    for stream in filter(None, link.streams.values()):
        stream.end = 0
    for length in _TAILS:
        for page in _last_pages(read, max(size - length, 0), size):
            if page.stream not in link.streams:
                return _seconds_of_chain(read, size)
            link.note(read, page)
        if link.is_complete:
            break
    return link.seconds


def _seconds_of_chain(read: Read, size: int) -> float | None:
    """Return the sum of the seconds of sounds that follow one another."""
    link, seconds, end = _Link(), 0.0, 0
    for page in _pages(read, 0):
        if page.is_first and link.has_content:
            seconds += link.seconds or 0
            link = _Link()
        link.note(read, page)
        end = page.end
    return seconds + link.seconds if end >= size and link.seconds is not None else None


def _last_pages(read: Read, begin: int, size: int) -> Iterator[_Page]:
    window = read(begin, size - begin)
    at = window.find(b"OggS\0")
    while at >= 0:
        page = _page(read, begin + at)
        if page is not None and not page.is_first:
            yield page
        at = window.find(b"OggS\0", at + 1)


def _pages(read: Read, at: int) -> Iterator[_Page]:
    while (page := _page(read, at)) is not None:
        yield page
        at = page.end


def _page(read: Read, at: int) -> _Page | None:
    head = read(at, 27)
    if len(head) < 27 or not head.startswith(b"OggS\0"):
        return None
    flags, position, stream = struct.unpack_from("<BqI", head, 5)
    content = at + 27 + head[26]
    return _Page(position, stream, bool(flags & 2), content, content + sum(read(at + 27, head[26])))


def _stream(packet: bytes) -> _OggStream | None:
    """Return a stream by its first packet; None for an unknown type."""
    rate: float = 0
    skipped = shift = 0
    if packet.startswith(b"\x01vorbis"):
        (rate,) = struct.unpack_from("<I", packet, 12)
    elif packet.startswith(b"OpusHead"):
        rate, skipped = 48000, struct.unpack_from("<H", packet, 10)[0]
    elif packet.startswith(b"Speex   "):
        (rate,) = struct.unpack_from("<I", packet, 36)
    elif packet.startswith(b"\x7fFLAC"):
        rate = struct.unpack_from(">I", packet, 27)[0] >> 12
    elif packet.startswith(b"\x80theora"):
        frames, seconds, bits = struct.unpack_from(">22xII10xH", packet)
        rate, shift = frames / seconds if seconds else 0, bits >> 5 & 31
    return _OggStream(rate, skipped, shift) if rate else None


# speccast: end
