"""A piece of the work: some models of an API, or what they share, through all targets to formatted files in a folder.

It depends on nothing but the job, so it can be done in any process and in any order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speccast.cache import NO_ENTRIES, Entries
from speccast.publish.content import digest
from speccast.specs.build import build_model
from speccast.targets.rendering import draft, finished

if TYPE_CHECKING:
    from pathlib import Path

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.targets.rendering import Draft


@dataclass(frozen=True, slots=True)
class RenderJob:
    """Models by the paths of their specs, each with its value as in a bundle.

    With `shared`, the files of the API as a whole are wanted, too, and `api` has all its models; otherwise it needs none.
    `folder` is an empty one, which the files go into and stay in.
    """

    api: Api
    models: tuple[tuple[str, str], ...]
    targets: tuple[str, ...]
    overlay: Path
    folder: Path
    shared: bool = False
    entries: Entries = field(default=NO_ENTRIES, repr=False)


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A file that was rendered: below the folder of its target, by which template, its digest, and where it is now.

    `spec` is that of its model, and empty for a file of the API as a whole.
    """

    target: str
    path: str
    template: str
    spec: str
    digest: str
    place: str


def perform(job: RenderJob) -> list[RenderedFile]:
    """The files of a job.

    Raises:
        SpeccastError: a template, ruff or datamodel-code-generator is at fault.
    """
    models = [build_model(json.loads(piece), path, piece) for path, piece in job.models]
    parts = [True] * bool(models) + [False] * job.shared
    drafts = [
        (target, _draft(job, target, models, per_model=per_model))
        for per_model in parts
        for target in job.targets
    ]
    finished_files = finished([made for _, made in drafts], job.folder, job.entries)
    return [
        RenderedFile(target, path, *made.origins[path], digest(place.read_bytes()), str(place))
        for (target, made), files in zip(drafts, finished_files, strict=True)
        for path, place in files.items()
    ]


def _draft(job: RenderJob, target: str, models: list[Model], *, per_model: bool) -> Draft:
    return draft(
        job.api,
        target,
        job.overlay,
        models=models,
        only=lambda template: template.is_per_model is per_model,
        entries=job.entries,
    )
