"""A YAML parser's report of a syntax error, with access to the text around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.specs.codes import FindingCode
from speccast.specs.problems import Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speccast.specs.positions import LineIndex


@dataclass(frozen=True, slots=True)
class ParserReport:
    """A parser's report: its message, the offset of the error (`at`), and where the surrounding construct began.

    `last` is the span of the last scalar, and `open_brackets` are the offsets of the brackets still open.
    """

    text: str
    lines: LineIndex
    at: int
    began: int
    context: str
    message: str
    last: Span
    open_brackets: Sequence[int]

    @property
    def character(self) -> str:
        return self.text[self.at : self.at + 1]

    @property
    def before(self) -> str:
        """The line up to the error."""
        return self.text[self.lines.bounds(self.at)[0] : self.at]

    def rest(self, start: int) -> str:
        """Return the rest of a line from `start`."""
        return self.text[start : self.lines.bounds(start)[1]].rstrip()

    def end(self, start: int) -> int:
        return start + len(self.rest(start))

    def line(self, offset: int) -> int:
        return self.lines.place(offset)[0]

    def column(self, offset: int) -> int:
        return self.lines.place(offset)[1]

    def above(self, offset: int) -> Iterator[tuple[int, str]]:
        """Yield the offset and the text of each line above that has content, the nearest first."""
        start, _ = self.lines.bounds(offset)
        while start > 0:
            start, end = self.lines.bounds(start - 1)
            content = self.text[start:end].strip()
            if content and not content.startswith("#"):
                yield self.text.index(content, start), content

    def problem(
        self,
        start: int,
        message: str,
        hint: str,
        *,
        end: int | None = None,
        related: tuple[Span, str] | None = None,
    ) -> Problem:
        """Return a syntax error from `start` to `end`, or of the character at `start`."""
        end = min(start + 1, len(self.text)) if end is None else end
        return Problem(FindingCode.SYNTAX, Span(start, max(start, end)), message, hint, related=related)
