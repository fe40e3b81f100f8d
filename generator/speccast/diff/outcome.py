"""The version number that changes require, by Semantic Versioning.

A break needs a new major version, before 1.0.0 a new minor one. Everything else that people notice needs a new minor version,
before 1.0.0 a new patch. A text needs none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from speccast.diff.change import Level, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from speccast.diff.change import PlacedChange


@dataclass(frozen=True, slots=True)
class VersionOutcome:
    """The versions of an API's package before and after, and the smallest one that its changes allow, in all and for each side."""

    api: str
    before: str
    after: str
    required: str
    sides: Mapping[Side, str]
    level: Level | None
    """The level of the most severe change; None without changes."""

    @property
    def is_enough(self) -> bool:
        """Whether the version is at least the required one, or a new pre-release of it."""
        before, after, required = map(_parse, (self.before, self.after, self.required))
        return after >= required or (after > before and _parse(after.base_version) >= required)

    def __str__(self) -> str:
        state = "is enough" if self.is_enough else f"must be at least {self.required}"
        return f"{self.api}: version {self.before} → {self.after} {state}"


def outcome(api: str, before: str, after: str, changes: Iterable[PlacedChange]) -> VersionOutcome:
    """Return the version that the changes of an API require.

    `version` in `api.yaml` is that of the package, so all sides count: the most severe effect decides.
    """
    changes = list(changes)
    level = max((each.change.level for each in changes), default=None)
    found = [(side, effect.level) for each in changes for side, effect in each.change.effects.items()]
    sides = {
        side: _required(before, max((each for other, each in found if other is side), default=None))
        for side in Side
    }
    return VersionOutcome(api, before, after, _required(before, level), sides, level)


def _required(before: str, level: Level | None) -> str:
    if level is None or level is Level.TEXT:
        return before
    old = _parse(before)
    if old.is_prerelease:
        return old.base_version  # the version that is being prepared is not released yet
    step = (0 if level is Level.BREAKING else 1) + (1 if old.major == 0 else 0)
    parts = [old.major, old.minor, old.micro]
    return ".".join(map(str, [*parts[:step], parts[step] + 1, *([0] * (2 - step))]))


def _parse(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")
