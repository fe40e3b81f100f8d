"""The operations that run a model: one blocking call, and the submit of a job. Both cost credits."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, NamedTuple

from .answer import connection_error, invalid_response, is_web_page, status_error
from .log import logger
from .request import post
from .retry import LONGEST_DELAY, backoff, requested_delay, was_not_accepted
from .steps import Answer, Sleep, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from .errors import ApiError
    from .settings import Settings
    from .steps import Outcome, Program, Request

__all__ = ["Call", "attempt", "generate", "submit", "waiting_hint"]

_GATEWAY_TROUBLE = frozenset({408, 502, 504})


class Call(NamedTuple):
    """A model with its parameters, ready to be sent."""

    slug: str
    url: str
    content_type: str
    body: bytes
    returns: tuple[str, ...] = ()
    """Media types of a success, as far as they are known."""
    hints: tuple[str, ...] = ()
    """Sentences that an error of the API ends with."""
    not_found_hint: Callable[[], str] = str
    """Makes one sentence more, or none, for a 404."""

    def __repr__(self) -> str:
        return f"Call({self.slug!r}, {self.url!r})"


def generate(settings: Settings, call: Call) -> Program[Answer]:
    """One blocking call. Raises what `errors` lists."""
    answer = yield from _run(settings, call)
    if is_web_page(answer) and not any(kind.startswith("text/html") for kind in call.returns):
        raise invalid_response(settings, answer, "what the model made", billed=True)
    return answer


def submit(settings: Settings, call: Call) -> Program[Answer]:
    """Submit a job; the answer tells its id."""
    return (yield from _run(settings, call))


def attempt(settings: Settings, request: Request) -> Program[Outcome]:
    """Send a request once, and log that."""
    if not logger.isEnabledFor(logging.DEBUG):
        return (yield from send(request))
    clock = settings.clock
    started = clock.monotonic()
    logger.debug("%s %s", request.method, request.url)
    outcome = yield from send(request)
    told = settings.redactor.text(repr(outcome) if isinstance(outcome, Answer) else outcome.text)
    elapsed = clock.monotonic() - started
    logger.debug("%s %s: %s after %.3f s", request.method, request.url, told, elapsed)
    return outcome


def waiting_hint(outcome: Outcome, settings: Settings) -> tuple[str, ...]:
    """When the server wants to be asked again, as a sentence."""
    delay = requested_delay(outcome, settings.api, settings.clock)
    return (f"The server asks to wait {math.ceil(delay)} s.",) if delay else ()


def _run(settings: Settings, call: Call) -> Program[Answer]:
    request = post(settings, call.url, call.content_type, call.body)
    attempts = 0
    while True:
        attempts += 1
        outcome = yield from attempt(settings, request)
        if isinstance(outcome, Answer) and outcome.ok:
            return outcome
        delay = _delay(settings, outcome, attempts)
        if delay is None:
            raise _error(settings, call, outcome)
        logger.debug("attempt %d of %d in %.2f s", attempts + 1, settings.max_retries + 1, delay)
        yield Sleep(delay)


def _delay(settings: Settings, outcome: Outcome, attempts: int) -> float | None:
    """Seconds until the request is repeated; None where it must not be."""
    if attempts > settings.max_retries or not was_not_accepted(outcome, settings.api):
        return None
    asked = requested_delay(outcome, settings.api, settings.clock)
    if asked is None:
        return backoff(attempts, settings.clock)
    return None if asked > LONGEST_DELAY else asked + backoff(1, settings.clock)


def _error(settings: Settings, call: Call, outcome: Outcome) -> ApiError:
    if not isinstance(outcome, Answer):
        return connection_error(settings, outcome, billed=True)
    hints = [*waiting_hint(outcome, settings), *call.hints]
    if outcome.status in _GATEWAY_TROUBLE:
        hints.append("The request may have been carried out and billed; it was not repeated.")
    if outcome.status == 404 and (hint := call.not_found_hint()):
        hints.append(hint)
    return status_error(settings, outcome, hints=tuple(hints))
