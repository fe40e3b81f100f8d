"""The validator of the format: jsonschema, with shorter ways where the format's schemas allow them.

Importing it takes longer than reading many a spec, so `speccast.specs.violations` does so only for what is not valid.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, ValidationError, validators

from speccast.specs.violations import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speccast.specs.problems import Value
    from speccast.specs.violations import Kind


@cache
def validator(kind: Kind) -> Any:
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
    if isinstance(instance, str) and not re.search(_whole_end(pattern), instance):
        yield ValidationError(pattern)


def _whole_end(pattern: str) -> str:
    return re.sub(r"\$$", r"\\Z", pattern)


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
