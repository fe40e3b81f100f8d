"""The JSON Schema of an answer, from the samples of the spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from speccast.core.answers import placeholders_in
from speccast.core.omit import OMIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.core.api import State
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
    "status": {"type": "integer", "description": "The HTTP status."},
    "parameter": {"type": ["string", "null"], "description": "The parameter that is invalid."},
}


def sample_schema(samples: Sequence[Json | Omit], states: Sequence[State] = ()) -> dict[str, Any]:
    """Return the schema of answers that look like one of the samples. Objects are open: an API may add members."""
    given = [sample for sample in samples if sample is not OMIT]
    objects = [cast("Mapping[str, Json]", sample) for sample in given if isinstance(sample, dict)]
    lists = [cast("Sequence[Json]", sample) for sample in given if isinstance(sample, list)]
    others = [sample for sample in given if not isinstance(sample, dict | list)]
    kinds = [kind for kind in (objects, lists, others) if kind]
    if len(kinds) > 1:
        schemas = [sample_schema(cast("Sequence[Json]", kind), states) for kind in kinds]
        return {"anyOf": schemas} if all(schemas) else {}
    if objects:
        names = dict.fromkeys(name for sample in objects for name in sample)
        properties = {
            name: sample_schema([sample[name] for sample in objects if name in sample], states)
            for name in names
        }
        return {"type": "object", "properties": properties}
    if lists:
        return {
            "type": "array",
            "items": sample_schema([item for sample in lists for item in sample], states),
        }
    found = [list(placeholders_in(sample)) for sample in given]
    names_of_whole = {parts[0][1] for parts in found if len(parts) == 1 and parts[0][2]}
    if len(names_of_whole) == 1 and all(found):
        return _placeholder_schema(names_of_whole.pop(), states)
    return {"type": "string"} if given and all(isinstance(sample, str) for sample in given) else {}


def _placeholder_schema(name: str, states: Sequence[State]) -> dict[str, Any]:
    if name == "state":
        known = [state.name for state in states]
        alternatives = [{"type": "string", "enum": known}, {"type": "string"}]
        return {"anyOf": alternatives, "description": "The state of the job."}
    return dict(_SCHEMAS.get(name, {"type": "string"}))
