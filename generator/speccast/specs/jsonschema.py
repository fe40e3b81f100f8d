"""What a model accepts, as plain JSON Schema (draft 2020-12) that any validator understands.

The keys that the spec format adds to JSON Schema are resolved (`required: true`, open enums, values as the page prints
them). Annotations are dropped, so that only what decides between valid and invalid is left. Limits are copied as written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
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
"""Keywords with the same meaning in a spec and in JSON Schema."""

FIELDS = {keyword: re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", keyword) for keyword in LIMITS}
"""The field of a parameter for each of them."""

PIXEL_LIMITS = ("min_width", "max_width", "min_height", "max_height", "max_pixels")
MEDIA_LIMITS = ("max_size", *PIXEL_LIMITS, "min_duration", "max_duration")
"""Limits of content, which JSON Schema cannot express."""


TEXTS = {
    "boolean": "^(true|false)$",
    "integer": r"^-?(0|[1-9][0-9]*)(\.0+)?$",
    "number": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$",
}
"""Patterns of the texts of numbers and booleans; see `speccast.core.values.read_text`."""


def parameters_schema(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a model's request body. `model` is the value of its spec."""
    return _closed_object({"type": "object"}, model["parameters"])


def _parameter_schema(parameter: Mapping[str, Any]) -> dict[str, Any]:
    if "anyOf" in parameter:
        return {"anyOf": _branch_schemas(parameter["anyOf"])}
    written = parameter["type"]
    if written == "file":
        return _file_schema(parameter)
    schema: dict[str, Any] = {"type": written if isinstance(written, str) else list(written)}
    text = _text_pattern(parameter)
    if text:
        schema = {"type": [*([written] if isinstance(written, str) else written), "string"], "pattern": text}
    if "enum" in parameter:
        values = _distinct([*parameter["enum"], *_printed_values(parameter)])
        if text:
            values += [value for value in map(json.dumps, values) if value not in values]
        if parameter.get("open", False) or "hidden_values" in parameter:
            schema = {"anyOf": [{"enum": values}, schema]}
        else:
            schema["enum"] = _distinct([*values, None]) if "null" in written else values
    for keyword in LIMITS:
        if keyword in parameter:
            schema[keyword] = parameter[keyword]
    if "items" in parameter:
        schema["items"] = _parameter_schema(parameter["items"])
    if "properties" in parameter:
        schema = _closed_object(schema, parameter["properties"])
    return schema


def _branch_schemas(branches: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the schemas of the branches of a union. The member that distinguishes its objects is required."""
    schemas = [_parameter_schema(branch) for branch in branches]
    tag = tag_name(branches)
    for schema in schemas:
        if tag in schema.get("properties", {}):
            schema["required"] = _distinct([tag, *schema.get("required", ())])
    return schemas


def tag_name(branches: Sequence[Mapping[str, Any]]) -> str:
    """Return the member that distinguishes several objects of a union: one text in its enum, another one in each object; or ""."""
    constants: list[dict[str, str]] = [
        {
            name: member["enum"][0]
            for name, member in branch.get("properties", {}).items()
            if is_constant(member)
        }
        for branch in branches
        if "object" in branch.get("type", ())
    ]
    for name in constants[0] if len(constants) > 1 else ():
        found = {each[name] for each in constants if name in each}
        if len(found) == len(constants):
            return name
    return ""


def is_constant(member: Mapping[str, Any]) -> bool:
    """Return whether one text is the only value of a member."""
    return (
        member.get("type") == "string"
        and len(member.get("enum", ())) == 1
        and not member.get("open", False)
        and not {"hidden_values", "documented_as"} & member.keys()
    )


def _file_schema(parameter: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of the description of a file: the file itself is not JSON."""
    media_type: dict[str, Any] = {"type": "string"}
    if ranges := [kind for kind in parameter.get("media_types", ()) if kind.endswith("/*")]:
        kinds = [kind for kind in parameter["media_types"] if kind not in ranges]
        known = [*map(re.escape, kinds), *(f"{re.escape(kind[:-1])}.*" for kind in ranges)]
        media_type["pattern"] = f"^({'|'.join(known)})$"
    elif "media_types" in parameter:
        media_type["enum"] = list(parameter["media_types"])
    size: dict[str, Any] = {"type": "integer"}
    if "max_size" in parameter:
        size["maximum"] = parameter["max_size"]
    members = {"filename": {"type": "string"}, "media_type": media_type, "size": size}
    return {
        "type": "object",
        "format": "binary",
        "properties": members,
        "required": ["filename", "size"],  # many programs send files without a type
        "additionalProperties": False,
    }


def _text_pattern(parameter: Mapping[str, Any]) -> str:
    """Return the pattern of the texts that are also valid, or "". JSON Schema cannot apply the limits of a number to them."""
    if parameter.get("also_accepts") != "string":
        return ""
    kind, *_ = (
        [parameter["type"]] if isinstance(parameter["type"], str) else set(parameter["type"]) - {"null"}
    )
    return TEXTS.get(kind, "")


def _closed_object(schema: dict[str, Any], members: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return `schema` with its members; others are not allowed."""
    schema["properties"] = {name: _parameter_schema(member) for name, member in members.items()}
    required = [name for name, member in members.items() if member.get("required", False)]
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False
    return schema


def _printed_values(parameter: Mapping[str, Any]) -> Iterable[Any]:
    """Return the values as the page prints them, where the spec corrects them. They are valid as well."""
    documented = parameter.get("documented_as")
    return documented.values() if isinstance(documented, Mapping) else ()


def _distinct(values: Iterable[Any]) -> list[Any]:
    """Return the values without those that are equal in JSON to an earlier one: 1 and 1.0 are, true and 1 are not."""
    kept: dict[tuple[bool, Any], Any] = {}
    for value in values:
        kept.setdefault((isinstance(value, bool), value), value)
    return list(kept.values())
