"""The numbers at the bounds of a parameter: the outermost valid ones, and the first invalid ones.

All computation is exact, since a step of 0.1 means the decimal number.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from speccast.core.values import exact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speccast.core.parameter import Parameter


class Bound(NamedTuple):
    """A bound, the outermost value that satisfies it and the step, and the first value that does not."""

    name: str
    valid: Fraction
    invalid: Fraction


def bounds(parameter: Parameter) -> Iterator[Bound]:
    """Yield the bounds of a number."""
    step = _step(parameter)
    if parameter.minimum is not None:
        first = _on_step(parameter, parameter.minimum, math.ceil)
        yield Bound("minimum", first, first - step)
    if parameter.exclusive_minimum is not None:
        bound = exact(parameter.exclusive_minimum)
        yield Bound("exclusive-minimum", bound + step, bound)
    if parameter.maximum is not None:
        last = _on_step(parameter, parameter.maximum, math.floor)
        yield Bound("maximum", last, last + step)
    if parameter.exclusive_maximum is not None:
        bound = exact(parameter.exclusive_maximum)
        yield Bound("exclusive-maximum", bound - step, bound)


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


def _on_step(parameter: Parameter, bound: int | float, rounded: Callable[[Fraction], int]) -> Fraction:
    """Return a bound, or the nearest value on a step within it."""
    if parameter.multiple_of is None:
        return exact(bound)
    step = exact(parameter.multiple_of)
    return rounded(exact(bound) / step) * step


def number_of(value: Fraction, parameter: Parameter) -> int | float | None:
    """Return the value as JSON writes it for this parameter, or None if it is not exactly a float."""
    if value.denominator == 1 and parameter.type == "integer":
        return int(value)
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if exact(number) == value else None
