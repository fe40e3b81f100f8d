"""The paths of requests about the jobs of a model: those of the API, unless the model has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .api import JobSurface

__all__ = ["JobPaths", "job_paths"]


class JobPaths(NamedTuple):
    """Paths, perhaps with a query, in which `{id}` is replaced by the id of a job."""

    status: str
    result: str
    cancel: str | None = None
    """None if jobs cannot be canceled."""


def job_paths(
    jobs: JobSurface, status: str | None = None, result: str | None = None, cancel: str | None = None
) -> JobPaths:
    """Return the paths of a model that has its own; `{slug}` is not replaced.

    In an API whose status is the result as well, so it is at a model's own path.
    """
    path = status or jobs.status
    same = path if jobs.result == jobs.status else jobs.result
    general = jobs.cancel.path if jobs.cancel is not None else None
    return JobPaths(path, result or same, (cancel or general) if general is not None else None)
