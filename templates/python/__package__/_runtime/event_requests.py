# speccast: if events
"""The parameters that ask for the events of a streamed response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._core.places import EventPlaces
from .errors import Violation
from .wording import format_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .._core.parameter import Parameter

__all__ = ["EventPlaces", "find_event_request", "values_for_events"]


def values_for_events(places: EventPlaces, parameters: tuple[Parameter, ...]) -> dict[str, object]:
    """Return the arguments that ask for events, by their names in Python."""
    names = {parameter.wire: parameter.name for parameter in parameters}
    return {names[wire]: accepted[0] for wire, accepted in places.asks.items()}


def find_event_request(
    places: EventPlaces, parameters: tuple[Parameter, ...], given: Mapping[str, object]
) -> Iterator[Violation]:
    """Yield a violation if the arguments ask for events, which only `stream()` reads."""
    values = {
        parameter.name: (
            given.get(parameter.name, given.get(parameter.wire, parameter.default)),
            parameter.wire,
        )
        for parameter in parameters
        if parameter.wire in places.asks
    }
    if all(value in places.asks[wire] for value, wire in values.values()):
        name, (value, _) = next(iter(values.items()))
        yield Violation(name, format_value(value), "asks for events: call stream() without it")


# speccast: end
