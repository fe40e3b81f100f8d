"""Security boundary: escapes descriptions, which viewers of OpenAPI render as Markdown with HTML.

The descriptions of a spec are plain text. Only tags, links and images are escaped, so that code generators, which print
descriptions as they are, show few escapes.
"""

from __future__ import annotations

import re
from typing import Any, Final

_ACTIVE: Final = re.compile(r"(\\?)(<(?=[A-Za-z/!?])|\](?=[(\[:]))")
_ENTITIES: Final = {"<": "&lt;", "]": "&#93;"}
_DATA: Final = frozenset({"example", "examples", "default", "enum", "const", "value"})
"""Keys with data below them, in which no key is a description."""
_NAMED: Final = frozenset({"properties", "schemas", "responses", "headers", "content", "links", "paths"})
"""Keys whose value maps names of a spec, which may be `description` or `default` as well."""


def inert(value: Any) -> Any:
    """Return a part of a document with escaped descriptions."""
    if isinstance(value, list):
        return [inert(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _member(key, item) for key, item in value.items()}


def _member(key: str, value: Any) -> Any:
    if key in _NAMED and isinstance(value, dict):
        return {name: inert(item) for name, item in value.items()}
    if key == "description" and isinstance(value, str):
        return inert_text(value)
    return value if key in _DATA else inert(value)


def inert_text(text: str) -> str:
    """Return a text without HTML, links and images in CommonMark."""
    return _ACTIVE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    # A second backslash would only escape the first one.
    return f"\\{_ENTITIES[found[2]]}" if found[1] else f"\\{found[2]}"
