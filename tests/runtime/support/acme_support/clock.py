"""A clock for tests: sleeping takes no time and is recorded."""

from __future__ import annotations

from acme_client._runtime.clock import Clock

EPOCH = 1_800_000_000.0


class RecordedClock(Clock):
    """`slept` lists the seconds slept; jitter is always 1, so that backoff is longest."""

    def __init__(self) -> None:
        slept: list[float] = []

        async def sleep_async(seconds: float) -> None:
            slept.append(seconds)

        super().__init__(
            monotonic=lambda: sum(slept),
            now=lambda: EPOCH + sum(slept),
            jitter=lambda: 1.0,
            sleep=slept.append,
            sleep_async=sleep_async,
        )
        object.__setattr__(self, "slept", slept)

    slept: list[float]
