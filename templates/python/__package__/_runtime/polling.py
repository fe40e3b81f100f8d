"""The operations on a submitted job: read its status or result, wait for it, and cancel it.

Only the documented paths are read, with the job's id; URLs in a response are never requested. Reading costs nothing,
so every problem that may be temporary is retried: a broken connection, 429, a status from 500 up, a web page from a proxy.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, TypeVar, cast

from .._core.omit import OMIT, Omit
from .._core.places import has_output, in_words, outputs_in_words
from .address import is_valid_id, job_url
from .attempts import announce_pause, attempt, waiting_hint
from .clock import Deadline
from .errors import (
    ApiError,
    ConfigurationError,
    JobCanceledError,
    JobFailedError,
    JobTimeoutError,
    ParameterError,
    Violation,
)
from .log import logger
from .request import get
from .response import (
    as_object,
    connection_error,
    error_text,
    invalid_response,
    is_web_page,
    parse_json,
    status_error,
    text_of,
)
from .response_check import find_error
from .retry import LONGEST_DELAY, backoff, is_transient, read_delay

# speccast: if cost
from .spending import count_job

# speccast: end
from .steps import Report, Response, Sleep

if TYPE_CHECKING:
    from .._core.api import JobSurface
    from .._core.protocol import JobProtocol
    from .calls import Call
    from .settings import Settings
    from .steps import Outcome, Program

__all__ = [
    # speccast: if cancel
    "cancel",
    "cancel_at_deadline",
    # speccast: end
    "check_wait",
    "default_deadline",
    "look",
    "protocol_of",
    "read_accepted_id",
    "read_result",
    "read_status",
    "surface_of",
    "wait",
    "watch",
]

PollOperation: TypeAlias = Literal["status", "result"]

_POLL_SECONDS = 30.0
"""Timeout of each read of a poll in seconds; APIs report a job's state at once."""
_SHORTEST_INTERVAL = 0.05
"""Seconds between two polls, also if the caller asks for less."""
_LONGEST_INTERVAL = 86400.0
# speccast: if cancel
_CANCEL_SECONDS = 5.0
"""How long canceling may take after a deadline."""

T = TypeVar("T")
# speccast: end


class _PollResult(NamedTuple):
    """The outcome of one poll, with the job's JSON if there is any."""

    outcome: Outcome
    body: dict[str, Any] | None = None
    phase: str = ""
    """Empty for a state that is not documented."""
    operation: PollOperation = "status"
    """What was polled: `result` also for a status that contains the result."""


def surface_of(settings: Settings) -> JobSurface:
    """Return how the API's jobs are called. Raises ConfigurationError for an API without jobs."""
    jobs = settings.api.jobs
    if jobs is None:
        raise ConfigurationError(f"{settings.api.title} has no jobs")
    return jobs


def protocol_of(settings: Settings) -> JobProtocol:
    """Return how the API's jobs are read. Raises ConfigurationError for an API without jobs."""
    surface_of(settings)
    return settings.api.protocol


def read_accepted_id(settings: Settings, response: Response, slug: str) -> tuple[str, dict[str, Any]]:
    """Return the id and the JSON in the response to a submit. Raises InvalidResponseError."""
    body = as_object(parse_json(response.content)) or {}
    job_id = protocol_of(settings).job_id(body)
    # Security: an id that contains the key would bring it into logs and errors.
    if job_id is not None and is_valid_id(job_id) and settings.redactor.text(job_id) == job_id:
        logger.info("job %s of %s was accepted", job_id, slug)
        return job_id, body
    missing = " or ".join(map(in_words, settings.api.places.submit.get("id", ())))
    raise invalid_response(settings, response, "a job's id", billed=True, missing=missing if body else "")


def check_wait(
    settings: Settings, timeout: float | Omit, interval: float | Omit, call: Call | None
) -> tuple[float, float]:
    """Return the deadline and the interval in seconds, by default those of the model or the API. Raises ParameterError."""
    given = {"timeout": default_deadline(settings, call) if timeout is OMIT else timeout}
    given["interval"] = _default_interval(settings, call) if interval is OMIT else interval
    violations = [
        Violation(name, repr(value), "must be a number of seconds, 0 or more", "at least 0")
        for name, value in cast("dict[str, object]", given).items()
        if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value) or value < 0
    ]
    if not violations and given["interval"] > _LONGEST_INTERVAL:
        violations.append(
            Violation("interval", repr(interval), "must be at most 86400 s (a day)", "0 to 86400")
        )
    if violations:
        raise ParameterError("wait", violations)
    return given["timeout"], max(given["interval"], _SHORTEST_INTERVAL)


