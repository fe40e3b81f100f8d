"""Finds the parameters in the text of a section: their names, types, descriptions and values.

A parameter begins with its name, `required` or `optional`, and its type. Where these parts touch, the name of the next
parameter follows the values of the one before without a gap (`1Range: 1 - 4seedoptionalinteger`). Every possible name is
tried: the text before it must be readable as a description and values. Names in the page's samples decide between the
names that are left, then the order of the page; if neither does, the name is ambiguous.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from speccast.pages.values import LABEL, TextBlock, parse_block, parse_start
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from speccast.pages.facts import Fact
    from speccast.pages.layouts.layout import EntryHeader, Layout

_NAME: Final = re.compile(r"[A-Za-z_$][\w.\-]*|\d[\w.\-]*[A-Za-z_][\w.\-]*")
_RUN: Final = re.compile(r"[\w.\-$]+\Z")
_LONGEST_NAME: Final = 100
_LABEL: Final = re.compile(rf"\s*(?:{LABEL}|Array items\s*:)")
_VALUE_LINE: Final = re.compile(r"\s*\n(?=[-\d\"\[{]|true|false|null)")
_LABELED_LINE: Final = re.compile(rf"\s*\n(?={_LABEL.pattern})")
_CUT_VALUE: Final = re.compile(rf'\s*(?:{LABEL}\s*)?(?:"[^\n]*)?\s*\Z')
_HIDDEN: Final = re.compile(r"\w(?:required|optional)\n?[a-z]|\n(?:required|optional)\n?[a-z]+")


@dataclass
class Entry:
    """One parameter as it is printed."""

    name: str
    name_span: Span
    requirement: str
    requirement_span: Span
    type: str
    type_span: Span
    layout: Layout
    description: str = ""
    description_span: Span | None = None
    block: TextBlock = field(default_factory=TextBlock)
    other_names: tuple[str, ...] = ()
    doubts: list[str] = field(default_factory=list)
    doubtful_default: Fact | None = None
    doubtful_values: str = ""
    doubtful_limits: str = ""
    first_line: tuple[str, Span] | None = None
    unread: Span | None = None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read the text between two headers."""

    name_start: int
    description_end: int
    block: TextBlock


def find_entries(
    text: str, section: Span, headers: Sequence[EntryHeader], known: Collection[str], *, is_cut: bool
) -> list[Entry]:
    """Read the parameters of a section. `known` are the names in the samples; `is_cut` says that the page breaks off."""
    entries: list[Entry] = []
    start = section.start
    for header in _plausible(text, headers, known):
        requirement = text[header.requirement.start : header.requirement.end]
        name = _between(text, Span(start, header.name_end), entries, known, requirement)
        if name is None:
            continue
        entry = Entry(
            name[0],
            Span(header.name_end - len(name[0]), header.name_end),
            requirement,
            header.requirement,
            text[header.type.start : header.type.end],
            header.type,
            header.layout,
            other_names=name[1],
        )
        if not entries and _HIDDEN.search(text[start : header.requirement.start]):
            entry.doubts.append("the text before it may contain another parameter")
        entries.append(entry)
        start = header.type.end
    if entries:
        _finish(text, Span(start, section.end), entries[-1], is_cut=is_cut)
    _settle_names(entries)
    for before, entry in pairwise(entries):
        if entry.other_names and before.unread is None:
            names = " or ".join([entry.name, *entry.other_names])
            before.doubts.append(f"its values touch the next name, {names}")
    return entries


def _settle_names(entries: Sequence[Entry]) -> None:
    """Drop the other names of a parameter that would follow the next one on a sorted page."""
    if any(entry.type.startswith(("object", "array")) for entry in entries):
        return  # members are not sorted
    for index, entry in enumerate(entries):
        if not entry.other_names:
            continue
        group = (each for each in entries[index + 1 :] if each.requirement == entry.requirement)
        after = next(group, None)
        if after is None or after.other_names or entry.name > after.name:
            continue
        if all(name > after.name for name in entry.other_names):
            entry.other_names = ()


def _plausible(text: str, headers: Sequence[EntryHeader], known: Collection[str]) -> list[EntryHeader]:
    """Drop headers that are inside the name of another parameter, such as `optional` in `is_optionalstring_on`."""
    ordered = sorted(headers, key=lambda header: header.requirement.start)
    ends = {header.name_end for header in ordered}
    inside = [
        match.span()
        for name in known
        if "optional" in name or "required" in name
        for match in re.finditer(re.escape(name), text)
        if match.end() in ends
    ]
    return [
        header
        for header in ordered
        if not any(start < header.requirement.start < end for start, end in inside)
    ]


