"""Conditions: `applies_when`, under which a parameter has an effect.

C101 condition-unknown

    A condition must name another parameter of the same model by its wire name or, within an object, another member
    of the object.

    Bad::

        parameters:
          aspect_ratio: { type: string, enum: [custom, "1:1"] }
          width: { type: integer, applies_when: { aspect_ration: custom } }

    Good::

        parameters:
          aspect_ratio: { type: string, enum: [custom, "1:1"] }
          width: { type: integer, applies_when: { aspect_ratio: custom } }

C102 condition-impossible

    The condition requires a value that the other parameter cannot have, so it is never met.

    Bad::

        parameters:
          aspect_ratio: { type: string, enum: [custom, "1:1"] }
          width: { type: integer, applies_when: { aspect_ratio: manual } }

    Good::

        parameters:
          aspect_ratio: { type: string, enum: [custom, "1:1"] }
          width: { type: integer, applies_when: { aspect_ratio: custom } }

C103 condition-on-itself

    A parameter cannot depend on its own value. The condition must name another parameter.

    Bad::

        parameters:
          width: { type: integer, applies_when: { width: 512 } }

    Good::

        parameters:
          aspect_ratio: { type: string, enum: [custom, "1:1"] }
          width: { type: integer, applies_when: { aspect_ratio: custom } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.core.check import mismatches
from speccast.core.omit import OMIT
from speccast.core.values import is_equal
from speccast.lint.rule import ParameterContext, RuleViolation, Severity, Violations, parameter_rule
from speccast.specs.wording import advise, describe, format_value, suggestion

if TYPE_CHECKING:
    from speccast.core.check import Pointer
    from speccast.core.parameter import Json


@parameter_rule("C101", Severity.ERROR, "a condition on an unknown parameter", keywords={"applies_when"})
def condition_unknown(context: ParameterContext) -> Violations:
    for other in _conditions(context):
        if other not in context.siblings:
            kind = "member of the same object" if context.role == "member" else "parameter of the model"
            names = [name for name in context.siblings if name != context.parameter.wire]
            yield RuleViolation(
                context.key("applies_when", other),
                f"`{context.label}` depends on `{other}`, which is not a {kind}",
                suggestion(other, names) or "remove the condition",
            )


@parameter_rule(
    "C102",
    Severity.ERROR,
    "a condition on an invalid value of the other parameter",
    keywords={"applies_when"},
)
def condition_impossible(context: ParameterContext) -> Violations:
    for other, values in _conditions(context).items():
        sibling = context.siblings.get(other)
        if sibling is None or sibling is context:
            continue
        pointer: Pointer = ("applies_when", other)
        if values == []:
            message = f"`{context.label}` never applies: the condition lists no value of `{sibling.label}`"
            yield RuleViolation(context.value(*pointer), message, "list the values, or remove the condition")
        default = sibling.parameter.default
        for index, value in enumerate(values) if isinstance(values, list) else [(None, values)]:
            if default is not OMIT and is_equal(value, default):
                continue
            mismatch = next(mismatches(sibling.parameter, value), None)
            if mismatch is not None:
                yield RuleViolation(
                    context.value(*pointer, *(() if index is None else (index,))),
                    f"`{sibling.label}` can never be {format_value(value)}: {format_value(mismatch.value)} {describe(mismatch)}",
                    advise(mismatch) or f"write a valid value of `{sibling.label}`",
                    related=((sibling.key(), f"`{sibling.label}` is here"),),
                )


@parameter_rule("C103", Severity.ERROR, "a condition on the parameter itself", keywords={"applies_when"})
def condition_on_itself(context: ParameterContext) -> Violations:
    wire = context.parameter.wire
    if wire in _conditions(context):
        yield RuleViolation(
            context.key("applies_when", wire),
            f"`{context.label}` depends on itself",
            "name another parameter, or remove the condition",
        )


def _conditions(context: ParameterContext) -> dict[str, Json]:
    # P102 reports conditions on items.
    return {} if context.role == "item" else dict(context.spec.get("applies_when", {}))
