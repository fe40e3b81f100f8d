"""Bodies of requests: the parameters of a model, with what surrounds them, and bodies of models that share a path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from speccast.core.encoding import ENCODINGS
from speccast.core.envelope import enclose
from speccast.targets.openapi.names import schema_name
from speccast.targets.openapi.parameters import request_example

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from speccast.core.api import Api
    from speccast.core.encoding import Encoding
    from speccast.core.model import Model

_TYPES = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))


def request_content(
    api: Api, models: Sequence[Model], names: Mapping[str, str], *, job: bool
) -> dict[str, Any]:
    """Return the `content` of the request body of one model, or of those that share a path."""
    surface = api.jobs if job else api.sync
    body = "json" if surface is None else surface.body
    described = [
        _content(
            model,
            names[model.slug],
            api.wrap_of(model.body, job=job),
            ENCODINGS[model.body or body],
            "page" if len(models) == 1 else names[model.slug],
        )
        for model in models
    ]
    return merge_content(described, "oneOf")


def merge_content(described: Iterable[Mapping[str, Any]], keyword: str) -> dict[str, Any]:
    """Return the `content` for all of these; `keyword` combines different schemas of one media type."""
    merged: dict[str, dict[str, Any]] = {}
    for content in described:
        for media_type, media in content.items():
            known = merged.setdefault(media_type, {**media, "schemas": []})
            if media.get("schema") not in known["schemas"]:
                known["schemas"].append(media.get("schema"))
            if "examples" in media:
                known["examples"] = {**known.get("examples", {}), **media["examples"]}
    for media in merged.values():
        schemas = media.pop("schemas")
        if len(schemas) > 1:
            media["schema"] = {keyword: schemas}
    return merged


def request_name(name: str) -> str:
    """Return the name of the component for the parameters of a model with its constants beside them."""
    return f"{schema_name(name).removesuffix('Params')}Request"


def constants_beside_parameters(api: Api, model: Model) -> Mapping[str, Any]:
    """Return the schemas of the constants that are members of the same object as the parameters."""
    return _constants(model) if None in _wraps(api, model) else {}


def is_wrapped(api: Api, model: Model) -> bool:
    """Return whether a surface of the model has an object around the parameters."""
    return any(wrap is not None for wrap in _wraps(api, model))


def _wraps(api: Api, model: Model) -> list[str | None]:
    return [api.wrap_of(model.body, job=surface == "async") for surface in model.surfaces]


def _content(
    model: Model, name: str, wrap: str | None, encoding: Encoding, example_name: str
) -> dict[str, Any]:
    example = request_example(model)
    examples: dict[str, Any] = {}
    if example is not None:
        value = enclose(example, model.sends, wrap)
        examples[example_name] = {"summary": "The request that the page shows.", "value": value}
    component = request_name(name) if wrap is None and model.sends else schema_name(name)
    schema: dict[str, Any] = {"$ref": f"#/components/schemas/{component}"}
    if wrap is not None:
        members = {**_constants(model), wrap: schema}
        schema = {
            "type": "object",
            "description": f"The body of a request to {model.title}.",
            "properties": members,
            "required": list(members),
        }
    return encoding.describe(schema, examples, model.parameters)


def _constants(model: Model) -> dict[str, Any]:
    return {name: _constant(value) for name, value in model.sends.items()}


def _constant(value: Any) -> dict[str, Any]:
    kind = next((name for type_, name in _TYPES if isinstance(value, type_)), "null")
    return {"type": kind, "const": value, "description": "Always this value; not a parameter."}
