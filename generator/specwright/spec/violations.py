"""Where a document violates the format's JSON Schema, as the validator sees it; `check` puts that into words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from specwright.spec.accepts import accepting
from specwright.spec.format_types import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specwright.spec.accepts import Test
    from specwright.spec.problems import Pointer, Value

Kind: TypeAlias = Literal["api", "model"]


@dataclass(frozen=True, slots=True)
class Violation:
    """A value at a pointer, the keyword that it violates, the keyword's argument, and the schema that has the keyword.

    For `required`, `key` is the missing key. For `uniqueItems` the pointer is that of the repeated item.
    """

    pointer: Pointer
    value: Any
    keyword: str
    argument: Any
    schema: dict[str, Any]
    key: str


def violations(kind: Kind, value: Value) -> Iterator[Violation]:
    """Every violation of the schema of API or model specs, found one after the other."""
    if _accepting(kind)(value):
        return
    from specwright.spec.validator import validator

    for error in validator(kind).iter_errors(value):
        pointer = tuple(error.absolute_path)
        yield Violation(
            pointer, error.instance, str(error.validator), error.validator_value, error.schema, error.message
        )


@cache
def _accepting(kind: Kind) -> Test:
    return accepting(schema(kind))


@cache
def schema(kind: Kind) -> dict[str, Any]:
    """The JSON Schema of API or model specs."""
    loaded: dict[str, Any] = json.loads(schema_text(kind))
    return loaded
