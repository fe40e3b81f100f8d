"""A table with one parameter a row, as in Markdown and on many HTML pages.

    Name   | Type    | Required | Default | Description
    prompt | string  | yes      |         | What to draw
    seed   | integer | no       | -1      | Seed

The first row names the columns. Lines of dashes below it and bars around the rows are ignored.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from speccast.core.values import is_equal
from speccast.pages.entries import Entry
from speccast.pages.facts import ABSENT, Fact
from speccast.pages.layouts.layout import Layout
from speccast.pages.values import LABEL, NUMBER, Token, parse_block
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LAYOUT: Final = Layout(
    name="table", header=re.compile(r"(?!)(?P<requirement>)(?P<type>)"), has_paragraphs=True, is_flat=True
)

_COLUMNS: Final = {
    "name": ("name", "parameter", "field", "property", "key", "argument", "parameter name"),
    "type": ("type", "data type"),
    "required": ("required", "required?", "mandatory", "optional", "presence"),
    "default": ("default", "default value"),
    "description": ("description", "details", "meaning"),
}
_YES: Final = ("yes", "true", "required", "✓", "✔", "✅", "y", "*", "x")
_NO: Final = ("no", "false", "optional", "", "-", "—", "✗", "❌", "n")
_NONE: Final = ("", "-", "—", "none", "n/a")
_LABELS: Final = re.compile(rf"(?<=[.;,)] )(?={LABEL})")
"""Where labels follow a description. Behind a word such as "Recommended", they may not be limits."""
_ROWS: Final = re.compile(r"(?:[^\n]*[|\u2502][^\n]*(?:\n|\Z))+")
_CELLS: Final = {bar: re.compile(rf"(?:\\\{bar}|[^\{bar}\n])*") for bar in "|\u2502"}


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    span: Span


def find_section(text: str, start: int, end: int) -> Span | None:
    """Return the first table that has a column for names and one for types."""
    for match in re.finditer(r"(?m)^[^\n]*[|\u2502][^\n]*$", text[start:end]):
        if _columns(_cells(text, start + match.start(), start + match.end())):
            begin = start + match.start()
            rows = _ROWS.match(text, begin, end)
            return None if rows is None else Span(*rows.span())
    return None


def find_entries(text: str, section: Span) -> list[Entry]:
    """Read the parameters of a table."""
    rows = list(_rows(text, section))
    columns = _columns(rows[0]) if rows else {}
    entries = []
    for row in rows[1:]:
        cells = {column: row[index] for column, index in columns.items() if index < len(row)}
        name = cells["name"].text.strip("`* \u21b3\u2514\u2192\u2022")
        is_whole = len(cells) == len(columns) and len(row) == len(rows[0])
        if is_whole and re.fullmatch(r"[\w.\-$]+(?:\[\][\w.\-$]*)*", name) and "type" in cells:
            entries.append(_entry(name, cells, is_optional_column=_says_optional(rows[0], columns)))
    return entries


def _rows(text: str, section: Span) -> Iterator[list[_Cell]]:
    at = section.start
    for line in text[section.start : section.end].split("\n"):
        if re.search("[|\u2502]", line) and not re.fullmatch(r"[\s|\u2502:+-]+", line):
            yield _cells(text, at, at + len(line))
        at += len(line) + 1


def _cells(text: str, start: int, end: int) -> list[_Cell]:
    cells: list[_Cell] = []
    bar = "\u2502" if "\u2502" in text[start:end] else "|"
    at = start
    while at <= end:
        match = _CELLS[bar].match(text, at, end)
        assert match is not None
        part = match[0]
        begin = at + len(part) - len(part.lstrip())
        stripped = part.strip().replace(f"\\{bar}", bar)
        cells.append(_Cell(stripped, Span(begin, begin + len(part.strip()))))
        at = match.end() + 1
    if cells and not cells[0].text and text[start:end].lstrip().startswith(bar):
        cells = cells[1:]
    if cells and not cells[-1].text and text[start:end].rstrip().endswith(bar):
        cells = cells[:-1]
    return cells


def _columns(cells: list[_Cell]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        said = cell.text.strip("*` ").lower()
        for column, words in _COLUMNS.items():
            if said in words and column not in found:
                found[column] = index
    return found if {"name", "type"} <= found.keys() else {}


def _says_optional(header: list[_Cell], columns: Mapping[str, int]) -> bool:
    return "required" in columns and header[columns["required"]].text.strip("*` ").lower() == "optional"


def _entry(name: str, cells: Mapping[str, _Cell], *, is_optional_column: bool) -> Entry:
    kind = cells["type"]
    entry = Entry(
        name,
        cells["name"].span,
        "",
        kind.span,
        kind.text.strip("`* ").replace("array of strings", "string[]").replace("<string>", ""),
        kind.span,
        LAYOUT,
    )
    if (required := cells.get("required")) is not None:
        said = required.text.strip("`* ").lower() or ("" if required.text != "*" else "*")
        entry.requirement_span = required.span
        if said in _YES or said in _NO:
            is_required = (said in _YES) != is_optional_column
            entry.requirement = "required" if is_required else "optional"
        else:
            entry.doubts.append(f'the column says "{required.text}", which is neither required nor optional')
    if (described := cells.get("description")) is not None and described.text:
        _read_description(entry, described)
    if (default := cells.get("default")) is not None and default.text.strip("`* ").lower() not in _NONE:
        _read_default(entry, default)
    return entry


def _read_description(entry: Entry, cell: _Cell) -> None:
    """Read a description and the labels that follow it, such as `Range: 0 - 1`."""
    entry.description, entry.description_span = cell.text, cell.span
    for match in _LABELS.finditer(cell.text):
        start = cell.span.start + match.start()
        block = parse_block(cell.text[match.start() :].rstrip(". "), start)
        if block is not None:
            entry.block = block
            entry.description = cell.text[: match.start()].rstrip()
            entry.description_span = Span(cell.span.start, cell.span.start + len(entry.description))
            return


def _read_default(entry: Entry, cell: _Cell) -> None:
    text = cell.text.strip("` ")
    described = entry.block.default
    entry.block.is_labelled = True
    value: Any = text
    if re.fullmatch(NUMBER, text) or text in ("true", "false", "null") or text[:1] in ('"', "[", "{"):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            entry.doubtful_default = Fact(ABSENT, (cell.span,), (text,), "the default cannot be read")
            return
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        entry.doubtful_default = Fact(ABSENT, (cell.span,), (), "the default is not a number")
        return
    if re.match(r"str(?!\w*\[)", entry.type) and not isinstance(value, str) and value is not None:
        value = text
    entry.block.default = Token(value, cell.span, text)
    if described is not None and not is_equal(described.value, value):
        reason = "the description states another default"
        entry.doubtful_default = Fact(value, (cell.span,), (described.value,), reason)
