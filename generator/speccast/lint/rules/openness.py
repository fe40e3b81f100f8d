"""Open enums: lists that do not contain all values.

E104 hidden-values-closed

    `hidden_values: 16` means that the page has 16 more values than it shows, so the enum is open. `open: false`
    contradicts this, and the client would refuse the hidden values.

    Bad::

        parameters:
          sampler: { type: string, enum: [euler, heun], hidden_values: 16, open: false }

    Good::

        parameters:
          sampler: { type: string, enum: [euler, heun], hidden_values: 16 }

E105 openness-without-enum

    `open` and `hidden_values` have no effect without an enum, since any value of the type is accepted anyway.

    Bad::

        parameters:
          sampler: { type: string, hidden_values: 16 }

    Good::

        parameters:
          sampler: { type: string, enum: [euler, heun], hidden_values: 16 }
"""

from __future__ import annotations

from speccast.lint.rule import ParameterContext, RuleViolation, Severity, Violations, parameter_rule


@parameter_rule(
    "E104", Severity.ERROR, "hidden values in an enum that is said to be closed", keywords={"hidden_values"}
)
def hidden_values_closed(context: ParameterContext) -> Violations:
    if "hidden_values" in context.spec and context.spec.get("open") is False:
        yield RuleViolation(
            context.value("open"),
            f"`{context.label}` cannot be closed: {context.spec['hidden_values']} of its values are unknown",
            "remove `open: false`, or `hidden_values` if the enum lists all values",
            related=((context.value("hidden_values"), "hidden_values is here"),),
        )


@parameter_rule(
    "E105", Severity.ERROR, "open or hidden_values without an enum", keywords={"open", "hidden_values"}
)
def openness_without_enum(context: ParameterContext) -> Violations:
    if "enum" in context.spec:
        return
    for keyword in ("open", "hidden_values"):
        if keyword in context.spec:
            yield RuleViolation(
                context.key(keyword),
                f"`{keyword}` has no effect without an enum, but `{context.label}` has none",
                "list the known values under `enum`, or remove it",
            )
