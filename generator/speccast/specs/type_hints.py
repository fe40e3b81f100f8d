"""Hints on values of the wrong type, which are mostly due to differences between YAML 1.1, YAML 1.2 and JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from speccast.specs.edits import as_kind
from speccast.specs.hints import meant_value
from speccast.specs.positions import LineIndex
from speccast.specs.problems import shorten_value
from speccast.specs.scalars import NumberError, resolve
from speccast.specs.schema_errors import schema

if TYPE_CHECKING:
    from speccast.core.check import Pointer
    from speccast.specs.document import Document, Value

WORDS: Final = {
    "string": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
"""The types of JSON Schema in words."""

_BOOLEANS_OF_1_1: Final = {
    "yes": "true",
    "y": "true",
    "on": "true",
    "no": "false",
    "n": "false",
    "off": "false",
}


def kind_of(value: Value) -> str:
    """Return the type of a value in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"


def suggest_type(document: Document, pointer: Pointer, value: Value, expected: str) -> str:
    """Return a hint on a value that does not have the expected JSON Schema type."""
    source = shorten_value(document.source(pointer))
    if value is None and not source:
        return _for_nothing(document, pointer, expected)
    match expected:
        case "string":
            return _for_text(value, source)
        case "boolean":
            return _for_boolean(value, pointer, source)
        case "integer" | "number":
            return _for_number(value, expected)
        case "array":
            return (
                f"write a list: [{source}]" if not isinstance(value, dict | list) else "write a list: [a, b]"
            )
        case _:
            return _for_mapping(value, pointer)


def suggest_value(source: str, value: Value, expected: str) -> str | None:
    """Return how to write a value so that it has the expected type, or None if that is not certain."""
    if expected == "boolean" and isinstance(value, str):
        word = value.lower()
        return _BOOLEANS_OF_1_1.get(word) or (word if word in ("true", "false") else None)
    return as_kind(source, value, expected)


def _for_nothing(document: Document, pointer: Pointer, expected: str) -> str:
    position = document.position(pointer)
    line = LineIndex(document.text).line(position.line)
    if line[position.column - 1 :].lstrip().startswith("#"):
        return "a `#` after a space begins a comment; to write it as text, quote the text"
    return f"write {WORDS[expected]} after the colon, or remove the key"


def _for_text(value: Value, source: str) -> str:
    if not isinstance(value, dict | list):
        return f'quote it: "{source}"'
    parts = list(value.values()) if isinstance(value, dict) else value
    if len(parts) == 1 and isinstance(parts[0], str):
        return f"write the text itself: {shorten_value(parts[0])}"
    return "write one text"


def _for_boolean(value: Value, pointer: Pointer, source: str) -> str:
    if isinstance(value, list) and pointer[-1:] == ("required",):
        return "write `required: true` on each property that is required"
    if isinstance(value, str):
        if word := _BOOLEANS_OF_1_1.get(value.lower()):
            return f"YAML 1.2 reads `{source}` as text; write {word}"
        if value.lower() in ("true", "false"):
            return f"write {value.lower()}, without quotes"
    return "write true or false"


def _for_number(value: Value, expected: str) -> str:
    if isinstance(value, str):
        plain = re.sub(r"(?<=\d)[_ ,](?=\d)", "", value.strip())
        try:
            number = resolve(plain)
        except NumberError:
            number = None
        if isinstance(number, int | float) and not isinstance(number, bool):
            return f"write {plain}, without quotes" if plain == value else f"write {plain}"
    return "write a whole number, such as 8" if expected == "integer" else "write a number, such as 0.5"


def _for_mapping(value: Value, pointer: Pointer) -> str:
    if not pointer:
        return "begin with the line `speccast: 1`"
    if isinstance(value, str) and (kind := meant_value(value, schema("model")["$defs"]["scalar_type"])):
        return f"write {pointer[-1]}: {{type: {kind}}}"
    if isinstance(value, list) and pointer == ("parameters",):
        return "write each parameter under its name: `prompt: {type: string}`"
    return "write its keys on the lines below, indented, or in braces: {key: value}"
