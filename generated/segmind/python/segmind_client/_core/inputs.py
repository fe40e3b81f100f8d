"""The check of media in requests: form, kind, type, size, and pixels and seconds as headers of common formats say.

Headers are untrusted: their numbers are used for comparisons only, and the number of parts that are read is bounded.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from .media import CONTAINERS, bare, kinds, sniff
from .sounds import seconds_of_flac, seconds_of_mp3, seconds_of_ogg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .check import Keyword
    from .media import Content, Read
    from .parameter import Parameter

__all__ = ["duration", "exceeded", "pixels"]

_MOST_PARTS = 1000
"""Chunks, boxes or segments of a file that are read at most."""


def exceeded(parameter: Parameter, content: Content) -> Iterator[Keyword]:
    """Yield the keywords of a parameter that content violates. What cannot be measured is not judged.

    Content of the wrong form or kind has no other violations.
    """
    if content.form != "file" and parameter.forms and content.form not in parameter.forms:
        yield "forms"
        return
    if content.form == "url":
        return
    found = kinds(content.start)
    if parameter.media and found and not any(kind in parameter.media for kind in found):
        yield "media"
        return
    if parameter.media_types and not _is_of_type(parameter.media_types, content):
        yield "media_types"
    if parameter.max_size is not None and content.size is not None and content.size > parameter.max_size:
        yield "max_size"
    yield from _exceeded_by_pixels(parameter, content)
    yield from _exceeded_by_seconds(parameter, content)


def pixels(content: Content) -> tuple[int, int] | None:
    """Return width and height of a PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC; None for other formats and damaged headers."""
    start = content.start
    try:
        match sniff(start):
            case "image/png" if start[12:16] == b"IHDR":
                return struct.unpack_from(">II", start, 16)
            case "image/gif":
                return struct.unpack_from("<HH", start, 6)
            case "image/bmp":
                if struct.unpack_from("<I", start, 14)[0] == 12:
                    return struct.unpack_from("<HH", start, 18)
                width, height = struct.unpack_from("<ii", start, 18)
                return abs(width), abs(height)
            case "image/webp":
                return _pixels_of_webp(start)
            case "image/jpeg":
                return _pixels_of_jpeg(content.read)
            case "image/tiff":
                return _pixels_of_tiff(content.read)
            case "image/avif" | "image/heic":
                return _pixels_of_heif(content.read)
            case _:
                return None
    except (
        struct.error,
        OSError,
        IndexError,
        OverflowError,
        StopIteration,
        ValueError,
    ):  # cut, unreadable, or with an offset beyond any file
        return None


def duration(content: Content) -> float | None:
    """Return the seconds of a WAV, MP3, FLAC, Ogg, MP4, MOV or M4A; None for other formats and damaged headers."""
    try:
        match sniff(content.start):
            case "audio/wav":
                return _seconds_of_wav(content.read, content.size)
            case "video/mp4" | "video/quicktime" | "audio/mp4":
                return _seconds_of_mp4(content.read)
            case "audio/mpeg":
                return seconds_of_mp3(content.read, content.size)
            case "audio/flac":
                return seconds_of_flac(content.read)
            case "audio/ogg":
                return seconds_of_ogg(content.read, content.size)
            case _:
                return None
    except (
        struct.error,
        OSError,
        IndexError,
        OverflowError,
        ValueError,
    ):  # cut, unreadable, or with an offset beyond any file
        return None


def _exceeded_by_pixels(parameter: Parameter, content: Content) -> Iterator[Keyword]:
    if not parameter.has_pixel_limits or not (measured := pixels(content)):
        return
    width, height = measured
    if parameter.min_width is not None and width < parameter.min_width:
        yield "min_width"
    if parameter.max_width is not None and width > parameter.max_width:
        yield "max_width"
    if parameter.min_height is not None and height < parameter.min_height:
        yield "min_height"
    if parameter.max_height is not None and height > parameter.max_height:
        yield "max_height"
    if parameter.max_pixels is not None and width * height > parameter.max_pixels:
        yield "max_pixels"


def _exceeded_by_seconds(parameter: Parameter, content: Content) -> Iterator[Keyword]:
    low, high = parameter.min_duration, parameter.max_duration
    if (low is None and high is None) or (seconds := duration(content)) is None:
        return
    if low is not None and seconds < low:
        yield "min_duration"
    if high is not None and seconds > high:
        yield "max_duration"


def _is_of_type(media_types: tuple[str, ...], content: Content) -> bool:
    """Whether content has one of the types or ranges; text is of any type that its beginning does not contradict."""
    kind = content.media_type
    if not kind:
        kind = sniff(content.start)
        container = CONTAINERS.get(kind)
        if not kind or (container and any(re.match(container, bare(each)) for each in media_types)):
            return True
    main = kind.partition("/")[0]
    return any(each in ("*/*", f"{main}/*") or bare(each) == bare(kind) for each in media_types)


def _pixels_of_webp(start: bytes) -> tuple[int, int] | None:
    match start[12:16]:
        case b"VP8 " if start[23:26] == b"\x9d\x01\x2a":
            width, height = struct.unpack_from("<HH", start, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L" if start[20:21] == b"\x2f":
            (bits,) = struct.unpack_from("<I", start, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X" if len(start) >= 30:
            return int.from_bytes(start[24:27], "little") + 1, int.from_bytes(start[27:30], "little") + 1
        case _:
            return None


def _pixels_of_jpeg(read: Read) -> tuple[int, int] | None:
    at = 2
    for _ in range(_MOST_PARTS):
        head = read(at, 9)
        mark, kind, length, _, height, width = struct.unpack(">BBHBHH", head)
        if mark != 0xFF:
            return None
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            return width, height
        if kind == 0xFF:  # fills up
            at += 1
        elif kind == 0x01 or 0xD0 <= kind <= 0xD9:
            at += 2
        else:
            at += 2 + length
    return None


def _pixels_of_tiff(read: Read) -> tuple[int, int] | None:
    """Of the first picture in the file."""
    head = read(0, 8)
    order = "<" if head.startswith(b"II") else ">"
    (at,) = struct.unpack_from(f"{order}I", head, 4)
    (count,) = struct.unpack(f"{order}H", read(at, 2))
    entries = read(at + 2, 12 * min(count, _MOST_PARTS))
    found: dict[int, int] = {}
    for begin in range(0, len(entries) - 11, 12):
        tag, kind = struct.unpack_from(f"{order}HH", entries, begin)
        if tag in (256, 257) and kind in (3, 4):
            (found[tag],) = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", entries, begin + 8)
    return (found[256], found[257]) if len(found) == 2 else None


def _pixels_of_heif(read: Read) -> tuple[int, int] | None:
    """Of the largest picture in the file: the others are its tiles and previews."""
    begin, end = 0, 2**63
    for wanted in (b"meta", b"iprp", b"ipco"):
        begin, end = next((at, stop) for name, at, stop in _boxes(read, begin, end) if name == wanted)
        begin += 4 if wanted == b"meta" else 0
    sizes = [
        struct.unpack(">II", read(at + 4, 8)) for name, at, _ in _boxes(read, begin, end) if name == b"ispe"
    ]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def _boxes(read: Read, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name, the beginning and the end of each box."""
    for _ in range(_MOST_PARTS):
        head = read(at, 8)
        if at >= end or len(head) < 8:
            return
        length, name = struct.unpack(">I4s", head)
        begin = 8
        if length == 1:
            (length,) = struct.unpack(">Q", read(at + 8, 8))
            begin = 16
        if length < begin:
            return
        yield name, at + begin, at + length
        at += length


def _seconds_of_wav(read: Read, size: int | None) -> float | None:
    at, rate = 12, 0
    for _ in range(_MOST_PARTS):
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


def _seconds_of_mp4(read: Read) -> float | None:
    at, wanted = 0, b"moov"
    for _ in range(_MOST_PARTS):
        length, name = struct.unpack(">I4s", read(at, 8))
        if name == b"mvhd":
            is_long = read(at + 8, 1) == b"\x01"
            scale, units = struct.unpack(
                ">IQ" if is_long else ">II", read(at + (28 if is_long else 20), 12 if is_long else 8)
            )
            is_unknown = units in (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
            return None if is_unknown or not scale else units / scale
        begin = 8
        if length == 1:
            (length,) = struct.unpack(">Q", read(at + 8, 8))
            begin = 16
        if name == wanted:
            at, wanted = at + begin, b"mvhd"
        elif length < begin:
            return None
        else:
            at += length
    return None
