"""How jobs are represented in JSON: what a client reads from a response, and what a server writes into it.

One class serves the client, the emulator and OpenAPI. The names of members come from the spec; where the members are
is decided here alone. To add a shape of jobs, write a subclass that overrides `_unwrap`, `_wrap` and `_wrap_schema`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .api import JobSurface, State

__all__ = ["JobProtocol", "JobReport"]

_ABOUT_THE_REQUEST = frozenset({401, 403, 404, 429})
"""HTTP statuses that are about the request itself, independent of its body."""


@dataclass(frozen=True, slots=True)
class JobReport:
    """A job as its status or result reports it."""

    id: str
    state: State
    error: str | None = None
    """Why the job failed."""
    output: Any = None
    """What the model made; None in a report that does not contain it."""
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    """Cost and times, by the names that the spec format has for them."""
    status_url: str | None = None
    result_url: str | None = None
    media: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Members for the files of the output, besides the output itself."""


@dataclass(frozen=True, slots=True)
class JobProtocol:
    """The JSON of an API's jobs: one object, with all members at its top."""

    jobs: JobSurface

    def job_id(self, body: object) -> str | None:
        """The job's id in any response."""
        value = self._member(body, self.jobs.fields.id)
        is_id = isinstance(value, str | int) and not isinstance(value, bool) and value != ""
        return str(value) if is_id else None

    def state(self, body: object, http_status: int) -> State | None:
        """The documented state that a status or a result reports; None if it reports something else.

        A job that failed may be reported under an error status; its state tells it from an error of the API.
        """
        name = str(self._member(body, self.jobs.fields.status, "")).casefold()
        state = next((state for state in self.jobs.states if state.name.casefold() == name), None)
        if state is None or 200 <= http_status < 300 or http_status == state.http_status:
            return state
        is_without_result = state.phase in ("failed", "canceled")
        return state if is_without_result and http_status not in _ABOUT_THE_REQUEST else None

    def state_name(self, body: object) -> object:
        """The state as the API writes it, documented or not."""
        return self._member(body, self.jobs.fields.status)

    def output(self, body: object) -> Any:
        """What the model made."""
        return self._member(body, self.jobs.fields.output)

    def error(self, body: object) -> Any:
        """Why the job failed."""
        return self._member(body, self.jobs.fields.error)

    @property
    def address_names(self) -> tuple[str, ...]:
        """Members with addresses of the API itself, not of an output."""
        names = self.jobs.fields
        return (names.status_url, names.result_url, *((names.poll_url,) if names.poll_url else ()))

    def metrics(self, body: object) -> dict[str, Any]:
        """Cost and times, as the API names them."""
        return _as_object(self._member(body, self.jobs.fields.metrics))

    def accepted(self, job_id: str, state: State, *, status_url: str, result_url: str) -> dict[str, Any]:
        """The response to a submit."""
        names = self.jobs.fields
        body = {names.id: job_id, names.status: state.name}
        if names.poll_url is not None:
            body[names.poll_url] = status_url
        return self._wrap({**body, names.status_url: status_url, names.result_url: result_url})

    def report(self, report: JobReport) -> dict[str, Any]:
        """The response to a request for the status or the result."""
        names = self.jobs.fields
        body: dict[str, Any] = {**report.media, names.id: report.id, names.status: report.state.name}
        if report.status_url is not None:
            body[names.status_url] = report.status_url
        if report.result_url is not None:
            body[names.result_url] = report.result_url
        if report.output is not None:
            body[names.output] = report.output
        if report.error is not None:
            body[names.error] = report.error
        members = {each.name: getattr(self.jobs.metrics, each.name) for each in fields(self.jobs.metrics)}
        body[names.metrics] = {
            member: report.metrics[name]
            for name, member in members.items()
            if member and name in report.metrics
        }
        return self._wrap(body)

    def schemas(self) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """JSON Schemas of the responses to a submit, and for a status and a result. All are open: an API may add members."""
        names = self.jobs.fields
        known = [state.name for state in self.jobs.states]
        state = {
            "anyOf": [{"type": "string", "enum": known}, {"type": "string"}],
            "description": "The state of the job.",
        }
        job_id = {"type": "string", "minLength": 1, "description": "The id of the job."}
        address = {"type": "string", "description": "URL that the API reports."}
        accepted = {
            names.id: job_id,
            names.status: state,
            names.status_url: address,
            names.result_url: address,
        }
        status = {
            names.status: state,
            names.error: {"type": "string", "description": "Why the job failed."},
            names.metrics: {"type": "object", "description": "Cost and times of the job."},
        }
        output = {"description": "Output of the model: URLs, or JSON."}
        return (
            self._wrap_schema("An accepted job.", accepted, [names.id]),
            self._wrap_schema("The status of a job.", status, [names.status]),
            self._wrap_schema(
                "The result of a job, or its status until it is finished.",
                {**status, names.output: output},
                [names.status],
            ),
        )

    def id_path(self) -> tuple[str, ...]:
        """Where the id is in the response to a submit: the names of the members that lead to it."""
        return (self.jobs.fields.id,)

    def _unwrap(self, body: object) -> Mapping[str, Any]:
        """The members of a job in a response."""
        return _as_object(body)

    def _wrap(self, members: dict[str, Any]) -> dict[str, Any]:
        """The response with the members of a job in it."""
        return members

    def _wrap_schema(
        self, description: str, properties: Mapping[str, Any], required: list[str]
    ) -> dict[str, Any]:
        """The schema of a response with these members of a job in it."""
        return {"type": "object", "description": description, "properties": properties, "required": required}

    def _member(self, body: object, name: str, default: Any = None) -> Any:
        return self._unwrap(body).get(name, default)


def _as_object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
