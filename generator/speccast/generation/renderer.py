"""Render the models of a project whose records in the cache are missing or out of date."""

from __future__ import annotations

import gc
from collections import defaultdict
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING

from speccast.cache import key_of
from speccast.errors import SpeccastError
from speccast.generation.records import ModelRecord, read_models, write_models
from speccast.generation.rendering import RenderJob, perform
from speccast.generation.workers import Workers, worker_count
from speccast.publish.plan import OutputState
from speccast.targets.registry import find_target
from speccast.targets.rendering import same_path
from speccast.temporary_folders import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from concurrent.futures import Future
    from contextlib import ExitStack

    from speccast.cache import Entries
    from speccast.config import Project
    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.generation.records import FileRecord
    from speccast.generation.rendering import RenderedFile
    from speccast.publish.plan import Plan

SHARED = ""
"""Used in place of the path of a spec for the files that the models of an API share."""
CHUNK = 40
"""Models of a job: enough that its fixed costs do not count, few enough that all cores finish together."""


class Renderer:
    """Renders the APIs of a project. `key` is the fingerprint of templates and tools; None disables the cache."""

    records: dict[str, dict[str, ModelRecord]]
    """All files, by API and path of the spec."""
    places: defaultdict[tuple[str, str], dict[str, str]]
    """The files that hold the contents rendered in this run, by API and target, and path."""
    apis: Sequence[Api]

    def __init__(
        self, project: Project, apis: Sequence[Api], key: str | None, entries: Entries, stack: ExitStack
    ) -> None:
        self.records = {}
        self.places = defaultdict(dict)
        self.folder = stack.enter_context(temporary_folder())
        self._workers = Workers(worker_count() - 1)
        stack.callback(self._workers.close)
        self._project = project
        self.apis = apis
        self._key = key
        self._entries = entries
        self._jobs = 0

    def render(self, progress: Callable[[str], None] = lambda _: None, *, reuse: bool = True) -> None:
        """Render everything that has no valid record; without `reuse`, everything.

        Raises:
            SpeccastError: a template is invalid, or ruff or datamodel-code-generator failed.
        """
        needed = []
        for api in self.apis:
            for target in self._project.targets:
                progress(self._project.format_path(self._project.output / api.id / target))
            keys = self._keys(api)
            cached = read_models(self._entries, self._cache_key(api)) if reuse and self._key else {}
            valid = {path: record for path, record in cached.items() if record.key == keys.get(path)}
            self.records[api.id] = {path: ModelRecord(key, ()) for path, key in keys.items()} | valid
            needed.append((api, keys.keys() - valid.keys()))
        self._render(needed)
        self._check_paths()
        if self._key:
            for api, _ in filter(itemgetter(1), needed):
                write_models(self._entries, self._cache_key(api), self.records[api.id])

    def render_missing(self, plans: Iterable[Plan]) -> bool:
        """Render changed files of which only the digests are known. Return False if there are none.

        If a file differs from its record, the cache is wrong, and everything is rendered.
        """
        missing = {
            (plan.target.root.parent.name, plan.target.root.name, entry.path)
            for plan in plans
            for entry in plan.entries
            if entry.state is not OutputState.UNCHANGED
        }
        needed = []
        for api in self.apis:
            paths = set()
            for path, record in self.records[api.id].items():
                for file in record.files:
                    is_rendered = file.path in self.places[api.id, file.target]
                    if not is_rendered and (api.id, file.target, file.path) in missing:
                        paths.add(path)
            needed.append((api, paths))
        if not any(paths for _, paths in needed):
            return False
        before = {id_: dict(records) for id_, records in self.records.items()}
        self._render(needed)
        if self.records != before:
            self.render(reuse=False)
        return True

    def _keys(self, api: Api) -> dict[str, str]:
        """Return a key for each spec, and for the shared files, of everything that the files depend on."""
        common = key_of(self._key or "", api.id, api.spec, api.bundled)
        keys = {model.spec: key_of(common, model.spec, model.bundled) for model in api.models}
        return keys | {SHARED: key_of(common, *sorted(keys.values()))}

    def _cache_key(self, api: Api) -> str:
        return key_of(str(self._project.root), api.id)

    def _render(self, needed: Iterable[tuple[Api, Collection[str]]]) -> None:
        """Render files by API and paths of specs: most full chunks in workers and, meanwhile, the others in this process.

        Of several errors, the first in the order of the jobs is raised, whichever process renders them.
        """
        jobs = [job for api, paths in needed for job in self._split(api, paths)]
        futures: dict[int, Future[list[RenderedFile]]] = {}
        full = [number for number, job in enumerate(jobs) if len(job.models) == CHUNK]
        if full:
            gc.collect()  # the documents of the specs, whose memory rendering needs
        if self._workers.count and len(full) > 1:  # starting a process takes as long as rendering a chunk
            self._prepare([model for job in jobs for model in job.models])
            # Shared files take as long as a fifth of the models, so this process renders fewer models than the others.
            own = 2 * len(full) // (2 * self._workers.count + 3)
            futures = {number: self._workers.submit(jobs[number]) for number in full[: len(full) - own]}
        errors: dict[int, SpeccastError] = {}
        for number in sorted(range(len(jobs)), key=lambda number: number in futures):
            job = jobs[number]
            try:
                files = self._workers.result(futures[number]) if number in futures else perform(job)
            except SpeccastError as error:
                errors[number] = error
            else:
                self._store(job, files)
        if errors:
            raise errors[min(errors)]

    def _prepare(self, models: Sequence[Model]) -> None:
        """Compute what models share here, so that no worker has to."""
        for name in self._project.targets:
            find_target(name, self._project.templates).prepare(models, self._entries)

    def _split(self, api: Api, paths: Collection[str]) -> list[RenderJob]:
        models = [model for model in api.models if model.spec in paths]
        chunks = [tuple(models[start : start + CHUNK]) for start in range(0, len(models), CHUNK)]
        if SHARED in paths and (not chunks or len(chunks[-1]) == CHUNK):
            chunks.append(())
        alone = replace(api, models=())
        jobs = [self._job(alone, chunk) for chunk in chunks]
        if SHARED in paths:
            jobs[-1] = replace(jobs[-1], api=api, shared=True)
        return jobs

    def _job(self, api: Api, models: tuple[Model, ...]) -> RenderJob:
        self._jobs += 1
        folder = self.folder / str(self._jobs)
        folder.mkdir()
        project = self._project
        return RenderJob(
            *(api, models, project.targets, project.templates, folder),
            entries=self._entries,
            fingerprint=self._key,
        )

    def _store(self, job: RenderJob, files: Iterable[RenderedFile]) -> None:
        records: dict[str, list[FileRecord]] = {model.spec: [] for model in job.models}
        if job.shared:
            records[SHARED] = []
        for file in files:
            records[file.spec].append(file.record)
            self.places[job.api.id, file.record.target][file.record.path] = file.place
        of_api = self.records[job.api.id]
        for path, found in records.items():
            of_api[path] = of_api[path]._replace(files=tuple(sorted(found)))

    def _check_paths(self) -> None:
        """Refuse two files with the same path that come from different jobs."""
        for records in self.records.values():
            templates: dict[tuple[str, str], str] = {}
            for file in (file for record in records.values() for file in record.files):
                place = file.target, file.path
                if place in templates:
                    raise same_path(file.template, templates[place], file.path)
                templates[place] = file.template
