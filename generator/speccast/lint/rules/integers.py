"""Integers that not every program can represent.

P106 integer-beyond-double

    JSON allows integers of any size, but many programs, such as those in JavaScript, read numbers as doubles, which
    are exact only up to 2^53 - 1 = 9007199254740991. They would send or show a different number.

    Bad::

        parameters:
          seed: { type: integer, maximum: 18446744073709551615 }

    Good::

        parameters:
          seed: { type: integer, maximum: 4294967295 }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeGuard

from speccast.lint.rule import ParameterContext, RuleViolation, Severity, Violations, parameter_rule
from speccast.specs.problems import shorten_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.check import Pointer
    from speccast.core.parameter import Json, Kind

LARGEST: Final = 2**53 - 1
"""The largest integer up to which doubles are exact."""

_KEYWORDS: Final = frozenset(
    {
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "enum",
        "default",
        "examples",
    }
)


@parameter_rule("P106", Severity.WARNING, "an integer that is not exact as a double", keywords=_KEYWORDS)
def integer_beyond_double(context: ParameterContext) -> Violations:
    for keyword, given in context.keywords.items():
        if keyword not in _KEYWORDS or isinstance(given, str):
            continue
        if isinstance(given, int | float) and abs(given) <= LARGEST:
            continue  # the common case
        for pointer, value in _too_large(given, (keyword,), context.parameter.type):
            yield RuleViolation(
                context.value(*pointer),
                f"{shorten_value(str(value))} is beyond 2^53 - 1, the largest integer that is exact as a double",
                f"keep within ±{LARGEST}, unless the API requires more",
            )


def _too_large(value: Json, pointer: Pointer, kind: Kind) -> Iterator[tuple[Pointer, int]]:
    """Yield the integers in a value that are too large, including 1e16 if `kind` is integer."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _too_large(item, (*pointer, index), kind)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _too_large(member, (*pointer, name), kind)
    elif _is_integer(value, kind) and abs(value) > LARGEST:
        yield pointer, int(value)


def _is_integer(value: Json, kind: Kind) -> TypeGuard[int | float]:
    return isinstance(value, int) or (isinstance(value, float) and kind == "integer" and value.is_integer())
