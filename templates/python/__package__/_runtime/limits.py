"""What a parameter allows, asked of JSON values. Numbers mean what they mean in JSON, and are compared exactly."""

from __future__ import annotations

import math
import re
import reprlib
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from .errors import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .._core.parameter import Json, Parameter

__all__ = ["allowed", "plainly_right", "same", "shown", "suggestion", "violations"]

_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "text"),
    "integer": ((int,), "an integer"),
    "number": ((int, float), "a number"),
    "boolean": ((bool,), "True or False"),
    "array": ((list,), "a list"),
    "object": ((dict,), "a dict"),
}
_KINDS = {
    str: "text",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    list: "a list",
    dict: "a dict",
}
_MOST_CHOICES = 20
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 60
_REPR.maxlevel = 3


def plainly_right(parameter: Parameter) -> Callable[[object], bool]:
    """A quick test for the usual value: true only of one that JSON has as it is and that nothing is wrong with.

    False says nothing; then `violations` has to look.
    """
    closed = bool(parameter.choices) and not parameter.open
    known = frozenset(
        choice
        for choice in (*parameter.choices, *parameter.also_accepted)
        if isinstance(choice, str | int | float) and not isinstance(choice, bool)
    )
    if parameter.type == "boolean" and not closed:
        return lambda value: value is True or value is False
    if parameter.type == "string" and parameter.pattern is None:
        least, most = parameter.min_length or 0, _or(parameter.max_length, math.inf)
        if closed:
            return lambda value: type(value) is str and value in known and least <= len(value) <= most
        # Text beyond ASCII may hold what is no character, which takes a closer look.
        return lambda value: type(value) is str and value.isascii() and least <= len(value) <= most
    if parameter.type in ("integer", "number") and not closed:
        step = parameter.multiple_of
        low, high = _or(parameter.minimum, -math.inf), _or(parameter.maximum, math.inf)
        over, under = _or(parameter.exclusive_minimum, -math.inf), _or(parameter.exclusive_maximum, math.inf)
        if step is None and parameter.type == "number":
            return lambda value: (
                (type(value) is float or type(value) is int) and low <= value <= high and over < value < under
            )
        if step is None or isinstance(step, int):
            step = step or 1
            return lambda value: (
                type(value) is int and low <= value <= high and over < value < under and value % step == 0
            )
    return lambda _value: False


def violations(parameter: Parameter, value: Json, path: str) -> Iterator[Violation]:
    """All that is wrong with a value; of lists and dicts, with themselves and not with what is in them."""
    if value is None:
        if not parameter.nullable:
            yield Violation(
                path, "None", f"must be {_TYPES[parameter.type][1]}, not None", allowed(parameter)
            )
        return
    kinds, noun = _TYPES[parameter.type]
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        yield Violation(path, shown(value), f"must be {noun}, not {_KINDS[type(value)]}", allowed(parameter))
        return
    for message in _messages(parameter, value):
        yield Violation(path, shown(value), message, allowed(parameter))


def allowed(parameter: Parameter) -> str:
    """What would be right, in words."""
    parts = [_TYPES[parameter.type][1], parameter.range]
    if parameter.choices and not parameter.open:
        parts = [_one_of(parameter)]
    if parameter.pattern is not None:
        parts.append(f"matching {parameter.pattern}")
    return ", ".join(part for part in parts if part) + (", or None" if parameter.nullable else "")


def same(left: object, right: object) -> bool:
    """Whether two values are the same in JSON, where 1 is 1.0 and true is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def shown(value: object) -> str:
    """A value as an error shows it: short."""
    try:
        return _REPR.repr(value)
    except ValueError:  # of more digits than Python writes
        return "an integer of very many digits"


def suggestion(name: object, known: Iterable[str]) -> str:
    """`; did you mean …?` where something known is close."""
    close = get_close_matches(name, list(known), n=1) if isinstance(name, str) else []
    return f"; did you mean {close[0]!r}?" if close else ""


def _messages(parameter: Parameter, value: Json) -> Iterator[str]:
    known = (*parameter.choices, *parameter.also_accepted)
    if parameter.choices and not parameter.open and not any(same(value, choice) for choice in known):
        close = suggestion(value, [choice for choice in parameter.choices if isinstance(choice, str)])
        yield f"must be {_one_of(parameter)}{close}"
    if isinstance(value, str):
        if not _is_between(len(value), parameter.min_length, parameter.max_length):
            yield f"must have {parameter.range}, not {len(value)}"
        if parameter.pattern is not None and not _compiled(parameter.pattern).search(value):
            yield f"must match {parameter.pattern}"
    elif isinstance(value, list):
        if not _is_between(len(value), parameter.min_items, parameter.max_items):
            yield f"must have {parameter.range}, not {len(value)}"
    elif (
        isinstance(value, int | float) and not isinstance(value, bool) and not _is_in_range(parameter, value)
    ):
        yield f"must be {parameter.range}"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern with its `$` as the end of the text, as in JSON Schema; to Python it is the place before a last line break, too."""
    anchored = re.sub(
        r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$",
        lambda found: r"\Z" if found[0] == "$" else found[0],
        pattern,
        flags=re.DOTALL,
    )
    return re.compile(anchored)


def _is_in_range(parameter: Parameter, value: float) -> bool:
    if not _is_between(value, parameter.minimum, parameter.maximum):
        return False
    if parameter.exclusive_minimum is not None and value <= parameter.exclusive_minimum:
        return False
    if parameter.exclusive_maximum is not None and value >= parameter.exclusive_maximum:
        return False
    return (
        parameter.multiple_of is None or (_exactly(value) / _exactly(parameter.multiple_of)).denominator == 1
    )


def _is_between(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _or(limit: float | None, otherwise: float) -> float:
    return otherwise if limit is None else limit


def _exactly(number: float) -> Fraction:
    """The number that was written down: 0.1 is a tenth."""
    return Fraction(number) if isinstance(number, int) else Fraction(Decimal(repr(number)))


def _one_of(parameter: Parameter) -> str:
    choices = [shown(choice) for choice in parameter.choices[:_MOST_CHOICES]]
    more = len(parameter.choices) - len(choices)
    return (
        ("one of " if len(parameter.choices) > 1 else "")
        + ", ".join(choices)
        + (f" and {more} more" if more else "")
    )