def _between(
    text: str, chunk: Span, entries: list[Entry], known: Collection[str], requirement: str
) -> tuple[str, tuple[str, ...]] | None:
    """Find the name at the end of a chunk, and complete the parameter before it with the rest of the chunk."""
    part = text[chunk.start : chunk.end]
    run = _RUN.search(part)
    if run is None:
        return None
    first = max(run.start(), len(part) - _LONGEST_NAME)
    owner = entries[-1] if entries else None
    readings = []
    for start in range(first, len(part)):
        if _NAME.fullmatch(part, start) is None:
            continue
        if owner is None and start != first:
            continue
        reading = (
            _Reading(start, start, TextBlock()) if owner is None else _read(part, start, chunk.start, owner)
        )
        if reading is not None and (owner is None or _fits(reading.block, owner.type)):
            readings.append(reading)
    if not readings:
        return _unreadable(chunk, part, first, owner, known)
    names = [part[reading.name_start :] for reading in readings]
    if any(name in known for name in names):
        keep = [index for index, name in enumerate(names) if name in known]
    else:
        keep = [index for index, name in enumerate(names) if not name[0].isdigit()] or list(range(len(names)))
        if owner is not None and owner.type.startswith("bool") and owner.requirement == "optional":
            # Pages print the default of every optional boolean, so `true` before a name is one.
            keep = [index for index in keep if not readings[index].block.is_empty] or keep
        # Members are not sorted.
        if len(keep) > 1 and not any(entry.type.startswith(("object", "array")) for entry in entries):
            fitting = [
                index for index in keep if owner is None or _follows(entries, names[index], requirement)
            ]
            keep = fitting or keep
    chosen = keep[-1] if owner is not None and owner.layout.glues_names else keep[0]
    reading = readings[chosen]
    if owner is not None:
        _complete(text, chunk, reading, owner)
    return names[chosen], tuple(names[index] for index in keep if index != chosen)


def _fits(block: TextBlock, kind: str) -> bool:
    """Return whether a value without quotes before a name can be one of a type. A text is printed in quotes."""
    words = {token.text for token in block.tokens} & {"true", "false"}
    if words and not kind.startswith(("boolean", "bool")):
        return False
    numbers = any(token.text[:1] in "-0123456789" for token in block.tokens)
    return not numbers or not kind.startswith(("boolean", "bool"))


def _unreadable(
    chunk: Span, part: str, first: int, owner: Entry | None, known: Collection[str]
) -> tuple[str, tuple[str, ...]]:
    """Return the name of a chunk whose rest cannot be read, and mark the parameter before it."""
    suffixes = [part[start:] for start in range(first, len(part)) if part[start:] in known]
    name = suffixes[0] if suffixes else part[first:].lstrip("0123456789.-") or part[first:]
    if owner is not None:
        rest = part[: len(part) - len(name)]
        lines = rest.lstrip("\n")
        first_line = lines.split("\n", 1)[0].strip()
        if first_line and not _LABEL.match(first_line):
            begin = chunk.start + part.index(first_line)
            owner.description, owner.description_span = first_line, Span(begin, begin + len(first_line))
        owner.unread = Span(chunk.start, chunk.end - len(name))
        owner.doubts.append("the text between it and the next parameter cannot be read")
    return name, () if suffixes or part[first:] == name else (part[first:],)


def _read(part: str, name_start: int, base: int, owner: Entry) -> _Reading | None:
    """Split the text before a name into a description and values, or return None if that is not possible."""
    prefix = part[:name_start]
    if owner.layout.names_own_line(prefix):
        return None
    for split in _splits(prefix, owner):
        block = parse_block(prefix[split:], base + split)
        if block is None:
            continue
        if block.is_empty and split == 0 and prefix.strip():
            continue
        if split and split == len(prefix) and not prefix.endswith("\n"):
            continue
        return _Reading(name_start, split, block)
    return None


