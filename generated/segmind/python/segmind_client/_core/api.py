"""An API as data: addresses, authentication, surfaces, and the meaning of its responses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from .parameter import GENERATOR_ONLY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .auth import Auth
    from .model import Model
    from .occasions import ErrorResponse, Occasion
    from .protocol import JobProtocol

__all__ = [
    "DEADLINE",
    "INTERVAL",
    "Api",
    "Cancel",
    "DropIn",
    "ErrorStatus",
    "Header",
    "JobFields",
    "JobMetrics",
    "JobSurface",
    "Phase",
    "State",
    "SyncSurface",
]

DEADLINE = 600.0
"""Seconds that a client waits for a job if the API documents no time."""

INTERVAL = 1.0
"""Seconds between two polls if the API documents none."""

Phase: TypeAlias = Literal["waiting", "running", "succeeded", "failed", "canceled"]
"""Phase of a job; the last three are final."""


@dataclass(frozen=True, slots=True)
class SyncSurface:
    """One blocking call."""

    path: str
    """`{slug}` is replaced by the model's slug."""
    base64_parameter: str | None = None
    """Boolean parameter that asks for text instead of bytes."""
    base64_field: str | None = None
    """Member of the JSON response that then holds the text."""
    body: str = "json"
    """How the body of a request is encoded: a key of `encoding.ENCODINGS`."""
    wrap: str | None = None
    """Member of the body whose object holds the parameters; None if the body itself does."""


@dataclass(frozen=True, slots=True)
class JobFields:
    """Names of the members of a job's JSON; the defaults are those of the spec format's schema."""

    id: str = "request_id"
    status: str = "status"
    status_url: str = "status_url"
    result_url: str = "response_url"
    output: str = "output"
    error: str = "error"
    metrics: str = "metrics"
    poll_url: str | None = None
    """A second name for `status_url`; None if the API has none."""


@dataclass(frozen=True, slots=True)
class JobMetrics:
    """Names of the members of a job's metrics; None for what the API does not report. Times are in seconds."""

    cost: str | None = None
    remaining_credits: str | None = None
    inference_time: str | None = None
    queue_time: str | None = None
    total_time: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A documented state of a job."""

    name: str
    phase: Phase
    http_status: int = 200
    """HTTP status of the response that reports a job in this state."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """The request that cancels a job."""

    path: str
    """`{id}` is replaced by the job's id."""
    method: Literal["POST", "PUT", "DELETE"] = "POST"


@dataclass(frozen=True, slots=True)
class JobSurface:
    """Jobs: submit, poll, fetch. Times are in seconds."""

    submit: str
    """Path; `{slug}` is replaced by the model's slug."""
    status: str
    """Path; `{id}` is replaced by the job's id."""
    result: str
    """Path; `{id}` is replaced by the job's id."""
    fields: JobFields = field(default_factory=JobFields)
    states: tuple[State, ...] = ()
    deadline: float = DEADLINE
    interval: float = INTERVAL
    retention: float | None = None
    metrics: JobMetrics = field(default_factory=JobMetrics)
    media_members: tuple[str, ...] = field(default=(), metadata=GENERATOR_ONLY)
    """Kinds of media, such as video, that a result also has as a member: an object with `url` and `content_type`."""
    cancel: Cancel | None = None
    """None if jobs cannot be canceled."""
    body: str = "json"
    """How the body of a submit is encoded: a key of `encoding.ENCODINGS`."""
    wrap: str | None = None
    """As for `SyncSurface`."""

    @property
    def protocol(self) -> JobProtocol:
        """How the jobs are represented in JSON."""
        from .protocol import JobProtocol

        return JobProtocol(self)


@dataclass(frozen=True, slots=True)
class Header:
    """A response header with a meaning; `meaning` is its key in a result's metadata.

    The meanings `request_id` and `rate_limit_reset` are also used by errors and retries.
    """

    name: str
    meaning: str
    type: Literal["string", "integer", "number"] = "string"
    description: str = ""


@dataclass(frozen=True, slots=True)
class ErrorStatus:
    """An error status of the API."""

    status: int
    title: str
    description: str = ""
    exception: str | None = None
    """Class that the client raises."""
    rejected_unprocessed: bool = False
    """Sent only before the request is accepted, so that even a billed request may be repeated."""
    observed: bool = False
    """Seen in responses, but not documented."""
    media_type: str = field(default="application/json", metadata=GENERATOR_ONLY)
    """Media type of the body."""
    occasions: tuple[Occasion, ...] = field(default=(), metadata=GENERATOR_ONLY)
    """What the API sends the status for."""
    messages: Mapping[Occasion, str] = field(
        default_factory=dict["Occasion", str], hash=False, metadata=GENERATOR_ONLY
    )
    """Texts of the body by occasion."""


@dataclass(frozen=True, slots=True)
class DropIn:
    """Names that the package also exports because another SDK (`replaces`) has them, by role."""

    replaces: str = ""
    run: str | None = None
    run_sync: str | None = None
    submit: str | None = None
    client: str | None = None
    error: str | None = None
    failed: str | None = None
    timeout: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All names that are exported."""
        roles = (self.run, self.run_sync, self.submit, self.client, self.error, self.failed, self.timeout)
        return tuple(name for name in roles if name is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """What the models of one API share, and in the generator the models themselves, sorted by slug."""

    id: str
    """Name of the folder of specs."""
    title: str
    package: str
    distribution: str
    command: str
    client: str
    """Name of the client's class."""
    version: str
    """Version of the generated package."""
    base_url: str
    """The API's origin."""
    description: str = ""
    documentation: str | None = None
    license: str | None = None
    auth: Auth | None = None
    env_api_key: str | None = None
    """Environment variable of the key."""
    env_base_url: str | None = None
    """Environment variable of the base URL."""
    env_log: str | None = None
    """Environment variable of the level of logging to standard error."""
    sync: SyncSurface | None = None
    jobs: JobSurface | None = None
    request_headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    """Headers of every request, names as the API writes them."""
    headers: tuple[Header, ...] = ()
    error_field: str = "error"
    """Member of an error's JSON body that holds the text."""
    errors: tuple[ErrorStatus, ...] = ()
    drop_in: DropIn | None = None
    sample: str | None = field(default=None, metadata=GENERATOR_ONLY)
    """Slug of the model in the samples of the package."""
    spec: str = field(default="", metadata=GENERATOR_ONLY)
    """Path of `api.yaml`, as shown to users."""
    models: tuple[Model, ...] = field(default=(), metadata=GENERATOR_ONLY)
    bundled: str = field(default="", repr=False, metadata=GENERATOR_ONLY)
    """`_specs.json` without the models."""

    def wrap_of(self, *, job: bool) -> str | None:
        """Member of a body whose object holds the parameters: of a submit, or of a blocking call."""
        surface = self.jobs if job else self.sync
        return None if surface is None else surface.wrap

    @property
    def async_client(self) -> str:
        """Name of the asynchronous client's class."""
        return f"Async{self.client}"

    @property
    def exceptions(self) -> tuple[ErrorStatus, ...]:
        """The statuses that have an exception class, sorted by status."""
        return tuple(
            sorted((error for error in self.errors if error.exception), key=lambda error: error.status)
        )

    def auth_place(self, model: Model) -> int:
        """Which of the ways to send the key a model uses, by number: 0 for the first one."""
        return (self.auth.place_of(model.auth) or 0) if self.auth and model.auth else 0

    def error_for(self, occasion: Occasion) -> ErrorResponse:
        """Return the error that the API sends on an occasion."""
        from .occasions import error_for  # clients do not need it

        return error_for(self, occasion)
