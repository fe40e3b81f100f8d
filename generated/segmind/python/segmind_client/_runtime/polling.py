"""The operations on a job that was submitted: read its status or result, and wait for it.

Only the documented paths are read, with the job's id; URLs in a response are never requested. Reading costs nothing,
so every problem that may be temporary is retried: a broken connection, 429, a status from 500 up, a web page from a proxy.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .._core.omit import OMIT, Omit
from .address import is_valid_id, job_url
from .calls import attempt, waiting_hint
from .errors import ConfigurationError, JobFailedError, JobTimeoutError, ParameterError, Violation
from .request import get
from .response import (
    as_object,
    connection_error,
    error_text,
    invalid_response,
    parse_json,
    status_error,
    text_of,
)
from .retry import LONGEST_DELAY, backoff, is_transient, requested_delay
from .steps import Response, Sleep

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._core.api import JobSurface
    from .._core.protocol import JobProtocol
    from .errors import ApiError
    from .settings import Settings
    from .steps import Outcome, Program

__all__ = [
    "accepted_id",
    "checked_wait",
    "protocol_of",
    "read_result",
    "read_status",
    "surface_of",
    "wait",
]

_POLL_SECONDS = 30.0
"""Timeout of a poll in seconds; APIs report a job's state at once."""
_LAST_POLL_SECONDS = 2.0
"""Seconds that the last poll may take, even after the deadline."""


class _PollResult(NamedTuple):
    """The outcome of one poll, with the job's JSON if there is any."""

    outcome: Outcome
    body: dict[str, Any] | None = None
    phase: str = ""
    """Empty for a state that is not documented."""


def surface_of(settings: Settings) -> JobSurface:
    """How the API's jobs are called. Raises ConfigurationError for an API without jobs."""
    jobs = settings.api.jobs
    if jobs is None:
        raise ConfigurationError(f"{settings.api.title} has no jobs")
    return jobs


def protocol_of(settings: Settings) -> JobProtocol:
    """How the API's jobs are read. Raises ConfigurationError for an API without jobs."""
    return surface_of(settings).protocol


def accepted_id(settings: Settings, response: Response) -> tuple[str, dict[str, Any]]:
    """The id and the JSON in the response to a submit. Raises InvalidResponseError."""
    body = as_object(parse_json(response.content)) or {}
    job_id = protocol_of(settings).job_id(body)
    if job_id is not None and is_valid_id(job_id):
        return job_id, body
    raise invalid_response(settings, response, "a job's id", billed=True)


def checked_wait(settings: Settings, timeout: float | Omit, interval: float | Omit) -> tuple[float, float]:
    """Deadline and interval in seconds, by default the API's. Raises ParameterError."""
    jobs = surface_of(settings)
    given = {"timeout": jobs.deadline if timeout is OMIT else timeout}
    given["interval"] = jobs.interval if interval is OMIT else interval
    violations = [
        Violation(name, repr(value), "must be a number of seconds, 0 or more", "at least 0")
        for name, value in cast("dict[str, object]", given).items()
        if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value) or value < 0
    ]
    if violations:
        raise ParameterError("wait", violations)
    return given["timeout"], given["interval"]


def read_status(settings: Settings, request_id: str) -> Program[dict[str, Any]]:
    """The JSON of the job's status, also of a job that failed."""
    return (yield from _read(settings, job_url(settings.origin, surface_of(settings).status, request_id)))


def read_result(settings: Settings, request_id: str) -> Program[dict[str, Any]]:
    """The JSON of the job's result, also of a job that failed."""
    return (yield from _read(settings, job_url(settings.origin, surface_of(settings).result, request_id)))


def wait(
    settings: Settings,
    request_id: str,
    timeout: float,
    interval: float,
    on_status: Callable[[dict[str, Any]], object] | None,
) -> Program[dict[str, Any]]:
    """The JSON of the job's result, once it is done. Raises JobFailedError and JobTimeoutError among others.

    Polls at once, then every `interval` seconds, and for the last time at the deadline. An undocumented state is treated
    like one that is not final.
    """
    clock, jobs, protocol = settings.clock, surface_of(settings), protocol_of(settings)
    started = clock.monotonic()
    deadline = started + timeout
    failures, last = 0, ""
    while True:
        poll = yield from _poll(settings, job_url(settings.origin, jobs.status, request_id), deadline)
        if poll.body is not None and on_status is not None:
            on_status(poll.body)
        if poll.phase == "succeeded":
            poll = yield from _poll(settings, job_url(settings.origin, jobs.result, request_id), deadline)
            if poll.body is not None and poll.phase in ("succeeded", ""):
                return poll.body
        if poll.phase == "failed":
            raise _failed(settings, request_id, poll)
        if poll.body is not None:
            failures, last = 0, f"last state: {protocol.state_name(poll.body)}"
        else:
            failures, last = failures + 1, f"last poll: {_error(settings, poll)}"
        remaining = deadline - clock.monotonic()
        if remaining <= 0:
            raise _timed_out(settings, request_id, clock.monotonic() - started, last)
        delay = _delay(settings, poll, failures) if failures else 0.0
        yield Sleep(min(max(interval, delay), remaining))


