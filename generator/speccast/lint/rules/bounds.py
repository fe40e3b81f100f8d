"""Bounds: the smallest and largest value, length or count, and the step between values.

P201 bounds-inverted

    The lower bound is greater than the upper one, so no value is valid. Reported at the lower bound.

    Bad::

        parameters:
          steps: { type: integer, minimum: 100, maximum: 10 }

    Good::

        parameters:
          steps: { type: integer, minimum: 10, maximum: 100 }

P202 bounds-admit-nothing

    The bounds are in order, but no value between them is valid: no multiple of the step, no integer, or no
    value at all because both bounds are exclusive.

    Bad::

        parameters:
          width: { type: integer, minimum: 65, maximum: 120, multipleOf: 64 }

    Good::

        parameters:
          width: { type: integer, minimum: 64, maximum: 128, multipleOf: 64 }

P203 bound-off-step

    A bound that is not a multiple of the step, or not an integer for an integer parameter, can never be reached.
    The actual bound differs from the documented one.

    Bad::

        parameters:
          width: { type: integer, minimum: 500, maximum: 2048, multipleOf: 8 }

    Good::

        parameters:
          width: { type: integer, minimum: 504, maximum: 2048, multipleOf: 8 }
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Final

from speccast.core.values import exact
from speccast.lint.rule import ParameterContext, RuleViolation, Severity, Violations, parameter_rule
from speccast.specs.edits import replace_value, swap_values
from speccast.specs.wording import format_value, number

if TYPE_CHECKING:
    from speccast.core.parameter import Parameter

_PAIRS: Final = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("min_width", "max_width"),
    ("min_height", "max_height"),
    ("min_duration", "max_duration"),
)


@dataclass(frozen=True, slots=True)
class _Bound:
    keyword: str
    value: Fraction
    is_exclusive: bool


@dataclass(frozen=True, slots=True)
class _Range:
    """The tighter bound of a number on each side, and the distance between possible values."""

    lower: _Bound
    upper: _Bound
    step: Fraction | None

    @property
    def is_inverted(self) -> bool:
        return self.lower.value > self.upper.value

    @property
    def admits_nothing(self) -> bool:
        lower, upper, step = self.lower, self.upper, self.step
        if step is None:
            first, at_lower = lower.value, lower.is_exclusive
        else:
            first, at_lower = ceil(lower.value / step) * step, False
            if lower.is_exclusive and first == lower.value:
                first += step
        return first > upper.value or (first == upper.value and (at_lower or upper.is_exclusive))


@parameter_rule(
    "P201",
    Severity.ERROR,
    "a lower bound greater than the upper one",
    fixable="unsafe",
    keywords={"minimum", "exclusiveMinimum", *(lower for lower, _ in _PAIRS)},
)
def bounds_inverted(context: ParameterContext) -> Violations:
    limits = _range(context)
    pairs = [(limits.lower.keyword, limits.upper.keyword)] if limits and limits.is_inverted else []
    keywords = context.keywords
    for pair in _PAIRS:
        least, most = keywords.get(pair[0]), keywords.get(pair[1])
        if least is not None and most is not None and least > most:
            pairs.append(pair)
    for lower, upper in pairs:
        small, large = format_value(context.keywords[lower]), format_value(context.keywords[upper])
        yield RuleViolation(
            context.value(lower),
            f"`{context.label}` has no valid value: {lower} {small} is greater than {upper} {large}",
            f"swap them, `{lower}: {large}` and `{upper}: {small}`, or correct one",
            related=((context.value(upper), f"{upper} is here"),),
            fix=swap_values(context.document, context.value(lower).pointer, context.value(upper).pointer),
        )


@parameter_rule(
    "P202", Severity.ERROR, "bounds without a value between them", keywords={"minimum", "exclusiveMinimum"}
)
def bounds_admit_nothing(context: ParameterContext) -> Violations:
    limits = _range(context)
    if limits is None or limits.is_inverted or not limits.admits_nothing:
        return
    lower, upper = limits.lower, limits.upper
    what = "value" if limits.step is None else _multiple(limits.step)
    yield RuleViolation(
        context.value(lower.keyword),
        f"`{context.label}` has no valid value: no {what} is between "
        f"{lower.keyword} {number(lower.value)} and {upper.keyword} {number(upper.value)}",
        "correct one of them",
        related=((context.value(upper.keyword), f"{upper.keyword} is here"),),
    )


@parameter_rule(
    "P203",
    Severity.WARNING,
    "a bound that cannot be reached because of the step",
    fixable="unsafe",
    keywords={"minimum", "maximum"},
)
def bound_off_step(context: ParameterContext) -> Violations:
    step = _step(context)
    if step is None:
        return
    for keyword, end, rounded in (("minimum", "smallest", ceil), ("maximum", "largest", floor)):
        if keyword not in context.spec:
            continue
        bound = exact(context.keywords[keyword])
        if (bound / step).denominator != 1:
            limits = _range(context)
            if limits is not None and limits.admits_nothing:
                return
            reached = rounded(bound / step) * step
            yield RuleViolation(
                context.value(keyword),
                f"{keyword} {number(bound)} of `{context.label}` can never be reached: it is not {_article(_multiple(step))}",
                f"the {end} possible value is {number(reached)}: write `{keyword}: {number(reached)}`",
                fix=replace_value(
                    context.document, context.value(keyword).pointer, number(reached), is_safe=False
                ),
            )


def _range(context: ParameterContext) -> _Range | None:
    """Return the range of a number with bounds on both sides, unless it certainly contains values."""
    if context.parameter.type not in ("integer", "number") or _is_plainly_wide(context.parameter):
        return None
    lower = _bounds(context, "minimum", "exclusiveMinimum")
    upper = _bounds(context, "maximum", "exclusiveMaximum")
    if not lower or not upper:
        return None
    return _Range(
        max(lower, key=lambda bound: (bound.value, bound.is_exclusive)),
        min(upper, key=lambda bound: (bound.value, not bound.is_exclusive)),
        _step(context),
    )


def _is_plainly_wide(parameter: Parameter) -> bool:
    """Return whether the range is longer than the step. This avoids exact numbers, which are slow, in most cases."""
    lower = [bound for bound in (parameter.minimum, parameter.exclusive_minimum) if bound is not None]
    upper = [bound for bound in (parameter.maximum, parameter.exclusive_maximum) if bound is not None]
    step = parameter.multiple_of or (1 if parameter.type == "integer" else 0)
    numbers = (*lower, *upper, step)
    if not lower or not upper or (step and not all(isinstance(number, int) for number in numbers)):
        return False
    return min(upper) - max(lower) > step


def _bounds(context: ParameterContext, *keywords: str) -> list[_Bound]:
    return [
        _Bound(keyword, exact(context.keywords[keyword]), keyword.startswith("exclusive"))
        for keyword in keywords
        if keyword in context.spec
    ]


def _step(context: ParameterContext) -> Fraction | None:
    """Return the distance between possible values; for an integer, between the integers among the multiples."""
    multiple = context.spec.get("multipleOf")
    if context.parameter.type == "integer":
        return Fraction(1 if multiple is None else exact(multiple).numerator)
    return exact(multiple) if multiple is not None and context.parameter.type == "number" else None


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _multiple(step: Fraction) -> str:
    return "integer" if step == 1 else f"multiple of {number(step)}"
