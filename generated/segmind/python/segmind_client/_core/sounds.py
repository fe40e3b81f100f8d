"""The seconds of MP3, FLAC and Ogg, as their headers say.

Headers are untrusted: their numbers are used for comparisons only, and at most about 100 KB of a file are read.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .media import Read

__all__ = ["seconds_of_flac", "seconds_of_mp3", "seconds_of_ogg"]

_WINDOW = 4096
"""Bytes in which a frame of an MP3 is searched: two of the longest frames."""
_LONGEST_PAGE = 65307
"""Bytes of the longest page of an Ogg file."""
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
        """Whether both frames can belong to one sound."""
        return other is not None and self.sample_rate == other.sample_rate


def seconds_of_mp3(read: Read, size: int | None) -> float | None:
    """Return the seconds by the count of frames, else by the size of the file, if the bit rate is constant."""
    start = 0
    head = read(0, 10)
    if head[:3] == b"ID3":
        length = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
        start = 10 + length + (10 if head[5] & 0x10 else 0)
        if read(start, 4) == b"fLaC":
            return seconds_of_flac(read, start)
    first = _find_frame(read, start, size)
    if first is None:
        return None
    samples = _counted_samples(read, first)
    if samples is not None:
        return samples / first.sample_rate if samples > 0 else None
    if size is None:
        return None
    end = size - (128 if read(max(size - 128, 0), 3) == b"TAG" else 0)
    places = (first.at + (end - first.at) * quarter // 4 for quarter in (1, 2, 3))
    for at in (*places, end - _WINDOW):
        frame = _find_frame(read, max(at, first.at), end)
        if frame is None or not first.is_like(frame) or frame.bit_rate != first.bit_rate:
            return None
    return (end - first.at) * 8 / first.bit_rate


def seconds_of_flac(read: Read, at: int = 0) -> float | None:
    """Return the seconds by the count of samples."""
    kind, numbers = struct.unpack(">4xB13xQ", read(at, 26))
    rate, samples = numbers >> 44, numbers & 0xF_FFFF_FFFF
    return samples / rate if kind & 0x7F == 0 and rate and samples else None


def seconds_of_ogg(read: Read, size: int | None) -> float | None:
    """Return the seconds of a file with one stream of Vorbis or Opus, by the position of its last page."""
    head = read(0, 27 + 255 + 19)
    packet = head[27 + head[26] :]
    if packet.startswith(b"\x01vorbis"):
        rate, skipped = struct.unpack_from("<I", packet, 12)[0], 0
    elif packet.startswith(b"OpusHead"):
        rate, skipped = 48000, struct.unpack_from("<H", packet, 10)[0]
    else:
        return None
    if size is None or not rate:
        return None
    tail = read(max(size - _LONGEST_PAGE, 0), _LONGEST_PAGE)
    position, stream = struct.unpack_from("<6xqI", tail, max(tail.rfind(b"OggS"), 0))
    is_of_stream = struct.pack("<I", stream) == head[14:18]
    return (position - skipped) / rate if is_of_stream and position > skipped else None


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
    sample_rate = _SAMPLE_RATES[rate] >> (0 if is_first else 1 if version == 2 else 2)
    bit_rate = _BIT_RATES[is_first][bits - 1] * 1000
    length = samples // 8 * bit_rate // sample_rate + (header >> 9 & 1)
    is_mono = header >> 6 & 3 == 3
    side = (17 if is_mono else 32) if is_first else (9 if is_mono else 17)
    return _Frame(start + at, samples, sample_rate, bit_rate, length, side)


def _counted_samples(read: Read, frame: _Frame) -> int | None:
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
