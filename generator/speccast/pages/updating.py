"""Brings a spec up to date with its page. Only what differs is edited: comments, order, notes and style are kept.

After each edit, the spec is read again, so that positions are right. A difference that is not certain becomes a comment
`# draft:` above its key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from speccast.pages.drift import ADDED, LACKS
from speccast.pages.facts import ABSENT, with_value
from speccast.pages.keys import ORDER, TOP
from speccast.pages.writing import doubt_text, entry_lines, flow_text, scalar, spec_tree
from speccast.specs.document import DocumentError, read_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speccast.core.check import Pointer
    from speccast.pages.drift import Difference
    from speccast.pages.reader import Page
    from speccast.specs.document import Document


def update_text(text: str, page: Page, found: Sequence[Difference]) -> str:
    """Return the text of a spec with the differences applied.

    Raises:
        ValueError: a difference cannot be applied to the text as it is written.
    """
    for difference in found:
        text = _apply(text, page, difference)
    return text


def _apply(text: str, page: Page, difference: Difference) -> str:
    document = read_document(text.encode(), "")
    pointer = difference.pointer
    if difference.rule == ADDED:
        return _with_parameter(document, page, pointer)
    if (doubt := _doubt(document, difference)) is not None:
        return _comment(document, pointer, doubt)
    if difference.rule == LACKS or difference.page is ABSENT:
        return _check(document, _remove(document, pointer), pointer, ABSENT)
    value = difference.page
    if pointer[-1] == "enum":
        value = _correct(document, pointer, value)
    if difference.spec is not ABSENT:
        return _check(document, _replace(document, pointer, value), pointer, value)
    order: tuple[str, ...] = TOP if len(pointer) == 1 else ORDER
    if pointer[0] == "example":
        order = _page_order(page, "example")
    return _check(document, _insert(document, pointer, value, order), pointer, value)


def _with_parameter(document: Document, page: Page, pointer: Pointer) -> str:
    """Return the text with a parameter of the page, if the page has enough of it."""
    value = spec_tree(page, document="", date="")["parameters"].get(pointer[1])
    if value is None:
        return document.text
    text = _insert(document, pointer, value, _page_order(page, "parameters"))
    return _check(document, text, pointer, value)


def _doubt(document: Document, difference: Difference) -> str | None:
    """Return why a person has to decide on a difference; None if it is certain."""
    pointer = difference.pointer
    is_elsewhere = _value(document.value, pointer) is ABSENT  # such as a member of an answer in a list
    if difference.page is ABSENT and is_elsewhere and pointer[0] == "answers":
        return f"the page does not show {pointer[-1]}: compare it"
    if difference.rule == LACKS:
        return None
    if not difference.is_certain:
        assert difference.fact is not None
        return doubt_text(str(pointer[-1]), difference.fact)
    if difference.page is not ABSENT and difference.spec is not ABSENT and is_elsewhere:
        return f"the page shows other {pointer[-1]}: compare them"
    return None


def _correct(document: Document, pointer: Pointer, values: Any) -> Any:
    """Keep the corrections of a spec (`documented_as`) for values that the page still prints."""
    printed = _value(document.value, (*pointer[:-1], "documented_as"))
    if not isinstance(printed, dict) or not isinstance(values, list):
        return values
    meant = {str(each): corrected for corrected, each in printed.items()}
    return [meant.get(str(value), value) for value in values]


def _value(value: Any, pointer: Pointer) -> Any:
    for step in pointer:
        if not isinstance(value, dict) or step not in value:
            return ABSENT
        value = value[step]
    return value


def _check(before: Document, text: str, pointer: Pointer, value: Any) -> str:
    """Return the text. Raises ValueError unless only the value at the pointer differs from the document before."""
    try:
        document = read_document(text.encode(), "")
    except DocumentError as error:
        raise ValueError(
            f"{'/'.join(map(str, pointer))} cannot be edited: {error.findings[0].message}"
        ) from None
    if document.value != with_value(before.value, pointer, value):
        raise ValueError(f"{'/'.join(map(str, pointer))} cannot be edited as it is written")
    return text


def _page_order(page: Page, section: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(pointer[1]) for pointer in page.facts.values if pointer[0] == section))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a key is in a text: offsets of its line, of itself, and of its value without the line break that ends a block scalar."""

    line: int
    key: int
    start: int
    end: int
    is_block: bool
    """Whether the key begins its line, so that it is not in brackets."""

    @property
    def indent(self) -> int:
        return self.key - self.line


def _place(document: Document, pointer: Pointer) -> _Place:
    key, value = document.key_span(pointer).start, document.span(pointer)
    line = document.text.rfind("\n", 0, key) + 1
    is_block = not document.text[line:key].strip()
    end = value.start + len(document.source(pointer).rstrip())
    return _Place(line, key, value.start, end, is_block)