def default_deadline(settings: Settings, call: Call | None) -> float:
    """Return the seconds to wait for a job: those of its model, if it is known, else the API's."""
    jobs = surface_of(settings)
    return jobs.deadline if call is None or call.deadline is None else call.deadline


def _default_interval(settings: Settings, call: Call | None) -> float:
    jobs = surface_of(settings)
    return jobs.interval if call is None or call.interval is None else call.interval


def read_status(settings: Settings, request_id: str) -> Program[tuple[dict[str, Any], Response]]:
    """Return the JSON of the job's status, also of a job that failed, and the response."""
    return (yield from _read(settings, request_id, surface_of(settings).status, "status"))


def read_result(settings: Settings, request_id: str) -> Program[tuple[dict[str, Any], Response]]:
    """Return the JSON of the job's result, also of a job that failed, and the response."""
    return (yield from _read(settings, request_id, surface_of(settings).result, "result"))


def wait(
    settings: Settings, request_id: str, timeout: float, interval: float
) -> Program[tuple[dict[str, Any], Response]]:
    """Return the JSON of the job's result, once it is done. Raises JobFailedError and JobTimeoutError among others.

    Polls at once, then every `interval` seconds, and for the last time at the deadline. Reports the JSON of each status. An
    undocumented state is treated like one that is not final.
    """
    waiting = _Wait(settings, request_id, timeout, interval)
    unreadable: Counter[bytes] = Counter()
    while True:
        poll = yield from waiting.until_final()
        poll = yield from waiting.fetch(poll)
        if (found := _find_result(settings, request_id, poll)) is not None:
            return found
        if (content := _unreadable_content(poll)) is not None:
            unreadable[content] += 1
            if unreadable[content] > settings.max_retries:
                raise _error(settings, poll)
        yield from waiting.pause(poll)


def look(settings: Settings, request_id: str) -> Program[tuple[dict[str, Any], Response] | None]:
    """Return the JSON of the job's result if it is done; None if it is not, or if the API cannot say that now. Polls once.

    Raises JobFailedError, and APIStatusError for an unknown job.
    """
    waiting = _Wait(settings, request_id, math.inf, 0.0)
    poll = yield from waiting.poll(surface_of(settings).status, "status")
    poll = yield from waiting.fetch(poll)
    return _find_result(settings, request_id, poll)


def _find_result(
    settings: Settings, request_id: str, poll: _PollResult
) -> tuple[dict[str, Any], Response] | None:
    """Return the JSON of a job's result, if this is the poll of the result. Raises JobFailedError if the job failed."""
    if poll.phase in ("failed", "canceled"):
        raise _make_failure(settings, request_id, poll)
    if poll.operation != "result" or poll.body is None or poll.phase not in ("succeeded", ""):
        return None
    response = cast("Response", poll.outcome)
    # speccast: if cost
    count_job(settings, request_id, poll.body, response)
    # speccast: end
    _check_output(settings, poll.body, response)
    return poll.body, response


def watch(settings: Settings, request_id: str, timeout: float, interval: float) -> Program[None]:
    """Report the JSON of each status until the job is done or has failed. Raises JobTimeoutError among others."""
    yield from _Wait(settings, request_id, timeout, interval).until_final()


# speccast: if cancel
def cancel(
    settings: Settings, request_id: str, seconds: float | None = None
) -> Program[tuple[dict[str, Any] | None, Response]]:
    """Cancel the job in at most `seconds`. Return the JSON object of the response, or None, and the response.

    Raises what the API returns if the job is finished already. Canceling again is harmless, so it is retried like a poll.
    """
    documented = surface_of(settings).cancel
    if documented is None:
        raise ConfigurationError(f"{settings.api.title} cannot cancel jobs")
    url = job_url(settings.origin, documented.path, request_id)
    deadline = Deadline.after(settings.total_timeout if seconds is None else seconds, settings.clock)
    attempts = 0
    while True:
        attempts += 1
        request = get(settings, url, deadline, max_seconds=_POLL_SECONDS)
        poll = _interpret(
            settings, (yield from attempt(settings, request._replace(method=documented.method)))
        )
        if isinstance(poll.outcome, Response) and _is_accepted(settings, poll, poll.outcome):
            return poll.body, poll.outcome
        delay = _delay(settings, poll, attempts)
        is_over = attempts > settings.max_retries or not is_transient(poll.outcome)
        if is_over or delay > LONGEST_DELAY or delay >= deadline.remaining:
            raise _error(settings, poll)
        yield Sleep(delay)


