"""Whether and when to repeat a request.

A request that costs credits is repeated only if the server cannot have accepted it: it was not sent, or the status says
so. Reading the state of a job costs nothing and is repeated freely.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .steps import RequestFailure, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core.api import Api
    from .clock import Clock
    from .steps import Outcome

__all__ = ["LONGEST_DELAY", "backoff", "is_transient", "read_delay", "was_not_accepted"]

LONGEST_DELAY = 60.0
"""Seconds. If the server asks to wait longer, the error says so instead."""

_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 8.0
_UNPROCESSED_BY_CONVENTION = frozenset({429})
_TRANSIENT = frozenset({408, 425, 429})
_SINCE_2001 = 1e9
"""Larger numbers are seconds since the epoch, not seconds to wait."""
_MILLISECONDS = 1e11
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = r"(?ai)(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+"


def was_not_accepted(outcome: Outcome, api: Api) -> bool:
    """Return whether the server certainly did not accept the request, so that repeating it cannot bill twice."""
    if isinstance(outcome, RequestFailure):
        return outcome.may_be_temporary and not outcome.sent
    documented = {error.status for error in api.errors if error.rejected_unprocessed}
    return outcome.status in (documented or _UNPROCESSED_BY_CONVENTION)


def is_transient(outcome: Outcome) -> bool:
    """Return whether the same request may succeed later."""
    if isinstance(outcome, RequestFailure):
        return outcome.may_be_temporary
    return outcome.status in _TRANSIENT or outcome.status >= 500


def backoff(attempt: int, clock: Clock) -> float:
    """Return the seconds to wait after this number of attempts: exponential backoff with full jitter."""
    return clock.jitter() * min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0 ** min(attempt - 1, 16))


def read_delay(outcome: Outcome, api: Api, clock: Clock) -> float | None:
    """Return the seconds that the server asks to wait:

    Retry-After, or where a rate limit is exceeded the API's own header; None without either.
    """
    if not isinstance(outcome, Response):
        return None
    names = ["retry-after-ms", "retry-after"]
    if outcome.status in (429, api.error_for("rate_limit").status):
        # Any response may say when the limit ends; only this one says that it is reached.
        names += [header.name.lower() for header in api.headers if header.meaning == "rate_limit_reset"]
    for name in names:
        delay = _delay(outcome.headers, name, clock.now())
        if delay is not None:
            return delay
    return None


def _delay(headers: Mapping[str, str], name: str, now: float) -> float | None:
    """Return the seconds from now in a header: a number, a duration such as `6m0s`, a time since the epoch, or a date."""
    text = headers.get(name, "").strip()
    if re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text, re.ASCII):
        number = float(text)
        if name.endswith("-ms"):
            number /= 1000
        elif number >= _SINCE_2001:
            number = (number / 1000 if number >= _MILLISECONDS else number) - now
    elif re.fullmatch(_DURATION, text):
        parts = re.findall(r"([\d.]+)\s*([a-z]+)", text.lower())
        number = sum(float(amount) * _UNITS[unit] for amount, unit in parts)
    else:
        moment = _parse_moment(text)
        if moment is None:
            return None
        number = moment - now
    return max(0.0, number) if math.isfinite(number) else None


def _parse_moment(text: str) -> float | None:
    """Return the seconds since the epoch of an ISO or HTTP date; without a zone it is in UTC."""
    from email.utils import parsedate_to_datetime

    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text.removesuffix(" UTC"))
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None
