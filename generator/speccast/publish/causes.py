"""Why a generated file is out of date: which of its specs and templates differ from those that the manifest records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from speccast.publish.manifest import Manifest

_VERBS: Final = {"changed": ("has changed", "have changed"), "added": ("was added", "were added")}
_REMOVED: Final = ("was removed", "were removed")
_SHOWN: Final = 3


class Cause(NamedTuple):
    """A spec or template, and what happened to it: `changed`, `added` or `removed`."""

    path: str
    change: str


def find_causes(
    manifest: Manifest, inputs: Mapping[str, str], sources: Iterable[str], file: tuple[str | None, str | None]
) -> tuple[Cause, ...]:
    """Return what has changed among the sources of a file, whose digests before and after are given.

    `inputs` maps specs and rendered templates to their digests. A template that is copied is not among them, since it has
    the digest of its file. Without records in the manifest, nothing is known.
    """
    if not manifest.inputs:
        return ()
    before, after = file
    if after is None:
        return tuple(Cause(path, "removed") for path in manifest.inputs if path not in inputs)
    found = []
    for path in sources:
        old, new = (manifest.inputs.get(path), inputs[path]) if path in inputs else (before, after)
        if old != new:
            found.append(Cause(path, "changed" if old is not None else "added"))
    return tuple(found)


def causes_text(causes: Iterable[Cause], shown: Callable[[str], str]) -> str:
    """Return a few words for people, such as "specs/acme/fox.yaml has changed". `shown` makes a path one for them."""
    groups: dict[str, list[str]] = {}
    for cause in causes:
        groups.setdefault(cause.change, []).append(shown(cause.path))
    parts = []
    for change, paths in groups.items():
        names = [*paths[:_SHOWN], *([f"{len(paths) - _SHOWN} more"] if len(paths) > _SHOWN else [])]
        listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        parts.append(f"{listed} {_VERBS.get(change, _REMOVED)[len(names) > 1]}")
    return "; ".join(parts)
