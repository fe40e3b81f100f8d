"""Security boundary: descriptions that stay text where a viewer takes them for Markdown.

OpenAPI lets every `description` be CommonMark, HTML and all, while those of a spec are what a page says. Only what would be
active is taken its meaning (tags, links, pictures), so that generators of code, which print descriptions as they are,
have little to show for it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

_ACTIVE: Final = re.compile(r"(\\?)(<(?=[A-Za-z/!?])|\](?=[(\[:]))")
_ENTITIES: Final = {"<": "&lt;", "]": "&#93;"}
_DATA: Final = frozenset({"example", "examples", "default", "enum", "const", "value"})
"""Keys below which nothing is a description, whatever it is called."""
_NAMED: Final = frozenset({"properties", "schemas", "responses", "headers", "content", "links", "paths"})
"""Keys whose value maps names that a spec chose, which may be any word, such as `description` or `default`."""


def inert(value: Any) -> Any:
    """A part of a document with every description in it made inert."""
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


@lru_cache(1024)
def inert_text(text: str) -> str:
    """A text of which CommonMark makes no HTML, no link and no picture, and which else reads as it did."""
    return _ACTIVE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    # After a backslash, another one would only stand for the first.
    return f"\\{_ENTITIES[found[2]]}" if found[1] else f"\\{found[2]}"
