"""Regions: parts of a file that is not a template, for APIs with some feature only.

    # speccast: if cancel
    def cancel(self) -> None: ...
    # speccast: end

Such a file stays a program of its language, which is formatted, type-checked and tested with all regions. The target
decides for each API which features it has (`Target.features`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speccast.core.api import Api
    from speccast.targets.tree import Template

_MARKER = re.compile(r"[ \t]*# speccast: (?:if (?P<feature>[a-z_]+)|end)[ \t]*\n?")


def selected(template: Template, features: Features) -> str | None:
    """Return the text of a file with the regions of an API, or None if the file has no regions.

    Raises:
        SpeccastError: a region has no end, is inside another one, or names an unknown feature.
    """
    lines = _lines(template)
    if lines is None:
        return None
    kept: list[str] = []
    region, is_kept = 0, True
    for number, line in enumerate(lines, 1):
        marker = _MARKER.fullmatch(line)
        if marker is None:
            if is_kept:
                kept.append(line)
            continue
        feature = marker["feature"]
        if (feature is None) == (region == 0):
            raise SpeccastError(
                f"{template.shown}:{number}: {'no region begins before this end' if feature is None else 'a region inside a region'}"
            )
        if feature is not None and feature not in features:
            raise SpeccastError(
                f"{template.shown}:{number}: unknown feature {feature}",
                hint=f"known: {', '.join(features) or 'none'}",
            )
        region, is_kept = (0, True) if feature is None else (number, features[feature])
    if region:
        raise SpeccastError(
            f"{template.shown}:{region}: the region has no end", hint="add a line `# speccast: end`"
        )
    return "".join(kept)


class Features(Mapping[str, bool]):
    """Which features of a target an API has. Each is computed once, because it may depend on all models."""

    def __init__(self, features: Mapping[str, Callable[[Api], bool]], api: Api) -> None:
        self._features = features
        self._api = api
        self._known: dict[str, bool] = {}

    def __getitem__(self, name: str) -> bool:
        if name not in self._known:
            self._known[name] = self._features[name](self._api)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._features)

    def __len__(self) -> int:
        return len(self._features)


def _lines(template: Template) -> list[str] | None:
    """Return the lines of a file with regions; None for any other file."""
    content = template.file.read_bytes()
    return content.decode().splitlines(keepends=True) if b"# speccast: if " in content else None
