"""JSON values: their types, equality, and numbers exactly as their decimal text says."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

    from .omit import Omit
    from .parameter import Json, Kind

__all__ = ["exact", "is_equal", "is_kind", "is_multiple", "kind_of", "read_text"]

_LONGEST = 300
"""Characters of the longest text that is read as a number; the largest number has 309 digits."""


def is_kind(value: Json | Omit, kind: Kind) -> bool:
    """Return whether a value has a JSON type. An integral float is an integer, and every integer is a number.

    A union is not a type: each of its branches has one.
    """
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case "file":
            from .uploads import Upload  # few models take files

            return isinstance(value, Upload)
        case "integer" | "number":
            if isinstance(value, bool):
                return False
            if isinstance(value, float):
                return float.is_integer(value) if kind == "integer" else isfinite(value)
            return isinstance(value, int)
        case "union":
            return False


def kind_of(value: Json) -> Kind | None:
    """Return the JSON type of a value: None for null, and for NaN and infinities, which JSON does not have."""
    kinds: tuple[Kind, ...] = ("string", "boolean", "integer", "number", "array", "object")
    return next((kind for kind in kinds if is_kind(value, kind)), None)


def read_text(text: str) -> Json:
    """Return the number or boolean that a text denotes, such as 2 for "2", or the text if it denotes none."""
    if text in ("true", "false"):
        return text == "true"
    sign_and_digits = re.fullmatch(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?", text) if len(text) <= _LONGEST else None
    if sign_and_digits is None:
        return text
    return float(text) if sign_and_digits[1] else int(text)


def is_equal(one: Json | Omit, other: Json | Omit) -> bool:
    """Return whether two values are equal in JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_equal(part, other[name]) for name, part in one.items())
    return one == other


def exact(value: float) -> Fraction:
    """Return the number that a decimal text says, not the nearest binary fraction: 0.1 is a tenth."""
    from fractions import (
        Fraction,  # takes time to load, and few parameters have a step that is not an integer
    )

    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))


def is_multiple(value: float, step: float) -> bool:
    """Return whether a number is an exact multiple of a step: 0.3 is a multiple of 0.1."""
    if isinstance(value, int) and isinstance(step, int):
        return value % step == 0
    return (exact(value) / exact(step)).denominator == 1
