"""One walk from specs to files: reads what is not known yet, judges it, and has rendered what has not been rendered yet.

Models are rendered while others are still being read. That is of no use if an error turns up in the end, but of no harm
either: what becomes of a model depends on its own spec and its API's `api.yaml` alone.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from speccast.cache import key_of
from speccast.errors import SpeccastError
from speccast.findings import Severity
from speccast.generation.known import InconsistentError, read_known, write_known
from speccast.generation.models import SHARED, Models
from speccast.generation.rendering import RenderJob, perform
from speccast.lint.configuration import configuration
from speccast.lint.linter import lint
from speccast.specs.build import build_api
from speccast.specs.document import CachedDocument
from speccast.specs.load import DocumentCache, LoadedApi, load
from speccast.targets.rendering import same_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from speccast.cache import Entries
    from speccast.config import Project
    from speccast.core.api import Api
    from speccast.findings import Finding
    from speccast.generation.inputs import Inputs
    from speccast.generation.rendering import RenderedFile
    from speccast.generation.workers import Workers
    from speccast.lint.selection import Selection
    from speccast.specs.document import Document
    from speccast.specs.files import SpecFile
    from speccast.specs.load import Loaded

MANY = 20
"""Jobs from which on memory is tight: a thousand models are on their way."""
CHUNK = 40
"""Models a job: enough that what each job costs by itself does not count, few enough that all cores end together."""


@dataclass(slots=True)
class Walk(DocumentCache):
    """`inputs` are None where nothing may be reused. `folder` is an empty one, for files that must outlive the walk."""

    project: Project
    inputs: Inputs | None
    entries: Entries
    folder: Path
    workers: Workers
    findings: tuple[Finding, ...] = ()
    loaded: Loaded | None = None
    models: dict[str, Models] = field(default_factory=dict)
    """By the ids of the APIs."""
    _selection: Selection = field(init=False)
    _pending: dict[str, list[str]] = field(default_factory=dict)
    _held: list[tuple[Models, list[str], RenderJob]] = field(default_factory=list)
    _asked: list[tuple[Models, list[str], Future[list[RenderedFile]]]] = field(default_factory=list)
    _jobs: int = 0

    def read(self) -> None:
        """Reads and judges all specs; `findings` are there then.

        Raises:
            SpeccastError: there are none, a file cannot be read, or the linter's configuration is wrong.
        """
        self._selection = configuration(self.project.lint, self.project.targets).selection()
        self.loaded = load(self.project.specs, shown_from=self.project.root, cache=self)
        self._want_rest()
        self.findings = lint(self.loaded, self._selection)
        for document in (document for api in self.loaded.apis for document in api.models):
            if isinstance(document, CachedDocument):
                document.release()
        if self._jobs > MANY:
            gc.collect()  # what rules looked at is full of circles, and takes room that is needed now

    def get(self, api: LoadedApi, file: SpecFile) -> Document | None:
        models = self._of(api)
        document = models.recall(file)
        if document is not None:
            self._want(models, models.unmade([file.shown]))
        return document

    def put(self, api: LoadedApi, file: SpecFile, document: Document) -> Document:
        models = self._of(api)
        settled = models.settle(api, file, document, self._selection)
        self._want(models, models.unmade([file.shown]))
        return settled

    def render(self, progress: Callable[[str], None] = lambda _: None) -> None:
        """Renders what is not known.

        Raises:
            SpeccastError: a template, ruff or datamodel-code-generator is at fault.
        """
        assert self.loaded is not None
        for api in self.loaded.apis:
            for target in self.project.targets:
                progress(self.project.shown(self.project.output / api.id / target))
            models = self._of(api)
            models.note_shared()
            if models.unmade([SHARED]):
                self._want_shared(models, build_api(api))
        self._collect()
        self._check_paths()

    def render_again(self, wanted: dict[str, set[tuple[str, str]]]) -> None:
        """Renders files, by API, target and path, whose digests are known but whose contents are not.

        Raises:
            InconsistentError: they come out in another way.
        """
        assert self.loaded is not None
        for api in self.loaded.apis:
            models = self._of(api)
            missing = wanted.get(api.id, set()) - models.places.keys()
            paths = [
                path
                for path, known in models.known.items()
                if any((file.target, file.path) in missing for file in known.files)
            ]
            self._want(models, [path for path in paths if path != SHARED])
            self._want_rest()
            if SHARED in paths:
                self._want_shared(models, build_api(api))
        if self._collect():
            raise InconsistentError

    def keep(self) -> None:
        """Keeps what is known now for the runs to come; of what was not come to, what was known before."""
        done = not any(finding.severity is Severity.ERROR for finding in self.findings)
        for id_, models in self.models.items():
            known = models.known if done else {**models.before, **models.known}
            if self.inputs is not None and known != models.before:
                write_known(self.entries, self._key(id_), known)

    def _of(self, api: LoadedApi) -> Models:
        if api.id not in self.models:
            self.models[api.id] = Models.of(api, self.inputs, read_known(self.entries, self._key(api.id)))
        return self.models[api.id]

    def _key(self, id_: str) -> str:
        return key_of(str(self.project.root), id_, self.inputs.tools if self.inputs is not None else "")

    def _want(self, models: Models, paths: Sequence[str]) -> None:
        """Has some models rendered, sooner or later."""
        pending = self._pending.setdefault(models.api.id, [])
        pending += paths
        while len(pending) >= CHUNK:
            self._ask(models, pending[:CHUNK])
            del pending[:CHUNK]

    def _want_rest(self) -> None:
        for id_, paths in self._pending.items():
            if paths:
                self._ask(self.models[id_], paths)
        self._pending.clear()

    def _want_shared(self, models: Models, api: Api) -> None:
        """Has what models share rendered here, with some of the models if nobody else does that."""
        if self._held and self._held[-1][0] is models:
            _, paths, job = self._held.pop()
            self._held.append((models, [*paths, SHARED], replace(job, api=api, shared=True)))
        else:
            self._held.append((models, [SHARED], replace(self._job(api, ()), shared=True)))

    def _ask(self, models: Models, paths: list[str]) -> None:
        job = self._job(models.api, tuple((path, models.known[path].piece) for path in paths))
        if self.workers.count > 1:
            self._asked.append((models, paths, self.workers.submit(job)))
        else:
            self._held.append((models, paths, job))

    def _collect(self) -> list[str]:
        """Has everything done that was asked for. Answers the specs whose files are not what is known of them.

        Of several errors, it is always the same one that is raised.
        """
        wrong: list[str] = []
        errors: list[SpeccastError] = []
        for models, paths, job in self._held:
            try:
                wrong += models.note_rendered(paths, perform(job))
            except SpeccastError as error:
                errors.append(error)
        elsewhere: list[SpeccastError] = []
        for models, paths, future in self._asked:
            try:
                wrong += models.note_rendered(paths, self.workers.result(future))
            except SpeccastError as error:
                elsewhere.append(error)
        self._asked.clear()
        self._held.clear()
        if errors := [*elsewhere, *errors]:  # what models share comes last, wherever they are rendered
            raise errors[0]
        return wrong

    def _job(self, api: Api, models: tuple[tuple[str, str], ...]) -> RenderJob:
        self._jobs += 1
        folder = self.folder / str(self._jobs)
        folder.mkdir()
        return RenderJob(
            api, models, self.project.targets, self.project.templates, folder, entries=self.entries
        )

    def _check_paths(self) -> None:
        """Refuses two files of one path, which a job by itself cannot see if they come from two."""
        for models in self.models.values():
            templates: dict[tuple[str, str], str] = {}
            for known in models.known.values():
                for file in known.files:
                    place = file.target, file.path
                    if place in templates:
                        raise same_path(file.template, templates[place], file.path)
                    templates[place] = file.template