def _splits(prefix: str, owner: Entry) -> list[int]:
    """Return the positions at which values can begin, the likely ones first."""
    lines = [match.end() for match in re.finditer("\n", prefix)]
    body = len(prefix) - len(prefix.lstrip())
    first_end = next((end for end in lines if end > body), len(prefix))
    later = [end for end in lines if end >= first_end]
    if owner.layout.starts_with_values(prefix) or _is_list_from_first_line(prefix, owner):
        return [0, *later, len(prefix)]
    if owner.layout.has_paragraphs and prefix.startswith(
        "\n\n"
    ):  # a description follows, or values without one
        return [*([0] if _LABEL.match(prefix) else []), *later, len(prefix)]
    return [*later, len(prefix), 0] if later else [0, len(prefix)]


def _is_list_from_first_line(prefix: str, owner: Entry) -> bool:
    """Return whether a parameter with one item a line has no description: its first line is a default.

    The line then fits the type, and is alone or printed again in the list.
    """
    if owner.layout.glues_names or owner.layout.has_paragraphs:
        return False
    block = parse_block(prefix, 0)
    tokens = block.tokens if block is not None else []
    if not tokens or block is None or block.is_labelled:
        return False
    is_text = isinstance(tokens[0].value, str)
    fits = is_text if owner.type.startswith("string") else not is_text
    if isinstance(tokens[0].value, bool) != owner.type.startswith("boolean"):
        fits = False
    fits = fits or tokens[0].value is None
    others = [token.value for token in tokens[1:]]
    return fits and (not others or tokens[0].value in others)


def _complete(text: str, chunk: Span, reading: _Reading, entry: Entry) -> None:
    described = text[chunk.start : chunk.start + reading.description_end]
    _describe(entry, described, chunk.start)
    entry.block = reading.block
    _doubt_first_line(text, chunk.start, entry)


def _doubt_first_line(text: str, start: int, entry: Entry) -> None:
    """Remember the first value of a parameter without a description, which can be the description."""
    is_itemized = not (entry.layout.glues_names or entry.layout.has_paragraphs)
    if is_itemized and not entry.description and entry.block.tokens:
        token = entry.block.tokens[0]
        entry.first_line = (token.text, token.span)
    elif entry.layout.has_paragraphs and not entry.description and not entry.block.is_empty:
        paragraph = re.match(r"\n\n+([^\n]+)", text[start:])
        if paragraph is not None:
            entry.first_line = (paragraph[1], Span(start + paragraph.start(1), start + paragraph.end(1)))


def _describe(entry: Entry, described: str, base: int) -> None:
    stripped = described.strip()
    if not stripped:
        return
    begin = base + described.index(stripped)
    if (label := _LABELED_LINE.search(stripped)) is not None and not entry.layout.glues_names:
        entry.unread = Span(begin + label.end(), begin + len(stripped))
        entry.doubts.append("its values cannot be read")
        stripped = stripped[: label.start()]
    entry.description = stripped
    entry.description_span = Span(begin, begin + len(stripped))
    if _LABEL.match(stripped):
        entry.doubts.append("its description begins like a value that cannot be read")
    if _HIDDEN.search(stripped):
        entry.doubts.append("its description may contain another parameter")


def _finish(text: str, rest: Span, entry: Entry, *, is_cut: bool) -> None:
    """Complete the last parameter with the rest of the section."""
    part = text[rest.start : rest.end]
    entry.is_cut = is_cut
    pattern = _LABELED_LINE if entry.layout.has_paragraphs else _VALUE_LINE
    begins = None if is_cut else pattern.search(part.rstrip(), len(part) - len(part.lstrip()))
    for split in _splits(part, entry):
        block, end = parse_start(part[split:], rest.start + split)
        remaining = part[split + end :]
        breaks_off = (
            is_cut and bool(split or entry.layout.starts_with_values(part)) and _CUT_VALUE.match(remaining)
        )
        if block.is_empty and (split < len(part) or begins is not None) and not breaks_off:
            continue
        if not remaining.strip() or is_cut:
            _describe(entry, part[:split], rest.start)
            entry.block = block
            _doubt_first_line(text, rest.start, entry)
            if remaining.strip():
                entry.unread = Span(rest.start + split + end, rest.end)
            return
    _describe(entry, part if begins is None else part[: begins.start()], rest.start)
    if begins is not None:
        entry.unread = Span(rest.start + begins.end(), rest.end)
    if begins is not None or ("\n" in part.strip() and not entry.layout.has_paragraphs and not is_cut):
        entry.doubts.append("its values cannot be read")


def _follows(entries: Sequence[Entry], name: str, requirement: str) -> bool:
    """Return whether a name continues the order of the page, in which each group is sorted."""
    last = next((entry for entry in reversed(entries) if entry.requirement == requirement), None)
    return last is None or last.name <= name
