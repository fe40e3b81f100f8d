"""Older pages: a section "Attributes" with `name`, type and default in one line, and limits in lines below.

    Attributes


    sizeint ( default: 512 )

    Width and height of the picture

    min : 64,

    max : 1024


    promptstr *

A star marks what is required. Names are not sorted. `default: 1` is also printed for texts and booleans that have none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from speccast.pages.entries import Entry
from speccast.pages.facts import ABSENT, Fact
from speccast.pages.layouts.layout import Layout
from speccast.pages.values import NUMBER, Token
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Collection

TYPES: Final = (
    r"(?:enum:\w+|str|int|float|bool|Array|array|object|dict|list|image|file|number|string|boolean|integer)"
)
SECTION: Final = re.compile(r"(?m)^Attributes[ \t]*\n")
END: Final = re.compile(r"(?m)^To keep track of your credit usage")
LAYOUT: Final = Layout(
    name="attributes", header=re.compile(r"(?!)(?P<requirement>)(?P<type>)"), has_paragraphs=True
)

_HEADER: Final = re.compile(
    rf"(?m)^(?P<name>[\w.\-]+?)(?P<type>{TYPES})(?P<star>[ \t]*\*)?"
    r"(?:[ \t]*\([ \t]*default:[ \t]?(?P<default>(?:[^\n]|\n(?!\n))*?)[ \t]*\))?(?P<rest>[ \t]*\*?(?: Affects Pricing)?)[ \t]*$"
)
_LIMIT: Final = re.compile(rf"(?m)^(?P<key>min|max) ?: ?(?P<value>{NUMBER})[ \t]*,?[ \t]*$")
_ALLOWED: Final = re.compile(r"(?m)^Allowed values ?:")
_VALUE: Final = re.compile(r"[^\s,][^\n,]*")
_KIND: Final = {"int": "integer", "float": "number", "str": "string", "bool": "boolean", "Array": "array"}


def find_entries(text: str, section: Span, known: Collection[str], *, is_cut: bool) -> list[Entry]:
    """Read the parameters of a section in this layout."""
    matches = list(_HEADER.finditer(text, section.start, section.end))
    chosen: list[re.Match[str]] = [match for match in matches if _begins_paragraph(text, match, section)]
    apart = [match for match in chosen if text[section.start : match.start()].endswith("\n\n\n")]
    # If two empty lines are before parameters, a description such as "Checklist" is not one.
    if len(apart) > 1:
        chosen = [
            match for match in chosen if match in apart or not text[section.start : match.start()].strip()
        ]
    ends = [*(match.start() for match in chosen[1:]), section.end]
    entries = [_entry(text, match, end, known) for match, end in zip(chosen, ends, strict=False)]
    if entries and is_cut:
        _mark_last(entries[-1], text, Span(chosen[-1].end(), section.end))
    return entries


def _mark_last(last: Entry, text: str, rest: Span) -> None:
    """Mark the last parameter of a page that breaks off, perhaps in the name of another one."""
    last.is_cut = True
    partial = re.search(r"\n\n\n+([\w.\-]+[^\n]*)\s*\Z", text[rest.start : rest.end])
    if partial is None:
        return
    begin = rest.start + partial.start(1)
    described = last.description_span
    if described is not None and described.end >= begin:
        last.description = text[described.start : begin].strip()
        end = described.start + len(last.description)
        last.description_span = Span(described.start, end) if last.description else None
    last.unread = Span(begin, rest.end)


def _begins_paragraph(text: str, match: re.Match[str], section: Span) -> bool:
    before = text[section.start : match.start()]
    return not before.strip() or before.endswith("\n\n")


def _entry(text: str, match: re.Match[str], end: int, known: Collection[str]) -> Entry:
    name, kind = match["name"], match["type"]
    name_end = match.end("name")
    whole = name + kind
    for other in re.finditer(TYPES, whole):  # nameint can end in a type itself: fintint
        if other.end() == len(whole) and whole[: other.start()] in known:
            name, kind = whole[: other.start()], other[0]
            name_end = match.start() + other.start()
    is_required = "*" in (match["star"] or "") + match["rest"]
    entry = Entry(
        name,
        Span(match.start(), name_end),
        "required" if is_required else "",
        Span(*match.span("star")) if match["star"] else Span(match.end() - 1, match.end()),
        _KIND.get(kind.removeprefix("enum:"), kind.removeprefix("enum:")),
        Span(name_end, name_end + len(kind)),
        LAYOUT,
    )
    body_start = match.end()
    body = text[body_start:end]
    block = entry.block
    if match["default"] is not None:
        _read_default(entry, match["default"], Span(*match.span("default")), kind)
    stops = [len(body), *(limit.start() for limit in _LIMIT.finditer(body))]
    _read_limits(entry, body, body_start)
    if (allowed := _ALLOWED.search(body)) is not None:
        stops.append(allowed.start())
        block.has_values_label = block.is_labelled = True
        _read_values(entry, body[allowed.end() :], body_start + allowed.end())
    described = body[: min(stops)]
    stripped = described.strip()
    if stripped:
        begin = body_start + described.index(stripped)
        entry.description, entry.description_span = stripped, Span(begin, begin + len(stripped))
    return entry


def _read_limits(entry: Entry, body: str, base: int) -> None:
    """Read the limits. Some pages print `min` before both: the second one may then be the maximum."""
    for limit in _LIMIT.finditer(body):
        token = Token(
            _number(limit["value"]),
            Span(base + limit.start("value"), base + limit.end("value")),
            limit["value"],
        )
        name = "low" if limit["key"] == "min" else "high"
        if getattr(entry.block, name) is not None:
            name = "high" if name == "low" else "low"
            entry.doubtful_limits = f"the page prints {limit['key']} twice"
        setattr(entry.block, name, token)


def _read_values(entry: Entry, text: str, base: int) -> None:
    """Read a list of values without quotes, separated by commas or line ends. Where one ends is not certain."""
    is_number = entry.type in ("integer", "number")
    for match in _VALUE.finditer(_LIMIT.sub(lambda limit: " " * len(limit[0]), text)):
        printed = match[0].strip()
        span = Span(base + match.start(), base + match.start() + len(printed))
        value = _number(printed) if is_number and re.fullmatch(NUMBER, printed) else printed
        entry.block.values.append(Token(value, span, printed))
    if entry.block.values:
        entry.doubtful_values = "the values are printed without quotes"


def _read_default(entry: Entry, text: str, span: Span, kind: str) -> None:
    """Read a default, which is printed without quotes."""
    block = entry.block
    block.is_labelled = True
    base = entry.type
    if base in ("integer", "number") and re.fullmatch(NUMBER, text):
        block.default = Token(_number(text), span, text)
    elif base == "string" and text not in ("", "1", "None"):
        block.default = Token(text, span, text)
    elif base == "boolean" and text.lower() in ("true", "false"):
        block.default = Token(text.lower() == "true", span, text)
    else:
        block.default = None
        reason = f'the page prints "default: {text}" for a {kind}'
        readings: tuple[bool | str, ...] = (text,) if base == "string" else ()
        if base == "boolean" and text in ("0", "1"):
            readings = (text == "1",)
        entry.doubtful_default = Fact(ABSENT, (span,), readings, reason)


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value
