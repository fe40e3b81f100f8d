"""What a page prints where the spec corrects it.

E106 documented-as-does-not-fit

    Under an enum `documented_as` maps a corrected value to the printed one, and both are accepted. So each of its keys
    must be a value of the enum, and each printed value one that the enum does not have, of the same type. Elsewhere
    `documented_as` is the printed value itself.

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

from typing import TYPE_CHECKING, Final

from speccast.core.values import is_equal, is_kind
from speccast.findings import Severity
from speccast.lint.rule import ParameterRule, Violation
from speccast.specs.wording import ARTICLES, correction, described_kind, shown, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.parameter import Json
    from speccast.lint.context import ParameterContext


def documented_as_does_not_fit(context: ParameterContext) -> Iterator[Violation]:
    if "documented_as" not in context.spec:
        return
    documented: Json = context.spec["documented_as"]
    enum: list[Json] = list(context.spec.get("enum", []))
    here = context.value("documented_as")
    if isinstance(documented, dict) and not enum:
        yield Violation(
            here,
            f"`documented_as` maps values of an enum, and `{context.label}` has none",
            "write the value that the page prints, or list the values under `enum`",
        )
    elif isinstance(documented, dict):
        for name, printed in documented.items():
            yield from _entry(context, name, printed, enum)
    elif enum:
        yield Violation(
            here,
            f"`documented_as` of `{context.label}` does not say which value of the enum the page prints so",
            f"write a map: `documented_as: {{ {shown(enum[0])}: {shown(documented)} }}`, with the value that is meant",
        )


def _entry(context: ParameterContext, name: str, printed: Json, enum: list[Json]) -> Iterator[Violation]:
    # Keys of a mapping are text, whatever type the values of the enum have.
    if not any(name == (value if isinstance(value, str) else shown(value)) for value in enum):
        yield Violation(
            context.key("documented_as", name),
            f"{shown(name)} is no value of the enum of `{context.label}`",
            suggestion(name, enum),
        )
    here = context.value("documented_as", name)
    kind = context.parameter.type
    if not is_kind(printed, kind):
        what = described_kind(printed)
        message = (
            f"what the page prints for {shown(name)} is {what}, but `{context.label}` is {ARTICLES[kind]}"
        )
        yield Violation(here, message, correction(printed, kind))
    elif any(is_equal(printed, value) for value in enum):
        message = f"{shown(printed)} is accepted already: it is a value of the enum itself"
        yield Violation(here, message, "remove it from the enum or from `documented_as`")


RULES: Final = (
    ParameterRule(
        code="E106",
        name="documented-as-does-not-fit",
        severity=Severity.ERROR,
        summary="a documented_as that does not fit its enum",
        keywords=frozenset({"documented_as"}),
        check=documented_as_does_not_fit,
    ),
)
