"""A YAML parser's report of a syntax error, with the text around it: what `syntax` recognises slips by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.specs.codes import Code
from speccast.specs.problems import Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speccast.specs.positions import Lines


@dataclass(frozen=True, slots=True)
class Slip:
    """A parser's report: what it said of which place (`at`), and where the construct began in which it stood."""

    text: str
    lines: Lines
    at: int
    began: int
    context: str
    said: str
    last: Span
    open_brackets: Sequence[int]

    @property
    def character(self) -> str:
        return self.text[self.at : self.at + 1]

    @property
    def before(self) -> str:
        """The line up to the place."""
        return self.text[self.lines.bounds(self.at)[0] : self.at]

    def rest(self, start: int) -> str:
        """A line from `start` on."""
        return self.text[start : self.lines.bounds(start)[1]].rstrip()

    def end(self, start: int) -> int:
        return start + len(self.rest(start))

    def line(self, offset: int) -> int:
        return self.lines.place(offset)[0]

    def column(self, offset: int) -> int:
        return self.lines.place(offset)[1]

    def above(self, offset: int) -> Iterator[tuple[int, str]]:
        """The lines above that say something, the nearest first: where the text of each begins, and the text."""
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
        """A syntax error from `start` to `end`, or of the one character at `start`."""
        end = min(start + 1, len(self.text)) if end is None else end
        return Problem(Code.SYNTAX, Span(start, max(start, end)), message, hint, related=related)
