"""What is wrong, where, and what would be right: the one shape in which every check reports.

Reading a spec, checking it against the format and linting it all yield findings; the command line prints them. A
finding holds the spec's own text in its message, so `render` is also where that text is made safe for a terminal.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Severity(StrEnum):
    """How bad a finding is: an error stops generation, the others do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Related:
    """Another place that a finding is about, such as the first of two equal keys."""

    path: str
    line: int
    column: int
    message: str

    def render(self) -> str:
        return printable(f"{self.path}:{self.line}:{self.column}: {self.message}")


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """A stretch of a file and the text that takes its place; nothing is taken out where start and end are one place."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """How a finding can be mended: edits of its own file that belong together, and in words what they do.

    A safe fix is what the author surely meant. One that is not safe may change what the spec means.
    """

    message: str
    edits: tuple[Edit, ...]
    is_safe: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One problem at one place. Findings sort by file, line, column and rule.

    Lines and columns are 1-based and count code points, as editors do; `end_line` and `end_column` are the place
    right after the last character, or 0 where only the start is known. `pointer` is the JSON Pointer (RFC 6901) of
    the value in question, "" for the whole document.
    """

    path: str
    line: int
    column: int
    rule: str
    severity: Severity
    message: str
    help: str = ""
    end_line: int = 0
    end_column: int = 0
    pointer: str = ""
    related: tuple[Related, ...] = ()
    fix: Fix | None = field(default=None, compare=False)

    def render(self) -> str:
        """The finding as lines of plain text, safe to print on a terminal."""
        lines = [
            printable(f"{self.path}:{self.line}:{self.column}: {self.severity}[{self.rule}] {self.message}"),
            *(f"    note: {place.render()}" for place in self.related),
        ]
        if self.help:
            lines.append(f"    help: {printable(self.help)}")
        return "\n".join(lines)


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding as JSON data, without its fix."""
    return {name: value for name, value in asdict(finding).items() if name != "fix"}


def from_json(value: Mapping[str, Any]) -> Finding:
    """The finding that `as_json` made this of."""
    severity, related = Severity(value["severity"]), tuple(Related(**other) for other in value["related"])
    return Finding(**{**value, "severity": severity, "related": related})


def printable(text: str) -> str:
    """Security boundary: `text` with everything escaped that a terminal would obey or could not show.

    Control characters (ESC and line breaks among them), bidirectional and other invisible formatting characters and
    lone surrogates become `\\x1b`, `\\u202e` and so on. What is printable stays as it is, a backslash too, so doing it
    twice changes nothing.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def _escape(character: str) -> str:
    code = ord(character)
    if character in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[character]
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8, as os.fsdecode keeps it
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
