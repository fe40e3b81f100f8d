"""The check of arguments before anything is sent: the body of a request, or one error with every violation."""

from __future__ import annotations

import math
import sys
import warnings
from inspect import currentframe
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from .._core.check import branch_of, mismatches
from .._core.omit import OMIT, Omit
from .._core.values import is_equal
from .conversion import to_json
from .errors import ParameterError, ParameterWarning, Violation
from .log import PACKAGE
from .wording import describe_accepted, format_value, suggestion, violation

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

    from .._core.parameter import Json, Parameter

__all__ = ["Prepared", "check_body", "convert_body", "level_of_caller"]


class Prepared:
    """The parameters of a model, with what every check needs of them."""

    def __init__(self, parameters: tuple[Parameter, ...]) -> None:
        self.parameters = parameters
        self.wires = {parameter.wire: parameter.wire for parameter in parameters}
        """Wire names by the names that a caller may use."""
        self.wires |= {parameter.name: parameter.wire for parameter in parameters}
        self.has_conditions = any(map(_has_conditions, parameters))
        self._usual = tuple(
            (
                parameter.name,
                parameter.wire,
                _is_usual(parameter),
                parameter.must_be_given,
                parameter.default if parameter.is_sent_by_default else OMIT,
            )
            for parameter in parameters
        )

    def usual_body(self, values: Mapping[str, object]) -> dict[str, Json] | None:
        """Return the body of a request if all values are valid and need no conversion, as usual; else None."""
        body: dict[str, Json] = {}
        passed = 0
        for name, wire, is_usual, must_be_given, default in self._usual:
            if name in values:
                value = values[name]
                if not is_usual(value):
                    return None
                body[wire] = cast("Json", value)
                passed += 1
            elif must_be_given:
                return None
            elif not isinstance(default, Omit):
                body[wire] = default
        return body if passed == len(values) else None


def check_body(
    model: str,
    prepared: Prepared,
    values: Mapping[str, object],
    *,
    unchecked: Container[str] = (),
) -> dict[str, Json]:
    """Return the body of a request, by wire names and in the order of the parameters.

    Args:
        model: The name of the model in errors.
        prepared: The parameters of the model.
        values: Arguments by their names in Python (or by wire names that no parameter has in Python), without `OMIT`.
        unchecked: Wire names of parameters that come from elsewhere: they may be missing, and their values are ignored.

    Raises:
        ParameterError: arguments are invalid, unknown or missing.

    Warns with ParameterWarning about values that have no effect.
    """
    violations: list[Violation] = []
    body = None if violations or unchecked else prepared.usual_body(values)
    if body is None:
        body = _every_value_checked(prepared, values, unchecked, violations)
    if violations:
        raise ParameterError(model, dict.fromkeys(violations))
    if prepared.has_conditions:
        given = {prepared.wires[name] for name in values}
        for message in _without_effect(prepared.parameters, given, body):
            warnings.warn(f"{model}: {message}", ParameterWarning, stacklevel=level_of_caller())
    return body


def _every_value_checked(
    prepared: Prepared,
    values: Mapping[str, object],
    unchecked: Container[str],
    violations: list[Violation],
) -> dict[str, Json]:
    given = _by_wire_name(prepared, values, violations)
    body: dict[str, Json] = {}
    for parameter in prepared.parameters:
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
            violations.append(Violation(parameter.name, "", "is required", describe_accepted(parameter)))
    return body


def convert_body(
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
    prepared: Prepared, values: Mapping[str, object], violations: list[Violation]
) -> dict[str, object]:
    given: dict[str, object] = {}
    for name, value in values.items():
        wire = prepared.wires.get(name)
        if wire is None:
            names = [parameter.name for parameter in prepared.parameters]
            message = f"is not a parameter of this model{suggestion(name, names)}"
            violations.append(Violation(name, format_value(value), message, ", ".join(names)))
        elif wire in given:
            violations.append(
                Violation(name, format_value(value), "is passed twice, under both of its names")
            )
        else:
            given[wire] = value
    return given


def _has_conditions(parameter: Parameter) -> bool:
    """Return whether the parameter, or a part of it, has an effect only with some values of others."""
    parts = [*parameter.properties, *parameter.branches]
    if parameter.items is not None:
        parts.append(parameter.items)
    return bool(parameter.applies_when) or any(map(_has_conditions, parts))


def _is_usual(parameter: Parameter) -> Callable[[object], bool]:
    """Return a function that tells whether a value is surely valid and is sent as it is.

    It decides in a fraction of the time of `to_json` and `mismatches`, which decide about all values that it is false for.
    """
    if parameter.media or parameter.pattern is not None or parameter.takes_text:
        return _never
    choices = None if parameter.open or not parameter.choices else parameter.choices
    if parameter.type == "string":
        return _is_usual_text(parameter, choices)
    if parameter.type == "boolean" and choices is None:
        return lambda value: value is True or value is False
    if parameter.type in ("integer", "number") and choices is None:
        return _is_usual_number(parameter)
    return _never


def _never(_: object) -> bool:
    return False


def _is_usual_text(parameter: Parameter, choices: tuple[Json, ...] | None) -> Callable[[object], bool]:
    least = parameter.min_length or 0
    most = sys.maxsize if parameter.max_length is None else parameter.max_length
    if choices is not None:
        known = frozenset(each for each in choices if isinstance(each, str) and least <= len(each) <= most)
        return lambda value: type(value) is str and value in known
    # Other text may contain surrogates.
    return lambda value: type(value) is str and value.isascii() and least <= len(value) <= most


def _is_usual_number(parameter: Parameter) -> Callable[[object], bool]:
    largest = sys.float_info.max
    low = -largest if parameter.minimum is None else parameter.minimum
    high = largest if parameter.maximum is None else parameter.maximum
    over = -math.inf if parameter.exclusive_minimum is None else parameter.exclusive_minimum
    under = math.inf if parameter.exclusive_maximum is None else parameter.exclusive_maximum
    step = 1 if parameter.multiple_of is None else parameter.multiple_of
    if not isinstance(step, int):
        return _never
    # Whether a float is a multiple depends on its decimal digits.
    types = (int,) if parameter.type == "integer" or parameter.multiple_of is not None else (int, float)

    def is_usual(value: Any) -> bool:
        return (
            type(value) in types
            and low <= value <= high
            and over < value < under
            and (step == 1 or value % step == 0)
        )

    return is_usual


def _without_effect(
    parameters: tuple[Parameter, ...], given: Container[str], body: Mapping[str, Json], path: str = ""
) -> Iterator[str]:
    """Yield messages about arguments, and members of objects, that have no effect because of the value of another one.

    `given` are the wire names of those that the caller passed; `path` leads to the object that they are members of.
    """
    by_wire = {parameter.wire: parameter for parameter in parameters}
    for parameter in parameters:
        if parameter.wire not in given or not (parameter.applies_when or parameter.is_nested):
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
                needed = " or ".join(format_value(each) for each in values)
                yield f"{label} has no effect unless {name} is {needed}; it is {format_value(value)}"


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
