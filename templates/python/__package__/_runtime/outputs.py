"""The outputs of a model in JSON or text: base64, data URLs and addresses, under any name and at any depth."""

from __future__ import annotations

import base64
import binascii
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast
from urllib.parse import unquote_to_bytes

from .._core.omit import OMIT
from .._core.places import has_content, read_first
from .errors import name_job
from .media import bare, is_media, is_media_suffix, sniff
from .response import NOT_JSON, parse_json

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterator, Mapping

    from .._core.places import Paths
    from .request_summary import Request

__all__ = [
    "MAX_BYTES",
    "Inline",
    "Media",
    "OutputSource",
    "Remote",
    "find",
    "find_documented",
    "find_in_text",
    "is_wrapped_address",
    "may_return_media",
]

MAX_BYTES = 512 * 1024 * 1024
"""Default size limit of one download."""

_BASE64_NAMES = frozenset({
    "image", "images", "b64_json", "base64", "audio", "audios", "video", "videos",
})  # fmt: skip
"""Members whose text is base64, even of a type that is not known."""
_NOT_OUTPUTS = frozenset({
    "input", "inputs", "request", "prompt", "parameters", "params", "status_url", "response_url", "poll_url",
    "cancel_url", "webhook", "webhook_url", "callback", "callback_url", "documentation", "documentation_url",
    "docs", "docs_url", "help", "help_url", "more_info", "info_url", "support_url",
})  # fmt: skip
"""Members that are about the request."""
_LINK_NAMES = (
    r"(.*_)?(output|result|image|video|audio|media|file|asset|download|path|url|uri)s?(_.*)?(?<!name)"
)
"""Names of members that hold addresses."""
_LONG = 64
"""Minimum length of base64 without padding that is not taken for a word."""
_LONGEST_ADDRESS = 8192
_DEEPEST = 64

_ABSOLUTE = r"(?i)[a-z][a-z0-9+.-]*://\s*\S"
_PATH = r"(\.{0,2}/|//)[^\s/]"
_FOLDERS_AND_FILE = r"([\w.%~-]+/)*[\w.%~-]+\.\w+$|[\w.%~-]+/.*\.\w+$"
_WRAPPED = r"""(?ix)
    //                                                  # an empty one
    | (blob:|https?:/?(?!/))\S+                         # an invalid one
    | [^\w\s]{1,3}[a-z][a-z0-9+.-]*://\S+[^\w\s]{1,3}   # in brackets, or as code
    | ([a-z][a-z0-9+.-]*://\S+\s+)+[a-z][a-z0-9+.-]*://\S+
    | [^\w\s]{0,3}!?\[[^\]\n]*\]\(\s*\S[^\n]*\)[^\w\s]{0,3}  # a link or an image of Markdown
    | <(a|img|video|audio|iframe|source)\b[^>]*\b(href|src)\s*=[^>]+>[^<]*(</[a-z]+>)?
"""
"""Texts that consist of addresses."""
_SUFFIX = r"(\.[A-Za-z0-9]{1,5})([?#]\S*)?$"


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
    """Media that the response links to; the address may be relative."""

    url: str


Media: TypeAlias = Inline | Remote


class OutputSource(NamedTuple):
    """Where outputs come from."""

    name: str
    """The default file name without an extension."""
    base: str = ""
    """URL of the response, to which relative addresses are relative."""
    returns: tuple[str, ...] = ()
    """Documented media types of the model; empty if it is not known."""
    request: Request | None = None
    """The request; None for a job that was resumed by its id."""
    job_id: str | None = None
    """The job whose result has the outputs."""

    @contextmanager
    def names_job(self) -> Generator[None]:
        """Add the job's id to every exception, Ctrl-C included, because its outputs are paid for."""
        try:
            yield
        except BaseException as error:
            if self.job_id is not None:
                note = f"Job {self.job_id} has the output, which can be read again by its id."
                name_job(error, self.job_id, note if self.request is not None else "")
            raise


def find(
    value: Any, *, is_base64: bool = False, only_links: bool = False, ignored: Collection[str] = ()
) -> list[Media]:
    """Return all media in a JSON value, in order. An address that occurs twice counts once.

    With `is_base64`, the value is a text in base64 or a list of such texts. With `only_links`, an address counts only if its name or its member
    says that it is a file: for models that return JSON, in which other addresses may be cited. Members in `ignored` are
    not searched.
    """
    search = _Search(is_base64, only_links, _NOT_OUTPUTS.union(ignored))
    found = enumerate(search.walk(value, "", 0))
    # Inline media stay apart: a model may return the same picture twice.
    return list({each if isinstance(each, Remote) else index: each for index, each in found}.values())


