"""Render one job: some models of an API, or the files that its models share, for all targets.

The result depends only on the job, so jobs can run in any process and in any order.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from speccast.cache import NO_ENTRIES, Entries
from speccast.generation.records import FileRecord
from speccast.publish.content import digest
from speccast.targets.rendering import draft, finish_drafts

if TYPE_CHECKING:
    from pathlib import Path

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.targets.rendering import UnformattedFiles


@dataclass(frozen=True, slots=True)
class RenderJob:
    """Models to render. With `shared`, the files that the models of the API share are rendered as well.

    Without `shared`, `api` needs no models. The rendered files are written to `folder`, which is empty. `fingerprint` is of
    templates, tools and source; without it, compiled templates are not cached.
    """

    api: Api
    models: tuple[Model, ...]
    targets: tuple[str, ...]
    overlay: Path
    folder: Path
    shared: bool = False
    entries: Entries = field(default=NO_ENTRIES, repr=False)
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A rendered file: the path of its spec, "" for a shared file, its record, and where its content is."""

    spec: str
    record: FileRecord
    place: str


def perform(job: RenderJob) -> list[RenderedFile]:
    """Render the files of a job.

    Raises:
        SpeccastError: a template is invalid, or ruff or datamodel-code-generator failed.
    """
    drafts: list[tuple[str, UnformattedFiles]] = []
    if job.models:
        drafts += [(target, _draft(job, target, per_model=True)) for target in job.targets]
    if job.shared:
        drafts += [(target, _draft(job, target, per_model=False)) for target in job.targets]
    files = finish_drafts([made for _, made in drafts], job.folder, job.entries)
    rendered = []
    for (target, made), places in zip(drafts, files, strict=True):
        for path, place in places.items():
            template, spec = made.origins[path]
            record = FileRecord(target, path, template, digest(place.read_bytes()))
            rendered.append(RenderedFile(spec, record, str(place)))
    return rendered


def _draft(job: RenderJob, target: str, *, per_model: bool) -> UnformattedFiles:
    return draft(
        replace(job.api, models=()) if per_model else job.api,
        target,
        job.overlay,
        models=job.models,
        only=lambda template: template.is_per_model is per_model,
        entries=job.entries,
        fingerprint=job.fingerprint,
    )
