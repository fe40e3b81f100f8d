"""`documented_as`: what a page prints where the spec corrects it.

E106 documented-as-does-not-fit

    With an enum, `documented_as` maps a corrected value to the printed one, and both are accepted. Each key must be
    a value of the enum. Each printed value must have the same type and must not be in the enum. Without an enum,
    `documented_as` is the printed value.

    Bad::

        parameters:
          sampler:
            type: string
            enum: [euler, euler_ancestral]
            documented_as: { euler_ancestrel: euler_ancestra }

    Good::

        parameters:
          sampler:
            type: string
            enum: [euler, euler_ancestral]
            documented_as: { euler_ancestral: euler_ancestra }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.core.values import is_equal, is_kind
from speccast.lint.rule import ParameterContext, RuleViolation, Severity, Violations, parameter_rule
from speccast.specs.wording import ARTICLES, correction, describe_kind, format_value, suggestion

if TYPE_CHECKING:
    from speccast.core.parameter import Json


@parameter_rule(
    "E106", Severity.ERROR, "a documented_as that does not match its enum", keywords={"documented_as"}
)
def documented_as_does_not_fit(context: ParameterContext) -> Violations:
    if "documented_as" not in context.spec:
        return
    documented: Json = context.spec["documented_as"]
    enum: list[Json] = list(context.spec.get("enum", []))
    here = context.value("documented_as")
    if isinstance(documented, dict) and not enum:
        yield RuleViolation(
            here,
            f"`documented_as` maps values of an enum, but `{context.label}` has no enum",
            "write the value that the page prints, or list the values under `enum`",
        )
    elif isinstance(documented, dict):
        for name, printed in documented.items():
            yield from _entry(context, name, printed, enum)
    elif enum:
        yield RuleViolation(
            here,
            f"`documented_as` of `{context.label}` does not name the value of the enum that it corrects",
            f"write a map: `documented_as: {{ {format_value(enum[0])}: {format_value(documented)} }}`, with the right value",
        )


def _entry(context: ParameterContext, name: str, printed: Json, enum: list[Json]) -> Violations:
    # Keys of a mapping are always text.
    if not any(name == (value if isinstance(value, str) else format_value(value)) for value in enum):
        yield RuleViolation(
            context.key("documented_as", name),
            f"{format_value(name)} is not a value of the enum of `{context.label}`",
            suggestion(name, enum),
        )
    here = context.value("documented_as", name)
    kind = context.parameter.type
    if not is_kind(printed, kind):
        what = describe_kind(printed)
        message = (
            f"the printed value for {format_value(name)} is {what}, but `{context.label}` is {ARTICLES[kind]}"
        )
        yield RuleViolation(here, message, correction(printed, kind))
    elif any(is_equal(printed, value) for value in enum):
        message = f"{format_value(printed)} is already a value of the enum"
        yield RuleViolation(here, message, "remove it from the enum or from `documented_as`")
