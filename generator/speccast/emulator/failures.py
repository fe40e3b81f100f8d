"""The failures that a fault can cause, a class for each: how it is written, when it is possible, and what it does.

    status=NNN[;retry-after=V]      an error status, 400 to 599, instead of the work
    html=NNN[;retry-after=V]        the same as an HTML page, as proxies send it
    reset                           the connection is reset before the work
    reset=after                     the connection is reset after the work
    truncate                        the response ends halfway, with the length of the whole
    malformed-json                  the response is JSON that ends halfway, with the length of that half
    job-failed[=TEXT]               the job of a submit fails; TEXT is its reason
    job-stuck                       the job of a submit never finishes
    content-block[=TEXT]            the job of a submit fails because its content is blocked; a blocking call is refused
    error-event[=TEXT]              a streamed response has an error after half of its events; TEXT is its message

A new failure is a class here, with its name in `FAILURES`; its parameters are those of `Failure.parse`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from starlette.responses import Response

from speccast.emulator import responses
from speccast.emulator.sending import reset, send_half

if TYPE_CHECKING:
    from typing import Self

    from starlette.types import Receive, Scope, Send

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.emulator.job_states import JobStates
    from speccast.emulator.routes import Surface

SURFACES: tuple[Surface, ...] = ("sync", "submit", "status", "result", "cancel", "output", "upload")


class FaultError(ValueError):
    """The text is not a fault. The message says how to write it."""


class ResetError(Exception):
    """The connection is reset instead of a response."""


class Failure:
    """What happens to a request instead of the API's answer. A failure does one of the things that the methods return."""

    name: ClassVar[str]
    surfaces: ClassVar[tuple[Surface, ...]] = SURFACES
    is_of_work: ClassVar[bool] = False
    """Whether it is a failure of the work, which an API does only for valid requests."""
    status: int = 0
    """HTTP status of the failure, if it has one."""
    retry_after: str | None = None
    is_stuck: ClassVar[bool] = False
    """Whether the job of a submit never finishes."""
    has_response: ClassVar[bool] = True
    """Whether anything is sent."""

    @classmethod
    def parse(cls, value: str | None, options: dict[str, str | None]) -> Self:
        """Return the failure for the text after `=`. Its own options are removed from `options`.

        Raises:
            FaultError: the value or an option is invalid.
        """
        if value is not None:
            raise FaultError(f"{cls.name} does not take the value {value!r}")
        return cls()

    def is_possible(self, states: JobStates | None) -> bool:
        """Return whether an API whose jobs have these states can fail in this way."""
        return True

    def refusal(
        self, api: Api, model: Model | None, states: JobStates | None, surface: Surface
    ) -> Response | None:
        """Return the response instead of the work, or None to do the work.

        Raises:
            ResetError: the connection is reset instead.
        """
        return None

    def reason_of_job(self, api: Api) -> str | None:
        """Return why the job of a submit fails, or None if it does not."""
        return None

    @property
    def message_of_event(self) -> str | None:
        """Message of the error among the events of a streamed response, if there is one."""
        return None

    async def send(self, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response to the work, damaged if the failure is one of sending."""
        await response(scope, receive, send)


@dataclass(frozen=True, slots=True)
class StatusFailure(Failure):
    """An error status, in the API's own words."""

    name = "status"
    status: int
    retry_after: str | None

    @classmethod
    def parse(cls, value: str | None, options: dict[str, str | None]) -> Self:
        retry_after = options.pop("retry-after", "") if "retry-after" in options else None
        if value is None or not re.fullmatch("[45][0-9]{2}", value):
            raise FaultError(f"{cls.name} must be 400 to 599 (got {value or 'nothing'})")
        if retry_after is not None and not re.fullmatch("[ -~]+", retry_after):
            raise FaultError("retry-after must be a number of seconds or a date")
        return cls(int(value), retry_after)

    def refusal(self, api: Api, model: Model | None, states: JobStates | None, surface: Surface) -> Response:
        response = self._response(api, model)
        if self.retry_after is not None:
            response.headers["retry-after"] = self.retry_after
        return response

    def _response(self, api: Api, model: Model | None) -> Response:
        return responses.status_error(api, self.status, model)


class HtmlFailure(StatusFailure):
    """An error status as a page."""

    name = "html"

    def _response(self, api: Api, model: Model | None) -> Response:
        return responses.html_error(self.status)


@dataclass(frozen=True, slots=True)
class ResetFailure(Failure):
    """The connection is reset, before or after the work."""

    name = "reset"
    has_response = False
    is_late: bool

    @classmethod
    def parse(cls, value: str | None, options: dict[str, str | None]) -> Self:
        if value == "after":
            return cls(is_late=True)
        if value is not None:
            raise FaultError(f"reset does not take the value {value!r}")
        return cls(is_late=False)

    def refusal(self, api: Api, model: Model | None, states: JobStates | None, surface: Surface) -> None:
        if not self.is_late:
            raise ResetError

    async def send(self, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
        await reset(scope, receive)


class TruncateFailure(Failure):
    """The response ends halfway."""

    name = "truncate"

    async def send(self, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
        await send_half(response, scope, receive, send)


class MalformedJsonFailure(Failure):
    """The response is whole, and its JSON is not."""

    name = "malformed-json"
    surfaces = ("sync", "submit", "status", "result", "cancel", "upload")

    async def send(self, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytes(response.body)
        is_json = body[:1] in (b"{", b"[", b'"')
        response.body = body[: max(len(body) // 2, 1)] if is_json else b'{"'
        response.headers["content-type"] = "application/json"
        response.headers["content-length"] = str(len(response.body))
        await Response.__call__(response, scope, receive, send)  # in one piece


@dataclass(frozen=True, slots=True)
class _ExplainedFailure(Failure):
    """A failure of the work with a reason, which has a default."""

    is_of_work = True
    default: ClassVar[str] = ""
    reason: str

    @classmethod
    def parse(cls, value: str | None, options: dict[str, str | None]) -> Self:
        return cls(value or cls.default)


class JobFailure(_ExplainedFailure):
    """The job fails."""

    name = "job-failed"
    surfaces = ("submit",)
    default = "The job failed because of a fault"

    def is_possible(self, states: JobStates | None) -> bool:
        return states is not None and states.failed is not None

    def reason_of_job(self, api: Api) -> str:
        return self.reason


class StuckJobFailure(Failure):
    """The job stays in its first state."""

    name = "job-stuck"
    surfaces = ("submit",)
    is_of_work = True
    is_stuck = True

    def is_possible(self, states: JobStates | None) -> bool:
        return states is not None and bool(states.pending)


class ContentBlockFailure(_ExplainedFailure):
    """The content is blocked: a job fails, a blocking call is refused."""

    name = "content-block"
    surfaces = ("sync", "submit")

    def refusal(
        self, api: Api, model: Model | None, states: JobStates | None, surface: Surface
    ) -> Response | None:
        if surface == "submit" and states is not None and states.failed is not None:
            return None
        status = api.error_for("blocked_content").status
        return responses.error_response(api, status, self.reason_of_job(api), model=model)

    def reason_of_job(self, api: Api) -> str:
        return self.reason or api.error_for("blocked_content").text


class ErrorEventFailure(_ExplainedFailure):
    """A streamed response breaks off with an error."""

    name = "error-event"
    surfaces = ("sync",)
    default = "The response failed because of a fault"

    @property
    def message_of_event(self) -> str:
        return self.reason


FAILURES: dict[str, type[Failure]] = {
    failure.name: failure
    for failure in (
        StatusFailure,
        HtmlFailure,
        ResetFailure,
        TruncateFailure,
        MalformedJsonFailure,
        JobFailure,
        StuckJobFailure,
        ContentBlockFailure,
        ErrorEventFailure,
    )
}
"""All failures, by the word of a fault."""
