"""Finds the endpoint for the path of a request."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from speccast.core.paths import JobPaths, job_paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.core.api import Api, JobSurface, SyncSurface
    from speccast.core.model import Model

Surface: TypeAlias = Literal["sync", "submit", "status", "result", "cancel", "output", "upload"]
"""What a request asks for: a call of the API, a file of a job, or to keep a file. Faults and the journal use the same names."""

OUTPUTS = "/_emulator/outputs"
"""Path of the files of jobs and of uploaded files. As with the storage that real APIs use, no key is needed."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint of the API, with the slug, the job's id and the name of a file that its path contains."""

    surface: Surface
    methods: tuple[str, ...]
    slug: str | None = None
    """The model; for a call, the first of `slugs` until the constants of its body tell which one is meant."""
    id: str | None = None
    file: str | None = None
    slugs: tuple[str, ...] = ()
    """The models at the path of a call, or whose jobs are at a path."""


class Routes:
    """The paths of an API. A model has a path only on its documented surfaces."""

    def __init__(self, api: Api) -> None:
        self._calls: dict[str, dict[Surface, Endpoint]] = {}
        """The calls at a path: several only if their surfaces have different hosts."""
        self._surfaces = _surfaces_of_hosts(api)
        self._surface_of_others: Surface = "submit" if _is_submit_at_own_host(api) else "sync"
        self._by_model: dict[str, dict[Surface, str]] = {model.slug: {} for model in api.models}
        self._jobs: list[_JobRoute] = []
        self._slugs: dict[_JobRoute, set[str]] = {}
        for model in api.models:
            if model.is_sync and api.sync is not None:
                self._add("sync", model.slug, model.sync_path or api.sync.path)
            if model.is_async and api.jobs is not None:
                self._add("submit", model.slug, model.submit_path or api.jobs.submit)
                paths = paths_of(api.jobs, model)
                cancel = api.jobs.cancel
                self._add_lookup("status", ("GET",), paths.status, model)
                self._add_lookup("result", ("GET",), paths.result, model)
                if paths.cancel is not None and cancel is not None:
                    self._add_lookup("cancel", (cancel.method,), paths.cancel, model)
        self._jobs.append(_JobRoute("output", ("GET", "HEAD"), OUTPUTS + "/{id}/{file}"))
        self._upload_host = ""
        if api.upload is not None:
            self._upload_host = urlsplit(api.upload.base_url or "").netloc.lower()
            self._jobs.append(_JobRoute("upload", ("POST",), api.upload.path))
            if api.upload.has_second_request:
                self._jobs.append(_JobRoute("upload", ("PUT", "POST"), OUTPUTS + "/{id}/{file}"))

    def find(self, path: str, query: str = "", hosts: Sequence[str] = ()) -> tuple[Endpoint, ...]:
        """Return the endpoints at a path, of which the first that allows a method is meant; none if the path is unknown.

        Where surfaces have the same path, the first of `hosts` that is that of a surface decides. The path of a job is
        not decoded, because its id may contain an encoded slash.
        """
        calls = self._calls.get(unquote(path), {})
        found = list(calls.values()) if len(calls) < 2 else [calls[self._surface_at(hosts)]]
        found += [endpoint for route in self._jobs if (endpoint := self._match(route, path, query))]
        if self._upload_host and self._upload_host in map(str.lower, hosts):
            found.sort(key=lambda endpoint: endpoint.surface != "upload")
        return tuple(found)

    def _surface_at(self, hosts: Sequence[str]) -> Surface:
        for host in map(str.lower, hosts):
            if (surface := self._surfaces.get(host) or self._surfaces.get(_without_port(host))) is not None:
                return surface
        return self._surface_of_others

    def _match(self, route: _JobRoute, path: str, query: str) -> Endpoint | None:
        match = route.pattern.fullmatch(path)
        if match is None:
            return None
        values = {name: unquote(value) for name, value in match.groupdict().items()}
        sent = dict(parse_qsl(query, keep_blank_values=True))
        for name, expected in route.query:
            value = sent.get(name)
            if value is None or ("{id}" not in expected and value != expected):
                return None
            if "{id}" in expected:
                before, _, after = expected.partition("{id}")
                if not (value.startswith(before) and value.endswith(after)):
                    return None
                values["id"] = value[len(before) : len(value) - len(after)]
        slugs = self._slugs.get(route, set())
        if "slug" in values:
            slugs = slugs & {values["slug"]}
        return Endpoint(
            route.surface, route.methods, None, values.get("id"), values.get("file"), tuple(sorted(slugs))
        )

    def of_model(self, slug: str) -> Mapping[Surface, str]:
        """Return the paths that call a model, by surface."""
        return self._by_model[slug]

    def _add_lookup(self, surface: Surface, methods: tuple[str, ...], template: str, model: Model) -> None:
        route = _JobRoute(surface, methods, template)
        if route not in self._slugs:
            self._jobs.append(route)
        self._slugs.setdefault(route, set()).add(model.slug)

    def _add(self, surface: Surface, slug: str, template: str) -> None:
        path = path_of(template, slug=slug)
        self._by_model[slug][surface] = path
        calls = self._calls.setdefault(path, {})
        found = calls.get(surface)
        if found is not None:
            calls[surface] = replace(found, slugs=(*found.slugs, slug))
        elif not calls or len(set(self._surfaces.values())) > 1:
            calls[surface] = Endpoint(surface, ("POST",), slug, slugs=(slug,))


