"""Media types: what the first bytes of content prove, what a header says, and the file extensions of both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .._core.media import CONTAINERS, SIGNED, START, bare, is_text, sniff

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "START",
    "bare",
    "contradiction",
    "family",
    "family_of_suffix",
    "is_generic",
    "is_media",
    "is_media_suffix",
    "is_text",
    "is_xml_error",
    "matches",
    "media_type",
    "sniff",
    "starts_as_page",
    "suffix_of",
    "type_of_name",
]

_EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/bmp": ".bmp",
    "image/tiff": ".tiff",
    "image/svg+xml": ".svg",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "audio/aac": ".aac",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "video/quicktime": ".mov",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/xml": ".xml",
    "application/x-subrip": ".srt",
    "model/gltf-binary": ".glb",
    "model/gltf+json": ".gltf",
    "model/obj": ".obj",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/csv": ".csv",
    "text/vtt": ".vtt",
    "text/xml": ".xml",
    "text/markdown": ".md",
}
_OTHER_SUFFIXES = {
    **dict.fromkeys((".jpeg", ".jpe", ".jfif", ".tif"), "image"),
    **dict.fromkeys((".m4v", ".avi", ".3gp"), "video"),
    **dict.fromkeys((".htm", ".tsv", ".yaml", ".yml"), "text"),
    **dict.fromkeys((".7z", ".gz", ".3mf", ".usdz"), ""),
    **dict.fromkeys((".stl", ".ply", ".fbx", ".3ds", ".bin"), "any"),
}
"""Families of further extensions; formats of the family `any` exist as text and as binary data."""

_GENERIC = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/binary"})
"""Types that say nothing about the content."""
_TEXT_TYPES = (
    r"text/|application/(xml|.*\+xml|yaml|x-yaml|javascript|x-subrip|x-ndjson|jsonl)|model/(obj|gltf\+json)"
)

_PAGE = rb"(?is)(\xef\xbb\xbf)?\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b"
_XML_ERROR = rb"(?i)(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?<(\w+:)?(error|fault|envelope|exception)\w*[\s>]"


def media_type(content_type: str, start: bytes) -> str:
    """Return the type of content: what its first bytes prove, else what the header says."""
    named, proven = bare(content_type), sniff(start)
    container = CONTAINERS.get(proven)
    if not proven or (container is not None and re.match(container, named)):
        return named
    return proven


def is_generic(kind: str) -> bool:
    """Return whether a type says nothing about the content."""
    return kind in _GENERIC


def starts_as_page(start: bytes) -> bool:
    """Return whether content begins as HTML does."""
    return re.match(_PAGE, start[:START]) is not None


def is_xml_error(start: bytes) -> bool:
    """Return whether content begins as the XML of an error does, such as that of a storage service."""
    return re.match(_XML_ERROR, start[:START]) is not None


def family(kind: str) -> str:
    """`image`, `audio`, `video`, `json` or `text`; empty for other types."""
    main = kind.partition("/")[0]
    if main in ("image", "audio", "video"):
        return main
    if kind == "application/json" or (kind.endswith("+json") and main != "model"):
        return "json"
    return "text" if re.match(_TEXT_TYPES, kind) else ""


def is_media(kind: str) -> bool:
    """Return whether a type is neither text nor JSON."""
    return family(kind) not in ("json", "text")


def family_of_suffix(suffix: str) -> str | None:
    """Return the family of files with this extension; None for an unknown extension."""
    suffix = suffix.lower()
    if suffix in _OTHER_SUFFIXES:
        return _OTHER_SUFFIXES[suffix]
    return next((family(kind) for kind, known in _EXTENSIONS.items() if known == suffix), None)


def contradiction(suffix: str, content_type: str, start: bytes) -> str:
    """Return what content is, if it cannot be that of a file with this extension; empty if it can.

    Another format of the same family is not one: programs open a PNG that is called `.jpg`.
    """
    wanted = family_of_suffix(suffix)
    if wanted in (None, "any"):
        return ""
    proven = sniff(start)
    kind = media_type(content_type, start)
    if proven:
        is_svg_text = proven == "image/svg+xml" and wanted == "text"
        is_same = family(kind) == wanted or {family(kind), wanted} == {"audio", "video"}
        return "" if is_same or is_svg_text else kind
    if is_text(start):
        is_json = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[", b'"')
        if wanted == "text" or (wanted == "json" and (is_json or family(kind) == "json")):
            return ""
        return "a web page" if starts_as_page(start) else "JSON" if is_json else "text"
    is_unlike = wanted in ("json", "text") and family(kind) != "text"
    return "binary data" if is_unlike or (family(kind) == "text" and wanted != "text") else ""


def is_media_suffix(suffix: str) -> bool:
    """Return whether files with this extension are neither text nor JSON."""
    return family_of_suffix(suffix) not in (None, "json", "text")


def suffix_of(content_type: str, start: bytes = b"", url: str = "") -> str:
    """Return the file extension, with its dot, from the first bytes, else the media type, else the URL."""
    kind = media_type(content_type, start)
    if found := _EXTENSIONS.get(kind):
        return found
    suffix = re.search(r"\.[A-Za-z0-9]{1,5}$", urlsplit(url).path) if url else None
    if suffix and family_of_suffix(suffix[0]) is not None:
        return suffix[0].lower()
    if subtype := re.fullmatch(r"(?:image|audio|video|model)/(?:x-)?([a-z0-9]{2,5})", kind):
        return f".{subtype[1]}"
    return {"text": ".txt", "json": ".json"}.get(family(kind), ".bin")


def type_of_name(name: str) -> str:
    """Return the media type of files with this name; empty if it shows none."""
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    suffix = {".jpeg": ".jpg", ".jpe": ".jpg", ".jfif": ".jpg", ".tif": ".tiff"}.get(suffix, suffix)
    found = next((kind for kind, known in _EXTENSIONS.items() if known == suffix), "")
    if not found and suffix:
        from mimetypes import guess_type  # reads files of the system

        found = guess_type(f"x{suffix}")[0] or ""
    return found


def matches(kind: str, content: bytes, returns: Iterable[str]) -> bool:
    """Return whether content with this type, which is not JSON, is of one of the documented types.

    Another format of the same family is accepted: a model that is documented to return JPEG may return PNG.
    """
    documented = [bare(each) for each in returns]
    is_exact = any(_is_covered(kind, each) for each in documented)
    if sniff(content):
        return is_exact or any(_is_same_kind(kind, each) for each in documented)
    if is_exact and kind not in SIGNED:
        return family(kind) != "json"
    if is_text(content):
        may_be_text = is_generic(kind) or kind == "text/plain"
        return may_be_text and any(family(each) == "text" for each in documented)
    may_be_media = is_generic(kind) or any(_is_same_kind(kind, each) for each in documented)
    return may_be_media and any(is_media(each) for each in documented)


def _is_covered(kind: str, documented: str) -> bool:
    main, _, rest = documented.partition("/")
    return documented in ("*/*", kind) or (rest == "*" and kind.partition("/")[0] == main)


def _is_same_kind(kind: str, documented: str) -> bool:
    if documented in _GENERIC or documented == "*/*":
        return True
    container = CONTAINERS.get(kind)
    if container is not None and re.match(container, documented):
        return True
    found = family(kind)
    return found in ("image", "audio", "video") and found == family(documented)
