"""The emulator's clock, which tests can advance: an hour of retention passes at once."""

from __future__ import annotations

import time

MAX_ADVANCE = 1e9
"""Seconds, about thirty years: longer than any retention, and dates remain valid."""


class ClockError(ValueError):
    """The clock cannot be moved so."""


class EmulatorClock:
    """Seconds since the epoch, as the emulator sees them."""

    def __init__(self) -> None:
        self._advanced = 0.0

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return time.time() + self._advanced

    def advance(self, seconds: float) -> None:
        """Advance the clock until a reset.

        Raises:
            ClockError: the seconds are negative, or too many.
        """
        if not 0 <= seconds <= MAX_ADVANCE - self._advanced:
            raise ClockError(f"the clock can only be advanced, by at most {MAX_ADVANCE:g} seconds")
        self._advanced += seconds

    def reset(self) -> None:
        """Return to the time of the machine. Only safe if nothing is kept that happened later."""
        self._advanced = 0.0
