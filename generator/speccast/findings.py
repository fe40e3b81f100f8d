"""Findings: what is wrong in a spec, where, and how to correct it.

Reading, checking and linting specs all return findings, and the command line prints them. A message can contain text of
the spec, so `render` also makes that text safe for a terminal.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Severity(StrEnum):
    """Severity of a finding. Only an error stops generation."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Related:
    """Another position that a finding refers to, such as the first of two equal keys."""

    path: str
    line: int
    column: int
    message: str

    def render(self) -> str:
        return printable(f"{self.path}:{self.line}:{self.column}: {self.message}")


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """A range of a file and the text that replaces it. An empty range inserts the text."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits of one file that correct a finding, and a message that describes them.

    A safe fix is certainly what the author meant. An unsafe fix may change the meaning of the spec.
    """

    message: str
    edits: tuple[Edit, ...]
    is_safe: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One problem at one position. Findings sort by file, line, column and rule.

    Lines and columns are 1-based and count code points, as editors do. `end_line` and `end_column` are the position
    after the last character, or 0 if only the start is known. `pointer` is the JSON Pointer (RFC 6901) of the value, ""
    for the whole document.
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
        """Return the finding as lines of plain text that are safe to print on a terminal."""
        lines = [
            printable(f"{self.path}:{self.line}:{self.column}: {self.severity}[{self.rule}] {self.message}"),
            *(f"    note: {place.render()}" for place in self.related),
        ]
        if self.help:
            lines.append(f"    help: {printable(self.help)}")
        return "\n".join(lines)


def relocate(finding: Finding, shown: Callable[[str], str]) -> Finding:
    """Return a finding with other paths, such as relative to another folder."""
    related = tuple(replace(other, path=shown(other.path)) for other in finding.related)
    return replace(finding, path=shown(finding.path), related=related)


def as_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON data: the form of the reports."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line or None,
        "end_column": finding.end_column or None,
        "pointer": finding.pointer,
        "message": finding.message,
        "help": finding.help,
        "related": [asdict(other) for other in finding.related],
        "fix": None if finding.fix is None else _fix_as_json(finding.fix),
    }


def from_json(value: Mapping[str, Any]) -> Finding:
    """Return the finding from the result of `as_json`, without its fix."""
    changed = {
        "severity": Severity(value["severity"]),
        "end_line": value["end_line"] or 0,
        "end_column": value["end_column"] or 0,
        "related": tuple(Related(**other) for other in value["related"]),
        "fix": None,
    }
    return Finding(**{**value, **changed})


def _fix_as_json(fix: Fix) -> dict[str, Any]:
    return {
        "message": fix.message,
        "applicability": "safe" if fix.is_safe else "unsafe",
        "edits": [asdict(edit) for edit in fix.edits],
    }


def printable(text: str) -> str:
    """Security boundary: escape everything that a terminal would interpret or cannot show.

    Control characters (including ESC and line breaks), bidirectional and other invisible formatting characters and
    lone surrogates become `\\x1b`, `\\u202e` and so on. Printable characters, including the backslash, are unchanged, so
    the function is idempotent.
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
