"""An API as data: where it is, how it is called and what its answers mean.

The generated package has one `Api`, made from the specs; the runtime reads all that is specific from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Api", "Auth", "ErrorStatus", "Header", "JobFields", "JobSurface", "State", "SyncSurface"]


@dataclass(frozen=True, slots=True)
class Auth:
    """Where the key goes in a request."""

    location: Literal["header", "query"]
    name: str
    scheme: str | None = None
    """Word before the key in the header, such as Bearer."""
    description: str = ""
    """Where a user finds the key."""


@dataclass(frozen=True, slots=True)
class SyncSurface:
    """One blocking call."""

    path: str
    """`{slug}` stands for the model's slug."""
    base64_parameter: str | None = None
    """Boolean parameter that asks for text instead of bytes."""
    base64_field: str | None = None
    """Member of the JSON answer that then holds the text."""


@dataclass(frozen=True, slots=True)
class JobFields:
    """Names of the members of a job's JSON."""

    id: str = "request_id"
    status: str = "status"
    status_url: str = "status_url"
    result_url: str = "response_url"
    output: str = "output"
    error: str = "error"
    metrics: str = "metrics"


@dataclass(frozen=True, slots=True)
class State:
    """A documented state of a job."""

    name: str
    phase: Literal["waiting", "running", "succeeded", "failed"]
    """The last two are final."""
    http_status: int = 200
    """HTTP status with which a job in this state is served."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class JobSurface:
    """Jobs: submit, poll, fetch. Times are in seconds."""

    submit: str
    """Path; `{slug}` stands for the model's slug."""
    status: str
    """Path; `{id}` stands for the job's id."""
    result: str
    """Path; `{id}` stands for the job's id."""
    fields: JobFields = field(default_factory=JobFields)
    states: tuple[State, ...] = ()
    deadline: float = 600.0
    interval: float = 1.0
    retention: float | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """A header of an answer that means something; `meaning` is its key in a result's metadata.

    The meanings `request_id` and `rate_limit_reset` also steer errors and retries.
    """

    name: str
    meaning: str
    type: Literal["string", "integer", "number"] = "string"


@dataclass(frozen=True, slots=True)
class ErrorStatus:
    """An error status of the API."""

    status: int
    title: str
    description: str = ""
    exception: str | None = None
    """Class that the client raises."""
    rejected_unprocessed: bool = False
    """Answered only before the request is accepted, so that even a billed one may be repeated."""


@dataclass(frozen=True, slots=True)
class Api:
    """Everything that the models of one API share."""

    id: str
    title: str
    package: str
    distribution: str
    command: str
    client: str
    version: str
    base_url: str
    """The API's origin."""
    auth: Auth | None = None
    env_api_key: str | None = None
    env_base_url: str | None = None
    sync: SyncSurface | None = None
    jobs: JobSurface | None = None
    headers: tuple[Header, ...] = ()
    error_field: str = "error"
    """Member of an error's JSON body that holds the text."""
    errors: tuple[ErrorStatus, ...] = ()
