"""The emulator's time, which tests can move: an hour of retention passes in no time."""

from __future__ import annotations

import time

FURTHEST = 1e9
"""Seconds, some thirty years: further than any retention, and dates stay dates."""


class Clock:
    """Seconds since the epoch, as the emulator sees them."""

    def __init__(self) -> None:
        self._moved = 0.0

    def now(self) -> float:
        return time.time() + self._moved

    def move(self, seconds: float) -> None:
        """Moves the emulator's time forward, until a reset. It never runs backwards."""
        if not 0 <= seconds <= FURTHEST - self._moved:
            raise ValueError(f"the clock only moves forward, and at most {FURTHEST:g} seconds")
        self._moved += seconds

    def reset(self) -> None:
        """Back to the time of the machine, which is for when nothing is kept that happened later."""
        self._moved = 0.0