def _entry_text(key: str | int, value: Any, indent: int, comment: str = "") -> str:
    return "\n".join(entry_lines(str(key), value, indent, comment=comment))


def _replace(document: Document, pointer: Pointer, value: Any) -> str:
    text, place = document.text, _place(document, pointer)
    if not place.is_block:
        return text[: place.start] + flow_text(value) + text[place.end :]
    if (items := _with_items(document, pointer, value)) is not None:
        return items
    return text[: place.line] + _entry_text(pointer[-1], value, place.indent) + text[place.end :]


def _with_items(document: Document, pointer: Pointer, values: Any) -> str | None:
    """Return the text with other items in a list with one item a line; None for other lists. Items that stay keep their comments."""
    before = _value(document.value, pointer)
    if not isinstance(before, list) or not isinstance(values, list) or not before or not values:
        return None
    lines = document.text.split("\n")
    starts = [document.position((*pointer, index)).line - 1 for index in range(len(before))]
    end = document.position((*pointer, len(before) - 1)).end_line
    first = [re.match(r"( *)- ", lines[start]) for start in starts]
    if (
        None in first
        or len(set(starts)) < len(starts)
        or any(isinstance(each, list | dict) for each in values)
    ):
        return None
    pad = first[0][1] if first[0] is not None else ""
    for index in range(1, len(starts)):  # a comment above an item belongs to it
        while lines[starts[index] - 1].lstrip().startswith("#"):
            starts[index] -= 1
    ends = [*starts[1:], end]
    kept = [lines[start:stop] for start, stop in zip(starts, ends, strict=True)]
    written: list[str] = []
    matcher = SequenceMatcher(None, list(map(repr, before)), list(map(repr, values)), autojunk=False)
    for tag, start, stop, new_start, new_stop in matcher.get_opcodes():
        if tag == "equal":
            written += [line for item in kept[start:stop] for line in item]
        else:
            written += [f"{pad}- {scalar(value)}" for value in values[new_start:new_stop]]
    return "\n".join([*lines[: starts[0]], *written, *lines[end:]])


def _remove(document: Document, pointer: Pointer) -> str:
    text, place = document.text, _place(document, pointer)
    if place.is_block:
        stop = text.find("\n", place.end)
        return text[: place.line] + (text[stop + 1 :] if stop >= 0 else "")
    after = re.match(r"\s*,\s*", text[place.end :])
    if after is not None:
        return text[: place.key] + text[place.end + after.end() :]
    return re.sub(r"\s*,\s*\Z", "", text[: place.key]) + text[place.end :]


def _insert(document: Document, pointer: Pointer, value: Any, order: Sequence[str]) -> str:
    """Insert a key after the nearest key that precedes it in the order, or before all others."""
    text = document.text
    siblings = _value(document.value, pointer[:-1])
    if siblings is ABSENT:  # such as `wait`, of which the page has one member
        above = TOP if len(pointer) == 2 else ORDER
        return _insert(document, pointer[:-1], {pointer[-1]: value}, above)
    if not isinstance(siblings, dict) or not siblings:
        return _replace(document, pointer[:-1], {pointer[-1]: value})
    names = list(siblings)
    position = order.index(str(pointer[-1])) if pointer[-1] in order else len(order)
    before = [name for name in names if name in order and order.index(name) < position]
    place = _place(document, (*pointer[:-1], before[-1] if before else names[0]))
    if not place.is_block:
        shown = f"{pointer[-1]}: {flow_text(value)}"
        if not before:
            return f"{text[: place.key]}{shown}, {text[place.key :]}"
        return f"{text[: place.end]}, {shown}{text[place.end :]}"
    written = _entry_text(pointer[-1], value, place.indent)
    if not before:
        return f"{text[: place.line]}{written}\n{text[place.line :]}"
    stop = text.find("\n", place.end)
    stop = len(text) if stop < 0 else stop
    return f"{text[:stop]}\n{written}{text[stop:]}"


def _comment(document: Document, pointer: Pointer, comment: str) -> str:
    """Insert a comment above a key, or above the parameter if the key is in brackets, unless it is there."""
    text = document.text
    above = pointer
    while len(above) > 1 and (
        _value(document.value, above) is ABSENT or not _place(document, above).is_block
    ):
        above = above[:-1]
    place = _place(document, above)
    written = _entry_text("", None, place.indent, comment) + "\n"
    before = text[: place.line]
    return text if before.endswith(written) else before + written + text[place.line :]


def set_date(text: str, date: str) -> str:
    """Return a spec whose source was read on a date, if it has the date of its source."""
    document = read_document(text.encode(), "")
    pointer: Pointer = ("source", "date")
    if _value(document.value, pointer) in (ABSENT, date):
        return text
    place = _place(document, pointer)
    return f'{text[: place.start]}"{date}"{text[place.end :]}'
