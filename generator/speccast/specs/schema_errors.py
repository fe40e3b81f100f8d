"""Validates the values of documents against the format's JSON Schemas; `check` turns the errors into findings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from speccast.specs.format_types import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import jsonschema_rs

    from speccast.core.check import Pointer
    from speccast.specs.problems import Value

SchemaName: TypeAlias = Literal["api", "model"]
Schema: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SchemaError:
    """A value at a pointer that violates a keyword of a schema.

    For `required`, `key` is the missing key. For `uniqueItems`, the pointer is that of the repeated item.
    """

    pointer: Pointer
    value: Any
    keyword: str
    schema: Schema
    kind: SchemaName
    key: str = ""

    @property
    def argument(self) -> Any:
        """The value of the keyword."""
        return self.schema[self.keyword]


def schema_errors(kind: SchemaName, value: Value) -> Iterator[SchemaError]:
    """Yield every violation of the schema of API or model specs. The value must not contain surrogates."""
    empty = _unused_key(value)
    for error in _of_branches(kind, _validator(kind).iter_errors(_rename_empty(value, empty))):
        pointer = tuple("" if step == empty else step for step in error.instance_path)
        *path, keyword = (step for step in error.schema_path if step != "else")
        part, rules = _at(value, pointer), _at(schema(kind), path)
        if keyword == "uniqueItems":
            yield from (
                SchemaError((*pointer, index), part, keyword, rules, kind) for index in _find_repeated(part)
            )
        else:
            [key] = error.kind.as_dict().values() if keyword == "required" else [""]
            yield SchemaError(pointer, part, str(keyword), rules, kind, key)


def _of_branches(kind: SchemaName, errors: Iterable[Any]) -> Iterator[Any]:
    """Replace the error of alternatives, such as a mapping or a list of them, by the errors of the one that is meant."""
    for error in errors:
        *path, keyword = error.schema_path
        rules = _at(schema(kind), path) if keyword == "anyOf" else {}
        if any(resolve_reference(each, kind).get("type") == "object" for each in rules.get("anyOf", ())):
            meant = [
                branch
                for branch in error.kind.context
                if not any(
                    each.instance_path == error.instance_path and each.schema_path[-1] == "type"
                    for each in branch
                )
            ]
            if len(meant) == 1:
                yield from _of_branches(kind, meant[0])
                continue
        yield error


def _find_repeated(items: list[Value]) -> Iterator[int]:
    """Yield the index of each item that is equal to an earlier one."""
    seen: set[str] = set()
    for index, item in enumerate(items):
        key = json.dumps(_normalize(item), sort_keys=True)
        if key in seen:
            yield index
        seen.add(key)


def _normalize(value: Any) -> Any:
    """Return a value with every integral float as an integer, since 1 and 1.0 are equal in JSON."""
    if isinstance(value, dict):
        return {name: _normalize(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_normalize(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unused_key(value: Value) -> str:
    """Return a key that the value does not have."""
    text, key = json.dumps(value), "\0"
    while json.dumps(key)[1:-1] in text:
        key += "\0"
    return key


def _rename_empty(value: Any, empty: str) -> Any:
    """Return a value with another name for empty keys, which jsonschema-rs leaves out of its paths."""
    if isinstance(value, dict):
        return {key or empty: _rename_empty(part, empty) for key, part in value.items()}
    return [_rename_empty(item, empty) for item in value] if isinstance(value, list) else value


def is_valid(kind: SchemaName, value: Value) -> bool:
    """Return whether the value satisfies the schema. Text with surrogates is not valid."""
    try:
        return _validator(kind).is_valid(value)
    except UnicodeEncodeError:
        return False


@cache
def schema(kind: SchemaName) -> Schema:
    """Return the JSON Schema of API or model specs."""
    loaded: Schema = json.loads(schema_text(kind))
    return loaded


def resolve_reference(part: Schema, kind: SchemaName) -> Schema:
    """Return a part of the schema with its own keywords and those of the definition that it refers to."""
    reference = part.get("$ref")
    return {**schema(kind)["$defs"][reference.removeprefix("#/$defs/")], **part} if reference else part


@cache
def _validator(kind: SchemaName) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema(kind))


def _at(value: Any, path: Iterable[str | int]) -> Any:
    for step in path:
        value = value[step]
    return value
