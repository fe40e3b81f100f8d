"""Numbers as JSON defines them: exact, and an integral number is an integer however it is written.

Floats would round `0.30000000000000004` to a multiple of 0.1, and a seed of twenty digits to another one.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from speccast.core.check import branch_of

if TYPE_CHECKING:
    from speccast.core.parameter import Parameter

MAX_DIGITS = 4000
"""Digits that a number can have before or after the point. Python itself prints integers of at most 4300 digits."""


def exact_number(text: str) -> int | Decimal:
    """Return the number that a JSON literal denotes; a `Decimal` is never integral.

    Raises:
        ValueError: it has more than `MAX_DIGITS` digits, if written without exponent.
    """
    if len(text) < 16 and text.isdecimal():
        return int(text)
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    mantissa = text.lower().partition("e")[0]
    if not any(digit in "123456789" for digit in mantissa):
        return 0
    try:
        number = Decimal(text)
    except InvalidOperation:  # the exponent itself is out of range
        raise ValueError(f"the number {text[:40]} is out of range") from None
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # JSON has no NaN and no infinities
    if len(digits) + exponent > MAX_DIGITS or -exponent > MAX_DIGITS:
        raise ValueError(f"the number {text[:40]} is out of range")
    return int(number) if number == int(number) else number


def exact(value: Any) -> Any:
    """Return a value with every float in it replaced by the number that its shortest text denotes."""
    if isinstance(value, float):
        return exact_number(repr(value))
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, dict):
        return {name: exact(member) for name, member in value.items()}
    return value


def is_multiple(number: int | Decimal, step: int | Decimal) -> bool:
    """Return whether a number is an integral multiple of `step`, at any magnitude; decimal arithmetic would round."""
    return (Fraction(number) / Fraction(step)).denominator == 1


def branch_of_exact(parameter: Parameter, value: Any) -> Parameter | None:
    """Return the branch of a union for a value with exact numbers; see `speccast.core.check.branch_of`."""
    return branch_of(parameter, float(value) if isinstance(value, Decimal) else value)


def plain(number: object) -> float | str:
    """Return a decimal for `json.dumps(default=…)`: a float if that is the same number, else text."""
    if not isinstance(number, Decimal):
        raise TypeError(f"{type(number).__name__} is not JSON serializable")
    rounded = float(number)
    return rounded if exact_number(repr(rounded)) == number else str(number)
