"""The emulator's time, which tests can move: an hour of retention passes in no time."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the epoch, as the emulator sees them."""

    def __init__(self) -> None:
        self._moved = 0.0

    def now(self) -> float:
        return time.time() + self._moved

    def move(self, seconds: float) -> None:
        """Moves the emulator's time forward, for good. It never runs backwards."""
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        self._moved += seconds
