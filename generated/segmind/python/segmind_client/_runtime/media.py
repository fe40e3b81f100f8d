"""Images and other media in responses: where they are, their types and their file extensions.

APIs put them into JSON as base64, data URLs or links, alone or in lists, under a few common names.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast
from urllib.parse import unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Inline", "Media", "Remote", "extension", "find", "sniff"]

_EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/bmp": ".bmp",
    "image/tiff": ".tiff",
    "image/svg+xml": ".svg",
    "audio/mpeg": ".mp3",
    "audio/mp3": ".mp3",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/wave": ".wav",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "audio/aac": ".aac",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "model/gltf-binary": ".glb",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/csv": ".csv",
}
_KNOWN_SUFFIXES = frozenset(_EXTENSIONS.values()) | {
    ".jpeg",
    ".tif",
    ".opus",
    ".m4v",
    ".mkv",
    ".gltf",
    ".obj",
    ".srt",
}
_MAGIC = (
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"),
    (rb"RIFF....WAVE", "audio/wav"),
    (rb"....ftyp(avif|avis)", "image/avif"),
    (rb"....ftyp(heic|heix|mif1)", "image/heic"),
    (rb"....ftypqt", "video/quicktime"),
    (rb"....ftypM4A", "audio/mp4"),
    (rb"....ftyp", "video/mp4"),
    (rb"(II\*\x00|MM\x00\*)", "image/tiff"),
    (rb"BM....\x00\x00\x00\x00", "image/bmp"),
    (rb"(ID3|\xff[\xfb\xf3\xf2])", "audio/mpeg"),
    (rb"fLaC", "audio/flac"),
    (rb"OggS", "audio/ogg"),
    (rb"\x1aE\xdf\xa3", "video/webm"),
    (rb"%PDF-", "application/pdf"),
    (rb"PK\x03\x04", "application/zip"),
    (rb"glTF", "model/gltf-binary"),
)

_MEDIA_NAMES = ("image", "images", "b64_json", "base64", "audio", "audios", "video", "videos")
"""Members whose text is decoded as base64 if possible."""
_CONTAINER_NAMES = (
    "output",
    "outputs",
    "data",
    "url",
    "urls",
    "result",
    "results",
    "file",
    "files",
    "media",
    "artifacts",
)
_LONG = 64
"""Minimum length of a text in the base64 alphabet that is not taken for a word."""
_DEEPEST = 8


class Inline(NamedTuple):
    """Media inside the response."""

    content: bytes
    content_type: str

    @property
    def may_be_image(self) -> bool:
        """Whether this is an image; base64 of an unknown type is assumed to be one."""
        return self.content_type.startswith("image/") or not self.content_type

    def __repr__(self) -> str:
        return f"Inline({len(self.content)} bytes, {self.content_type!r})"


class Remote(NamedTuple):
    """Media that the response links to."""

    url: str


Media: TypeAlias = Inline | Remote


def find(value: Any, *, base64_field: str | None = None) -> list[Media]:
    """All media in a JSON value, in order; `base64_field` is the documented member for base64."""
    return list(_find_in(value, base64_field, is_media=False, depth=0))


def sniff(content: bytes) -> str:
    """The media type according to the first bytes; empty if unknown."""
    return next((kind for pattern, kind in _MAGIC if re.match(pattern, content, re.DOTALL)), "")


def extension(content_type: str, start: bytes = b"", url: str = "") -> str:
    """The file extension, with its dot, from the media type, else the first bytes, else the URL."""
    kind = content_type.partition(";")[0].strip().lower()
    if found := _EXTENSIONS.get(kind) or _EXTENSIONS.get(sniff(start)):
        return found
    suffix = re.search(r"\.[A-Za-z0-9]{1,5}$", urlsplit(url).path) if url else None
    if suffix and suffix[0].lower() in _KNOWN_SUFFIXES:
        return suffix[0].lower()
    return ".txt" if kind.startswith("text/") else ".bin"


def _find_in(value: object, base64_field: str | None, *, is_media: bool, depth: int) -> Iterator[Media]:
    if isinstance(value, str):
        if media := _from_text(value.strip(), is_media=is_media):
            yield media
    elif depth == _DEEPEST:
        return
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _find_in(item, base64_field, is_media=is_media, depth=depth + 1)
    elif isinstance(value, dict):
        for name, member in cast("dict[str, object]", value).items():
            is_media_member = name == base64_field or name in _MEDIA_NAMES
            if is_media_member or name in _CONTAINER_NAMES:
                yield from _find_in(member, base64_field, is_media=is_media_member, depth=depth + 1)


def _from_text(text: str, *, is_media: bool) -> Media | None:
    if re.match(r"https?://[^\s]+$", text, re.IGNORECASE):
        return Remote(text)
    if text[:5].lower() == "data:":
        return _from_data_url(text)
    content = _decode(text)
    if not content:
        return None
    kind = sniff(content)
    return Inline(content, kind) if kind or is_media or text.endswith("=") or len(text) >= _LONG else None


def _from_data_url(text: str) -> Inline | None:
    head, comma, data = text[5:].partition(",")
    kind, *attributes = [part.strip().lower() for part in head.split(";")]
    if not comma:
        return None
    content = (
        _decode(unquote_to_bytes(data).decode("latin-1"))
        if "base64" in attributes
        else unquote_to_bytes(data)
    )
    return Inline(content, kind or sniff(content) or "text/plain") if content else None


def _decode(text: str) -> bytes:
    """The bytes of base64 text, also URL-safe, in lines or without padding; empty if it is not base64."""
    compact = "".join(text.split()).translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
