# speccast: if durations
"""Reads the duration of WebM and Matroska files from their description, or from the times of their last blocks.

Headers are untrusted: their numbers are used for comparisons only, and the cost of reading them is bounded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from .bounded_reads import limit_reads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .media import Read

__all__ = ["seconds_of_matroska"]

_SEGMENT, _INFO, _SCALE, _DURATION = 0x18538067, 0x1549A966, 0x2AD7B1, 0x4489
_TRACKS, _TRACK, _TRACK_NUMBER, _FRAME_DURATION = 0x1654AE6B, 0xAE, 0xD7, 0x23E383
_CLUSTER, _TIMESTAMP = 0x1F43B675, 0xE7
_SIMPLE_BLOCK, _GROUP, _BLOCK, _BLOCK_DURATION = 0xA3, 0xA0, 0xA1, 0x9B
_WINDOW = 65536
"""Bytes in which a cluster is searched."""
_NANOSECONDS = 1_000_000_000


class _Element(NamedTuple):
    identifier: int
    begin: int
    end: int | None
    """Where the content ends; None if the element does not say it, as in live recordings."""


class _Time(NamedTuple):
    """The time of a block, in units of the file."""

    track: int
    at: int
    frames: int


@dataclass(slots=True)
class _MatroskaTimes:
    """The times in the elements that were read."""

    scale: int = 1_000_000
    """Nanoseconds of a unit of time."""
    duration: float = 0
    start: int | None = None
    """The time of the first cluster, in units."""
    frame_durations: dict[int, int] = field(default_factory=dict[int, int])
    """Nanoseconds of a frame of each track that says it."""


def seconds_of_matroska(read: Read, size: int | None) -> float | None:
    """Return the seconds by the description; without one, by the end of the last blocks."""
    read = limit_reads(read, size)
    film = _read_description(read)
    seconds = film.duration * film.scale / _NANOSECONDS
    if 0 < seconds < float("inf"):
        return seconds
    if film.start is None or size is None:
        return None
    cluster = _last_cluster(read, size)
    if cluster is None:
        return None
    end = max((_block_ends(read, film, cluster, size)), default=0)
    return (end - film.start * film.scale) / _NANOSECONDS if end > film.start * film.scale else None


def _read_description(read: Read) -> _MatroskaTimes:
    """Read the elements before the first cluster, and behind it if nothing before it describes the film."""
    film = _MatroskaTimes()
    is_described = False
    head = _element(read, 0)
    segment = None if head is None or head.end is None else _element(read, head.end)
    if segment is None or segment.identifier != _SEGMENT:
        return film
    for element in _elements(read, segment.begin, segment.end):
        if element.identifier == _INFO:
            is_described = True
            for each in _elements(read, element.begin, element.end):
                if each.identifier == _SCALE:
                    film.scale = _number(read, each)
                elif each.identifier == _DURATION:
                    film.duration = _float(read, each)
        elif element.identifier == _TRACKS:
            for track in _elements(read, element.begin, element.end):
                numbers = {each.identifier: each for each in _elements(read, track.begin, track.end)}
                if track.identifier == _TRACK and {_TRACK_NUMBER, _FRAME_DURATION} <= numbers.keys():
                    key = _number(read, numbers[_TRACK_NUMBER])
                    film.frame_durations[key] = _number(read, numbers[_FRAME_DURATION])
        elif element.identifier == _CLUSTER:
            if film.start is None:
                film.start = _timestamp(read, element)
            if is_described:
                break
    return film


def _last_cluster(read: Read, size: int) -> _Element | None:
    name = _CLUSTER.to_bytes(4, "big")
    end = size
    while end > 0:
        begin = max(end - _WINDOW, 0)
        window = read(begin, end - begin)
        at = window.rfind(name)
        while at >= 0:
            cluster = _element(read, begin + at)
            if cluster is not None and _timestamp(read, cluster) is not None:
                return cluster
            at = window.rfind(name, 0, at + 3)
        end = begin + 3 if begin else 0
    return None


def _timestamp(read: Read, cluster: _Element) -> int | None:
    """Return the time of a cluster, which begins with it."""
    for element, _ in zip(_elements(read, cluster.begin, cluster.end), range(3), strict=False):
        if element.identifier == _TIMESTAMP and element.end is not None and element.end - element.begin <= 8:
            return _number(read, element)
    return None


def _block_ends(read: Read, film: _MatroskaTimes, cluster: _Element, size: int) -> Iterator[int]:
    """Yield when each block of a cluster ends, in nanoseconds."""
    start = _timestamp(read, cluster) or 0
    before: dict[int, int] = {}
    for element in _elements(read, cluster.begin, cluster.end or size):
        block, duration = element, None
        if element.identifier == _GROUP:
            parts = {each.identifier: each for each in _elements(read, element.begin, element.end)}
            if _BLOCK not in parts:
                continue
            block = parts[_BLOCK]
            duration = _number(read, parts[_BLOCK_DURATION]) if _BLOCK_DURATION in parts else None
        elif element.identifier != _SIMPLE_BLOCK:
            if element.identifier > 0xFFFFFF:  # an element after the cluster
                break
            continue
        if block.begin + 4 > size:
            break  # the recording was interrupted
        track, at, frames = _time(read, block)
        if duration is not None:
            length = duration * film.scale
        elif track in film.frame_durations:
            length = film.frame_durations[track] * frames
        else:
            length = max(at - before.get(track, at), 0) * film.scale
        before[track] = at
        yield (start + at) * film.scale + length


def _time(read: Read, block: _Element) -> _Time:
    head = read(block.begin, 12)
    length = 9 - head[0].bit_length()
    at, flags = struct.unpack_from(">hB", head, length)
    frames = head[length + 3] + 1 if flags & 0x06 else 1
    return _Time(_without_marker(head[:length]), at, frames)


def _elements(read: Read, at: int, end: int | None) -> Iterator[_Element]:
    """Yield the elements of one; after an element without an end, those of its content."""
    while (end is None or at < end) and (element := _element(read, at)) is not None:
        yield element
        at = element.begin if element.end is None else element.end


def _element(read: Read, at: int) -> _Element | None:
    """Return the element at an offset; None at the end and where there is none."""
    head = read(at, 12)
    if not head:
        return None
    name = 9 - head[0].bit_length()
    if not 1 <= name <= 4 or len(head) <= name:
        return None
    length = 9 - head[name].bit_length()
    if length > 8 or len(head) < name + length:
        return None
    size = _without_marker(head[name : name + length])
    begin = at + name + length
    is_unknown = size == (1 << 7 * length) - 1
    return _Element(int.from_bytes(head[:name], "big"), begin, None if is_unknown else begin + size)


def _without_marker(number: bytes) -> int:
    """Return a number of variable length; the first bit that is set counts its bytes."""
    return int.from_bytes(number, "big") & (1 << 7 * len(number)) - 1


def _number(read: Read, element: _Element) -> int:
    length = 0 if element.end is None else min(element.end - element.begin, 8)
    return int.from_bytes(read(element.begin, length), "big")


def _float(read: Read, element: _Element) -> float:
    content = read(element.begin, 8)
    is_long = element.end == element.begin + 8
    (number,) = struct.unpack_from(">d" if is_long else ">f", content)
    return float(number)


# speccast: end
