"""Arrays and objects of which nothing is known.

P103 array-without-items

    Without `items` an array may hold anything: the client cannot type it, check it or offer it.

    Bad::

        parameters:
          urls: { type: array }

    Good::

        parameters:
          urls: { type: array, items: { type: string, format: uri } }

P104 object-without-properties

    Without `properties` an object may have any members, and the client knows none of them.

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
from speccast.lint.rule import ParameterRule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.lint.context import ParameterContext


def array_without_items(context: ParameterContext) -> Iterator[Violation]:
    if context.parameter.type == "array" and "items" not in context.spec:
        yield Violation(
            context.value("type"),
            f"nothing is known of the items of `{context.label}`",
            "say what the array holds, such as `items: { type: string }`",
        )


def object_without_properties(context: ParameterContext) -> Iterator[Violation]:
    if context.parameter.type == "object" and not context.spec.get("properties"):
        yield Violation(
            context.value("type"),
            f"nothing is known of the members of `{context.label}`",
            "list them under `properties`",
        )


RULES: Final = (
    ParameterRule(
        code="P103",
        name="array-without-items",
        severity=Severity.WARNING,
        summary="an array of which is not known what it holds",
        check=array_without_items,
    ),
    ParameterRule(
        code="P104",
        name="object-without-properties",
        severity=Severity.WARNING,
        summary="an object of which is not known what members it has",
        check=object_without_properties,
    ),
)
