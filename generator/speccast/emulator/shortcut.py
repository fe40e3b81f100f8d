"""A quick word on the usual request: whether it plainly is what a schema allows, so that JSON Schema need not be asked.

It only ever says yes, and only where a few comparisons decide; whatever is doubtful, and all that is wrong, is left to
`validation`. Values are as `body` reads them: integers, or decimals that are not integral.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

Check: TypeAlias = Callable[[Any], bool]

_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_KEYWORDS = {
    "string": {"minLength", "maxLength"},
    "integer": {*_BOUNDS, "multipleOf"},
    "number": _BOUNDS,
    "boolean": set[str](),
    "array": {"items", "minItems", "maxItems"},
    "object": {"properties", "required", "additionalProperties"},
}


def plainly_allowed(schema: Mapping[str, Any]) -> Check:
    """A check of values against a schema as `specs.jsonschema` makes it, with exact numbers."""
    words = {word: value for word, value in schema.items() if word not in ("type", "anyOf", "enum")}
    # An open enum is `anyOf` of the known values and the type, of which the type alone decides.
    kind = schema["anyOf"][-1]["type"] if "anyOf" in schema else schema["type"]
    if not isinstance(kind, str) or not words.keys() <= _KEYWORDS[kind]:
        return _doubtful
    check = _CHECKS[kind](words)
    if "enum" not in schema:
        return check
    known = schema["enum"]
    if kind != "string" or not all(isinstance(choice, str) for choice in known):
        return _doubtful
    choices = frozenset(known)
    return lambda value: check(value) and value in choices


def _doubtful(_: Any) -> bool:
    return False


def _string(words: Mapping[str, Any]) -> Check:
    if not words:
        return lambda value: type(value) is str
    least, most = words.get("minLength", 0), words.get("maxLength", math.inf)
    return lambda value: type(value) is str and least <= len(value) <= most


def _integer(words: Mapping[str, Any]) -> Check:
    step = words.get("multipleOf", 1)
    if type(step) is not int:
        return _doubtful
    is_between = _between(words)
    return lambda value: type(value) is int and is_between(value) and value % step == 0


def _number(words: Mapping[str, Any]) -> Check:
    is_between = _between(words)
    return lambda value: (type(value) is int or type(value) is Decimal) and is_between(value)


def _between(words: Mapping[str, Any]) -> Check:
    least, most = words.get("minimum", -math.inf), words.get("maximum", math.inf)
    over, under = words.get("exclusiveMinimum", -math.inf), words.get("exclusiveMaximum", math.inf)
    return lambda value: least <= value <= most and over < value < under


def _boolean(_: Mapping[str, Any]) -> Check:
    return lambda value: type(value) is bool


def _array(words: Mapping[str, Any]) -> Check:
    least, most = words.get("minItems", 0), words.get("maxItems", math.inf)
    if "items" not in words:
        return lambda value: type(value) is list and least <= len(value) <= most
    item = plainly_allowed(words["items"])
    return lambda value: type(value) is list and least <= len(value) <= most and all(map(item, value))


def _object(words: Mapping[str, Any]) -> Check:
    if "properties" not in words:
        return lambda value: type(value) is dict
    members = {name: plainly_allowed(schema) for name, schema in words["properties"].items()}
    required = frozenset(words.get("required", ()))

    def check(value: Any) -> bool:
        if type(value) is not dict or not value.keys() >= required:
            return False
        for name, part in value.items():
            member = members.get(name)
            if member is None or not member(part):
                return False
        return True

    return check


_CHECKS: Mapping[str, Callable[[Mapping[str, Any]], Check]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
}
