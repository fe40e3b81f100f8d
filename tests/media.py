"""Media in requests, judged by Pillow and the standard library, and values to check.

Independent of `speccast.core`: texts are decoded whole, pictures and sounds are opened.
"""

from __future__ import annotations

import base64
import io
import struct
import wave
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PIL import Image, UnidentifiedImageError

from speccast.emulator.bodies import FileDescription
from speccast.samples.content import film, picture, sound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.samples.media import MediaSample

_URL = "https://example.com/"


def wrong_media(parameters: Mapping[str, Any], value: Any) -> set[str]:
    """Return the parameters whose value contains media that they do not take."""
    return {
        name
        for name, spec in parameters.items()
        if isinstance(value, dict) and name in value and _is_wrong(spec, value[name])
    }


def _is_wrong(spec: Mapping[str, Any], value: Any) -> bool:
    for branch in spec.get("anyOf", ()):
        types: dict[type[Any], str] = {str: "string", list: "array", dict: "object"}
        kind = types.get(type(value), "")
        tags = {
            name: member["enum"]
            for name, member in branch.get("properties", {}).items()
            if len(member.get("enum", ())) == 1
        }
        is_tagged = not isinstance(value, dict) or all(
            value.get(name) in known for name, known in tags.items()
        )
        if kind in branch["type"] and is_tagged:
            return _is_wrong(branch, value)
    if isinstance(value, FileDescription):
        return "media" in spec and _breaks_limits(spec, bytes(value.content))
    if isinstance(value, list):
        return any(_is_wrong(spec.get("items", {}), item) for item in value)
    if isinstance(value, dict):
        return bool(wrong_media(spec.get("properties", {}), value))
    if "media" not in spec or (
        spec["type"] != "file" and value in (spec.get("default"), *spec.get("enum", ()))
    ):
        return False
    if isinstance(value, bytes):
        return _breaks_limits(spec, value)
    if not isinstance(value, str) or spec["type"] == "file":
        return False  # the type is wrong
    form, content = _decode(value)
    forms = ["url"] if spec.get("format") == "uri" else ["url", "base64", "data_uri"]
    return form not in spec.get("forms", forms) or (form != "url" and _breaks_limits(spec, content))


def _decode(text: str) -> tuple[str, bytes]:
    try:
        if urlsplit(text).scheme in ("http", "https"):
            return ("url" if urlsplit(text).netloc else ""), b""
        head, _, data = text.partition(",")
        is_data = head.startswith("data:") and head.endswith(";base64")
        content = base64.b64decode("".join((data if is_data else text).split()), validate=True)
    except ValueError:
        return "", b""
    return ("data_uri" if is_data else "base64") if content else "", content


def _breaks_limits(spec: Mapping[str, Any], content: bytes) -> bool:
    kinds, media_type, sides, seconds = _inspect(content)
    media = [spec["media"]] if isinstance(spec["media"], str) else spec["media"]
    if kinds and not kinds & set(media):
        return True
    taken = spec.get("media_types", ["*/*"])
    if media_type and not {"*/*", media_type, media_type.partition("/")[0] + "/*"} & set(taken):
        return True
    width, height = sides or (None, None)
    area = None if width is None or height is None else width * height
    measured = {"size": len(content), "width": width, "height": height, "pixels": area, "duration": seconds}
    return any(
        number is not None and not spec.get(f"min_{name}", 0) <= number <= spec.get(f"max_{name}", number)
        for name, number in measured.items()
    )


_SIGNATURES = (
    (b"%PDF-", "document", "application/pdf"),
    (b"PK\3\4", "document", "application/zip"),
    (b"\x1aE\xdf\xa3", "video audio", "video/webm"),
    (b"fLaC", "audio", "audio/flac"),
    (b"ID3", "audio", "audio/mpeg"),
)


