"""Indented JSON, as `json.dumps` with `indent` writes it, which is several times slower."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_string = json.encoder.encode_basestring  # implemented in C where available


def json_lines(value: object, margin: str, step: str, encode: Callable[[object], str]) -> str:
    """Return a value as JSON, not escaped to ASCII.

    `margin` is a line break and the indentation of the value, `step` that of its members and items. `encode` returns the JSON of
    all values except texts, integers and collections with content.
    """
    if isinstance(value, str):
        return _string(value)
    if type(value) is int:
        return repr(value)
    inner = margin + step
    if isinstance(value, dict) and value:
        members = [
            f"{_string(key)}: {json_lines(member, inner, step, encode)}" for key, member in value.items()
        ]
        return f"{{{inner}{f',{inner}'.join(members)}{margin}}}"
    if isinstance(value, list | tuple) and value:
        items = [json_lines(item, inner, step, encode) for item in value]
        return f"[{inner}{f',{inner}'.join(items)}{margin}]"
    return encode(value)
