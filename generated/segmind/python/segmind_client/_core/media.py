"""Media in requests and responses: what the first bytes of content prove, and which form a text has.

The client checks its inputs and outputs with it, the emulator the inputs of requests, and the linter the examples of
specs (see `inputs`). Content is never decoded or read whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "CONTAINERS",
    "SIGNED",
    "START",
    "Content",
    "Read",
    "bare",
    "is_address",
    "is_text",
    "kinds",
    "read_form",
    "sniff",
]

START = 512
"""Number of first bytes from which a type is recognized."""

_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/apng": "image/png",
    "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
    "image/jpeg2000": "image/jp2",
    "image/heic-sequence": "image/heic",
    "application/x-photoshop": "image/vnd.adobe.photoshop",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/x-aiff": "audio/aiff",
    "audio/x-midi": "audio/midi",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/x-aac": "audio/aac",
    "audio/aacp": "audio/aac",
    "application/ogg": "audio/ogg",
    "video/avi": "video/x-msvideo",
    "video/matroska": "video/x-matroska",
    "video/x-m4v": "video/mp4",
    "text/json": "application/json",
    "application/x-gzip": "application/gzip",
    "application/x-zip-compressed": "application/zip",
}
# Patterns are compiled when they are first used: the import of a client is short.
_MAGIC = (
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"(?s)RIFF....WEBP", "image/webp"),
    (rb"(?s)(RIFF|RF64|BW64)....WAVE", "audio/wav"),
    (rb"(?s)RIFF....AVI ", "video/x-msvideo"),
    (rb"(?s)FORM....AIF[FC]", "audio/aiff"),
    (rb"(?s)\x00.{3}ftyp(avif|avis)", "image/avif"),
    (rb"(?s)\x00.{3}ftyp(heic|heix|mif1)", "image/heic"),
    (rb"(?s)\x00.{3}ftypqt", "video/quicktime"),
    (rb"(?s)\x00.{3}ftypM4A", "audio/mp4"),
    (rb"(?s)\x00.{3}ftyp", "video/mp4"),
    (rb"(II\*\x00|MM\x00\*)", "image/tiff"),
    (rb"(?s)BM....\x00\x00\x00\x00", "image/bmp"),
    (rb"\xff[\xfb\xf3\xf2]", "audio/mpeg"),
    (  # the header of an MP3 frame with a checksum, or of MPEG 2.5: some values of its third byte are reserved
        rb"\xff[\xfa\xe2\xe3]"
        rb"[\x10-\x1b\x20-\x2b\x30-\x3b\x40-\x4b\x50-\x5b\x60-\x6b\x70-\x7b\x80-\x8b\x90-\x9b\xa0-\xab\xb0-\xbb\xc0-\xcb\xd0-\xdb\xe0-\xeb]",
        "audio/mpeg",
    ),
    (rb"ID3[\x02-\x04]", "audio/mpeg"),
    (rb"\xff[\xf0\xf1\xf8\xf9]", "audio/aac"),
    (rb"fLaC", "audio/flac"),
    (rb"OggS", "audio/ogg"),
    (rb"\x1aE\xdf\xa3", "video/webm"),
    (rb"FLV\x01", "video/x-flv"),
    (rb"0&\xb2u\x8ef\xcf\x11", "video/x-ms-asf"),
    (rb"\x00\x00\x01\xba", "video/mpeg"),
    (rb"(?s)G.{187}G.{187}G", "video/mp2t"),
    (rb"#!AMR", "audio/amr"),
    (rb"MThd\x00\x00\x00\x06", "audio/midi"),
    (rb"riff\.\x91\xcf\x11", "audio/x-w64"),
    (rb"\xff\x0a|\x00\x00\x00\x0cJXL ", "image/jxl"),
    (rb"\x00\x00\x00\x0cjP  ", "image/jp2"),
    (rb"8BPS\x00\x01", "image/vnd.adobe.photoshop"),
    (rb"%PDF-\d", "application/pdf"),
    (rb"PK\x03\x04", "application/zip"),
    (rb"glTF", "model/gltf-binary"),
    (
        rb"(?s)(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--((?!-->).)*-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]",
        "image/svg+xml",
    ),
)
SIGNED = frozenset(kind for _, kind in _MAGIC if kind != "image/svg+xml")
"""Types whose content begins with a signature that no text has."""
_PROVEN_AS_TEXT = frozenset({"application/pdf", "audio/wav", "image/gif", "image/svg+xml", "image/webp"})
"""Types that text may begin like, but only on purpose."""
CONTAINERS = {
    "application/zip": r"(application|model)/(?!json|pdf|xml)",
    "application/pdf": r"application/(illustrator|postscript)",
    "audio/ogg": r"(audio|video)/(ogg|opus|vorbis)|application/ogg",
    "image/tiff": r"image/(?!jpeg|png|gif|webp|avif|hei|bmp|svg)",
    "video/mp4": r"(audio|video)/(mp4|quicktime|3gpp|aac)|image/(avif|heic|heif)",
    "video/webm": r"(audio|video)/(webm|x-matroska)",
    "video/x-ms-asf": r"(audio|video)/x-ms-",
    "video/mpeg": r"video/(mpeg|mp2p|dvd)",
    "image/jp2": r"image/jp[2hmx]",
}
"""Types that other types are made of: their signature does not contradict these."""
_KINDS_OF_CONTAINERS = {
    "audio/ogg": ("audio", "video"),
    "video/mp4": ("video", "audio"),
    "video/webm": ("video", "audio"),
    "video/x-ms-asf": ("video", "audio"),
    "video/mp2t": ("video", "audio"),
    "image/svg+xml": ("image", "document"),
}
_SHORTEST = 12
"""Bytes of the shortest content that can be a picture, a sound or a film."""


def bare(content_type: str) -> str:
    """Return the media type in lower case, without parameters and with one name for each type."""
    kind = content_type.partition(";")[0].strip().lower()
    return _ALIASES.get(kind, kind)


def sniff(content: bytes) -> str:
    """Return the media type that the first bytes prove; empty if they prove none."""
    start = content[:START]
    found = next((kind for pattern, kind in _MAGIC if re.match(pattern, start)), "")
    if found and found not in _PROVEN_AS_TEXT and is_text(start):
        return ""  # such as a sentence that begins with "OggS"
    return found


def is_text(start: bytes) -> bool:
    """Return whether the first bytes are text in UTF-8 or UTF-16."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    try:
        text = start[:START].decode()
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data" or error.start < len(start[:START]) - 3:
            return False
        text = start[: error.start].decode()
    return not re.search(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]", text)


