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
    from collections.abc import Mapping

    from speccast.targets.tree import Template

_MARKER = re.compile(r"[ \t]*# speccast: (?:if (?P<feature>[a-z_]+)|end)[ \t]*\n?")


def select_regions(template: Template, features: Mapping[str, bool]) -> str | None:
    """Return the text of a file with the regions of an API that has some of a target's `features`; None for a file without regions.

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
                f"{template.shown}:{number}: {'this end belongs to no region' if feature is None else 'regions cannot be nested'}"
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


def _lines(template: Template) -> list[str] | None:
    """Return the lines of a file with regions; None for any other file."""
    content = template.file.read_bytes()
    return content.decode().splitlines(keepends=True) if b"# speccast: if " in content else None
