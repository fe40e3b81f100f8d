"""Checks media in requests: form, kind, type and size, and pixels and seconds where headers of common formats tell them.

Headers are untrusted: their numbers are used for comparisons only, and the number of parts that are read is bounded.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from .media import CONTAINERS, bare, kinds, sniff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .media import Content, Read
    from .parameter import Keyword, Parameter

__all__ = [
    "find_exceeded",
    "pixels",
]

_MOST_PARTS = 1000
"""Maximum number of segments or entries of a picture to read."""


def find_exceeded(parameter: Parameter, content: Content) -> Iterator[Keyword]:
    """Yield the keywords of a parameter that content violates. What cannot be measured is not checked.

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
    yield from _find_exceeded_by_pixels(parameter, content)


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


def _find_exceeded_by_pixels(parameter: Parameter, content: Content) -> Iterator[Keyword]:
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


def _is_of_type(media_types: tuple[str, ...], content: Content) -> bool:
    """Return whether content has one of the types or ranges; text is of any type that its beginning does not contradict."""
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
    """Return the pixels of the first picture in the file."""
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
    """Return the pixels of the largest picture in the file: the others are its tiles and previews."""
    from .bounded_reads import limit_reads  # few pictures are AVIF or HEIC
    from .boxes import boxes

    read = limit_reads(read, None)
    begin, end = 0, 2**63
    for wanted in (b"meta", b"iprp", b"ipco"):
        begin, end = next((at, stop) for name, at, stop in boxes(read, begin, end) if name == wanted)
        begin += 4 if wanted == b"meta" else 0
    sizes = [
        struct.unpack(">II", read(at + 4, 8)) for name, at, _ in boxes(read, begin, end) if name == b"ispe"
    ]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)
