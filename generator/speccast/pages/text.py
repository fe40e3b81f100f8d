"""The text of a page: bytes decoded, split into captures, with the line and column of every character."""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from speccast.specs.positions import LineIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.specs.problems import Span

MAX_CHARACTERS: Final = 500_000
"""Longest page: thousands of parameters. The rest of a longer text is not read, and the page counts as cut."""
MAX_DOCUMENT: Final = 16_000_000
"""Longest OpenAPI document."""
MAX_MARKUP: Final = 2_000_000
"""Longest HTML, of which the text is a small part."""
MAX_MARKDOWN: Final = 250_000
"""Longest Markdown, which takes longer to read than text."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ESCAPED: Final = re.compile(r"&(?:quot|#34|#39|#x27|#x22);")
_SEPARATOR: Final = re.compile(r"(?m)^-{3,} ?piece ?-{3,}[ \t]*\n")
_OLDER_START: Final = re.compile(r"(?m)^POST\n(?=(?:[a-z]+\n)?1 2 3 )")
_SHORTEST_TITLE: Final = 4


@dataclass(frozen=True)
class PageText:
    """The text of a page, with line feeds as line ends. `remarks` are problems found while decoding it."""

    name: str
    text: str
    remarks: tuple[str, ...] = field(default=())

    def place(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column of a character."""
        return self._index.place(offset)

    def quote(self, span: Span) -> str:
        return self.text[span.start : span.end]

    @cached_property
    def _index(self) -> LineIndex:
        return LineIndex(self.text)


def decode(data: bytes, name: str, *, is_markup: bool = False, limit: int = MAX_CHARACTERS) -> PageText:
    """Decode a saved page. Every sequence of bytes can be decoded; a doubtful encoding is a remark.

    Entities of HTML in a text are replaced, unless it is HTML or Markdown, whose reader does that, or data.
    """
    remarks: list[str] = []
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, errors="replace")
            break
    else:
        try:
            text = data.decode(_utf_16(data) or "utf-8")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
            remarks.append("the page is not UTF-8; it was read as Windows-1252")
    text = re.sub(r"\r\n?|[\u2028\u2029\x0b\x0c]", "\n", text).replace("\xa0", " ").replace("\x00", "\ufffd")
    if not is_markup and _ESCAPED.search(text):
        text = html.unescape(text)
    if "\ufffd" in text:
        remarks.append("some characters of the page are damaged")
    if len(text) > limit:
        text = text[:limit]
        remarks.append(f"only the first {limit} characters of the page were read")
    return PageText(name, text, tuple(remarks))


def _utf_16(data: bytes) -> str:
    """Return the encoding of a page in UTF-16 without a mark, in which every second byte of most characters is zero."""
    start = data[:400]
    half = len(start) // 2
    if half and start[1::2].count(0) > half // 2:
        return "utf-16-le"
    return "utf-16-be" if half and start[::2].count(0) > half // 2 else ""


def captures(text: str) -> Iterator[tuple[int, int]]:
    """Yield the range of each capture of a page. A capture begins at a separator or where the title is repeated."""
    starts = {0, *(match.end() for match in _SEPARATOR.finditer(text))}
    ends = {match.start() for match in _SEPARATOR.finditer(text)}
    first = re.match(r"\s*(\S[^\n]*)\n", text)
    if first is not None and len(first[1].strip()) >= _SHORTEST_TITLE and not first[1][:2].strip().isdigit():
        title = re.compile(rf"(?m)^[ \t]*{re.escape(first[1].strip())}[ \t]*\n(?=\s*\S)")
        starts |= {match.start() for match in title.finditer(text, first.end() + 1)}
    starts |= {match.start() for match in _OLDER_START.finditer(text)}
    ordered = sorted(starts)
    for index, start in enumerate(ordered):
        end = ordered[index + 1] if index + 1 < len(ordered) else len(text)
        end = min([end, *(stop for stop in ends if start <= stop < end)])
        if text[start:end].strip():
            yield start, end