def _surfaces_of_hosts(api: Api) -> dict[str, Surface]:
    """Return the surface of each documented host, with and without its port."""
    found: dict[str, Surface] = {}
    surfaces: tuple[tuple[Surface, SyncSurface | JobSurface | None], ...] = (
        ("sync", api.sync),
        ("submit", api.jobs),
    )
    for name, surface in surfaces:
        if surface is not None:
            host = urlsplit(surface.base_url or api.base_url).netloc.lower()
            found.setdefault(host, name)
            found.setdefault(_without_port(host), name)
    return found


def _is_submit_at_own_host(api: Api) -> bool:
    """Return whether only the submit is at the API's own `base_url`, where requests go whose host says nothing."""
    return (
        api.sync is not None
        and api.sync.base_url is not None
        and api.jobs is not None
        and api.jobs.base_url is None
    )


def _without_port(host: str) -> str:
    return re.sub(r":[0-9]*$", "", host)


def path_of(template: str, *, slug: str = "", job: str = "") -> str:
    """Return a path with `{slug}` and `{id}` replaced."""
    return template.replace("{slug}", slug).replace("{id}", job)


def paths_of(jobs: JobSurface, model: Model) -> JobPaths:
    """Return the templates of the paths for jobs of a model; only those of the API contain `{slug}`."""
    general = job_paths(jobs)
    own = job_paths(jobs, model.status_path, model.result_path, model.cancel_path)
    status, result, cancel = (
        path if path is None or path == of_api else path_of(path, slug=model.slug, job="{id}")
        for path, of_api in zip(own, general, strict=True)
    )
    assert status is not None and result is not None  # only `cancel` can be None
    return JobPaths(status, result, cancel)


@dataclass(frozen=True)
class _JobRoute:
    """A request about a job, with the template of its path and query."""

    surface: Surface
    methods: tuple[str, ...]
    template: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return _pattern(self.template.partition("?")[0])

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.template.partition("?")[2], keep_blank_values=True)


def _pattern(template: str) -> re.Pattern[str]:
    pattern = re.escape(template)
    for name in ("slug", "id", "file"):
        marker = re.escape(f"{{{name}}}")
        # A placeholder can occur twice in a path; both must have the same value.
        pattern = pattern.replace(marker, f"(?P<{name}>{'.+' if name == 'slug' else '[^/]+'})", 1).replace(
            marker, f"(?P={name})"
        )
    return re.compile(pattern)
