"""The emulator as a test sees it: where it is, and what can be done with it.

All of it can be used from any thread and from asynchronous tests: what is asked for happens in the emulator's own
thread, between two requests, and takes no longer than a function call.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccast.emulator.source import read_source
from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal
    from pathlib import Path

    from speccast.emulator.server import Running

KEY = "speccast-test-key"
"""The key of an emulator that accepts any."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request that the emulator got, without its key.

    `surface` (sync, submit, status, result) and `model` are None where the path is none of the API's. `status` is None
    where there was no answer. `body` is JSON data, a text where it is no JSON, None where it was not read. `faults` are
    those that struck it, as they were written.
    """

    number: int
    time: float
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    surface: str | None
    model: str | None
    status: int | None
    body: Any
    size: int
    faults: list[str]


class Emulator:
    """An emulator that runs. `url` is its origin, `key` one that it accepts."""

    def __init__(self, running: Running, key: str) -> None:
        self.url = running.url
        self.key = key
        self._running = running
        self._emulation = running.emulation

    def __repr__(self) -> str:
        return f"<Emulator of {self._emulation.bundle.api['id']} at {self.url}>"

    @property
    def environment(self) -> dict[str, str]:
        """Key and URL under the names of the variables that the API's client reads, for subprocesses."""
        names = self._emulation.bundle.api.get("environment", {})
        values = {"api_key": self.key, "base_url": self.url}
        return {names[name]: value for name, value in values.items() if name in names}

    def fault(self, *faults: str) -> None:
        """Arms faults, such as `"status=503;retry-after=2;times=1"` or `"job-failed=Out of memory"`.

        Raises:
            ValueError: one of them cannot be read or cannot happen with this API; then none is armed.
        """
        from speccast.emulator.faults import parse_fault

        parsed = [parse_fault(fault) for fault in faults]
        self._running.do(lambda: self._emulation.faults.arm(parsed))

    def clear_faults(self) -> None:
        """Disarms all faults, those from the start included."""
        self._running.do(self._emulation.faults.clear)

    def advance(self, seconds: float) -> None:
        """Moves the emulator's clock forward: retention, rates and jobs with `progress="time:S"` follow it.

        Raises:
            ValueError: `seconds` is negative.
        """
        self._running.do(lambda: self._emulation.settings.clock.move(seconds))

    def reset(self) -> None:
        """Back to the start: jobs, credits, seeds, rates, faults, journal and clock."""
        self._running.do(self._emulation.reset)

    def journal(self, *, model: str | None = None, status: int | None = None) -> list[Request]:
        """The latest requests in the order in which they came; of one model or with one status if that is given."""
        entries = self._running.do(
            lambda: [entry.as_json() for entry in self._emulation.journal.entries(model=model, status=status)]
        )
        return [Request(**entry) for entry in entries]


@contextmanager
def emulator(
    source: str | Path | None = None,
    *,
    api: str | None = None,
    key: str | None = None,
    progress: str = "immediate",
    faults: str | Iterable[str] = (),
    rate: str | None = None,
    credits: str | float | Decimal | None = None,  # noqa: A002 # as on the command line; the builtin prints a licence
    seed: int = 0,
    journal: int = 1000,
    max_jobs: int = 100_000,
    start: Path | None = None,
) -> Iterator[Emulator]:
    """Starts an emulator in a thread of this process, on a free port of the loopback interface, and ends it after.

    Args:
        source: a folder of specs, a `_specs.json`, or the name of an installed client's package; without it the specs
            of the project around `start`, which is the current folder.
        api: which API, where there are several.
        key: the only key that is accepted; without it any is, and `Emulator.key` is one.
        progress: `immediate`, `polls:N` or `time:SECONDS`.
        faults: those that are armed from the start, and again after each reset; a text has one on each line.
        rate: how many requests for work are taken, such as `5/60s`.
        credits: what the account has; without it no request is refused for the lack of them.
        seed: where drawn seeds and the chances of faults start.
        journal: how many requests are kept.
        max_jobs: how many jobs are kept.

    Raises:
        SpeccastError: there is nothing to serve, it has errors, a setting cannot be read, or a package is missing.
        ValueError: a fault cannot be read.
    """
    bundle = read_source(source, api=api, start=start)
    try:
        from speccast.emulator.faults import parse_fault, parse_faults
        from speccast.emulator.rates import parse_rate
        from speccast.emulator.server import started
        from speccast.emulator.settings import Settings, parse_credits, parse_progress
    except ModuleNotFoundError as error:
        raise SpeccastError(
            f"the emulator needs {error.name}, which is not installed", hint='pip install "speccast[serve]"'
        ) from None
    settings = Settings(
        key=key,
        progress=parse_progress(progress),
        seed=seed,
        credits=None if credits is None else parse_credits(str(credits)),
        rate=None if rate is None else parse_rate(rate),
        faults=parse_faults(faults) if isinstance(faults, str) else tuple(map(parse_fault, faults)),
        journal=journal,
        max_jobs=max_jobs,
    )
    with started(bundle, settings) as running:
        yield Emulator(running, key or KEY)
