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

from typing import TYPE_CHECKING, Final

from speccast.findings import Severity
from speccast.lint.rule import ParameterRule, RuleViolation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.lint.context import ParameterContext


def array_without_items(context: ParameterContext) -> Iterator[RuleViolation]:
    if context.parameter.type == "array" and "items" not in context.spec:
        yield RuleViolation(
            context.value("type"),
            f"the items of `{context.label}` are not described",
            "describe them, for example `items: { type: string }`",
        )


def object_without_properties(context: ParameterContext) -> Iterator[RuleViolation]:
    if context.parameter.type == "object" and not context.spec.get("properties"):
        yield RuleViolation(
            context.value("type"),
            f"the members of `{context.label}` are not described",
            "list them under `properties`",
        )


RULES: Final = (
    ParameterRule(
        code="P103",
        name="array-without-items",
        severity=Severity.WARNING,
        summary="an array without a description of its items",
        check=array_without_items,
    ),
    ParameterRule(
        code="P104",
        name="object-without-properties",
        severity=Severity.WARNING,
        summary="an object without a description of its members",
        check=object_without_properties,
    ),
)
