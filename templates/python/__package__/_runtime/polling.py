"""The operations on a job that was submitted: read its status or result, and wait for it.

Only the documented paths are read, with the job's id; addresses in an answer are never requested. Reading costs nothing,
so whatever may go better is tried again: a broken connection, 429, a status from 500 up, a web page from a proxy.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .._core.omit import OMIT, Omit
from .address import job_url, usable_id
from .answer import (
    as_object,
    connection_error,
    error_text,
    invalid_response,
    parse_json,
    status_error,
    text_of,
)
from .calls import attempt, waiting_hint
from .errors import ConfigurationError, JobFailedError, JobTimeoutError, ParameterError, Violation
from .request import get
from .retry import LONGEST_DELAY, backoff, is_transient, requested_delay
from .steps import Answer, Sleep

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

_PATIENCE = 30.0
"""Seconds that a poll may hang; a job's state is answered at once or not at all."""
_LAST_PATIENCE = 2.0
"""Seconds that even the poll at the deadline may take."""


class _Reading(NamedTuple):
    """What one look at a job brought: its JSON, or the trouble that was in the way."""

    outcome: Outcome
    body: dict[str, Any] | None = None
    phase: str = ""
    """Empty for a state that is not documented."""


def surface_of(settings: Settings) -> JobSurface:
    """How the API's jobs are called. Raises ConfigurationError for an API without."""
    jobs = settings.api.jobs
    if jobs is None:
        raise ConfigurationError(f"{settings.api.title} has no jobs")
    return jobs


def protocol_of(settings: Settings) -> JobProtocol:
    """How the API's jobs are read. Raises ConfigurationError for an API without jobs."""
    return surface_of(settings).protocol


def accepted_id(settings: Settings, answer: Answer) -> tuple[str, dict[str, Any]]:
    """The id and the JSON in the answer to a submit. Raises InvalidResponseError."""
    body = as_object(parse_json(answer.content)) or {}
    job_id = protocol_of(settings).job_id(body)
    if job_id is not None and usable_id(job_id):
        return job_id, body
    raise invalid_response(settings, answer, "a job's id", billed=True)


