"""The rate limit: a sliding window on the emulator's clock."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from speccast.emulator.clock import EmulatorClock

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class RequestRate:
    """At most `requests` in any `seconds`."""

    requests: int
    seconds: float


def parse_rate(text: str) -> RequestRate:
    """Parse a rate such as `5/60s`, `50/1m` or `1000/h`.

    Raises:
        SpeccastError: it is not a rate.
    """
    found = re.fullmatch(r"([1-9][0-9]{0,5})/([0-9]{0,6}(?:\.[0-9]{1,3})?)([smh]?)", text)
    seconds = 0.0
    if found is not None and (found[2] or found[3]):
        seconds = float(found[2] or 1) * UNITS[found[3]]
    if found is None or seconds <= 0:
        raise SpeccastError(
            f"invalid rate {text!r}", hint="write it as 5/60s: five requests in any 60 seconds"
        )
    return RequestRate(int(found[1]), seconds)


class RateLimit:
    """Counts admitted requests. Without a rate, all requests are admitted."""

    def __init__(self, rate: RequestRate | None, clock: EmulatorClock) -> None:
        self._rate = rate
        self._clock = clock
        self._admitted: deque[float] = deque()

    def reset(self) -> None:
        """Forget all admitted requests."""
        self._admitted.clear()

    def admit(self) -> bool:
        """Return whether one more request is within the limit, and count it if so."""
        if self._rate is None:
            return True
        now = self._clock.now()
        while self._admitted and self._admitted[0] <= now - self._rate.seconds:
            self._admitted.popleft()
        if len(self._admitted) >= self._rate.requests:
            return False
        self._admitted.append(now)
        return True

    @property
    def free_at(self) -> float | None:
        """When the oldest request leaves the window, in seconds since the epoch; None without a rate."""
        return self._admitted[0] + self._rate.seconds if self._rate and self._admitted else None
