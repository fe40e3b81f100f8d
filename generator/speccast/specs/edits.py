"""Creates fixes: edits of a document that replace a value, rename a key or remove an item of a list.

An edit changes only that part of the text, so comments and formatting are kept. No fix is offered where this is not
possible, as for an item with its own comment.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from speccast.core.values import is_kind
from speccast.findings import Edit, Fix
from speccast.specs.problems import shorten_value
from speccast.specs.scalars import NumberError, resolve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speccast.core.check import Pointer
    from speccast.core.parameter import Json, Kind
    from speccast.specs.document import Document

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_BETWEEN_ITEMS: Final = re.compile(r"[ \t]*,[ \t]*")
_BEFORE_ITEM: Final = re.compile(r"(?:\r\n|\r|\n)(?P<line>[ \t]*-[ \t]+)\Z")
_REST_OF_LINE: Final = re.compile(r"[ \t]*(?:\r\n|\r|\n)")


def replace_value(document: Document, pointer: Pointer, text: str, *, is_safe: bool = True) -> Fix | None:
    """Replace a value with `text`. Return None if the value has an anchor or a tag, or is an alias."""
    if document.source(pointer)[:1] in ("&", "*", "!"):
        return None
    return Fix(f"write {shorten_value(text)}", (document.position(pointer).edit(text),), is_safe)


def swap_values(document: Document, one: Pointer, other: Pointer) -> Fix | None:
    """Swap two values. This is an unsafe fix, since perhaps only one of them is wrong."""
    texts = document.source(one), document.source(other)
    if any(text[:1] in ("&", "*", "!") for text in texts):
        return None
    edits = (document.position(one).edit(texts[1]), document.position(other).edit(texts[0]))
    return Fix("swap the two", edits, is_safe=False)


def rename_key(document: Document, pointer: Pointer, name: str, *, is_safe: bool = True) -> Fix | None:
    """Rename the key of a value."""
    position = document.key_position(pointer)
    return Fix(f"rename the key to {name}", (position.edit(_key(name)),), is_safe)


def add_keys(document: Document, pointer: Pointer, lines: Sequence[str]) -> Fix | None:
    """Add keys after the value of a key, in the style of the mapping. Return None beside a comment or an alias."""
    key, value, mapping = (
        document.key_position(pointer),
        document.position(pointer),
        document.source(pointer[:-1]),
    )
    message = f"add {shorten_value(', '.join(lines))}"
    end = Edit(value.end_line, value.end_column, value.end_line, value.end_column, "")
    if mapping.startswith("{"):
        return Fix(message, (replace(end, text="".join(f", {line}" for line in lines)),))
    rest = _REST_OF_LINE.match(document.text, document.span(pointer).end)
    if rest is None or mapping[:1] in ("&", "*", "!") or document.source(pointer)[:1] in ("&", "*", "!"):
        return None
    pad = " " * (key.column - 1)
    return Fix(message, (replace(end, text="".join(f"\n{pad}{line}" for line in lines)),))


def remove_item(document: Document, pointer: Pointer) -> Fix | None:
    """Remove an item of a list that is not the first, together with its line if it is alone on it."""
    index = pointer[-1]
    assert isinstance(index, int)
    before, here = document.span((*pointer[:-1], index - 1)), document.span(pointer)
    between = document.text[before.end : here.start]
    if _BETWEEN_ITEMS.fullmatch(between):
        start, end = before.end, here.end
    elif (line := _BEFORE_ITEM.search(between)) and (rest := _REST_OF_LINE.match(document.text, here.end)):
        start, end = before.end + line.start("line"), rest.end()
    else:
        return None
    position = document.positions.position(start, end)
    return Fix("remove the second one", (position.edit(""),))


def retype(document: Document, pointer: Pointer, value: Json, kind: Kind) -> Fix | None:
    """Write a scalar with the right type: text with quotes, other types without."""
    text = as_kind(document.source(pointer), value, kind)
    return None if text is None else replace_value(document, pointer, text)


def as_kind(source: str, value: Json, kind: str) -> str | None:
    """Return how to write a scalar with the right type, or None if that is not certain."""
    if kind == "string":
        is_plain = source[:1] not in ("", "&", "*", "!") and not isinstance(value, str | list | dict)
        return json.dumps(source, ensure_ascii=False) if is_plain else None
    if not isinstance(value, str):
        return None
    try:
        meant = resolve(value)
    except NumberError:
        return None
    return value if is_kind(meant, cast("Kind", kind)) else None


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
