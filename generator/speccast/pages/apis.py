"""What a reader needs to know of an API: its address and the paths of its surfaces, from `api.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccast.core.api import DEADLINE, INTERVAL

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ApiPaths:
    """What is known of an API when its pages are read: the address and the paths of its surfaces."""

    base_url: str = ""
    sync: str = ""
    submit: str = ""
    deadline: float = DEADLINE
    interval: float = INTERVAL


def api_paths(api: Mapping[str, Any]) -> ApiPaths:
    """Return the paths in the value of an `api.yaml`."""

    def text(section: str, key: str) -> str:
        part = api.get(section)
        value = part.get(key) if isinstance(part, dict) else None
        return value if isinstance(value, str) else ""

    def seconds(key: str, default: float) -> float:
        part = api.get("async")
        value = part.get(key) if isinstance(part, dict) else None
        return value if isinstance(value, int | float) and not isinstance(value, bool) else default

    base_url = api.get("base_url")
    return ApiPaths(
        base_url if isinstance(base_url, str) else "",
        text("sync", "path"),
        text("async", "submit"),
        seconds("deadline", DEADLINE),
        seconds("interval", INTERVAL),
    )


def matching_api(text: str, apis: Mapping[str, ApiPaths]) -> str | None:
    """Return the name of the only API whose address is on a page."""
    found = [
        name
        for name, paths in apis.items()
        if paths.base_url and re.search(re.escape(paths.base_url.rstrip("/")) + r"(?![\w.-])", text)
    ]
    return found[0] if len(found) == 1 else None