Read: TypeAlias = "Callable[[int, int], bytes]"
"""Returns as many bytes as there are, from an offset on and up to a length. Raises OSError."""


class Content(NamedTuple):
    """Content of a request: of a text, or of a file."""

    form: str
    """`url`, `base64`, `data_uri` or `file`; empty for any other text."""
    size: int | None
    """Number of bytes; None if it is not known, as of an address."""
    read: Read
    """Reads a part of the content."""
    media_type: str = ""
    """The media type that is known of a file; empty for texts."""
    start: bytes = b""
    """The first `START` bytes."""


def kinds(start: bytes) -> tuple[str, ...]:
    """Return the kinds of content that the first bytes can belong to, of image, video, audio and document.

    Empty if no rule recognizes them: they can be anything.
    """
    found = sniff(start)
    if found in _KINDS_OF_CONTAINERS:
        return _KINDS_OF_CONTAINERS[found]
    main = found.partition("/")[0]
    if main in ("image", "video", "audio"):
        return (main,)
    return ("document",) if found or len(start) < _SHORTEST or is_text(start) else ()


def is_address(text: str) -> bool:
    """Return whether a text is an address with a host, such as `https://example.com/fox.jpg`.

    Some APIs also take addresses of storage, such as `gs://bucket/fox.jpg`, or of the API's own storage.
    """
    return re.match(r"(?i)(?!(file|ftp):)[a-z][a-z0-9+.-]+://[^\s/?#\\]", text) is not None


def read_form(text: str) -> Content:
    """Return what a text is: an address, a data URI, base64, or none of them."""
    if is_address(text):
        return Content("url", None, _nothing)
    if re.match("(?i)data:", text):
        head, comma, _ = text[:_LONGEST_HEAD].partition(",")
        if not comma:
            return _NO_FORM
        if re.search(r"(?i);\s*base64\s*$", head):
            return _base64("data_uri", text, len(head) + 1)
        from urllib.parse import unquote_to_bytes  # few data URIs are not base64

        content = unquote_to_bytes(text[len(head) + 1 :])

        def read(at: int, size: int) -> bytes:
            return content[at : at + size]

        return Content("data_uri", len(content), read, "", content[:START])
    return _base64("base64", text, 0)


_LONGEST_HEAD = 1024
"""Characters of the longest media type of a data URI, with its parameters."""


def _base64(form: str, text: str, begin: int) -> Content:
    """Return the content of base64 from `begin` on, which is decoded in parts when it is read."""
    if not re.compile(r"[A-Za-z0-9+/]*={0,2}").fullmatch(text, begin):
        # Lines of base64, as `base64` and MIME write them.
        text, begin = "".join(text[begin:].split()), 0
        if not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text):
            return _NO_FORM
    length = len(text) - begin
    if not length or length % 4:
        return _NO_FORM

    def read(at: int, size: int) -> bytes:
        from binascii import a2b_base64

        first = at // 3
        part = text[begin + 4 * first : begin + 4 * -(-(at + size) // 3)]
        return a2b_base64(part)[at - 3 * first :][:size]

    padding = 2 if text.endswith("==") else int(text.endswith("="))
    return Content(form, length // 4 * 3 - padding, read, "", read(0, START))


def _nothing(_: int, __: int) -> bytes:
    return b""


_NO_FORM = Content("", None, _nothing)
