"""Small valid content of each kind, with given pixels, seconds or size, for texts with `media` in the requests of tests."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from speccast.samples.media import MediaSample, media_type_of, sent_form, text_of
from speccast.samples.size import MAX_SIZE, repeat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from speccast.core.parameter import Parameter

ADDRESS: Final = "https://example.com/"
_NAMES: Final = {"image": "fox.png", "video": "fox.mp4", "audio": "fox.wav", "document": "fox.pdf"}
TYPES: Final = {
    "image": "image/png",
    "video": "video/mp4",
    "audio": "audio/wav",
    "document": "application/pdf",
}
"""The media type of the content that is made of each kind."""
_MEASURED: Final = frozenset({
    "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff", "image/avif", "image/heic", "audio/mp4", "audio/ogg",
    "audio/aac", "audio/webm", "video/ogg", "video/x-msvideo", "video/3gpp",
})  # fmt: skip
"""Further types whose pixels or seconds are read."""
OTHER_TYPES: Final = {
    "image": (
        b"GIF89a\x10\0\x10\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x10\0\x10\0\0\2\2D\1\0;",
        b"\xff\xd8\xff\xc0\0\x0b\x08\0\x18\0\x10\1\1\x11\0\xff\xda\0\x08\1\1\0\0\x3f\0\xff\xd9",
    ),
    "video": (b"\x1aE\xdf\xa3\x87\x42\x82\x84webm", b"\0\0\0\x14ftypqt  \0\0\0\0qt  "),
    "audio": (b"fLaC\x80\0\0\x22" + bytes(34), b"ID3\4" + bytes(60)),
    "document": (b"PK\3\4" + bytes(60), b"A text, not a PDF."),
}
"""The beginning of content of other types."""
_SIDE: Final = 8
"""Pixels of each side of a picture without limits."""
MAX_PIXELS: Final = 2**24
"""Pixels of the largest picture that a test sends."""


def address(kind: str) -> str:
    """Return an address of content. It is never fetched."""
    return ADDRESS + _NAMES[kind]


def picture(width: int, height: int) -> bytes:
    """Return a black PNG with one bit for each pixel."""
    rows = zlib.compress((b"\0" + bytes(ceil(width / 8))) * height, 1)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
        (b"IDAT", rows),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )


def sound(seconds: float) -> bytes:
    """Return a silent WAV with eight bits and 1000 samples a second."""
    count = round(seconds * 1000)
    samples = b"\x80" * count + bytes(count % 2)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 1000, 1000, 1, 8)  # PCM of one channel
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(samples), b"WAVE")
        + form
        + struct.pack("<4sI", b"data", count)
        + samples
    )


def flac(seconds: float) -> bytes:
    """Return the header of a FLAC with 1000 samples a second, without frames."""
    numbers = 1000 << 44 | 7 << 36 | round(seconds * 1000)
    return b"fLaC\x80\0\0\x22" + bytes(10) + struct.pack(">Q", numbers) + bytes(16)


def mp3(seconds: float) -> bytes:
    """Return the first frame of an MP3, which counts the frames of at least so many seconds."""
    frames = ceil(seconds * 48000 / 1152)
    count = bytes(32) + struct.pack(">4sII", b"Info", 1, frames)
    return b"\xff\xfb\x14\0" + count.ljust(92, b"\0")


def webm(seconds: float) -> bytes:
    """Return the description of a WebM without tracks."""
    length = struct.pack(">d", seconds * 1000)
    return b"\x1aE\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67\x90\x15\x49\xa9\x66\x8b\x44\x89\x88" + length


_MADE: Final[Mapping[str, Callable[[float], bytes]]] = {
    "audio/flac": flac, "audio/mpeg": mp3, "video/webm": webm, "video/x-matroska": webm,
}  # fmt: skip
"""Sounds and films besides WAV and MP4, with their seconds."""


def film(seconds: float, brand: bytes = b"isom") -> bytes:
    """Return the headers of an MP4 without frames, or of a similar file with another brand."""
    header = _box(b"mvhd", bytes(12) + struct.pack(">II", 1000, round(seconds * 1000)) + bytes(80))
    return _box(b"ftyp", brand + b"\0\0\2\0" + brand) + _box(b"moov", header)


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


@lru_cache(maxsize=256)
def content(kind: str, width: int = _SIDE, height: int = _SIDE, seconds: float = 1) -> bytes:
    """Return content of a kind."""
    match kind:
        case "image":
            return picture(width, height)
        case "video":
            return film(seconds)
        case "audio":
            return sound(seconds)
        case _:
            return b"%PDF-1.4\n%%EOF\n"


def valid_content(parameter: Parameter, kind: str) -> bytes:
    """Return content of a kind that is within the limits of pixels and seconds."""
    width = within(parameter.min_width, parameter.max_width)
    height = within(parameter.min_height, parameter.max_height)
    return content(kind, width, height, _seconds(parameter))


def _seconds(parameter: Parameter) -> float:
    if parameter.min_duration is not None:
        return parameter.min_duration
    return 1 if parameter.max_duration is None else min(1, parameter.max_duration)


def within(low: int | None, high: int | None, wanted: int = _SIDE) -> int:
    """Return the number of pixels that both limits allow, which is the nearest to the one wanted."""
    least = max(wanted, low or 0)
    return least if high is None else min(least, high)


def as_text(parameter: Parameter, kind: str, data: bytes, size: int | None = None) -> Any:
    """Return content as base64 or a data URI, padded with zeros to `size`; None if the parameter takes addresses only.

    A long text is an expression (`speccast.samples.size`).
    """
    if "data_uri" in parameter.forms:
        before = text_of("data_uri", TYPES[kind], b"")
    elif "base64" in parameter.forms:
        before = ""
    else:
        return None
    if size is None:
        return before + b64encode(data).decode()
    if size < len(data):
        return None
    data += bytes(-len(data) % 3)
    whole, rest = divmod(max(size - len(data), 0), 3)
    if size < len(data) or 4 * whole > MAX_SIZE:
        return None
    return repeat("AAAA", whole, before + b64encode(data).decode(), b64encode(bytes(rest)).decode())


def texts(parameter: Parameter) -> Iterator[str]:
    """Yield texts with content that a parameter probably takes, one of each kind and form."""
    for kind in parameter.media:
        encoded = texts_of(kind, valid_content(parameter, kind))
        yield from (encoded[form] for form in parameter.forms)


def texts_of(kind: str, data: bytes) -> dict[str, str]:
    """Return content by form: an address, base64 and a data URI."""
    encoded = {form: text_of(form, TYPES[kind], data) for form in ("base64", "data_uri")}
    return {"url": address(kind), **encoded}


def files(parameter: Parameter) -> Iterator[Any]:
    """Yield files that a parameter probably takes, one of each kind, then one of each media type."""
    for kind in parameter.media:
        yield file_of(parameter, kind, valid_content(parameter, kind))
    yield from files_of_types(parameter)


def files_of_types(parameter: Parameter) -> Iterator[MediaSample]:
    """Yield a file of each media type or range that a parameter takes; of any type, if it names none."""
    for media_range in parameter.media_types or ("*/*",):
        media_type = media_type_of(media_range)
        kind = next((kind for kind, known in TYPES.items() if known == media_type), None)
        data = b""
        if kind is not None:
            data = valid_content(parameter, kind)
        elif media_type == "video/quicktime":
            data = film(_seconds(parameter), b"qt  ")
        elif _is_measured(parameter) and media_type in _MADE:
            data = _MADE[media_type](_seconds(parameter))
        elif _is_measured(parameter) and media_type in _MEASURED:
            continue  # any content of the type could exceed a limit
        yield MediaSample(media_type, data, sent=sent_form(parameter))


def file_of(parameter: Parameter, kind: str, data: bytes, size: int = 0) -> MediaSample:
    """Return content as a file that a client sends in the form that the parameter takes."""
    return MediaSample(TYPES[kind], data, sent=sent_form(parameter), size=size)


def _is_measured(parameter: Parameter) -> bool:
    durations = (parameter.min_duration, parameter.max_duration)
    return parameter.has_pixel_limits or any(limit is not None for limit in durations)
