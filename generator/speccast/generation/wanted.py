"""What is wanted in each folder of the output: digests of all files, and contents of those that were rendered."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from speccast.cache import key_of
from speccast.generation.tools import recorded_versions
from speccast.publish import MANIFEST, Plan, State, Target
from speccast.publish.content import digest

if TYPE_CHECKING:
    from speccast.cache import Entries
    from speccast.config import Project
    from speccast.generation.outcome import Outcome
    from speccast.generation.walk import Walk

COMMAND = "speccast generate"
"""What mends any drift."""

_TYPES = "types"


@dataclass(frozen=True, slots=True)
class Contents(Mapping[str, bytes]):
    """The contents of the files of a target, read when they are asked for. `places` is where they are, by target and path.

    Those below `folder` were rendered in this run; others are templates that are copied as they are.
    """

    target: str
    digests: Mapping[str, str]
    places: Mapping[tuple[str, str], str] = field(default_factory=dict)
    folder: Path | None = None

    def __getitem__(self, path: str) -> bytes:
        return Path(self.places[self.target, path]).read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self.digests)

    def __len__(self) -> int:
        return len(self.digests)

    def own_file(self, path: str) -> str | None:
        """The file of this run's own that has a content; never a template, which must not become the output itself."""
        place = self.places.get((self.target, path))
        is_own = place is not None and self.folder is not None and place.startswith(f"{self.folder}{os.sep}")
        return place if is_own else None

    def lacks(self, path: str) -> bool:
        """Whether a file is wanted of which only the digest is known."""
        return path in self.digests and (self.target, path) not in self.places


def rendered_targets(project: Project, walk: Walk, entries: Entries) -> list[Target]:
    """Everything that a project's specs give, and what earlier runs left of specs that are gone."""
    found = []
    for id_, models in walk.models.items():
        for name in project.targets:
            files = [file for known in models.known.values() for file in known.files if file.target == name]
            digests = {file.path: file.digest for file in sorted(files)}
            root = project.output / id_ / name
            found.append(_target(project, root, digests, Contents(name, digests, models.places, walk.folder)))
    found += _left_behind(project, found)
    if project.format_types is not None:
        text = _format_types(project.format_types.name, walk, entries)
        path = project.format_types
        found.append(
            Target(
                path.parent,
                {path.name: text},
                recorded_versions(),
                COMMAND,
                digests={path.name: digest(text)},
            )
        )
    return found


def known_targets(project: Project, outcome: Outcome) -> list[Target]:
    """The same, where only digests are known."""
    types = project.format_types.parent if project.format_types is not None else None
    found = [
        Target(root, Contents("", digests), recorded_versions(), COMMAND, digests=digests)
        if root == types
        else _target(project, root, digests, Contents("", digests))
        for root, digests in outcome.files.items()
    ]
    return [*found, *_left_behind(project, found)]


def fill(plans: Iterable[Plan], walk: Walk) -> None:
    """Sees to it that the content of every file that a plan is about can be read.

    Raises:
        InconsistentError: a file comes out in another way than is known of it.
    """
    missing: dict[str, set[tuple[str, str]]] = {}
    for plan in plans:
        wanted = plan.target.wanted
        if isinstance(wanted, Contents):
            missing.setdefault(plan.target.root.parent.name, set()).update(
                (wanted.target, entry.path)
                for entry in plan.entries
                if entry.state is not State.UNCHANGED and wanted.lacks(entry.path)
            )
    if any(missing.values()):
        walk.render_again(missing)


def _target(project: Project, root: Path, digests: Mapping[str, str], contents: Contents) -> Target:
    return Target(
        root, contents, recorded_versions(), COMMAND, project.output, digests, file=contents.own_file
    )


def _left_behind(project: Project, found: Iterable[Target]) -> list[Target]:
    """The folders of earlier output, `<api>/<target>`, that nothing is wanted in any more, by the manifests in them."""
    roots = {target.root for target in found}
    if not project.output.is_dir():
        return []
    left = sorted(manifest.parent for manifest in project.output.glob(f"*/*/{MANIFEST}"))
    return [_target(project, root, {}, Contents("", {})) for root in left if root not in roots]


def _format_types(name: str, walk: Walk, entries: Entries) -> bytes:
    """The Python types of the spec format, which only Speccast's own repository generates."""
    from speccast.specs.format_types import format_types
    from speccast.targets.python.formatter import format_python

    key = key_of(_TYPES, name, walk.inputs.tools) if walk.inputs is not None else None
    text = entries.get(key) if key is not None else None
    if text is None:
        text = format_python({name: format_types()})[name].encode()
        if key is not None:
            entries.put(key, text)
    return text
