"""Values that a parameter takes, for requests of the tests: out of its spec, or made up from its limits."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from speccast.core.omit import OMIT, Omit
from speccast.specs.fit import matches, misfits
from speccast.testing.limits import at_bounds, exact, number_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from speccast.core.parameter import Json, Parameter


def sample(parameter: Parameter) -> Json | Omit:
    """A value that the parameter takes: its default, an example, a choice, or one made up from its limits."""
    candidates = [parameter.default, *parameter.examples, *parameter.choices, *_made_up(parameter)]
    for value in candidates:
        if not isinstance(value, Omit) and value is not None and is_valid(parameter, value):
            return value
    return None if parameter.nullable else OMIT


def minimal_object(members: Iterable[Parameter]) -> dict[str, Json] | None:
    """What must be given of some members, by wire name; nothing where one of them has no value.

    Members with a default are given it, as an unchecked client adds none.
    """
    made: dict[str, Json] = {}
    for member in members:
        if member.required:
            value = sample(member)
            if isinstance(value, Omit):
                return None
            made[member.wire] = value
    return made


def sample_item(parameter: Parameter) -> Json | Omit:
    """An item that an array takes."""
    return "x" if parameter.items is None else sample(parameter.items)


def is_valid(parameter: Parameter, value: Json) -> bool:
    """Whether the parameter takes a value."""
    return not any(misfits(value, parameter))


def text_of_length(parameter: Parameter, length: int) -> str:
    """A text of so many characters, which the parameter's pattern has where such a text is easily found."""
    plain = "x" * length
    pattern, known = parameter.pattern, sample(parameter)
    if pattern is None or matches(pattern, plain) or not isinstance(known, str):
        return plain
    return next((text for text in _stretched(known, length) if matches(pattern, text)), plain)


def fraction(parameter: Parameter) -> float | None:
    """A number that is no integer, within the bounds and on a step, also where the parameter takes integers only."""
    inside = sample(parameter)
    if not isinstance(inside, int | float) or isinstance(inside, bool) or parameter.choices:
        return None
    bounds = [exact(value) for value in (parameter.minimum, parameter.maximum) if value is not None]
    near = [exact(inside), sum(bounds, Decimal(0)) / max(len(bounds), 1)]
    # Beyond that, floats get too far apart.
    near = [value for value in near if abs(value) < 2**48]
    candidates = [*near, *(value + half for value in near for half in (Decimal("0.5"), Decimal("-0.5")))]
    candidates.append(sum(near, Decimal(0)) / max(len(near), 1))
    any_number = replace(parameter, type="number")
    return next(
        (float(value) for value in candidates if value % 1 and is_valid(any_number, float(value))), None
    )


def _stretched(text: str, length: int) -> Iterator[str]:
    """The text with one character repeated, or some left out, so that it has the length; from its end on."""
    more = length - len(text)
    if more >= 0:
        for index in reversed(range(len(text))):
            yield text[:index] + text[index] * (more + 1) + text[index + 1 :]
    else:
        for index in reversed(range(length + 1)):
            yield text[:index] + text[index - more :]


def _made_up(parameter: Parameter) -> Iterator[Json]:
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
            made = minimal_object(parameter.properties)
            yield {} if made is None else made
