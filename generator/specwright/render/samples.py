"""Values that a parameter takes, for requests of the tests: out of its spec, or made up from its limits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from specwright.render.limits import at_bounds, number_of
from specwright.spec.fit import misfits
from specwright.spec.model import UNSET, Json, Parameter, Unset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def sample(parameter: Parameter) -> Json | Unset:
    """A value that the parameter takes: its default, an example, a choice, or one made up from its limits."""
    candidates = [parameter.default, *parameter.examples, *parameter.choices, *_made_up(parameter)]
    for value in candidates:
        if not isinstance(value, Unset) and value is not None and is_valid(parameter, value):
            return value
    return None if parameter.nullable else UNSET


def minimal_object(members: Iterable[Parameter]) -> dict[str, Json] | None:
    """What must be given of some members, by wire name; nothing where one of them has no value.

    Members with a default are given it, as an unchecked client adds none.
    """
    made: dict[str, Json] = {}
    for member in members:
        if member.required:
            value = sample(member)
            if isinstance(value, Unset):
                return None
            made[member.wire] = value
    return made


def sample_item(parameter: Parameter) -> Json | Unset:
    """An item that an array takes."""
    return "x" if parameter.items is None else sample(parameter.items)


def is_valid(parameter: Parameter, value: Json) -> bool:
    """Whether the parameter takes a value."""
    return not any(misfits(value, parameter))


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
            yield [] if isinstance(item, Unset) else [item] * (parameter.min_items or 0)
        case "object":
            made = minimal_object(parameter.properties)
            yield {} if made is None else made
