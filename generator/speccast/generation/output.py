"""The targets of a project: each folder of the output with the digests and contents of its files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from speccast.generation.fingerprints import recorded_versions
from speccast.publish.content import digest
from speccast.publish.manifest import MANIFEST
from speccast.publish.plan import OutputFolder
from speccast.specs.changelog import CHANGELOG, read_changelog
from speccast.targets.tree import find_templates

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.config import Project
    from speccast.core.api import Api
    from speccast.generation.records import RunRecord
    from speccast.generation.renderer import Renderer
    from speccast.targets.tree import Template

COMMAND = "speccast generate"
"""The command that regenerates the output."""


@dataclass(frozen=True, slots=True)
class Contents(Mapping[str, bytes]):
    """The contents of the files of a target, read on access. `places` are the files that hold them.

    Those below `folder` were rendered in this run; others are templates that are copied as they are.
    """

    digests: Mapping[str, str]
    places: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None

    def __getitem__(self, path: str) -> bytes:
        return Path(self.places[path]).read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self.digests)

    def __len__(self) -> int:
        return len(self.digests)

    def own_file(self, path: str) -> str | None:
        """Return the rendered file of a path. Never return a template: the file may be moved to the output."""
        place = self.places.get(path)
        is_own = place is not None and self.folder is not None and place.startswith(f"{self.folder}{os.sep}")
        return place if is_own else None


class TargetInputs:
    """The specs and templates of one target of an API, by the paths that messages show."""

    def __init__(self, api: Api, templates: Iterable[Template]) -> None:
        self._api = api
        self._templates = {each.shown: each for each in templates if each.is_rendered}

    def digests(self) -> Mapping[str, str]:
        """Return the beginning of the digest of each. Comments in specs do not count."""
        specs = {self._api.spec: self._api.bundled} | {each.spec: each.bundled for each in self._api.models}
        found = {path: digest(text.encode()) for path, text in specs.items()}
        found |= {path: digest(each.file.read_bytes()) for path, each in self._templates.items()}
        return {path: each[:16] for path, each in found.items()}

    def of_file(self, template: str, spec: str) -> tuple[str, ...]:
        """Return the inputs of a file: those of a model, or without a `spec` those of the whole API."""
        if template not in self._templates:
            return (template,)
        specs = (spec,) if spec else tuple(model.spec for model in self._api.models)
        partials = (path for path, each in self._templates.items() if each.is_partial)
        return (*specs, self._api.spec, template, *partials)


def rendered_targets(project: Project, renderer: Renderer) -> list[OutputFolder]:
    """Return all targets of a project, including those of deleted specs."""
    found = []
    for api in renderer.apis:
        id_, records = api.id, renderer.records[api.id]
        for name in project.targets:
            files = sorted(
                (file, spec)
                for spec, record in records.items()
                for file in record.files
                if file.target == name
            )
            digests = {file.path: file.digest for file, _ in files}
            origins = {file.path: (file.template, spec) for file, spec in files}
            places = dict(renderer.places[id_, name])
            changelog = _changelog(project, api, name)
            if changelog is not None and CHANGELOG not in digests:
                copied = renderer.folder / f"{id_}-{name}-{CHANGELOG}"
                copied.write_bytes(changelog)
                places[CHANGELOG] = str(copied)
                digests[CHANGELOG] = digest(changelog)
                origins[CHANGELOG] = str(PurePosixPath(api.spec).with_name(CHANGELOG)), ""
            contents = Contents(digests, places, renderer.folder)
            inputs = TargetInputs(api, find_templates(name, project.templates))
            target = _target(project, project.output / id_ / name, digests, contents)
            found.append(replace(target, inputs=inputs.digests(), sources=_sources(inputs, origins)))
    found += _left_behind(project, found)
    if project.format_types is not None:
        path = project.format_types
        text = _format_types(path.name)
        digests = {path.name: digest(text)}
        found.append(
            OutputFolder(path.parent, {path.name: text}, recorded_versions(), COMMAND, digests=digests)
        )
    return found


def _changelog(project: Project, api: Api, target: str) -> bytes | None:
    """Return the changelog that a target copies into the package of an API."""
    from speccast.targets.registry import find_target

    if not find_target(target, project.templates).has_changelog:
        return None
    return read_changelog((project.root / api.spec).parent)


def _sources(
    inputs: TargetInputs, origins: Mapping[str, tuple[str, str]]
) -> Callable[[str], tuple[str, ...]]:
    return lambda path: inputs.of_file(*origins[path])


def recorded_targets(project: Project, record: RunRecord) -> list[OutputFolder]:
    """Return all targets as recorded by an earlier run, without contents."""
    types = project.format_types.parent if project.format_types is not None else None
    found = [
        OutputFolder(root, Contents(digests), recorded_versions(), COMMAND, digests=digests)
        if root == types
        else _target(project, root, digests, Contents(digests))
        for root, digests in record.files.items()
    ]
    return [*found, *_left_behind(project, found)]


def _target(project: Project, root: Path, digests: Mapping[str, str], contents: Contents) -> OutputFolder:
    return OutputFolder(
        root,
        contents,
        recorded_versions(),
        COMMAND,
        project.output,
        digests,
        linkable_file=contents.own_file,
        is_exclusive=True,
    )


def _left_behind(project: Project, found: Iterable[OutputFolder]) -> list[OutputFolder]:
    """Return the other folders `<api>/<target>` that have a manifest, as targets without files."""
    roots = {target.root for target in found}
    if not project.output.is_dir():
        return []
    left = sorted(manifest.parent for manifest in project.output.glob(f"*/*/{MANIFEST}"))
    return [_target(project, root, {}, Contents({})) for root in left if root not in roots]


def _format_types(name: str) -> bytes:
    """Return the Python types of the spec format, which only Speccast's own repository generates."""
    from speccast.specs.format_types import format_types
    from speccast.targets.python.formatter import format_python

    return format_python({name: format_types()})[name].encode()
