# speccast: if durations
"""Reads the duration of MP4, MOV and M4A files from their boxes, with and without fragments.

Headers are untrusted: their numbers are used for comparisons only, and the cost of reading them is bounded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .bounded_reads import limit_reads
from .boxes import boxes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .media import Read

__all__ = ["seconds_of_mp4"]

_CONTAINERS = frozenset({b"moov", b"trak", b"edts", b"mdia", b"mvex", b"moof", b"traf"})
"""Boxes whose content is boxes that are read here."""
_UNKNOWN = (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
"""Values of an unknown duration."""
_SAMPLES = 65536
"""Bytes of a sample table to read at once, for each 4 bytes of a row."""


@dataclass(slots=True)
class _Track:
    """A track. Times are in units of its scale."""

    scale: int = 0
    described: int = 0
    """The duration in the description, without fragments."""
    priming: int = 0
    """Duration at the beginning of a sound that is not played."""
    is_sound: bool = False
    sample: int = 0
    """The duration of a sample that does not say its own."""
    start: int | None = None
    """The time of the first fragment; None before it."""
    end: int = 0

    @property
    def seconds(self) -> float | None:
        if self.start is None or not self.scale:
            return None
        units = self.end - self.start - (self.priming if self.is_sound else 0)
        return units / self.scale if units > 0 else None


@dataclass(slots=True)
class _Mp4Durations:
    """The durations in the boxes that were read."""

    scale: int = 0
    described: int = 0
    whole: int = 0
    """The duration with all fragments."""
    is_fragmented: bool = False
    tracks: dict[int, _Track] = field(default_factory=dict[int, _Track])

    @property
    def described_seconds(self) -> float | None:
        """The seconds in the description, of all fragments if there are any."""
        units = self.whole if self.is_fragmented else self.described
        if units not in _UNKNOWN and self.scale:
            return units / self.scale
        tracks = [each for each in self.tracks.values() if each.described not in _UNKNOWN and each.scale]
        if self.is_fragmented or not tracks:
            return None
        return max(each.described / each.scale for each in tracks)


def seconds_of_mp4(read: Read, size: int | None) -> float | None:
    """Return the seconds from the description of the film, else from the index or the times of its fragments."""
    read, film, at = limit_reads(read, size), _Mp4Durations(), 0
    whole = 2**63 if size is None else size
    while (box := next(boxes(read, at, whole), None)) is not None:
        name, begin, at = box
        if name == b"moov":
            _read_description(read, film, begin, at)
            if not film.is_fragmented or film.described_seconds is not None or size is None:
                return film.described_seconds
        elif name == b"moof":
            _read_fragment(read, film, begin, at)
        elif name == b"sidx":
            at = _read_index(read, film, begin, at)
    if size is None:
        return None
    return max(filter(None, (each.seconds for each in film.tracks.values())), default=None)


def _leaves(read: Read, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the boxes in containers, and each container before its content."""
    while (box := next(boxes(read, at, end), None)) is not None:
        yield box
        at = box[1] if box[0] in _CONTAINERS else box[2]


def _read_description(read: Read, film: _Mp4Durations, at: int, end: int) -> None:
    track = _Track()
    samples: dict[int, int] = {}
    for name, begin, stop in _leaves(read, at, end):
        match name:
            case b"mvhd":
                film.scale, film.described = _times(read, begin)
            case b"trak":
                track = _Track()
            case b"tkhd":
                film.tracks[_number(read, begin + (20 if read(begin, 1) == b"\x01" else 12))] = track
            case b"mvex":
                film.is_fragmented = True
            case b"mehd":
                film.whole = _time(read, begin)
            case b"trex" if stop - begin >= 16:
                samples[_number(read, begin + 4)] = _number(read, begin + 12)
            case _:
                _read_track(read, track, name, begin)
    for key, track in film.tracks.items():
        track.sample = samples.get(key, 0)
        if track.described not in _UNKNOWN:  # the description has the first samples itself
            track.start, track.end = 0, track.described


