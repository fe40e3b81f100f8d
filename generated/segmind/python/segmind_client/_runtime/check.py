"""The check of arguments before anything is sent: the body of a request, or one error with every violation."""

from __future__ import annotations

import warnings
from inspect import currentframe
from types import MappingProxyType
from typing import TYPE_CHECKING

from .._core.check import branch_of, mismatches
from .._core.omit import OMIT
from .._core.values import is_equal
from .conversion import to_json
from .errors import ParameterError, ParameterWarning, Violation
from .log import PACKAGE
from .wording import accepted, shown, suggestion, violation

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from .._core.parameter import Json, Parameter

__all__ = ["checked_body", "level_of_caller", "unchecked_body"]


def checked_body(
    model: str,
    parameters: tuple[Parameter, ...],
    values: Mapping[str, object],
    *,
    unchecked: Container[str] = (),
) -> dict[str, Json]:
    """Return the body of a request, by wire names and in the order of the parameters.

    Args:
        model: The name of the model in errors.
        parameters: The parameters of the model.
        values: Arguments by their names in Python (or by wire names that no parameter has in Python), without `OMIT`.
        unchecked: Wire names of parameters that come from elsewhere: they may be missing, and their values are ignored.

    Raises:
        ParameterError: arguments are invalid, unknown or missing.

    Warns with ParameterWarning about values that have no effect.
    """
    violations: list[Violation] = []
    given = _by_wire_name(parameters, values, violations)
    body: dict[str, Json] = {}
    for parameter in parameters:
        wire = parameter.wire
        if wire in unchecked:
            continue
        if wire in given:
            value = to_json(parameter, given[wire], parameter.name, violations)
            violations += [
                violation(mismatch, parameter.name, given[wire]) for mismatch in mismatches(parameter, value)
            ]
            if value is not OMIT:
                body[wire] = value
        elif parameter.required and parameter.default is not OMIT:
            body[wire] = parameter.default
        elif parameter.required:
            violations.append(Violation(parameter.name, "", "is required", accepted(parameter)))
    if violations:
        raise ParameterError(model, dict.fromkeys(violations))
    for message in _without_effect(parameters, given, body):
        warnings.warn(f"{model}: {message}", ParameterWarning, stacklevel=level_of_caller())
    return body


def unchecked_body(
    model: str, values: Mapping[str, object], media: Mapping[str, Parameter] = MappingProxyType({})
) -> dict[str, Json]:
    """Return values as JSON, by the same names. `media` are the parts of parameters that take content.

    Raises ParameterError for what JSON cannot express, and for unreadable files.
    """
    violations: list[Violation] = []
    body = {
        name: to_json(media.get(name), value, name, violations, is_checked=False)
        for name, value in values.items()
    }
    if violations:
        raise ParameterError(model, violations)
    return {name: value for name, value in body.items() if value is not OMIT}


def _by_wire_name(
    parameters: tuple[Parameter, ...], values: Mapping[str, object], violations: list[Violation]
) -> dict[str, object]:
    wires = {parameter.wire: parameter.wire for parameter in parameters}
    wires |= {parameter.name: parameter.wire for parameter in parameters}
    given: dict[str, object] = {}
    for name, value in values.items():
        wire = wires.get(name)
        if wire is None:
            names = [parameter.name for parameter in parameters]
            message = f"is not a parameter of this model{suggestion(name, names)}"
            violations.append(Violation(name, shown(value), message, ", ".join(names)))
        elif wire in given:
            violations.append(Violation(name, shown(value), "is passed twice, under both of its names"))
        else:
            given[wire] = value
    return given


def _without_effect(
    parameters: tuple[Parameter, ...], given: Container[str], body: Mapping[str, Json], path: str = ""
) -> Iterator[str]:
    """Messages about arguments, and members of objects, that have no effect because of the value of another one.

    `given` are the wire names of those that the caller passed; `path` leads to the object that they are members of.
    """
    by_wire = {parameter.wire: parameter for parameter in parameters}
    for parameter in parameters:
        if parameter.wire not in given:
            continue
        label = f"{path}.{parameter.wire}" if path else parameter.name
        yield from _without_effect_inside(parameter, body.get(parameter.wire), label)
        if path and parameter.is_sent_by_default and body.get(parameter.wire) == parameter.default:
            continue  # the client may have added it
        for wire, values in parameter.applies_when:
            other = by_wire.get(wire)
            value = body.get(wire, other.default if other is not None else OMIT)
            if value is not OMIT and not any(is_equal(value, each) for each in values):
                name = other.name if other is not None and not path else wire
                needed = " or ".join(shown(each) for each in values)
                yield f"{label} has no effect unless {name} is {needed}; it is {shown(value)}"


def _without_effect_inside(parameter: Parameter, value: Json, path: str) -> Iterator[str]:
    parameter = branch_of(parameter, value) or parameter
    if isinstance(value, dict) and parameter.properties:
        yield from _without_effect(parameter.properties, value, value, path)
    elif isinstance(value, list) and (items := parameter.items) and items.is_nested:
        for index, item in enumerate(value):
            yield from _without_effect_inside(items, item, f"{path}[{index}]")


def level_of_caller() -> int:
    """Return how many frames up the code is that called into this package."""
    level, frame = 0, currentframe()
    while frame is not None and f"{frame.f_globals.get('__name__')}.".startswith(f"{PACKAGE}."):
        level, frame = level + 1, frame.f_back
    return level
