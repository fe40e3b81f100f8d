"""When the next request may be sent: the requests in flight, a rate, and pauses that the API asks for.

Decisions only: times come in as arguments, in seconds of a clock that never goes back.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, insort
from typing import TYPE_CHECKING

from .._runtime.errors import ConfigurationError
from .._runtime.typed_texts import UNITS, read_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MOST_IN_FLIGHT", "Pace", "Rate", "parse_rate"]

MOST_IN_FLIGHT = 100
"""Requests in flight that the adaptive limit does not exceed."""
_FIRST = 4.0
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_RESOLUTION = 0.002
"""Seconds by which clocks may differ over a window."""


class Rate:
    """At most so many requests in any window of so many seconds, as the server receives them.

    A response says when a request had arrived at the latest. Without one, it counts as if it arrived `margin` after it was
    sent: a busy machine or network may delay one request, and not the next.
    """

    def __init__(self, requests: int, seconds: float) -> None:
        self.requests, self.seconds = requests, seconds
        self.margin = min(2.0, 0.25 + seconds * 0.05)
        self._arrivals: list[float] = []
        """When the latest requests had arrived at the latest, in the order of these times."""
        self._reserved = 0
        """Requests that are about to be sent."""

    def load(self, arrivals: Iterable[float]) -> None:
        """Count requests of earlier runs."""
        self._arrivals = sorted(arrivals)[-self.requests :]

    def delay(self, now: float) -> float | None:
        """Return the seconds until the next request may be sent; None if a reserved request must be sent first."""
        left = self.requests - self._reserved
        if left <= 0:
            return None
        if len(self._arrivals) < left:
            return 0.0
        return max(0.0, self._arrivals[-left] + self.seconds + _RESOLUTION - now)

    def reserve(self) -> None:
        """Count a request that is about to be sent."""
        self._reserved += 1

    def note_sent(self, now: float | None) -> None:
        """Record when the request was sent; None if it was not sent."""
        self._reserved -= 1
        if now is not None:
            insort(self._arrivals, now + self.margin)
            del self._arrivals[: -self.requests]

    def note_arrival(self, sent: float, now: float) -> None:
        """Record that the request sent at a time now has a response."""
        index = bisect_left(self._arrivals, sent + self.margin)
        if now < sent + self.margin and self._arrivals[index : index + 1] == [sent + self.margin]:
            del self._arrivals[index]
            insort(self._arrivals, now)


def parse_rate(text: str) -> Rate:
    """Parse a rate such as `50/60s`, `50/m` or `5/s`. Raises ConfigurationError."""
    found = re.fullmatch(r"(\d{1,9})/(.+)", str(text).replace(" ", ""), re.ASCII)
    seconds = (UNITS.get(found[2]) or read_seconds(found[2])) if found else None
    if found is None or int(found[1]) == 0 or seconds is None:
        raise ConfigurationError(f"rate must be REQUESTS/SECONDS, such as 50/60s, not {text!r}")
    return Rate(int(found[1]), seconds)


class Pace:
    """Limits the requests in flight, and pauses all of them if the API asks for it.

    The adaptive limit starts low. It grows while requests take about as long as with few in flight, and shrinks when they
    wait for each other, or when the API refuses one because there are too many.
    """

    def __init__(self, fixed: int | None, rate: Rate | None) -> None:
        self._fixed, self.rate = fixed, rate
        self._limit = float(fixed) if fixed is not None else _FIRST
        self._is_starting = fixed is None
        self._least: dict[str, float] = {}
        """Seconds that a request takes at least, for each model."""
        self._usual = 1.0
        """Average ratio of the seconds of a request to the least seconds of its model."""
        self.in_flight = 0
        """Requests whose end is not among the next changes of the journal. A crash makes these rows unknown."""
        self.paused_until = self._paused_at = -math.inf
        self._refusals = 0

    @property
    def limit(self) -> int:
        """Requests that may be in flight."""
        return max(1, int(self._limit))

    def delay(self, now: float) -> float | None:
        """Return the seconds until the next request may be sent; None if another request must end first."""
        if self.in_flight >= self.limit:
            return None
        rate = self.rate.delay(now) if self.rate is not None else 0.0
        return None if rate is None else max(rate, self.paused_until - now, 0.0)

    def begin(self) -> None:
        """Count a request that is about to be sent."""
        self.in_flight += 1
        if self.rate is not None:
            self.rate.reserve()

    def note_sent(self, now: float | None) -> None:
        """Record when the request was sent; None if it was not sent."""
        if self.rate is not None:
            self.rate.note_sent(now)

    def note_arrival(self, sent: float, now: float) -> None:
        """Record that the request sent at a time now has a response."""
        if self.rate is not None:
            self.rate.note_arrival(sent, now)

    def end(self) -> None:
        """Record that a request has ended. Its end is among the next changes of the journal."""
        self.in_flight -= 1

    def note_response(self, model: str, seconds: float) -> None:
        """Adapt the limit to the response time of a model."""
        self._refusals = 0
        if self._fixed is not None:
            return
        least = self._least[model] = min(self._least.get(model, math.inf) * 1.001, seconds)
        self._usual = 0.8 * self._usual + 0.2 * (seconds / least if least > 0 else 1.0)
        # Requests in flight that wait for others at the server.
        waiting = self._limit * (1 - 1 / self._usual)
        if waiting > 2 + 0.5 * self._limit:
            self._is_starting = False
            self._limit = max(1.0, self._limit - 0.5)
        elif self.in_flight >= self.limit - 1:
            self._limit = min(MOST_IN_FLIGHT, self._limit + (1.0 if self._is_starting else 1.0 / self._limit))

    def note_refusal(self, sent_at: float, now: float, requested: float | None, jitter: float) -> None:
        """Pause all requests, because the API refused one that was sent at `sent_at`.

        Requests that were in flight before the pause are refused for the same reason: they can only make it longer.
        """
        asked = now + requested + jitter * 0.5 if requested is not None else now
        if sent_at < self._paused_at:
            self.paused_until = max(self.paused_until, asked)
            return
        self._refusals += 1
        self._paused_at = now
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(self._refusals - 1, 16)) * (0.5 + jitter / 2)
        self.paused_until = max(self.paused_until, asked if requested is not None else now + pause)
        if self._fixed is None:
            self._is_starting = False
            self._limit = max(1.0, self._limit / 2)