def _is_accepted(settings: Settings, poll: _PollResult, response: Response) -> bool:
    """Return whether the API has canceled a job, or will; some APIs report that with the status of an error.

    Without a state for it, a canceled job is one that failed.
    """
    states = surface_of(settings).states
    canceled = "canceled" if any(state.phase == "canceled" for state in states) else "failed"
    if poll.phase == canceled or not response.ok:
        return poll.phase == canceled
    return not is_web_page(response) and find_error(parse_json(response.content), settings.api) is None


def cancel_at_deadline(settings: Settings, request_id: str, waiting: Program[T]) -> Program[T]:
    """Wait for the job, and cancel it at the deadline. The JobTimeoutError says whether that succeeded."""
    try:
        return (yield from waiting)
    except JobTimeoutError as error:
        try:
            yield from cancel(settings, request_id, _CANCEL_SECONDS)
        except ApiError as problem:
            error.add_note(f"The job could not be canceled: {problem}")
            raise error from None
        text = f"job {request_id} did not finish within {error.elapsed_s:.1f} s, and was canceled"
        canceled = JobTimeoutError(request_id, error.elapsed_s, text)
        canceled.is_canceled = True
        raise canceled from None


# speccast: end
class _Wait:
    """Polls of one job until a deadline."""

    def __init__(self, settings: Settings, request_id: str, timeout: float, interval: float) -> None:
        self._settings = settings
        self._request_id = request_id
        self._interval = interval
        self._started = settings.clock.monotonic()
        self._deadline = Deadline.after(timeout, settings.clock)
        self._last_poll_seconds = min(2.0, 0.05 * timeout + 0.02)
        """Time for a poll at the deadline. Status and result together take a tenth longer than the caller allows."""
        self._failures = 0

    def until_final(self) -> Program[_PollResult]:
        """Poll the status until it is final."""
        while True:
            poll = yield from self.poll(surface_of(self._settings).status, "status")
            if poll.body is not None:
                yield Report(poll.body)
            if poll.phase in ("succeeded", "failed", "canceled"):
                return poll
            yield from self.pause(poll)

    def poll(self, path: str, operation: PollOperation) -> Program[_PollResult]:
        """Poll once."""
        url = job_url(self._settings.origin, path, self._request_id)
        return (yield from _poll(self._settings, url, operation, self._deadline, self._last_poll_seconds))

    def fetch(self, poll: _PollResult) -> Program[_PollResult]:
        """Poll the result if the status says that there is one."""
        surface = surface_of(self._settings)
        if poll.phase != "succeeded":
            return poll
        if surface.result != surface.status:
            poll = yield from self.poll(surface.result, "result")
        return poll._replace(operation="result")

    def pause(self, poll: _PollResult) -> Program[None]:
        """Wait until it is time to poll again. Raises JobTimeoutError at the deadline."""
        delay = 0.0
        if poll.body is not None:
            self._failures = 0
        else:
            self._failures += 1
            delay = min(_delay(self._settings, poll, self._failures), LONGEST_DELAY)
        remaining = self._deadline.remaining
        if remaining <= 0:
            raise self._timed_out(poll)
        pause = min(max(self._interval, delay), remaining)
        if poll.body is None:
            announce_pause(self._settings, poll.outcome, pause, "next poll")
        yield Sleep(pause)

    def _timed_out(self, poll: _PollResult) -> ApiError:
        elapsed = self._settings.clock.monotonic() - self._started
        if poll.body is not None:
            state = protocol_of(self._settings).state_name(poll.body)
            last = f"last state: {self._settings.redactor.text(str(state))}"
        else:
            last = f"last poll: {_error(self._settings, poll)}"
        retention = surface_of(self._settings).retention
        kept = f" Results are kept for {_duration(retention)}." if retention else ""
        job_id = self._request_id
        model = ", model=…" if self._settings.has_paths_of_model else ""
        return JobTimeoutError(
            job_id,
            elapsed,
            f"job {job_id} did not finish within {elapsed:.1f} s ({last}). It may still be running;"
            f" to continue waiting: client.job({job_id!r}{model}).wait().{kept}",
        )


def _read(
    settings: Settings, request_id: str, path: str, operation: PollOperation
) -> Program[tuple[dict[str, Any], Response]]:
    """Poll until there is a job's JSON, at most as often as a request may be repeated."""
    url = job_url(settings.origin, path, request_id)
    deadline = Deadline.after(settings.total_timeout, settings.clock)
    attempts = 0
    while True:
        attempts += 1
        poll = yield from _poll(settings, url, operation, deadline)
        if poll.body is not None:
            response = cast("Response", poll.outcome)
            # speccast: if cost
            count_job(settings, request_id, poll.body, response)
            # speccast: end
            return poll.body, response
        delay = _delay(settings, poll, attempts)
        if attempts > settings.max_retries or delay > LONGEST_DELAY or delay >= deadline.remaining:
            raise _error(settings, poll)
        yield Sleep(delay)


