"""Valid values of a parameter for the requests of tests: from its spec, or made from its limits."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from speccast.core.check import match_pattern, mismatches
from speccast.core.omit import OMIT, Omit
from speccast.samples.bounds import at_bounds, exact, number_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from speccast.core.parameter import Json, Parameter


def sample(parameter: Parameter) -> Json | Omit:
    """Return a valid value: the default, an example, an enum value, or one made from the limits; OMIT if none is found."""
    candidates = [parameter.default, *parameter.examples, *parameter.choices, *_candidates(parameter)]
    for value in candidates:
        if not isinstance(value, Omit) and value is not None and is_valid(parameter, value):
            return value
    return None if parameter.nullable else OMIT


def minimal_object(members: Iterable[Parameter]) -> dict[str, Json] | None:
    """Return the required members with valid values, by wire name; None if no value is found for one of them.

    Members with a default are included, since a client that does not check parameters does not add them.
    """
    values: dict[str, Json] = {}
    for member in members:
        if member.required:
            value = sample(member)
            if isinstance(value, Omit):
                return None
            values[member.wire] = value
    return values


def sample_item(parameter: Parameter) -> Json | Omit:
    """Return a valid item of an array."""
    return "x" if parameter.items is None else sample(parameter.items)


def is_valid(parameter: Parameter, value: Json) -> bool:
    """Return whether a value is valid."""
    return not any(mismatches(parameter, value))


def text_of_length(parameter: Parameter, length: int) -> str:
    """Return a text of this length; it matches the parameter's pattern if such a text is easy to find."""
    plain = "x" * length
    pattern, valid = parameter.pattern, sample(parameter)
    if pattern is None or match_pattern(pattern, plain) or not isinstance(valid, str):
        return plain
    return next((text for text in _resized(valid, length) if match_pattern(pattern, text)), plain)


def fraction(parameter: Parameter) -> float | None:
    """Return a number with a fraction that only the type `integer` refuses; None if none is near the bounds."""
    inside = sample(parameter)
    if not isinstance(inside, int | float) or isinstance(inside, bool) or parameter.choices:
        return None
    bounds = [exact(value) for value in (parameter.minimum, parameter.maximum) if value is not None]
    near = [exact(inside), sum(bounds, Decimal(0)) / max(len(bounds), 1)]
    # Above this, not every fraction of one half is a float.
    near = [value for value in near if abs(value) < 2**48]
    candidates = [*near, *(value + half for value in near for half in (Decimal("0.5"), Decimal("-0.5")))]
    candidates.append(sum(near, Decimal(0)) / max(len(near), 1))
    any_number = replace(parameter, type="number")
    return next(
        (float(value) for value in candidates if value % 1 and is_valid(any_number, float(value))), None
    )


def _resized(text: str, length: int) -> Iterator[str]:
    """Yield the text with one character repeated, or some left out, so that it has this length; the end changes first."""
    more = length - len(text)
    if more >= 0:
        for index in reversed(range(len(text))):
            yield text[:index] + text[index] * (more + 1) + text[index + 1 :]
    else:
        for index in reversed(range(length + 1)):
            yield text[:index] + text[index - more :]


def _candidates(parameter: Parameter) -> Iterator[Json]:
    """Yield values that are probably valid."""
    match parameter.type:
        case "string":
            length = max(parameter.min_length or 0, min(8, parameter.max_length or 8))
            yield from (
                "x" * length,
                "0" * length,
                "A" * length,
                "a-1",
                "2024-01-01",
                "https://example.com/a.png",
            )
        case "integer" | "number":
            outermost = (number_of(value, parameter) for _, value, _ in at_bounds(parameter))
            yield from (value for value in outermost if abs(value) < math.inf)
            yield from (1, 0, parameter.multiple_of or 0)
        case "boolean":
            yield False
        case "array":
            item = sample_item(parameter)
            yield [] if isinstance(item, Omit) else [item] * (parameter.min_items or 0)
        case "object":
            yield minimal_object(parameter.properties) or {}