def find_documented(places: Mapping[str, Paths], value: object, *, only_links: bool) -> list[Media] | None:
    """Return the media where the responses to an operation have them; None if they are not there."""
    documented = read_first(places.get("output", ()), value)
    in_base64 = read_first(places.get("base64", ()), value)
    if has_content(documented) or (documented is not OMIT and not has_content(in_base64)):
        return find(documented, only_links=only_links)
    return None if in_base64 is OMIT else find(in_base64, is_base64=True)


def find_in_text(text: str) -> Media | None:
    """Return the output that a whole text is: an address, a data URL, or base64 of a known type."""
    return _Search(is_base64=False, only_links=False, ignored=frozenset()).read(text, "")


def is_wrapped_address(text: str) -> bool:
    """Return whether a text contains only addresses, which are not downloaded: in some markup, several, or invalid ones."""
    text = text.strip()
    if text[:1] in ("{", "[", '"') and (value := parse_json(text)) is not NOT_JSON:
        return bool(find(value))
    return len(text) <= _LONGEST_ADDRESS and re.fullmatch(_WRAPPED, text) is not None


def may_return_media(returns: tuple[str, ...]) -> bool:
    """Return whether a model may return something else than text and JSON; one that is not known may."""
    return not returns or any(is_media(bare(each)) for each in returns)


class _Search(NamedTuple):
    is_base64: bool
    only_links: bool
    ignored: frozenset[str]

    def walk(self, value: object, name: str, depth: int) -> Iterator[Media]:
        if isinstance(value, str):
            if (media := self.read(value, name)) is not None:
                yield media
        elif depth < _DEEPEST and isinstance(value, list):
            for item in cast("list[object]", value):
                yield from self.walk(item, name, depth + 1)
        elif depth < _DEEPEST and isinstance(value, dict):
            members = cast("dict[str, object]", value)
            # An object with an address often has the file's name or path on the server as well.
            has_address = any(
                isinstance(each, str) and re.match(_ABSOLUTE, each) for each in members.values()
            )
            for key, member in members.items():
                for media in () if key.lower() in self.ignored else self.walk(member, key, depth + 1):
                    is_path = isinstance(media, Remote) and not re.match(_ABSOLUTE, media.url)
                    if not (has_address and is_path and isinstance(member, str)):
                        yield media

    def read(self, text: str, name: str) -> Media | None:
        """Return the media that a text is."""
        text = text.strip()
        if text[:5].lower() == "data:":
            return _from_data_url(text)
        content = _decode(text)
        if kind := sniff(content):
            return Inline(content, kind)
        if content and self._is_base64(text, name):
            return Inline(content, "")
        return Remote(re.sub(r"\s", "%20", text)) if self._is_address(text, name[:100].lower()) else None

    def _is_base64(self, text: str, name: str) -> bool:
        """Return whether text that could be base64, of an unknown type, is base64."""
        if self.is_base64:
            return True
        is_long = len(text) >= _LONG and not text.startswith("/")
        return name.lower() in _BASE64_NAMES and (is_long or text.endswith("="))

    def _is_address(self, text: str, name: str) -> bool:
        """Return whether a text is the address of a file, absolute or relative, possibly with blanks in it."""
        if len(text) > _LONGEST_ADDRESS or "\n" in text or "\r" in text:
            return False
        found = re.search(_SUFFIX, text)
        is_file = found is not None and is_media_suffix(found[1])
        is_link = not name or re.fullmatch(_LINK_NAMES, name) is not None
        if re.match(_ABSOLUTE, text):
            return is_file or is_link or not self.only_links
        if re.match(_PATH, text):
            return is_file or (is_link and " " not in text and not self.only_links)
        return is_file and is_link and re.match(_FOLDERS_AND_FILE, text) is not None


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
    return Inline(content, bare(kind) or sniff(content) or "text/plain") if content else None


def _decode(text: str) -> bytes:
    """Return the bytes of base64 text, also URL-safe, in lines or without padding; empty if it is not base64."""
    if " " in text or "\t" in text:
        return b""
    compact = "".join(text.split()).translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
