"""The numbers at the bounds of a parameter: the outermost valid ones, and the first invalid ones.

All computation is exact, since a step of 0.1 means the decimal number.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from speccast.core.values import exact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.parameter import Parameter


def at_bounds(parameter: Parameter) -> Iterator[tuple[str, Fraction, bool]]:
    """Yield the outermost values that satisfy a bound and the step."""
    step = _step(parameter)
    if parameter.minimum is not None:
        yield "at-minimum", _first(parameter, parameter.minimum), True
    if parameter.exclusive_minimum is not None:
        yield "at-exclusive-minimum", exact(parameter.exclusive_minimum) + step, True
    if parameter.maximum is not None:
        yield "at-maximum", _last(parameter, parameter.maximum), True
    if parameter.exclusive_maximum is not None:
        yield "at-exclusive-maximum", exact(parameter.exclusive_maximum) - step, True


def beyond_bounds(parameter: Parameter) -> Iterator[tuple[str, Fraction, bool]]:
    """Yield the first values that violate a bound."""
    step = _step(parameter)
    if parameter.minimum is not None:
        yield "beyond-minimum", _first(parameter, parameter.minimum) - step, False
    if parameter.exclusive_minimum is not None:
        yield "beyond-exclusive-minimum", exact(parameter.exclusive_minimum), False
    if parameter.maximum is not None:
        yield "beyond-maximum", _last(parameter, parameter.maximum) + step, False
    if parameter.exclusive_maximum is not None:
        yield "beyond-exclusive-maximum", exact(parameter.exclusive_maximum), False


def _step(parameter: Parameter) -> Fraction:
    """Return the smallest distance to try beyond a bound: the step, 1, or a unit of one more decimal place than the bounds have."""
    if parameter.multiple_of is not None:
        return exact(parameter.multiple_of)
    if parameter.type == "integer":
        return Fraction(1)
    bounds = (parameter.minimum, parameter.maximum, parameter.exclusive_minimum, parameter.exclusive_maximum)
    places = max(
        (-int(Decimal(repr(bound)).normalize().as_tuple().exponent) for bound in bounds if bound is not None),
        default=0,
    )
    return Fraction(1, 10 ** (max(places, 0) + 1))


def _first(parameter: Parameter, minimum: int | float) -> Fraction:
    """Return the smallest value on a step that is not below the minimum."""
    step = exact(parameter.multiple_of) if parameter.multiple_of is not None else None
    return exact(minimum) if step is None else math.ceil(exact(minimum) / step) * step


def _last(parameter: Parameter, maximum: int | float) -> Fraction:
    """Return the largest value on a step that is not above the maximum."""
    step = exact(parameter.multiple_of) if parameter.multiple_of is not None else None
    return exact(maximum) if step is None else math.floor(exact(maximum) / step) * step


def number_of(value: Fraction, parameter: Parameter) -> int | float | None:
    """Return the value as JSON writes it for this parameter, or None if it is not exactly a float."""
    if value.denominator == 1 and parameter.type == "integer":
        return int(value)
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if exact(number) == value else None
