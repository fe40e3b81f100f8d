"""The requests about jobs: their paths, which models share unless they have their own, and parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from speccast.core.paths import job_paths
from speccast.targets.openapi.headers import constant_query, parameter_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.core.api import Api, JobSurface
    from speccast.core.model import Model

STATUS = "job_status"
RESULT = "job_result"
CANCEL = "job_cancel"


@dataclass(frozen=True, slots=True)
class Lookup:
    """One request about jobs of some models."""

    kind: str
    """STATUS, RESULT or CANCEL."""
    operation_id: str
    template: str
    """Path and query, with `{id}` and perhaps `{slug}`."""
    slugs: frozenset[str]

    @property
    def path(self) -> str:
        """The path without its query."""
        return self.template.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.template.partition("?")[2], keep_blank_values=True)

    @property
    def id_name(self) -> str:
        """The name of the parameter for the id."""
        return next((name for name, value in self.query if value == "{id}"), "id")

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """The Parameter Objects of path and query."""
        job_id = {"type": "string", "minLength": 1}
        described = "The id of the job, as its submit answered it."
        found: list[dict[str, Any]] = []
        if "{slug}" in self.path:
            slugs = {"type": "string", "enum": sorted(self.slugs)}
            found.append(parameter_object("slug", "path", "The model that the job was submitted to.", slugs))
        if "{id}" in self.path:
            found.append(parameter_object("id", "path", described, job_id))
        for name, value in self.query:
            if value == "{id}":
                found.append(parameter_object(name, "query", described, job_id))
            else:
                found.append(constant_query(name, value))
        return found


def lookups(api: Api, jobs: JobSurface, names: Mapping[str, str]) -> list[Lookup]:
    """Return the requests about jobs. The result of an API whose status is the result is not a second one."""
    slugs: dict[tuple[str, str], list[str]] = {}
    for model in api.models:
        if model.is_async:
            for kind, template in _templates(jobs, model):
                slugs.setdefault((kind, template), []).append(model.slug)
    general = dict(_general(jobs))
    return [
        Lookup(
            kind,
            kind if template == general.get(kind) else f"{kind}_{names[users[0]]}",
            template,
            frozenset(users),
        )
        for (kind, template), users in slugs.items()
    ]


def has_own_status(api: Api) -> bool:
    """Return whether the status of some jobs is at another path than their result."""
    if api.jobs is None:
        return False
    jobs = api.jobs
    return any(
        kind == STATUS for model in api.models if model.is_async for kind, _ in _templates(jobs, model)
    )


def _general(jobs: JobSurface) -> Iterator[tuple[str, str]]:
    paths = job_paths(jobs)
    if paths.result != paths.status:
        yield STATUS, paths.status
    yield RESULT, paths.result
    if paths.cancel is not None:
        yield CANCEL, paths.cancel


def _templates(jobs: JobSurface, model: Model) -> Iterator[tuple[str, str]]:
    """Yield the templates of a model. A slug with slashes cannot be a parameter of a path, so it is written out."""
    general = job_paths(jobs)
    paths = job_paths(jobs, model.status_path, model.result_path, model.cancel_path)
    kinds = (STATUS if paths.status != paths.result else "", RESULT, CANCEL)
    for kind, path, of_api in zip(kinds, paths, general, strict=True):
        if kind and path is not None:
            is_general = path == of_api and "/" not in model.slug
            yield kind, path if is_general else path.replace("{slug}", model.slug)
