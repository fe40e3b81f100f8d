"""Where a document violates the format's JSON Schema, as the validator sees it; `check` puts that into words.

Nearly every document is valid, and jsonschema needs as long to say so as reading the document takes. So jsonschema-rs, which
is a hundred times faster but tells less, is asked first; jsonschema is imported only for what that one refuses.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from speccast.specs.format_types import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import jsonschema_rs

    from speccast.specs.problems import Pointer, Value

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
    if is_plainly_valid(kind, value):
        return
    from speccast.specs.validator import validator

    for error in validator(kind).iter_errors(value):
        pointer = tuple(error.absolute_path)
        yield Violation(
            pointer, error.instance, str(error.validator), error.validator_value, error.schema, error.message
        )


def is_plainly_valid(kind: Kind, value: Value) -> bool:
    """Whether nothing violates the schema, as quickly as can be told. Of texts that no UTF-8 can hold it does not know."""
    try:
        return _quick(kind).is_valid(value)
    except UnicodeEncodeError:
        return False


@cache
def _quick(kind: Kind) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema(kind))


@cache
def schema(kind: Kind) -> dict[str, Any]:
    """The JSON Schema of API or model specs."""
    loaded: dict[str, Any] = json.loads(schema_text(kind))
    return loaded
