"""The JSON Schema of an answer, from the samples of the spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from speccast.core.answers import OUTPUTS, placeholders_in
from speccast.core.omit import OMIT
from speccast.core.values import kind_of
from speccast.samples.filling import fill

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from speccast.core.api import JobState
    from speccast.core.omit import Omit
    from speccast.core.parameter import Json

_NUMBER = {"type": "number"}
_SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "id": {"type": ["string", "integer"], "description": "The id of the job."},
    "status_url": {"type": "string", "description": "URL of the status."},
    "result_url": {"type": "string", "description": "URL of the result."},
    "cancel_url": {"type": "string", "description": "URL that cancels the job."},
    "output": {"description": "Output of the model: URLs, or JSON."},
    "base64": {"description": "One file as base64, or a list of them."},
    "text": {"type": "string", "description": "Text of the model."},
    "message": {"type": "string", "description": "What is wrong, for people."},
    "seed": {"type": "integer", "description": "Seed that the model used."},
    "cost": _NUMBER,
    "remaining_credits": _NUMBER,
    "inference_time": _NUMBER,
    "queue_time": _NUMBER,
    "total_time": _NUMBER,
    "unix": {"type": "integer"},
    "size": {"type": "integer", "description": "Number of bytes."},
    "url": {"type": "string", "description": "What calls contain instead of the file, mostly its address."},
    "put_url": {"type": "string", "description": "Where the file is sent by PUT."},
    "post_url": {"type": "string", "description": "Where the file is sent in a form."},
    "fields": {"type": ["object", "string"], "description": "Other fields of the form."},
    "status": {"type": "integer", "description": "The HTTP status."},
    "parameter": {"type": ["string", "null"], "description": "The parameter that is invalid."},
}


def sample_schema(
    samples: Sequence[Json | Omit], states: Sequence[JobState] = (), optional: Collection[str] = ()
) -> dict[str, Any]:
    """Return the schema of answers that look like one of the samples.

    Objects are open: an API may add members. A member that all samples have is required, unless it is a placeholder that
    may have no value (`optional`). What is null in one sample is nullable.
    """
    given = [sample for sample in samples if sample is not OMIT and sample is not None]
    objects = [cast("Mapping[str, Json]", sample) for sample in given if isinstance(sample, dict)]
    lists = [cast("Sequence[Json]", sample) for sample in given if isinstance(sample, list)]
    schemas = [_object_schema(objects, states, optional)] if objects else []
    if lists:
        items = [item for sample in lists for item in sample]
        schemas.append({"type": "array", "items": sample_schema(items, states, optional)})
    schemas += [_value_schema(sample, states) for sample in given if not isinstance(sample, dict | list)]
    merged = _merge(schemas)
    return (
        _merge([merged, {"type": "null"}]) if merged and any(sample is None for sample in samples) else merged
    )


def example_of(sample: Json | Omit, values: Mapping[str, Any]) -> Any:
    """Return a sample filled in with example values."""
    outputs = {name: values[name] for name in OUTPUTS if name in values}
    return fill(sample, values, [outputs])


def _object_schema(
    objects: Sequence[Mapping[str, Json]], states: Sequence[JobState], optional: Collection[str]
) -> dict[str, Any]:
    names = dict.fromkeys(name for sample in objects for name in sample)
    required = [name for name in names if all(_has(sample, name, optional) for sample in objects)]
    return {
        "type": "object",
        "properties": {
            name: sample_schema([sample[name] for sample in objects if name in sample], states, optional)
            for name in names
        },
        **({"required": required} if required else {}),
    }


def _has(sample: Mapping[str, Json], name: str, optional: Collection[str]) -> bool:
    """Return whether an answer like a sample always has a member."""
    if name not in sample:
        return False
    value = sample[name]
    return not isinstance(value, str) or not any(each in optional for _, each, _ in placeholders_in(value))


def _value_schema(value: Json, states: Sequence[JobState]) -> dict[str, Any]:
    """Return the schema of a placeholder, or of a constant: of its type, since other answers may have another one."""
    if isinstance(value, str):
        found = list(placeholders_in(value))
        return _placeholder_schema(found[0][1], states) if found and found[0][2] else {"type": "string"}
    return {"type": kind_of(value) or "null"}


def _merge(schemas: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the schema of values that fit one of several schemas; empty if one of them allows anything."""
    different: list[dict[str, Any]] = []
    for schema in schemas:
        for each in schema.get("anyOf", [schema]) if "description" not in schema else [schema]:
            if each not in different:
                different.append(each)
    if len(different) <= 1:
        return different[0] if different else {}
    if any(not (each.keys() & {"type", "anyOf"}) for each in different):
        return {}
    if all(each.keys() <= {"type", "description"} for each in different):
        types = dict.fromkeys(kind for each in different for kind in _types(each))
        kinds = [kind for kind in types if kind != "integer" or "number" not in types]
        return {"type": kinds if len(kinds) > 1 else kinds[0]}
    return {"anyOf": different}


def _types(schema: Mapping[str, Any]) -> list[str]:
    kind = schema["type"]
    return [kind] if isinstance(kind, str) else list(kind)


def _placeholder_schema(name: str, states: Sequence[JobState]) -> dict[str, Any]:
    if name == "state":
        known = [state.name for state in states]
        alternatives = [{"type": "string", "enum": known}, {"type": "string"}]
        return {"anyOf": alternatives, "description": "The state of the job."}
    return dict(_SCHEMAS.get(name, {"type": "string"}))
