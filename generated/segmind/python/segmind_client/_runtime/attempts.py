"""One attempt of a request, and what the client says before the next one."""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING, TypeAlias, cast

from .log import logger
from .retry import read_delay
from .steps import Opened, Outcome, RequestFailure, Response, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from .settings import Settings
    from .steps import ApiRequest, Program

    SendOnce: TypeAlias = Callable[[ApiRequest], Program[Opened | Outcome]]

__all__ = ["announce_pause", "attempt", "log_attempt", "waiting_hint"]


def attempt(settings: Settings, request: ApiRequest) -> Program[Outcome]:
    """Send a request once, and log it."""
    return cast("Outcome", (yield from log_attempt(settings, request, send)))


def log_attempt(settings: Settings, request: ApiRequest, send_once: SendOnce) -> Program[Opened | Outcome]:
    """Send a request once by `send` or `open_response`, and log it."""
    if not logger.isEnabledFor(logging.DEBUG):
        return (yield from send_once(request))
    clock = settings.clock
    started = clock.monotonic()
    # Security: the query of an address in a response may be a signature.
    url = request.url if request.credentials else settings.redactor.text(request.url.partition("?")[0])
    logger.debug("%s %s", request.method, url)
    outcome = yield from send_once(request)
    summary = settings.redactor.text(outcome.text if isinstance(outcome, RequestFailure) else repr(outcome))
    elapsed = clock.monotonic() - started
    logger.debug("%s %s: %s after %.3f s", request.method, url, summary, elapsed)
    return outcome


def announce_pause(settings: Settings, outcome: Outcome, delay: float, what: str) -> None:
    """Log why the client waits and until when, marked for a user interface."""
    if not logger.isEnabledFor(logging.INFO):
        return
    if isinstance(outcome, Response):
        known = next((error for error in settings.api.errors if error.status == outcome.status), None)
        reason = f"{outcome.status} {known.title if known else outcome.reason}".strip()
    else:
        reason = outcome.text
    at = time.strftime("%H:%M:%S", time.localtime(settings.clock.now() + delay))
    seconds = f"{delay:.0f}" if delay >= 10 else f"{delay:.1f}"
    logger.info(
        "%s: %s in %s s, at %s", settings.redactor.text(reason), what, seconds, at, extra={"is_pause": True}
    )


def waiting_hint(outcome: Outcome, settings: Settings) -> tuple[str, ...]:
    """Return a sentence that says when the server accepts requests again."""
    delay = read_delay(outcome, settings.api, settings.clock)
    return (f"The server asks to wait {math.ceil(delay)} s.",) if delay else ()
