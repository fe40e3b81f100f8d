"""What a model accepts, as plain JSON Schema (draft 2020-12) that any validator understands.

The words that the spec format adds to JSON Schema are resolved here (`required: true`, open enums, values as the page
prints them); annotations are dropped, so that only what decides between valid and invalid is left. Limits stay as the
spec writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

LIMITS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
)
"""Keywords that mean in a spec what they mean in JSON Schema."""


def parameters_schema(model: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a model's request body. `model` is the value of the model's spec."""
    return _closed_object({"type": "object"}, model["parameters"])


def _parameter_schema(parameter: Mapping[str, Any]) -> dict[str, Any]:
    written = parameter["type"]
    schema: dict[str, Any] = {"type": written if isinstance(written, str) else list(written)}
    if "enum" in parameter:
        known = _distinct([*parameter["enum"], *_printed(parameter)])
        if parameter.get("open", False) or "hidden_values" in parameter:
            schema = {"anyOf": [{"enum": known}, schema]}
        else:
            schema["enum"] = _distinct([*known, None]) if "null" in written else known
    for keyword in LIMITS:
        if keyword in parameter:
            schema[keyword] = parameter[keyword]
    if "items" in parameter:
        schema["items"] = _parameter_schema(parameter["items"])
    if "properties" in parameter:
        schema = _closed_object(schema, parameter["properties"])
    return schema


def _closed_object(schema: dict[str, Any], members: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """`schema` with the members it allows, and no others."""
    schema["properties"] = {name: _parameter_schema(member) for name, member in members.items()}
    required = [name for name, member in members.items() if member.get("required", False)]
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False
    return schema


def _printed(parameter: Mapping[str, Any]) -> Iterable[Any]:
    """The values as the page prints them, where the spec corrects them; they are accepted, too."""
    documented = parameter.get("documented_as")
    return documented.values() if isinstance(documented, Mapping) else ()


def _distinct(values: Iterable[Any]) -> list[Any]:
    """The values without those that JSON calls equal to an earlier one; true and 1 are not equal, 1 and 1.0 are."""
    kept: dict[tuple[bool, Any], Any] = {}
    for value in values:
        kept.setdefault((isinstance(value, bool), value), value)
    return list(kept.values())