def _poll(
    settings: Settings, url: str, operation: PollOperation, deadline: Deadline, at_least: float = 0.001
) -> Program[_PollResult]:
    """Poll once. Raises errors that polling again would not change."""
    request = get(settings, url, deadline, max_seconds=_POLL_SECONDS, at_least=at_least)
    poll = _interpret(settings, (yield from attempt(settings, request)), operation)
    if poll.body is None and not (is_transient(poll.outcome) or _is_unreadable(poll.outcome)):
        raise _error(settings, poll)
    return poll


def _interpret(settings: Settings, outcome: Outcome, operation: PollOperation = "status") -> _PollResult:
    """Return the job's JSON in a response, if it contains some."""
    if not isinstance(outcome, Response):
        return _PollResult(outcome)
    body = as_object(parse_json(outcome.content))
    if body is None:
        return (
            _PollResult(outcome, {}, "succeeded")
            if _is_raw_output(settings, outcome)
            else _PollResult(outcome)
        )
    protocol = protocol_of(settings)
    state = protocol.state(body, outcome.status, operation) or protocol.failure(outcome.status)
    if state is not None:
        return _PollResult(outcome, body, state.phase)
    is_error = protocol.state_name(body) is None and find_error(body, settings.api) is not None
    return _PollResult(outcome, body) if outcome.ok and not is_error else _PollResult(outcome)


def _is_raw_output(settings: Settings, response: Response) -> bool:
    """Return whether a response is the bytes of a job's output, where the API documents that."""
    is_documented = "media" in settings.api.places.result and response.status == 200
    return is_documented and bool(response.content) and not is_web_page(response)


def _check_output(settings: Settings, body: dict[str, Any], response: Response) -> None:
    """Raise InvalidResponseError if a result has nothing where the API documents an output."""
    places = settings.api.places.result
    missing = outputs_in_words(places)
    if body and missing and not has_output(places, body):
        error = find_error(body, settings.api)
        raise invalid_response(settings, response, "an output", billed=False, error=error, missing=missing)


def _unreadable_content(poll: _PollResult) -> bytes | None:
    """Return the content of a success that is not a job's JSON; repeated often enough, it is not a temporary error."""
    outcome = poll.outcome
    return outcome.content if poll.body is None and isinstance(outcome, Response) and outcome.ok else None


def _is_unreadable(outcome: Outcome) -> bool:
    """Return whether the status is a success but the body is not a job's JSON, such as a page of a proxy."""
    return isinstance(outcome, Response) and outcome.ok


def _delay(settings: Settings, poll: _PollResult, attempts: int) -> float:
    requested = read_delay(poll.outcome, settings.api, settings.clock)
    return backoff(attempts, settings.clock) if requested is None else requested


def _make_failure(settings: Settings, request_id: str, poll: _PollResult) -> ApiError:
    """Return the error of a failed job, without secrets that the server repeats."""
    response = poll.outcome
    # speccast: if cost
    if isinstance(response, Response):
        count_job(settings, request_id, poll.body or {}, response)
    # speccast: end
    text = text_of(response) if isinstance(response, Response) else ""
    body = settings.redactor.json(as_object(parse_json(text)) or {})
    detail = error_text(protocol_of(settings).error(body)) or error_text(body, ("message", "detail"))
    status = response.status if isinstance(response, Response) else None
    # speccast: if canceled
    if poll.phase == "canceled":
        return JobCanceledError(detail or None, body, status=status, request_id=request_id)
    # speccast: end
    return JobFailedError(detail or None, body, status=status, request_id=request_id)


def _error(settings: Settings, poll: _PollResult) -> ApiError:
    outcome = poll.outcome
    if not isinstance(outcome, Response):
        return connection_error(settings, outcome, billed=False)
    if outcome.ok:
        error = find_error(parse_json(outcome.content), settings.api)
        return invalid_response(settings, outcome, "the state of a job", billed=False, error=error)
    retention = surface_of(settings).retention
    kept = (
        f", or its result has expired (kept for {_duration(retention)})" if retention else " or has expired"
    )
    is_unknown = outcome.status in (404, settings.api.error_for("unknown_job").status)
    unknown = (f"The job does not exist{kept}.",) if is_unknown else ()
    return status_error(settings, outcome, hints=(*waiting_hint(outcome, settings), *unknown))


def _duration(seconds: float) -> str:
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length and seconds % length == 0:
            number = int(seconds // length)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{seconds:g} seconds"
