"""Makes fixes: the edits of a document that replace a value, rename a key or take an item out of a list.

An edit touches nothing but what it is about, so comments and formatting stay. Where that cannot be promised, such as for
an item with a comment of its own, there is no fix.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from speccast.findings import Edit, Fix
from speccast.specs.problems import clipped
from speccast.specs.scalars import NumberError, resolve
from speccast.specs.values import is_kind

if TYPE_CHECKING:
    from speccast.core.parameter import Json
    from speccast.specs.document import Document, Pointer, Position

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_BETWEEN_ITEMS: Final = re.compile(r"[ \t]*,[ \t]*")
_BEFORE_ITEM: Final = re.compile(r"[ \t]*-[ \t]+")


def replaced(document: Document, pointer: Pointer, text: str, *, is_safe: bool = True) -> Fix | None:
    """Writes `text` instead of a value; None where the value has an anchor, or is an alias that stands for others."""
    if document.source(pointer)[:1] in ("&", "*", "!"):
        return None
    return Fix(f"write {clipped(text)}", (_edit(document.position(pointer), text),), is_safe)


def exchanged(document: Document, one: Pointer, other: Pointer) -> Fix | None:
    """Lets two values change places, which is no safe thing to do: perhaps only one of them is wrong."""
    texts = document.source(one), document.source(other)
    if any(text[:1] in ("&", "*", "!") for text in texts):
        return None
    edits = (_edit(document.position(one), texts[1]), _edit(document.position(other), texts[0]))
    return Fix("exchange the two", edits, is_safe=False)


def renamed(document: Document, pointer: Pointer, name: str, *, is_safe: bool = True) -> Fix | None:
    """Renames the key of a value."""
    position = document.key_position(pointer)
    return Fix(f"rename the key to {name}", (_edit(position, _key(name)),), is_safe)


def removed_item(document: Document, pointer: Pointer) -> Fix | None:
    """Takes an item that is not the first out of its list, with its line where it has one to itself."""
    index = pointer[-1]
    assert isinstance(index, int)
    here, before = document.position(pointer), document.position((*pointer[:-1], index - 1))
    lines = re.split("\r\n|\r|\n", document.text)
    if before.end_line == here.line:
        between = lines[here.line - 1][before.end_column - 1 : here.column - 1]
        if not _BETWEEN_ITEMS.fullmatch(between):
            return None
        edit = Edit(before.end_line, before.end_column, here.end_line, here.end_column, "")
        return Fix("remove the second one", (edit,))
    is_alone = _BEFORE_ITEM.fullmatch(lines[here.line - 1][: here.column - 1])
    if not is_alone or lines[here.end_line - 1][here.end_column - 1 :].strip() or here.end_line >= len(lines):
        return None
    return Fix("remove the second one", (Edit(here.line, 1, here.end_line + 1, 1, ""),))


def retyped(document: Document, pointer: Pointer, value: Json, kind: str) -> Fix | None:
    """Writes a scalar so that it has the type that it should: with quotes as text, without them as anything else."""
    text = as_kind(document.source(pointer), value, kind)
    return None if text is None else replaced(document, pointer, text)


def as_kind(source: str, value: Json, kind: str) -> str | None:
    """How a scalar is written so that it has a type; None where that is not certain."""
    if kind == "string":
        is_plain = source[:1] not in ("", "&", "*", "!") and not isinstance(value, str | list | dict)
        return json.dumps(source, ensure_ascii=False) if is_plain else None
    if not isinstance(value, str):
        return None
    try:
        meant = resolve(value)
    except NumberError:
        return None
    return value if is_kind(meant, kind) else None


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _edit(position: Position, text: str) -> Edit:
    return Edit(position.line, position.column, position.end_line, position.end_column, text)
