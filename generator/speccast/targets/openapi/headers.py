"""Parameters of operations; among them, the headers that every request must have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.core.api import Api

_IGNORED = ("accept",)
"""OpenAPI describes this header by the media types of responses, and ignores a parameter of its name."""


def parameter_object(name: str, place: str, description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Parameter Object of a parameter that must be given."""
    return {"name": name, "in": place, "required": True, "description": description, "schema": schema}


def constant_query(name: str, value: str) -> dict[str, Any]:
    """Return the Parameter Object of a part of the query that is always the same."""
    return parameter_object(name, "query", "Always this value.", {"type": "string", "enum": [value]})


def header_parameters(api: Api) -> dict[str, Any]:
    """Return the Parameter Objects of the demanded headers, by the name of the component."""
    return {
        name: parameter_object(
            name, "header", "A header that every request must have.", {"type": "string", "enum": [value]}
        )
        for name, value in api.request_headers.items()
        if name.lower() not in _IGNORED
    }


def header_references(api: Api) -> list[dict[str, str]]:
    """Return the references to these parameters, for an operation."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in header_parameters(api)]
