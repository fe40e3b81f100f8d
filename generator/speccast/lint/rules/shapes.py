"""Arrays and objects without a description of their content.

P103 array-without-items

    Without `items`, an array can contain anything, so the client can neither type nor check it.

    Bad::

        parameters:
          urls: { type: array }

    Good::

        parameters:
          urls: { type: array, items: { type: string, format: uri } }

P104 object-without-properties

    Without `properties`, an object can have any members, so the client can neither type nor check them.

    Bad::

        parameters:
          voice: { type: object }

    Good::

        parameters:
          voice:
            type: object
            properties:
              speed: { type: number }
"""

from __future__ import annotations

from speccast.lint.rule import ParameterContext, RuleViolation, Severity, Violations, parameter_rule


@parameter_rule("P103", Severity.WARNING, "an array without a description of its items")
def array_without_items(context: ParameterContext) -> Violations:
    if context.parameter.type == "array" and "items" not in context.spec:
        yield RuleViolation(
            context.value("type"),
            f"the items of `{context.label}` are not described",
            "describe them, for example `items: { type: string }`",
        )


@parameter_rule("P104", Severity.WARNING, "an object without a description of its members")
def object_without_properties(context: ParameterContext) -> Violations:
    if context.parameter.type == "object" and not context.spec.get("properties"):
        yield RuleViolation(
            context.value("type"),
            f"the members of `{context.label}` are not described",
            "list them under `properties`",
        )
