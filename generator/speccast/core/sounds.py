# speccast: if durations
"""Reads the duration of WAV, MP3, FLAC and AAC files from their headers.

Headers are untrusted: their numbers are used for comparisons only, and the cost of reading them is bounded.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from .bounded_reads import limit_reads

if TYPE_CHECKING:
    from collections.abc import Callable

    from .media import Read

__all__ = ["seconds_of_aac", "seconds_of_flac", "seconds_of_mp3", "seconds_of_wav"]

_WINDOW = 4096
"""Bytes in which a frame of an MP3 is searched: two of the longest frames."""
_MOST_CHUNKS = 1000
"""Chunks of a WAV that are read at most."""
_LONG_WINDOW = 65536
"""Bytes that are read at once to count frames."""
_HEADER = 7
"""Bytes of the longer header of a frame: that of AAC."""
_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
"""Samples a second."""
_MOST_FRAMES = 100_000
"""Frames that are counted at most: more than half an hour at 48 kHz."""
_BIT_RATES = (
    (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
)
"""Kilobits a second, of MPEG 2 and 2.5, and of MPEG 1."""
_SAMPLE_RATES = (44100, 48000, 32000)
"""Samples a second of MPEG 1."""


class _Frame(NamedTuple):
    """A frame of an MP3."""

    at: int
    samples: int
    sample_rate: int
    bit_rate: int
    length: int
    side: int
    """Bytes between the header of the frame and the count of frames."""

    def is_like(self, other: _Frame | None) -> bool:
        """Return whether both frames can belong to one sound."""
        return other is not None and self.sample_rate == other.sample_rate


def seconds_of_wav(read: Read, size: int | None) -> float | None:
    """Return the seconds by the length of the samples."""
    at, rate = 12, 0
    for _ in range(_MOST_CHUNKS):
        name, length = struct.unpack("<4sI", read(at, 8))
        if name == b"fmt ":
            (rate,) = struct.unpack("<I", read(at + 16, 4))
        elif name == b"data":
            there = length if size is None else min(length, size - at - 8)
            is_streamed = length in (0, 0xFFFFFFFF)
            if not rate or (is_streamed and size is None):
                return None
            return (size - at - 8 if is_streamed and size is not None else there) / rate
        at += 8 + length + length % 2
    return None


def seconds_of_mp3(read: Read, size: int | None) -> float | None:
    """Return the seconds by the count of frames in the first one, else by the size of the file, if the bit rate is constant.

    The frames of any other file are counted.
    """
    start = 0
    head = read(0, 10)
    if head[:3] == b"ID3":
        length = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
        start = 10 + length + (10 if head[5] & 0x10 else 0)
        if read(start, 4) == b"fLaC":
            return seconds_of_flac(read, size, start)
        if int.from_bytes(read(start, 2), "big") & 0xFFF6 == 0xFFF0:
            return seconds_of_aac(read, size, start)
    first = _find_frame(read, start, size)
    if first is None:
        return None
    samples = _count_samples(read, first)
    if samples is not None:
        return samples / first.sample_rate if samples > 0 else None
    if size is None:
        return None
    end = size - (128 if read(max(size - 128, 0), 3) == b"TAG" else 0)
    places = (first.at + (end - first.at) * quarter // 4 for quarter in (1, 2, 3))
    for at in (*places, end - _WINDOW):
        frame = _find_frame(read, max(at, first.at), end)
        if frame is None or not first.is_like(frame) or frame.bit_rate != first.bit_rate:
            return _count_seconds(read, size, first.at, _mp3_frame)
    return (end - first.at) * 8 / first.bit_rate


def seconds_of_flac(read: Read, _: int | None = None, at: int = 0) -> float | None:
    """Return the seconds by the count of samples."""
    kind, numbers = struct.unpack(">4xB13xQ", read(at, 26))
    rate, samples = numbers >> 44, numbers & 0xF_FFFF_FFFF
    return samples / rate if kind & 0x7F == 0 and rate and samples else None


def seconds_of_aac(read: Read, size: int | None, at: int = 0) -> float | None:
    """Return the seconds of ADTS by the count of its frames, since no header says a total."""
    return _count_seconds(read, size, at, _aac_frame)


def _count_seconds(
    read: Read, size: int | None, at: int, frame_at: Callable[[bytes, int], tuple[int, int, int] | None]
) -> float | None:
    """Return the seconds of all frames; None if something else is among them.

    `frame_at` returns the samples, the samples a second and the length of the frame at an offset.
    """
    if size is None:
        return None
    read, samples, rate = limit_reads(read, size), 0, 0
    window, begin = b"", at
    for _ in range(_MOST_FRAMES):
        place = at - begin
        if place + _HEADER > len(window):
            window, begin, place = read(at, _LONG_WINDOW), at, 0
        frame = frame_at(window, place)
        if frame is None:
            is_end = len(window) - place < _HEADER or window.startswith(b"TAG", place)
            return samples / rate if rate and is_end else None
        samples, rate, at = samples + frame[0], frame[1], at + frame[2]
    return None


def _aac_frame(window: bytes, at: int) -> tuple[int, int, int] | None:
    header = int.from_bytes(window[at : at + _HEADER].ljust(_HEADER, b"\0"), "big")
    rate, length = header >> 34 & 15, header >> 13 & 0x1FFF
    if header >> 40 & 0xFFF6 != 0xFFF0 or rate >= len(_AAC_RATES) or length < _HEADER:
        return None
    return 1024 * ((header & 3) + 1), _AAC_RATES[rate], length


def _mp3_frame(window: bytes, at: int) -> tuple[int, int, int] | None:
    frame = _frame(window, at, 0)
    return None if frame is None else (frame.samples, frame.sample_rate, frame.length)


def _find_frame(read: Read, start: int, end: int | None) -> _Frame | None:
    """Return the first frame that another one or the end follows."""
    window = read(start, _WINDOW)
    at = window.find(b"\xff")
    while at >= 0:
        frame = _frame(window, at, start)
        if frame is not None:
            following = at + frame.length
            if start + following == end or frame.is_like(_frame(window, following, start)):
                return frame
        at = window.find(b"\xff", at + 1)
    return None


def _frame(window: bytes, at: int, start: int) -> _Frame | None:
    if at + 4 > len(window):
        return None
    (header,) = struct.unpack_from(">I", window, at)
    version, layer = header >> 19 & 3, header >> 17 & 3
    bits, rate = header >> 12 & 15, header >> 10 & 3
    if header >> 21 != 0x7FF or version == 1 or layer != 1 or bits in (0, 15) or rate == 3:
        return None
    is_first = version == 3
    samples = 1152 if is_first else 576
    sample_rate = _SAMPLE_RATES[rate] >> {3: 0, 2: 1, 0: 2}[version]
    bit_rate = _BIT_RATES[is_first][bits - 1] * 1000
    length = samples // 8 * bit_rate // sample_rate + (header >> 9 & 1)
    is_mono = header >> 6 & 3 == 3
    mono, stereo = (17, 32) if is_first else (9, 17)
    return _Frame(start + at, samples, sample_rate, bit_rate, length, mono if is_mono else stereo)


def _count_samples(read: Read, frame: _Frame) -> int | None:
    """Return the samples that the first frame counts, without those that the encoder added; None without a count."""
    at = frame.at + 4 + frame.side
    name, flags, count = struct.unpack(">4sII", read(at, 12))
    if name in (b"Xing", b"Info") and flags & 1:
        at += 8 + sum(length for bit, length in ((1, 4), (2, 4), (4, 100), (8, 4)) if flags & bit)
        encoder = read(at, 24)
        added = int.from_bytes(encoder[21:], "big") if encoder[:3] in (b"LAM", b"Lav") else 0
        return int(count) * frame.samples - (added >> 12) - (added & 0xFFF)
    name, count = struct.unpack(">4s10xI", read(frame.at + 36, 18))
    return int(count) * frame.samples if name == b"VBRI" else None


# speccast: end
