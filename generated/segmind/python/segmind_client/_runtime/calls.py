"""The operations that run a model: one blocking call, or the submit of a job. Both cost credits."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .attempts import announce_pause, log_attempt, waiting_hint
from .clock import Deadline
from .request import post
from .response import connection_error, status_error
from .response_check import check_returned
from .retry import LONGEST_DELAY, backoff, read_delay, was_not_accepted
from .spending import check_budget, count_call
from .steps import Opened, RequestFailure, Response, Sleep, open_response, send

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .._core.encoding import Body
    from .._core.parameter import Parameter
    from .._core.paths import JobPaths
    from .._core.places import Places
    from .attempts import SendOnce
    from .errors import ApiError
    from .settings import Settings
    from .steps import Outcome, Program


__all__ = ["Call", "generate", "open_call", "submit"]

_NOT_OF_GATEWAYS = frozenset({500, 501, 505})
"""The API itself reports these errors. Every other status from 500 up, such as Cloudflare's 520 and 524, may come from a
gateway that had forwarded the request."""


_UNREPEATABLE = "The request was not repeated, because a file object that cannot seek was already read."


class Call(NamedTuple):
    """A request that runs a model."""

    slug: str
    url: str
    content_type: str
    body: Body
    returns: tuple[str, ...] = ()
    """Documented media types of a success."""
    hints: tuple[str, ...] = ()
    """Sentences to append to an error of the API."""
    not_found_hint: Callable[[], str] = str
    """Returns a sentence to append to a 404, or an empty text."""
    places: Places | None = None
    """Where the responses have their values, if they differ from the API's."""
    deadline: float | None = None
    """Seconds to wait for a job, if they differ from the API's."""
    interval: float | None = None
    """Seconds between two polls, if they differ from the API's."""
    job_paths: JobPaths | None = None
    """Paths for the model's jobs; None for a blocking call."""
    parameters: Mapping[str, Any] = MappingProxyType({})
    """What was passed, by names in the API."""
    known: tuple[Parameter, ...] = ()
    """The parameters of the model, as the package knows them."""

    def __repr__(self) -> str:
        return f"Call({self.slug!r}, {self.url!r})"


def generate(settings: Settings, call: Call) -> Program[Response]:
    """Make a blocking call. Raises the exceptions of `errors`."""
    response = cast("Response", (yield from _run(settings, call, send)))
    check_returned(settings, response, call.returns if settings.validate else ())
    return response


def submit(settings: Settings, call: Call) -> Program[Response]:
    """Submit a job; the response contains its id."""
    return cast("Response", (yield from _run(settings, call, send)))


def open_call(settings: Settings, call: Call) -> Program[Opened]:
    """Make a blocking call without reading the body of the response."""
    return cast("Opened", (yield from _run(settings, call, open_response)))


def may_have_been_processed(status: int) -> bool:
    """Return whether a request may have been processed despite an error status."""
    return status == 408 or (status >= 500 and status not in _NOT_OF_GATEWAYS)


def _run(settings: Settings, call: Call, send_once: SendOnce) -> Program[Opened | Response]:
    if settings.max_cost is not None:
        check_budget(settings)
    deadline = Deadline.after(settings.total_timeout, settings.clock)
    if not isinstance(call.body, bytes):
        from .uploading import upload_files  # few requests have files

        yield from upload_files(settings, call.body, deadline)
    attempts = 0
    while True:
        attempts += 1
        is_job = call.job_paths is not None
        request = post(settings, call.url, call.content_type, call.body, deadline, job=is_job)
        outcome = yield from log_attempt(settings, request, send_once)
        if not isinstance(outcome, RequestFailure) and not is_job:
            count_call(settings, outcome.response if isinstance(outcome, Opened) else outcome)
        if isinstance(outcome, Opened) or (isinstance(outcome, Response) and outcome.ok):
            return outcome
        delay = _delay(settings, call, outcome, attempts)
        if delay is None or delay >= deadline.remaining:
            raise _error(settings, call, outcome)
        announce_pause(settings, outcome, delay, f"attempt {attempts + 1} of {settings.max_retries + 1}")
        yield Sleep(delay)


def _delay(settings: Settings, call: Call, outcome: Outcome, attempts: int) -> float | None:
    """Return the seconds until the request is repeated; None if it must not be."""
    if attempts > settings.max_retries or not (
        was_not_accepted(outcome, settings.api) and _can_repeat(call.body)
    ):
        return None
    requested = read_delay(outcome, settings.api, settings.clock)
    if requested is None:
        return backoff(attempts, settings.clock)
    return None if requested > LONGEST_DELAY else requested + backoff(1, settings.clock)


def _can_repeat(body: Body) -> bool:
    return isinstance(body, bytes) or body.can_repeat


def _error(settings: Settings, call: Call, outcome: Outcome) -> ApiError:
    error = _describe(settings, call, outcome)
    error.is_repeatable = was_not_accepted(outcome, settings.api) and _can_repeat(call.body)
    error.retry_after = read_delay(outcome, settings.api, settings.clock)
    return error


def _describe(settings: Settings, call: Call, outcome: Outcome) -> ApiError:
    unrepeatable = () if _can_repeat(call.body) else (_UNREPEATABLE,)
    if not isinstance(outcome, Response):
        return connection_error(settings, outcome, billed=True, hints=unrepeatable)
    hints = [*waiting_hint(outcome, settings), *call.hints, *unrepeatable]
    may_be_billed = may_have_been_processed(outcome.status) and not was_not_accepted(outcome, settings.api)
    if may_be_billed:
        hints.append("The request may have been processed and billed; the client did not repeat it.")
    is_unknown = outcome.status in (404, settings.api.error_for("unknown_model").status)
    if is_unknown and (hint := call.not_found_hint()):
        hints.append(hint)
    error = status_error(settings, outcome, hints=tuple(hints))
    error.may_be_billed = may_be_billed or outcome.status < 400
    return error
