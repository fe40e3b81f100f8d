"""What a layout of headers is, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from speccast.pages.values import LABEL, NUMBER
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

GLUED_TYPE: Final = r"(?:string|integer|number|boolean|object|array|file)(?:\[\])*(?: \([a-z][a-z0-9_-]*\))?"
"""Types that are recognized where a description can touch them."""
LINE_TYPE: Final = (
    r"(?!required|optional)[a-z]+(?:\[\])*(?: ?\([a-z][\w -]*\))?(?: ?\| ?null)?(?=[ \t]*(?:\n|\Z))"
)
"""A type on the rest of a line."""
_VALUE_LINE: Final = re.compile(rf"\s*(?:{LABEL}|Array items\s*:)")


@dataclass(frozen=True, slots=True)
class EntryHeader:
    """The place of `required` or `optional` and of the type, found by a layout."""

    layout: Layout
    name_end: int
    requirement: Span
    type: Span


@dataclass(frozen=True)
class Layout:
    """How the parts of a parameter are separated.

    Attributes:
        name: name in reports.
        header: pattern with the groups `requirement` and `type`; the name ends where the match begins.
        glues_names: whether the name of the next parameter can touch the values before it on the same line.
        has_paragraphs: whether a description is a paragraph with empty lines around it.
        is_flat: whether a parameter is a member only if its name says so (`style.name`).
    """

    name: str
    header: re.Pattern[str]
    glues_names: bool = False
    has_paragraphs: bool = False
    is_flat: bool = False

    def headers(self, text: str, section: Span) -> Iterator[EntryHeader]:
        for match in self.header.finditer(text, section.start, section.end):
            if match.start() == section.start:
                continue
            yield EntryHeader(
                self, match.start(), Span(*match.span("requirement")), Span(*match.span("type"))
            )

    def names_own_line(self, prefix: str) -> bool:
        """Return whether a name after `prefix` would be the end of a line that has to be one name."""
        if self.glues_names:
            return False
        tail = prefix[prefix.rfind("\n") + 1 :]
        return bool(tail) and not re.search(
            rf"(?:\d more|Range: ?\S+ - \S+|{LABEL} ?{NUMBER}(?: characters)?)\Z", tail
        )

    def starts_with_values(self, prefix: str) -> bool:
        """Return whether the text after a type begins with values, so that there is no description."""
        if self.has_paragraphs:
            return not prefix.startswith("\n\n") and bool(_VALUE_LINE.match(prefix))
        first = prefix.lstrip("\n").split("\n", 1)[0]
        return bool(_VALUE_LINE.match(first)) and (_VALUE_LINE.fullmatch(first.rstrip()) is not None)