def checked_wait(settings: Settings, timeout: float | Omit, interval: float | Omit) -> tuple[float, float]:
    """Deadline and interval in seconds, the API's where they are left out. Raises ParameterError."""
    jobs = surface_of(settings)
    given = {"timeout": jobs.deadline if timeout is OMIT else timeout}
    given["interval"] = jobs.interval if interval is OMIT else interval
    wrong = [
        Violation(name, repr(value), "must be a number of seconds, 0 or more", "at least 0")
        for name, value in cast("dict[str, object]", given).items()
        if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value) or value < 0
    ]
    if wrong:
        raise ParameterError("wait", wrong)
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

    Looks at once, then every `interval` seconds, the last time at the deadline. A state that is not documented is waited
    out like a documented one that is not final.
    """
    clock, jobs, protocol = settings.clock, surface_of(settings), protocol_of(settings)
    started = clock.monotonic()
    deadline = started + timeout
    attempts_in_vain, known = 0, ""
    while True:
        reading = yield from _look(settings, job_url(settings.origin, jobs.status, request_id), deadline)
        if reading.body is not None and on_status is not None:
            on_status(reading.body)
        if reading.phase == "succeeded":
            reading = yield from _look(settings, job_url(settings.origin, jobs.result, request_id), deadline)
            if reading.body is not None and reading.phase in ("succeeded", ""):
                return reading.body
        if reading.phase == "failed":
            raise _failed(settings, request_id, reading)
        if reading.body is not None:
            attempts_in_vain, known = 0, f"last state: {protocol.state_name(reading.body)}"
        else:
            attempts_in_vain, known = attempts_in_vain + 1, f"last look: {_error(settings, reading)}"
        remaining = deadline - clock.monotonic()
        if remaining <= 0:
            raise _timed_out(settings, request_id, clock.monotonic() - started, known)
        delay = _delay(settings, reading, attempts_in_vain) if attempts_in_vain else 0.0
        yield Sleep(min(max(interval, delay), remaining))


def _read(settings: Settings, url: str) -> Program[dict[str, Any]]:
    """Look until something is to be seen, as often as a request may be repeated."""
    attempts = 0
    while True:
        attempts += 1
        reading = yield from _look(settings, url)
        if reading.body is not None:
            return reading.body
        delay = _delay(settings, reading, attempts)
        if attempts > settings.max_retries or delay > LONGEST_DELAY:
            raise _error(settings, reading)
        yield Sleep(delay)


def _look(settings: Settings, url: str, deadline: float = math.inf) -> Program[_Reading]:
    """One look. Raises what looking again would not change."""
    patience = min(_PATIENCE, max(_LAST_PATIENCE, deadline - settings.clock.monotonic()))
    reading = _interpret(settings, (yield from attempt(settings, get(settings, url, patience=patience))))
    if reading.body is None and not (is_transient(reading.outcome) or _is_garbled(reading.outcome)):
        raise _error(settings, reading)
    return reading


def _interpret(settings: Settings, outcome: Outcome) -> _Reading:
    """A job that failed may be served under an error status; its body tells it from an error of the API."""
    body = None if not isinstance(outcome, Answer) else as_object(parse_json(outcome.content))
    if not isinstance(outcome, Answer) or body is None:
        return _Reading(outcome)
    state = protocol_of(settings).state(body, outcome.status)
    if state is not None:
        return _Reading(outcome, body, state.phase)
    return _Reading(outcome, body) if outcome.ok else _Reading(outcome)


def _is_garbled(outcome: Outcome) -> bool:
    """Whether something answered that was hardly the API, such as a proxy with a page of its own."""
    return isinstance(outcome, Answer) and outcome.ok


def _delay(settings: Settings, reading: _Reading, attempts: int) -> float:
    asked = requested_delay(reading.outcome, settings.api, settings.clock)
    return backoff(attempts, settings.clock) if asked is None else asked


def _failed(settings: Settings, request_id: str, reading: _Reading) -> ApiError:
    """What a job that failed says of the reason; no secret that the server repeats is in it."""
    answer = reading.outcome
    text = settings.redactor.text(text_of(answer)) if isinstance(answer, Answer) else ""
    body = as_object(parse_json(text)) or {}
    detail = error_text(protocol_of(settings).error(body)) or error_text(body, ("message", "detail"))
    status = answer.status if isinstance(answer, Answer) else None
    return JobFailedError(detail or None, body, status=status, request_id=request_id)


def _timed_out(settings: Settings, request_id: str, elapsed: float, known: str) -> ApiError:
    retention = surface_of(settings).retention
    kept = f" Results are kept for {_duration(retention)}." if retention else ""
    return JobTimeoutError(
        request_id,
        elapsed,
        f"job {request_id} was not done after {elapsed:.1f} s ({known}). It may still be running:"
        f" client.job({request_id!r}).wait() goes on waiting.{kept}",
    )


def _error(settings: Settings, reading: _Reading) -> ApiError:
    outcome = reading.outcome
    if not isinstance(outcome, Answer):
        return connection_error(settings, outcome, billed=False)
    if outcome.ok:
        return invalid_response(settings, outcome, "the state of a job", billed=False)
    retention = surface_of(settings).retention
    kept = f", or its result has expired (kept for {_duration(retention)})" if retention else " (any more)"
    unknown = (f"The job is not known{kept}.",) if outcome.status == 404 else ()
    return status_error(settings, outcome, hints=(*waiting_hint(outcome, settings), *unknown))


def _duration(seconds: float) -> str:
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length and seconds % length == 0:
            number = int(seconds // length)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{seconds:g} seconds"
