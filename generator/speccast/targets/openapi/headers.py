"""The headers that every request must have, as parameters of the operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from speccast.core.api import Api

_IGNORED = ("accept",)
"""OpenAPI describes this header by the media types of responses, and ignores a parameter of its name."""


def header_parameters(api: Api) -> dict[str, Any]:
    """Return the Parameter Objects of the demanded headers, by the name of the component."""
    return {
        name: {
            "name": name,
            "in": "header",
            "required": True,
            "description": "A header that every request must have.",
            "schema": {"type": "string", "enum": [value]},
        }
        for name, value in api.request_headers.items()
        if name.lower() not in _IGNORED
    }


def header_references(api: Api) -> list[dict[str, str]]:
    """Return the references to these parameters, for an operation."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in header_parameters(api)]
