"""The keys of a spec that a page can document, in the order in which a draft has them."""

from __future__ import annotations

from typing import Final

from speccast.specs.jsonschema import LIMITS, MEDIA_LIMITS

TOP: Final = (
    "speccast", "slug", "name", "title", "description", "surfaces", "paths", "body", "sends", "returns", "wait", "price",
    "latency", "answers", "source", "note", "parameters", "example",
)  # fmt: skip
"""Keys of a model that a draft can have. Other facts of a page have no place in the format."""
MODEL_KEYS: Final = ("slug", "title", "description", "surfaces", "body", "returns", "price", "latency")
"""Keys of a model that a page documents in one place."""

MEDIA_KEYS: Final = ("media", "forms", "media_types", *MEDIA_LIMITS)
"""Keys about content, which pages state in words."""
ORDER: Final = (
    "type", "format", "media", "forms", "media_types", "required", "default", *LIMITS, *MEDIA_LIMITS, "enum", "hidden_values",
    "open", "examples", "anyOf", "items", "properties", "description", "note",
)  # fmt: skip
"""Keys of a parameter that a draft can have."""
KEYS: Final = tuple(key for key in ORDER if key not in ("open", "items", "properties", "note"))
"""Keys of a parameter that a page documents."""
