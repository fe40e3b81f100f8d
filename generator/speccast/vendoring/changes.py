"""Changes between two versions of the specs of a client, in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.specs.bundle import Bundle


def changes(before: Bundle, after: Bundle) -> list[str]:
    """Return a line for each added, removed or changed model and parameter, in the order of slugs and parameters."""
    lines = []
    if before.api.get("version") != after.api.get("version"):
        lines.append(f"version: {before.api.get('version')} → {after.api.get('version')}")
    lines += [f"api: {key} changed" for key in _differing(before.api, after.api) if key != "version"]
    for slug in sorted({*before.models, *after.models}):
        if slug not in after.models:
            lines.append(f"{slug}: removed")
        elif slug not in before.models:
            lines.append(f"{slug}: added")
        else:
            lines += [f"{slug}: {line}" for line in _of_model(before.models[slug], after.models[slug])]
    return lines


def _of_model(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in _differing(before, after):
        if key != "parameters":
            yield f"{key} changed"
    old, new = before.get("parameters", {}), after.get("parameters", {})
    yield from (f"parameter {name} removed" for name in old if name not in new)
    for name, parameter in new.items():
        if name not in old:
            yield f"parameter {name} added"
            continue
        changed = [_change(key, old[name], parameter) for key in _differing(old[name], parameter)]
        if changed:
            yield f"parameter {name}: {', '.join(changed)}"


def _change(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    old, new = before.get(key), after.get(key)
    if key == "enum" and isinstance(old, list) and isinstance(new, list):
        added = [f"+{_short(value)}" for value in new if value not in old]
        removed = [f"-{_short(value)}" for value in old if value not in new]
        return f"enum {' '.join([*added, *removed]) or 'reordered'}"
    if any(isinstance(value, dict | list) for value in (old, new)) or key in ("description", "note"):
        return f"{key} changed"
    if key not in before:
        return f"{key} {_short(new)} added"
    return f"{key} {_short(old)} removed" if key not in after else f"{key} {_short(old)} → {_short(new)}"


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    keys = dict.fromkeys((*before, *after))
    # Compared as JSON: in Python, 1 equals true.
    return [key for key in keys if json.dumps(before.get(key)) != json.dumps(after.get(key))]


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"
