"""Time and randomness: what the decisions of an operation depend on besides responses."""

from __future__ import annotations

import math
import random
import time
from typing import TYPE_CHECKING, NamedTuple

from .._core.frozen_classes import Frozen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Clock", "Deadline"]


async def _sleep_async(seconds: float) -> None:
    import anyio  # The HTTP library has loaded it. It sleeps in asyncio and in trio.

    await anyio.sleep(seconds)


class Clock(Frozen):
    """The system's clock; tests replace parts of it. Times are in seconds."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    """Since the epoch."""
    jitter: Callable[[], float] = random.random
    """From 0 up to 1."""
    sleep: Callable[[float], object] = time.sleep
    sleep_async: Callable[[float], Awaitable[object]] = _sleep_async


class Deadline(NamedTuple):
    """When an operation must end."""

    clock: Clock
    at: float = math.inf
    """On the monotonic clock."""
    limit: float | None = None
    """Seconds from the start, as the caller set them."""

    @classmethod
    def after(cls, seconds: float | None, clock: Clock) -> Deadline:
        """Return a deadline from now; None for an operation without one."""
        return cls(clock) if seconds is None else cls(clock, clock.monotonic() + seconds, seconds)

    @property
    def remaining(self) -> float:
        """Seconds until then, 0 afterwards."""
        return self.at if self.at == math.inf else max(0.0, self.at - self.clock.monotonic())

    def seconds_for_request(self, at_least: float = 0.001) -> float | None:
        """Return the seconds that a request may take; None for any time."""
        return None if self.at == math.inf else max(at_least, self.remaining)
