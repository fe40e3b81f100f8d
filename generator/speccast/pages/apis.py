"""Facts of an API that help to read its pages, from `api.yaml`: its address, the paths of its surfaces, its states and answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccast.core.api import DEADLINE, INTERVAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class ApiPaths:
    """The facts of an API that the pages of all its models share."""

    base_url: str = ""
    sync: str = ""
    submit: str = ""
    deadline: float = DEADLINE
    interval: float = INTERVAL
    states: tuple[str, ...] = ()
    """Names of the states of jobs."""
    answers: tuple[Any, ...] = ()
    """Bodies of the answers to blocking calls."""
    body: str = "json"
    """Encoding of the request bodies of the API."""


def api_paths(api: Mapping[str, Any]) -> ApiPaths:
    """Return the paths in the value of an `api.yaml`."""

    def value(section: str, key: str, kind: Any, default: Any) -> Any:
        found = api.get(section)
        part = found.get(key) if isinstance(found, dict) else None
        return part if isinstance(part, kind) and not isinstance(part, bool) else default

    base_url = api.get("base_url")
    return ApiPaths(
        base_url if isinstance(base_url, str) else "",
        value("sync", "path", str, ""),
        value("async", "submit", str, ""),
        value("async", "deadline", int | float, DEADLINE),
        value("async", "interval", int | float, INTERVAL),
        tuple(str(name) for name in _members(api.get("async"), "states", "name")),
        tuple(_members(api.get("answers"), "sync", "body")),
        value("sync", "body", str, "") or value("async", "body", str, "json"),
    )


def _members(section: object, key: str, member: str) -> Iterator[Any]:
    """Yield a member of each item of a list, or of the one item that there is instead."""
    value = section.get(key) if isinstance(section, dict) else None
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and member in item:
            yield item[member]


def matching_api(text: str, apis: Mapping[str, ApiPaths]) -> str | None:
    """Return the name of the only API whose address is on a page."""
    found = [
        name
        for name, paths in apis.items()
        if paths.base_url and re.search(re.escape(paths.base_url.rstrip("/")) + r"(?![\w.-])", text)
    ]
    return found[0] if len(found) == 1 else None