def _read_track(read: Read, track: _Track, name: bytes, at: int) -> None:
    match name:
        case b"elst":
            track.priming = _priming(read, at)
        case b"mdhd":
            track.scale, track.described = _times(read, at)
        case b"hdlr":
            track.is_sound = read(at + 8, 4) == b"soun"
        case _:
            pass


def _read_fragment(read: Read, film: _Mp4Durations, at: int, end: int) -> None:
    """Move the ends of tracks behind a fragment."""
    track, sample = _Track(), 0
    for name, begin, stop in _leaves(read, at, end):
        match name:
            case b"tfhd":
                flags = _number(read, begin)
                track = film.tracks.get(_number(read, begin + 4), _Track())
                before = (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
                sample = _number(read, begin + 8 + before) if flags & 8 else track.sample
                if track.start is None:
                    track.start = 0
            case b"tfdt":
                time = _time(read, begin)
                if track.start == track.end == 0:
                    track.start = time
                track.end = time
            case b"trun":
                track.end += _run(read, begin, stop, sample)
            case _:
                pass


def _run(read: Read, at: int, end: int, sample: int) -> int:
    """Return the duration of a run of samples."""
    flags, count = struct.unpack(">II", read(at, 8))
    if not flags & 0x100:
        return int(count) * sample
    at += 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
    row = (flags & 0xF00).bit_count()
    end = min(end, at + 4 * row * count)
    total = 0
    for begin in range(at, end, _SAMPLES * row):
        part = read(begin, min(_SAMPLES * row, end - begin))
        numbers: tuple[int, ...] = struct.unpack(f">{len(part) // 4}I", part[: len(part) // 4 * 4])
        total += sum(numbers[::row])
    return total


def _read_index(read: Read, film: _Mp4Durations, at: int, end: int) -> int:
    """Move the end of a track behind the fragments of an index. Return where they end in the file."""
    is_long = read(at, 1) == b"\x01"
    number, scale = struct.unpack(">II", read(at + 4, 8))
    time, offset = struct.unpack(">QQ" if is_long else ">II", read(at + 12, 16 if is_long else 8))
    at += 28 if is_long else 20
    (count,) = struct.unpack(">2xH", read(at, 4))
    rows = struct.unpack(f">{3 * count}I", read(at + 4, 12 * count))
    track = film.tracks.get(number)
    if track is None or not scale or not count:
        return end
    if track.start is None:
        track.start = time * track.scale // scale
    track.end = (time + sum(rows[1::3])) * track.scale // scale
    end_of_fragments: int = end + offset + sum(size & 0x7FFFFFFF for size in rows[::3])
    return end_of_fragments


def _priming(read: Read, at: int) -> int:
    """Return where the first part of a track begins that is played, in units of the track."""
    is_long = read(at, 1) == b"\x01"
    (count,) = struct.unpack(">4xI", read(at, 8))
    for row in range(min(count, 2)):
        place = read(at + 8 + row * (20 if is_long else 12), 20 if is_long else 12)
        begin: int = struct.unpack_from(">8xq" if is_long else ">4xi", place)[0]
        if begin >= 0:
            return begin
    return 0


def _times(read: Read, at: int) -> tuple[int, int]:
    """Return units a second and the duration in units, of a film or a track."""
    is_long = read(at, 1) == b"\x01"
    scale, units = struct.unpack(
        ">IQ" if is_long else ">II", read(at + (20 if is_long else 12), 12 if is_long else 8)
    )
    return scale, units


def _time(read: Read, at: int) -> int:
    """Return the number in a box that contains nothing else."""
    is_long = read(at, 1) == b"\x01"
    return int.from_bytes(read(at + 4, 8 if is_long else 4), "big")


def _number(read: Read, at: int) -> int:
    number: int = struct.unpack(">I", read(at, 4))[0]
    return number


# speccast: end