def _read(settings: Settings, url: str) -> Program[dict[str, Any]]:
    """Poll until there is a job's JSON, at most as often as a request may be repeated."""
    attempts = 0
    while True:
        attempts += 1
        poll = yield from _poll(settings, url)
        if poll.body is not None:
            return poll.body
        delay = _delay(settings, poll, attempts)
        if attempts > settings.max_retries or delay > LONGEST_DELAY:
            raise _error(settings, poll)
        yield Sleep(delay)


def _poll(settings: Settings, url: str, deadline: float = math.inf) -> Program[_PollResult]:
    """Poll once. Raises errors that polling again would not change."""
    max_seconds = min(_POLL_SECONDS, max(_LAST_POLL_SECONDS, deadline - settings.clock.monotonic()))
    poll = _interpret(settings, (yield from attempt(settings, get(settings, url, max_seconds=max_seconds))))
    if poll.body is None and not (is_transient(poll.outcome) or _is_unreadable(poll.outcome)):
        raise _error(settings, poll)
    return poll


def _interpret(settings: Settings, outcome: Outcome) -> _PollResult:
    """The job's JSON in a response, if it contains some."""
    body = None if not isinstance(outcome, Response) else as_object(parse_json(outcome.content))
    if not isinstance(outcome, Response) or body is None:
        return _PollResult(outcome)
    state = protocol_of(settings).state(body, outcome.status)
    if state is not None:
        return _PollResult(outcome, body, state.phase)
    return _PollResult(outcome, body) if outcome.ok else _PollResult(outcome)


def _is_unreadable(outcome: Outcome) -> bool:
    """Whether the status is a success but the body is not a job's JSON, such as a page of a proxy."""
    return isinstance(outcome, Response) and outcome.ok


def _delay(settings: Settings, poll: _PollResult, attempts: int) -> float:
    requested = requested_delay(poll.outcome, settings.api, settings.clock)
    return backoff(attempts, settings.clock) if requested is None else requested


def _failed(settings: Settings, request_id: str, poll: _PollResult) -> ApiError:
    """The error of a failed job, without secrets that the server repeats."""
    response = poll.outcome
    text = settings.redactor.text(text_of(response)) if isinstance(response, Response) else ""
    body = as_object(parse_json(text)) or {}
    detail = error_text(protocol_of(settings).error(body)) or error_text(body, ("message", "detail"))
    status = response.status if isinstance(response, Response) else None
    return JobFailedError(detail or None, body, status=status, request_id=request_id)


def _timed_out(settings: Settings, request_id: str, elapsed: float, last: str) -> ApiError:
    retention = surface_of(settings).retention
    kept = f" Results are kept for {_duration(retention)}." if retention else ""
    return JobTimeoutError(
        request_id,
        elapsed,
        f"job {request_id} did not finish within {elapsed:.1f} s ({last}). It may still be running;"
        f" to continue waiting: client.job({request_id!r}).wait().{kept}",
    )


def _error(settings: Settings, poll: _PollResult) -> ApiError:
    outcome = poll.outcome
    if not isinstance(outcome, Response):
        return connection_error(settings, outcome, billed=False)
    if outcome.ok:
        return invalid_response(settings, outcome, "the state of a job", billed=False)
    retention = surface_of(settings).retention
    kept = (
        f", or its result has expired (kept for {_duration(retention)})" if retention else " or has expired"
    )
    unknown = (f"The job does not exist{kept}.",) if outcome.status == 404 else ()
    return status_error(settings, outcome, hints=(*waiting_hint(outcome, settings), *unknown))


def _duration(seconds: float) -> str:
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length and seconds % length == 0:
            number = int(seconds // length)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{seconds:g} seconds"
