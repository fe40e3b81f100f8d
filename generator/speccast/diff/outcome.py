"""The version number that changes require, by Semantic Versioning.

A break needs a new major version, before 1.0.0 a new minor one. Everything else that people notice needs a new minor version,
before 1.0.0 a new patch; so does a text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from speccast.diff.change import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from speccast.diff.change import PlacedChange


@dataclass(frozen=True, slots=True)
class Outcome:
    """The versions of an API's package before and after, and the smallest one that its changes allow."""

    api: str
    before: str
    after: str
    required: str
    level: Level | None
    """The level of the most severe change; None without changes."""

    @property
    def is_enough(self) -> bool:
        """Whether the version is at least the required one."""
        return _parsed(self.after) >= _parsed(self.required)


def outcome(api: str, before: str, after: str, changes: Iterable[PlacedChange]) -> Outcome:
    """Return the version that the changes of an API require.

    `version` in `api.yaml` is that of the package, so all sides count: the most severe effect decides.
    """
    level = max((each.change.level for each in changes), default=None)
    return Outcome(api, before, after, _required(before, level), level)


def _required(before: str, level: Level | None) -> str:
    if level is None:
        return before
    old = _parsed(before)
    if old.is_prerelease:
        return old.base_version  # the version that is being prepared is not released yet
    steps = {Level.BREAKING: 0, Level.BEHAVIOR: 1, Level.ADDITION: 1, Level.TEXT: 2}
    step = min(steps[level] + (1 if old.major == 0 else 0), 2)
    parts = [old.major, old.minor, old.micro]
    return ".".join(map(str, [*parts[:step], parts[step] + 1, *([0] * (2 - step))]))


def _parsed(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")
