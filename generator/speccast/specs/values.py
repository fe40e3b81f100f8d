"""What JSON says a value is: its type, whether it equals another, and numbers exactly as they are written.

1.0 is the integer 1, true is no number, and a step is measured on the decimal text, so that 0.3 is a multiple of 0.1.
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias

from speccast.specs.problems import clipped

if TYPE_CHECKING:
    from speccast.core.parameter import Json, Kind

Number: TypeAlias = int | float

ARTICLES: Final = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "array": "an array",
    "object": "an object",
    "null": "null",
}


def kind_of(value: Json) -> str:
    """The JSON type of a value; an integral float is an integer."""
    for kind in ("boolean", "integer", "number", "string", "array", "object"):
        if is_kind(value, kind):
            return kind
    return "null"


def is_kind(value: Json, kind: Kind | str) -> bool:
    """Whether a value is of a JSON type; an integer is a number, too."""
    match kind:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return (isinstance(value, int) and not isinstance(value, bool)) or (
                isinstance(value, float) and value.is_integer()
            )
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
    return False


def same(one: Json, other: Json) -> bool:
    """Whether two values are equal in JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            same(left, right) for left, right in zip(one, other, strict=True)
        )
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(part, other[name]) for name, part in one.items())
    return one == other


def exact(value: Number) -> Fraction:
    """A number as its decimal text says it, not as the nearest binary fraction."""
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))


def is_multiple(value: Number, step: Number) -> bool:
    if isinstance(value, int) and isinstance(step, int):
        return value % step == 0
    return (exact(value) / exact(step)).denominator == 1


def number(value: Fraction) -> str:
    """A fraction as one would write it in a spec."""
    return clipped(str(value.numerator) if value.denominator == 1 else repr(float(value)))


def shown(value: Json) -> str:
    """A value as JSON, short enough for a message."""
    return clipped(json.dumps(value, ensure_ascii=False))
