"""Keys and types that were copied from a page as it prints them."""

from __future__ import annotations

from typing import Any

import pytest

from speccast.specs.page_words import limits_advice, type_advice
from speccast.specs.schema_errors import schema

TYPES = schema("model")["$defs"]["scalar_type"]


@pytest.mark.parametrize(
    ("key", "value", "kind", "advice"),
    [
        ("range", "1 - 25", "integer", "write `minimum: 1` and `maximum: 25`"),
        ("Range", "0.0\u20132.0", "number", "write `minimum: 0.0` and `maximum: 2.0`"),
        ("range", [0, 1], "number", "write `minimum: 0` and `maximum: 1`"),
        ("limits", "-1 to 1", ["number", "null"], "write `minimum: -1` and `maximum: 1`"),
        ("length", "1-400", "string", "write `minLength: 1` and `maxLength: 400`"),
        ("range", "1..4", "array", "write `minItems: 1` and `maxItems: 4`"),
        ("range", {"min": 1}, "integer", "write `minimum` and `maximum`, each with its number"),
        ("rage", "1 - 2", "integer", ""),
    ],
)
def test_a_range_is_two_limits(key: str, value: object, kind: Any, advice: str) -> None:
    assert limits_advice(key, value, {"type": kind}) == advice


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("string (uri)", "write `type: string` and `format: uri`"),
        ("string<date-time>", "write `type: string` and `format: date-time`"),
        ("integer (int32)", "write `type: integer` and `format: int32`"),
        ("array of strings", "write `type: array` and `items: {type: string}`"),
        ("list[float]", "write `type: array` and `items: {type: number}`"),
        ("string[]", "write `type: array` and `items: {type: string}`"),
        ("integer (1-10)", "write `type: integer`, `minimum: 1` and `maximum: 10`"),
        ("enum (a, b)", "write `type: string` and `enum: [a, b]`"),
        ("string (required)", "write `type: string` and `required: true`"),
        ("string, optional", "write `type: string`"),
        ("string | null", 'write `type: [string, "null"]`; if it only may be left out, write `type: string`'),
        (
            "nullable bool",
            'write `type: [boolean, "null"]`; if it only may be left out, write `type: boolean`',
        ),
        ("string (nullable)", 'write `type: [string, "null"]`'),
        ("wibble (wobble)", ""),
        ("strin", ""),
    ],
)
def test_a_printed_type_is_a_type_and_more(text: str, advice: str) -> None:
    assert type_advice(text, TYPES) == advice
