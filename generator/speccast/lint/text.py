"""The text of a file by lines and columns, as findings and edits name places: 1-based, in code points."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from speccast.findings import Edit

_BREAK: Final = re.compile("\r\n|\r|\n")


@dataclass(frozen=True)
class Text:
    """A file's text."""

    text: str

    def line(self, number: int) -> str:
        """The content of a line, "" where there is none."""
        if not 1 <= number <= len(self._starts):
            return ""
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end].rstrip("\r\n")

    def offset(self, line: int, column: int) -> int:
        """How many characters stand before a place; before the end of the text for a place beyond it."""
        if line > len(self._starts):
            return len(self.text)
        return min(self._starts[line - 1] + column - 1, len(self.text))

    def edited(self, edits: Iterable[Edit]) -> str:
        """The text with edits made, none of which touches another."""
        spans = sorted(
            (self.offset(edit.line, edit.column), self.offset(edit.end_line, edit.end_column), edit.text)
            for edit in edits
        )
        parts, done = [], 0
        for start, end, text in spans:
            assert done <= start <= end
            parts += [self.text[done:start], text]
            done = end
        return "".join([*parts, self.text[done:]])

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _BREAK.finditer(self.text))]
