"""Lines and columns: 1-based, counted in code points, as editors show them.

A line ends with LF, CR or CRLF, as in YAML 1.2 and in every editor; the other separators of Unicode are text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from speccast.findings import Edit, Finding

if TYPE_CHECKING:
    from speccast.findings import Fix, Related, Severity

_BREAK: Final = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A range of text. `end_line` and `end_column` are the position after its last character."""

    line: int
    column: int
    end_line: int
    end_column: int

    def edit(self, text: str) -> Edit:
        """Return the edit that replaces the range."""
        return Edit(self.line, self.column, self.end_line, self.end_column, text)

    def finding(
        self,
        path: str,
        rule: str,
        severity: Severity,
        message: str,
        hint: str,
        *,
        pointer: str = "",
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
    ) -> Finding:
        """Return a finding at the range in a file; see `Finding`."""
        end = self.end_line, self.end_column
        return Finding(
            path, self.line, self.column, rule, severity, message, hint, *end, pointer, related, fix
        )


class LineIndex:
    """Converts offsets into a text to lines and columns. The text is indexed at the first conversion."""

    def __init__(self, text: str) -> None:
        self._text = text

    def position(self, start: int, end: int) -> Position:
        return Position(*self.place(start), *self.place(end))

    def place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def bounds(self, offset: int) -> tuple[int, int]:
        """Return the start and the end of the line of an offset, without its line break."""
        line = bisect_right(self._starts, offset)
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self._text)
        return start, start + len(self._text[start:end].rstrip("\r\n"))

    def line(self, number: int) -> str:
        """Return the content of a line without its line break, or "" if the line does not exist."""
        if not 1 <= number <= len(self._starts):
            return ""
        start, end = self.bounds(self._starts[number - 1])
        return self._text[start:end]

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a position, at most the length of the text."""
        if line > len(self._starts):
            return len(self._text)
        return min(self._starts[line - 1] + column - 1, len(self._text))

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _BREAK.finditer(self._text))]