def _inspect(content: bytes) -> tuple[set[str], str, tuple[int, int] | None, float | None]:
    """Return kinds, media type, width and height, and seconds, as far as they are known."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return {"image"}, Image.MIME[image.format or ""], image.size, None
    except (UnidentifiedImageError, Image.DecompressionBombError):
        pass
    if content.startswith(b"RIFF"):
        with wave.open(io.BytesIO(content)) as audio:
            return {"audio"}, "audio/wav", None, audio.getnframes() / audio.getframerate()
    if content[4:8] == b"ftyp":
        is_quicktime = content[8:12] == b"qt  "
        kinds, media_type = {"video", "audio"}, "video/mp4"
        if is_quicktime:
            kinds, media_type = {"video"}, "video/quicktime"
        at = content.find(b"mvhd")
        if at < 0:
            return kinds, media_type, None, None
        scale, units = struct.unpack_from(">II", content, at + 16)
        return kinds, media_type, None, units / scale
    if content.startswith(b"fLaC") and any(content[8:]):
        samples = int.from_bytes(content[21:26], "big") & 0xF_FFFF_FFFF
        return {"audio"}, "audio/flac", None, samples / (int.from_bytes(content[18:21], "big") >> 4)
    if content.startswith(b"\xff\xfb\x14"):
        frames = content.partition(b"Info")[2][4:8]
        return {"audio"}, "audio/mpeg", None, int.from_bytes(frames, "big") * 1152 / 48000
    if content.startswith(b"\x1aE\xdf\xa3") and b"\x44\x89\x88" in content:
        (milliseconds,) = struct.unpack_from(">d", content, content.index(b"\x44\x89\x88") + 3)
        return {"video", "audio"}, "video/webm", None, milliseconds / 1000
    for signature, kind, media_type in _SIGNATURES:
        if content.startswith(signature):
            return {*kind.split()}, media_type, None, None
    try:
        is_text = len(content) < 12 or content.decode().isprintable()
    except ValueError:
        is_text = False
    return ({"document"} if is_text else set()), "", None, None


def content_of(media: MediaSample) -> str | bytes:
    """Return the text, or the content of the file, that a client sends."""
    if media.sent != "file":
        return media.text()
    return media.resize(media.content or bytes(64))


def media_values(spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield texts of each form, with content of each kind, at and beyond each limit."""
    if "media" not in spec:
        return
    yield from (
        _URL,
        _URL + "fox.png",
        "HTTPS://EXAMPLE.COM/fox",
        "http://",
        "ftp://example.com/a",
        "fox.png",
        "data:",
        "data:image/png;base64,fox.png",
        "AAAA",
        "AAA",
    )
    for content in _contents(spec):
        encoded = base64.b64encode(content).decode()
        yield from (
            encoded,
            f"data:image/png;base64,{encoded}",
            f"data:;base64,{encoded}",
            f"{encoded[:8]}\n{encoded[8:]}",
            encoded + "A",
        )


def _contents(spec: Mapping[str, Any]) -> Iterator[bytes]:
    width, height = spec.get("min_width", 8), spec.get("min_height", 8)
    seconds = spec.get("min_duration", 1)
    valid = (picture(width, height), film(seconds), sound(seconds), b"%PDF-1.4\n%%EOF\n")
    yield from (*valid, b"This is a text.", bytes(64))
    if "max_size" in spec:
        yield from (content.ljust(spec["max_size"] + more, b"\0") for content in valid for more in (0, 1))
    for limit in ("min_width", "max_width", "min_height", "max_height", "max_pixels"):
        for more in (-1, 0, 1) if limit in spec else ():
            size = spec[limit] + more
            if limit == "max_pixels":
                side = int(size**0.5)
                yield from (picture(side, side), picture(side + 1, side))
            else:
                yield picture(size, height) if limit.endswith("width") else picture(width, size)
    for limit in ("min_duration", "max_duration"):
        for further in (-0.01, 0.0, 0.01) if limit in spec else ():
            yield from (film(spec[limit] + further), sound(spec[limit] + further))
