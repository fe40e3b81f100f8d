"""Enums: the values that a page lists.

E101 enum-value-repeated

    Each value must be listed once. Numbers are compared as in JSON: 1 and 1.0 are equal, 1 and true are not.

    Bad::

        parameters:
          scale: { type: number, enum: [1, 2, 1.0] }

    Good::

        parameters:
          scale: { type: number, enum: [1, 2] }

E102 enum-value-wrong-type

    A value of the wrong type can never be sent. Usually it is unquoted text that YAML reads as a number, a boolean
    or null.

    Bad::

        parameters:
          preset: { type: string, enum: [fast, 2024, true] }

    Good::

        parameters:
          preset: { type: string, enum: [fast, "2024", "true"] }

E103 enum-value-outside-limits

    A listed value violates the limits of its parameter, so it can never be sent.

    Bad::

        parameters:
          size: { type: integer, maximum: 1024, enum: [512, 1024, 2048] }

    Good::

        parameters:
          size: { type: integer, maximum: 2048, enum: [512, 1024, 2048] }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.lint.mismatches import find_violated, fix_type
from speccast.lint.rule import ParameterContext, RuleViolation, Severity, Violations, parameter_rule
from speccast.specs.edits import remove_item
from speccast.specs.wording import advise, describe, format_value

if TYPE_CHECKING:
    from speccast.core.check import Mismatch
    from speccast.core.parameter import Json

_WITHOUT_ENUM: Final = ("array", "object")


@parameter_rule("E101", Severity.ERROR, "a value that is in an enum twice", fixable="safe", keywords={"enum"})
def enum_value_repeated(context: ParameterContext) -> Violations:
    values = context.spec.get("enum", [])
    seen: dict[tuple[bool, Json], int] = {}
    for index, value in enumerate(values):
        first = seen.setdefault((isinstance(value, bool), value), index)
        if first != index:
            written = format_value(values[first])
            how = "" if written == format_value(value) else f", first written {written}"
            yield RuleViolation(
                context.value("enum", index),
                f"{format_value(value)} is in the enum of `{context.label}` twice{how}",
                "remove one of the two",
                related=((context.value("enum", first), "the first one is here"),),
                fix=remove_item(context.document, context.value("enum", index).pointer),
            )


@parameter_rule("E102", Severity.ERROR, "an enum value of the wrong type", fixable="safe", keywords={"enum"})
def enum_value_wrong_type(context: ParameterContext) -> Violations:
    for index, mismatch in _mismatches(context):
        if mismatch.keyword == "type":
            place = context.value("enum", index)
            yield RuleViolation(
                place,
                f"a value in the enum of `{context.label}` can never be sent: {format_value(mismatch.value)} {describe(mismatch)}",
                advise(mismatch),
                fix=fix_type(place, mismatch),
            )


@parameter_rule(
    "E103", Severity.WARNING, "an enum value outside the limits of its parameter", keywords={"enum"}
)
def enum_value_outside_limits(context: ParameterContext) -> Violations:
    for index, mismatch in _mismatches(context):
        if mismatch.is_limit:
            yield RuleViolation(
                context.value("enum", index),
                f"a value in the enum of `{context.label}` violates its limits: "
                f"{format_value(mismatch.value)} {describe(mismatch)}",
                "correct the value or the limit",
                related=find_violated(context, mismatch),
            )


def _mismatches(context: ParameterContext) -> tuple[tuple[int, Mismatch], ...]:
    return () if context.parameter.type in _WITHOUT_ENUM else context.choice_mismatches
