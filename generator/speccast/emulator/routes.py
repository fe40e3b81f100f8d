"""Finds the endpoint for the path of a request."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.core.api import Api

Surface: TypeAlias = Literal["sync", "submit", "status", "result", "cancel", "output"]
"""What a request asks for: a call of the API, or a file of a job. Faults and the journal use the same names."""

OUTPUTS = "/_emulator/outputs"
"""Path of the files of jobs. As with the storage that real APIs use, no key is needed."""


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
    """The models at the path of a call."""


class Routes:
    """The paths of an API. A model has a path only on its documented surfaces."""

    def __init__(self, api: Api) -> None:
        self._calls: dict[str, Endpoint] = {}
        self._by_model: dict[str, dict[Surface, str]] = {model.slug: {} for model in api.models}
        for model in api.models:
            if model.is_sync and api.sync is not None:
                self._add("sync", model.slug, model.sync_path or api.sync.path)
            if model.is_async and api.jobs is not None:
                self._add("submit", model.slug, model.submit_path or api.jobs.submit)
        self._jobs: list[tuple[re.Pattern[str], Surface, tuple[str, ...]]] = [
            (_pattern(OUTPUTS + "/{id}/{file}"), "output", ("GET", "HEAD"))
        ]
        if api.jobs is not None:
            self._jobs += [
                (_pattern(api.jobs.status), "status", ("GET",)),
                (_pattern(api.jobs.result), "result", ("GET",)),
            ]
            if api.jobs.cancel is not None:
                cancel = api.jobs.cancel
                self._jobs.append((_pattern(cancel.path), "cancel", (cancel.method,)))

    def find(self, path: str) -> tuple[Endpoint, ...]:
        """Return the endpoints at a path, of which the first that allows a method is meant; none if the path is unknown."""
        found = [self._calls[path]] if path in self._calls else []
        for pattern, surface, methods in self._jobs:
            match = pattern.fullmatch(path)
            if match is not None:
                groups = match.groupdict()
                found.append(
                    Endpoint(surface, methods, groups.get("slug"), groups.get("id"), groups.get("file"))
                )
        return tuple(found)

    def of_model(self, slug: str) -> Mapping[Surface, str]:
        """Return the paths that call a model, by surface."""
        return self._by_model[slug]

    def _add(self, surface: Surface, slug: str, template: str) -> None:
        path = path_of(template, slug=slug)
        self._by_model[slug][surface] = path
        found = self._calls.get(path)
        if found is None:
            self._calls[path] = Endpoint(surface, ("POST",), slug, slugs=(slug,))
        elif found.surface == surface:
            self._calls[path] = replace(found, slugs=(*found.slugs, slug))


def path_of(template: str, *, slug: str = "", job: str = "") -> str:
    """Return a path with `{slug}` and `{id}` replaced."""
    return template.replace("{slug}", slug).replace("{id}", job)


def _pattern(template: str) -> re.Pattern[str]:
    pattern = re.escape(template)
    for name in ("slug", "id", "file"):
        marker = re.escape(f"{{{name}}}")
        # A placeholder can occur twice in a path; both must have the same value.
        pattern = pattern.replace(marker, f"(?P<{name}>[^/]+)", 1).replace(marker, f"(?P={name})")
    return re.compile(pattern)
