"""Where a document violates the format's JSON Schema, as the validator sees it; `check` puts that into words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from jsonschema import Draft202012Validator, ValidationError, validators

from specwright.spec.format_types import schema_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    for error in _validator(kind).iter_errors(value):
        pointer = tuple(error.absolute_path)
        yield Violation(
            pointer, error.instance, str(error.validator), error.validator_value, error.schema, error.message
        )


@cache
def schema(kind: Kind) -> dict[str, Any]:
    """The JSON Schema of API or model specs."""
    loaded: dict[str, Any] = json.loads(schema_text(kind))
    return loaded


@cache
def _validator(kind: Kind) -> Any:
    """A validator of the format, kept, since making one takes longer than using it.

    It differs from JSON Schema only in that `$` in a pattern is the end of the text; Python also finds it before a line
    break at the end.
    """
    definitions = schema(kind)["$defs"]
    targets: dict[str, Any] = {}

    def reference(validator: Any, target: str, instance: Value, _: object) -> Iterator[ValidationError]:
        # All references of the format are to its own definitions; finding them anew each time takes half of the check.
        if target not in targets:
            targets[target] = validator.evolve(schema=definitions[target.removeprefix("#/$defs/")])
        yield from targets[target].iter_errors(instance)

    keywords = {
        "$ref": reference,
        "anyOf": _any_of,
        "pattern": _pattern,
        "required": _required,
        "uniqueItems": _unique_items,
    }
    extend: Callable[..., Any] = validators.extend  # has no types of its own
    return extend(Draft202012Validator, keywords)(schema(kind))


def _any_of(validator: Any, schemas: list[object], instance: Value, _: object) -> Iterator[ValidationError]:
    """As in JSON Schema, but without the errors of each branch: nobody reads them, and a long list has many."""
    if not any(validator.evolve(schema=each).is_valid(instance) for each in schemas):
        yield ValidationError("none of them")


def _pattern(_: object, pattern: str, instance: Value, __: object) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield ValidationError(pattern)


def _required(_: object, keys: list[str], instance: Value, __: object) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        yield from (ValidationError(key) for key in keys if key not in instance)


def _unique_items(_: object, __: object, instance: Value, ___: object) -> Iterator[ValidationError]:
    if not isinstance(instance, list):
        return
    seen: set[str] = set()
    for index, item in enumerate(instance):
        if isinstance(item, str):  # every list of the format that must not repeat itself is one of texts
            if item in seen:
                yield ValidationError(item, path=[index])
            seen.add(item)
