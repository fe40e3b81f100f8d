"""Words for authors of specs: values, types, and why a parameter does not accept a value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from speccast.core.suggestions import closest
from speccast.core.values import is_kind, kind_of
from speccast.specs.jsonschema import FIELDS
from speccast.specs.problems import shorten_value
from speccast.specs.scalars import NumberError, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from speccast.core.check import Mismatch
    from speccast.core.parameter import Json, Kind, Parameter

ARTICLES: Final[dict[str, str]] = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "array": "an array",
    "object": "an object",
    "file": "a file",
    "union": "a union",
}

_LIMITS: Final = {
    "minimum": "is below the minimum {limit}",
    "exclusiveMinimum": "is not above the exclusive minimum {limit}",
    "maximum": "is above the maximum {limit}",
    "exclusiveMaximum": "is not below the exclusive maximum {limit}",
    "multipleOf": "is not a multiple of {limit}",
    "pattern": "does not match the pattern {limit}",
    "minLength": "has {count}, fewer than {limit}",
    "maxLength": "has {count}, more than {limit}",
    "minItems": "has {count}, fewer than {limit}",
    "maxItems": "has {count}, more than {limit}",
    "media_types": "is not one of the media types",
    "max_size": "is larger than {limit} bytes",
    "min_width": "is less than {limit} pixels wide",
    "max_width": "is more than {limit} pixels wide",
    "min_height": "is less than {limit} pixels high",
    "max_height": "is more than {limit} pixels high",
    "max_pixels": "has more than {limit} pixels",
    "min_duration": "is shorter than {limit} seconds",
    "max_duration": "is longer than {limit} seconds",
}
"""For each keyword that limits a value, the text of `describe`."""


def describe(mismatch: Mismatch) -> str:
    """Return the end of a sentence that begins with the value, such as "is above the maximum 10"."""
    value, parameter = mismatch.value, mismatch.parameter
    if parameter is None:
        return "is not a known name"
    if mismatch.is_null:
        return "is not allowed here"
    match mismatch.keyword:
        case "type":
            return f"is {describe_kind(value)}, but must be {describe_type(parameter)}"
        case "enum":
            return "is not one of the enum's values"
        case "required":
            return f"lacks `{shorten_value(parameter.wire)}`, which is required"
        case "forms" | "media":
            return f"is not {parameter.content}"
        case keyword:
            limit = getattr(parameter, FIELDS.get(keyword, keyword))
            return _LIMITS[keyword].format(limit=format_value(limit), count=_count(value))


def advise(mismatch: Mismatch) -> str:
    """Return how to correct a value, where that does not follow from `describe`."""
    parameter = mismatch.parameter
    if parameter is None:
        return suggestion(str(mismatch.pointer[-1]), mismatch.known)
    if mismatch.is_null:
        kind = _branches(parameter)[0].type
        return f'write {describe_type(parameter)}, or allow null: `type: [{kind}, "null"]`'
    if mismatch.keyword == "type":
        return correction(mismatch.value, *(branch.type for branch in _branches(parameter)))
    if mismatch.keyword == "enum":
        return suggestion(mismatch.value, (*parameter.choices, *parameter.also_accepted))
    return ""


def correction(value: Json, *kinds: Kind) -> str:
    """Return how to write a value so that it has one of some types."""
    if "file" in kinds:
        return "leave it out: a spec contains no files, and tests make one"
    if "string" in kinds and isinstance(value, float):
        # The spelling of the number is not known here: 1e3 and 1000.0 are the same value.
        return "if it is meant as text, put it in quotes"
    if "string" in kinds and not isinstance(value, list | dict):
        return f'if it is meant as text, quote it: "{json.dumps(value)}"'
    if isinstance(value, str):
        try:
            resolved = resolve(value)
        except NumberError:
            resolved = None
        if any(is_kind(resolved, kind) for kind in kinds):
            return f"write it without quotes: {shorten_value(value)}"
    return f"write {' or '.join(ARTICLES[kind] for kind in kinds)}, or correct {'`type`' if len(kinds) == 1 else '`anyOf`'}"


def suggestion(value: Json, known: Iterable[Json]) -> str:
    """Return the known value that is most similar, or else the known values."""
    values = list(known)
    close = (
        closest(value, (choice for choice in values if isinstance(choice, str)))
        if isinstance(value, str)
        else ""
    )
    if close:
        return f"did you mean {format_value(close)}?"
    if not values:
        return ""
    more = ", …" if len(values) > 12 else ""
    return f"known: {', '.join(format_value(choice) for choice in values[:12])}{more}"


def describe_type(parameter: Parameter) -> str:
    """Return what a value must be: `a string`, `a string or an array`."""
    kinds = dict.fromkeys(branch.type for branch in _branches(parameter))
    return " or ".join(ARTICLES[kind] for kind in kinds)


def _branches(parameter: Parameter) -> tuple[Parameter, ...]:
    return parameter.branches or (parameter,)


def describe_kind(value: Json) -> str:
    """Return the JSON type of a value, with its article."""
    kind = kind_of(value)
    if kind is not None:
        return ARTICLES[kind]
    return "null" if value is None else "not a finite number"


def number(value: Fraction) -> str:
    """Return a fraction as a spec would write it."""
    return shorten_value(str(value.numerator) if value.denominator == 1 else repr(float(value)))


def format_value(value: Json) -> str:
    """Return a value as JSON, short enough for a message."""
    return shorten_value(json.dumps(value, ensure_ascii=False))


def _count(value: Json) -> str:
    if not isinstance(value, str | list):
        return ""
    unit = "character" if isinstance(value, str) else "item"
    return f"{len(value)} {unit}{'' if len(value) == 1 else 's'}"
