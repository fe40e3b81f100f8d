"""An API as data: addresses, authentication, surfaces, and the meaning of its responses."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from .frozen_classes import Frozen
from .parameter import GENERATOR_ONLY
from .places import EventPlaces, Places

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .answers import Answers
    from .auth import Auth
    from .model import Model
    from .occasions import ErrorResponse, Occasion
    from .protocol import JobProtocol
    from .upload_surface import UploadSurface

__all__ = [
    "DEADLINE",
    "INTERVAL",
    "Api",
    "Cancel",
    "DropIn",
    "ErrorStatus",
    "HeaderMeaning",
    "JobState",
    "JobSurface",
    "Phase",
    "SyncSurface",
]

DEADLINE = 600.0
"""Seconds that a client waits for a job if the API documents no time."""

INTERVAL = 1.0
"""Seconds between two polls if the API documents none."""

Phase: TypeAlias = Literal["waiting", "running", "succeeded", "failed", "canceled"]
"""Phase of a job; the last three are final."""


class SyncSurface(Frozen):
    """One blocking call."""

    path: str
    """`{slug}` is replaced by the model's slug."""
    body: str = "json"
    """How the body of a request is encoded: a key of `encoding.ENCODINGS`."""
    base_url: str | None = None
    """Origin of the surface, if it differs from the API's."""
    wrap: str | None = None
    """Member of the body whose object holds the parameters; None if the body itself does."""


class JobState(Frozen):
    """A documented state of a job."""

    name: str
    phase: Phase
    http_status: int = 200
    """HTTP status of the response that reports a job in this state."""
    description: str = ""


class Cancel(Frozen):
    """The request that cancels a job."""

    path: str
    """`{id}` is replaced by the job's id."""
    method: Literal["POST", "PUT", "DELETE"] = "POST"


class JobSurface(Frozen):
    """Jobs: submit, poll, fetch. Times are in seconds."""

    submit: str
    """Path; `{slug}` is replaced by the model's slug."""
    status: str
    """Path, perhaps with a query; `{id}` is replaced by the job's id, and `{slug}` by the model's slug."""
    result: str
    """Path like that of the status; the same path if the status of a finished job is its result."""
    states: tuple[JobState, ...] = ()
    deadline: float = DEADLINE
    interval: float = INTERVAL
    retention: float | None = None
    cancel: Cancel | None = None
    """None if jobs cannot be canceled."""
    body: str = "json"
    """How the body of a submit is encoded: a key of `encoding.ENCODINGS`."""
    base_url: str | None = None
    """As for `SyncSurface`."""
    wrap: str | None = None
    """As for `SyncSurface`."""


class HeaderMeaning(Frozen):
    """A response header with a meaning; `meaning` is its key in a result's metadata.

    The meanings `request_id` and `rate_limit_reset` are also used by errors and retries.
    """

    name: str
    meaning: str
    type: Literal["string", "integer", "number"] = "string"
    description: str = ""


class ErrorStatus(Frozen):
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
    occasions: tuple[Occasion, ...] = ()
    """What the API sends the status for."""
    messages: Mapping[Occasion, str] = field(
        default_factory=dict["Occasion", str], hash=False, metadata=GENERATOR_ONLY
    )
    """Texts of the body by occasion."""


class DropIn(Frozen):
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


class Api(Frozen, kw_only=True):
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
    upload: UploadSurface | None = None
    """How files are uploaded before a request; None if the API has no such operation."""
    request_headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    """Headers of every request, names as the API writes them."""
    headers: tuple[HeaderMeaning, ...] = ()
    places: Places = field(default_factory=Places)
    """Where the responses have their values."""
    job_places: Places | None = None
    """The same for a job whose model is not known, if there are models with answers that differ."""
    answers: Answers | None = field(default=None, repr=False, metadata=GENERATOR_ONLY)
    """The documented answers, if a model does not say otherwise."""
    errors: tuple[ErrorStatus, ...] = ()
    drop_in: DropIn | None = None
    sample: str | None = field(default=None, metadata=GENERATOR_ONLY)
    """Slug of the model in the samples of the package."""
    spec: str = field(default="", metadata=GENERATOR_ONLY)
    """Path of `api.yaml`, as shown to users."""
    models: tuple[Model, ...] = field(default=(), metadata=GENERATOR_ONLY)
    bundled: str = field(default="", repr=False, metadata=GENERATOR_ONLY)
    """`_specs.json` without the models."""

    def wrap_of(self, body: str | None, *, job: bool) -> str | None:
        """Return the member of a body whose object holds the parameters: of a submit, or of a blocking call.

        `body` is the model's own encoding, if it has one. A form has no objects.
        """
        surface = self.jobs if job else self.sync
        return None if surface is None or (body or surface.body) != "json" else surface.wrap

    @property
    def async_client(self) -> str:
        """Name of the asynchronous client's class."""
        return f"Async{self.client}"

    def answers_of(self, model: Model | None = None) -> Answers:
        """Return the documented answers; those of a model replace those of the API, operation by operation."""
        from .answers import Answers  # clients do not need them

        answers = self.answers or Answers()
        return answers.replace(model.answers) if model is not None and model.answers else answers

    def event_places(self, model: Model) -> EventPlaces | None:
        """Return where a model's streamed response has its text; None if its blocking calls cannot be streamed."""
        from .check import mismatches

        parameters = {parameter.wire: parameter for parameter in model.parameters}
        return self.answers_of(model).event_places(
            lambda name, value: name in parameters and not any(mismatches(parameters[name], value))
        )

    @property
    def protocol(self) -> JobProtocol:
        """How responses about jobs are read, if the model does not say otherwise."""
        from .protocol import JobProtocol

        return JobProtocol(self.jobs or JobSurface("", "", ""), self.places)

    @property
    def exceptions(self) -> tuple[ErrorStatus, ...]:
        """The statuses that have an exception class, sorted by status."""
        return tuple(
            sorted((error for error in self.errors if error.exception), key=lambda error: error.status)
        )

    def auth_place(self, model: Model) -> int:
        """Return the number of the place where a model sends the key: 0 for the first one."""
        return (self.auth.place_of(model.auth) or 0) if self.auth and model.auth else 0

    def error_for(self, occasion: Occasion) -> ErrorResponse:
        """Return the error that the API sends on an occasion."""
        from .occasions import error_for  # clients need it only for errors

        return error_for(self, occasion)
