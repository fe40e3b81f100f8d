"""A clock for tests: sleeping takes no time and is recorded."""

from __future__ import annotations

from dataclasses import field

from acme_client._runtime.clock import Clock

EPOCH = 1_800_000_000.0


class RecordedClock(Clock):
    """`slept` lists the seconds slept; jitter is always 1, so that backoff is longest."""

    slept: list[float] = field(default_factory=list[float])

    def __init__(self) -> None:
        def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        async def sleep_async(seconds: float) -> None:
            sleep(seconds)

        super().__init__(
            monotonic=lambda: sum(self.slept),
            now=lambda: EPOCH + sum(self.slept),
            jitter=lambda: 1.0,
            sleep=sleep,
            sleep_async=sleep_async,
        )
