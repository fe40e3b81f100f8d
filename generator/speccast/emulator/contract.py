"""What the emulator must know of an API, read once from its bundle: paths, names, states, texts, headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.core.occasions import OCCASIONS
from speccast.errors import SpeccastError
from speccast.specs.build import build_bundle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.core.api import Header, JobSurface, State, SyncSurface
    from speccast.core.auth import Auth
    from speccast.core.occasions import ErrorResponse, Occasion
    from speccast.core.protocol import JobProtocol
    from speccast.specs.bundle import Bundle


@dataclass(frozen=True, slots=True)
class Jobs:
    """The asynchronous surface. `pending` are the states on the way, the waiting ones first; `retention` is in seconds."""

    submit: str
    status: str
    result: str
    protocol: JobProtocol
    pending: tuple[State, ...]
    succeeded: State
    failed: State | None
    retention: float | None


@dataclass(frozen=True, slots=True)
class Contract:
    """`problems` are the errors by occasion; `descriptions` what the API's pages say of an error status."""

    title: str
    auth: Auth | None
    sync: SyncSurface | None
    jobs: Jobs | None
    error_field: str
    problems: Mapping[Occasion, ErrorResponse]
    descriptions: Mapping[int, str]
    headers: tuple[Header, ...]


def read_contract(bundle: Bundle) -> Contract:
    """The contract of a bundle's API.

    Raises:
        SpeccastError: the API has jobs that can never succeed.
    """
    api = build_bundle(bundle)
    return Contract(
        title=api.title,
        auth=api.auth,
        sync=api.sync,
        jobs=_read_jobs(api.jobs, api.id) if api.jobs is not None else None,
        error_field=api.error_field,
        problems={occasion: api.error_for(occasion) for occasion in OCCASIONS},
        descriptions={error.status: error.description or error.title for error in api.errors},
        headers=api.headers,
    )


def _read_jobs(jobs: JobSurface, api: str) -> Jobs:
    succeeded = next((state for state in jobs.states if state.phase == "succeeded"), None)
    if succeeded is None:
        raise SpeccastError(f"{api}: no job state has the phase succeeded, so no job could end well")
    return Jobs(
        submit=jobs.submit,
        status=jobs.status,
        result=jobs.result,
        protocol=jobs.protocol,
        pending=tuple(
            state for phase in ("waiting", "running") for state in jobs.states if state.phase == phase
        ),
        succeeded=succeeded,
        failed=next((state for state in jobs.states if state.phase == "failed"), None),
        retention=jobs.retention,
    )
