"""One run of a batch: plan the rows, then make them in a thread with an event loop and connections of its own."""

from __future__ import annotations

import asyncio
import queue
import threading
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .._runtime.batching import BatchProgress
from .._runtime.errors import ConfigurationError
from .._runtime.transport import AsyncTransport
from ._engine import Engine, Limits
from ._export import write_results
from ._files import Files
from ._folder import STOP
from ._journal import Journal, State
from ._limits import MOST_IN_FLIGHT, Pace, parse_rate
from ._plan import plan
from ._rows import Surfaces

if TYPE_CHECKING:
    from .._runtime.batching import BatchOptions, RowResult, Rows

__all__ = ["begin"]

NAME = "{key}-{seed}"
_LOOK_EVERY = 0.5
"""Seconds."""
_MOST_WAITING = 1000
"""Results that wait for the program; the batch then waits, too."""


def begin(client: Any, rows: Rows, out: str | PathLike[str], options: BatchOptions) -> _Run:
    """Check the rows, and begin to make them. Raises RowsError, JournalError and ConfigurationError."""
    if not client._transport._has_own_pool:
        raise ConfigurationError(
            "a batch has connections of its own: create the client without http_client=, and with the environment's proxies"
        )
    concurrency = options.get("concurrency")
    if concurrency is not None and concurrency < 1:
        raise ConfigurationError(f"concurrency must be at least 1, not {concurrency}")
    rate = options.get("rate")
    pace = Pace(concurrency, parse_rate(rate) if rate is not None else None)
    folder = Path(out)
    files = Files(folder, options.get("name") or NAME)
    surfaces = Surfaces(client, options.get("surface"))
    journal = Journal(folder)
    try:
        (folder / STOP).unlink(missing_ok=True)
        journal.settle_interrupted(client._settings.clock.now())
        plan(
            journal,
            rows,
            surfaces,
            model=options.get("model"),
            defaults=options.get("defaults") or {},
            repeat=options.get("repeat", False),
            skip_invalid=options.get("skip_invalid", False),
        )
        if retry := options.get("retry"):
            journal.plan_again({"failed": State.FAILED, "unknown": State.UNKNOWN}[retry])
        files.recover(lambda number: _done(journal, number))
        journal.begin_making()
    except BaseException:
        journal.close()
        raise
    run = _Run(client, _Work(journal, files, surfaces, pace), options)
    run.start()
    return run


def _done(journal: Journal, number: int) -> RowResult | None:
    result = journal.result(number)
    return result if result is not None and result.state == "done" else None


class _Work(NamedTuple):
    journal: Journal
    files: Files
    surfaces: Surfaces
    pace: Pace


class _Run:
    def __init__(self, client: Any, work: _Work, options: BatchOptions) -> None:
        self._settings = client._settings
        self._journal, self._files, self._surfaces, self._pace = work
        self._limits = Limits(options.get("max_cost"), options.get("max_failures"), options.get("deadline"))
        self._connections = max(MOST_IN_FLIGHT, options.get("concurrency") or 0) + 16
        self._embed = options.get("embed", False)
        self._results: queue.SimpleQueue[RowResult | None] = queue.SimpleQueue()
        self._engine: Engine | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._error: BaseException | None = None
        self._is_stopped = False
        self._thread = threading.Thread(target=self._main, name="batch", daemon=False)

    @property
    def progress(self) -> BatchProgress:
        return self._engine.progress if self._engine is not None else BatchProgress()

    def start(self) -> None:
        """Begin to make the rows."""
        self._thread.start()

    def take(self) -> list[RowResult]:
        """Wait for results, and return them; none at the end. Raises what ended the batch before."""
        found = [self._results.get()]
        while found[-1] is not None and not self._results.empty():
            found.append(self._results.get())
        if found[-1] is None:
            self._results.put(None)
        results = [result for result in found if result is not None]
        if not results and self._error is not None:
            error, self._error = self._error, None
            raise error
        if self._loop is not None and self._engine is not None:
            self._call(self._engine.wake)
        return results

    def stop(self) -> None:
        """Begin no more rows."""
        self._is_stopped = True
        if self._engine is not None:
            self._call(self._engine.stop)

    def close(self) -> None:
        """Stop, and wait for the requests in flight."""
        self.stop()
        self._thread.join()

    def _call(self, function: Any) -> None:
        """Call a function in the event loop, if it still runs."""
        try:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(function)
        except RuntimeError:
            return

    def _main(self) -> None:
        try:
            asyncio.run(self._make())
        except BaseException as error:
            self._error = error
        finally:
            try:
                if not self._journal.is_exported:
                    write_results(self._journal)
                self._files.close()
            except BaseException as error:
                self._error = self._error or error
            finally:
                self._journal.close()
                self._results.put(None)

    async def _make(self) -> None:
        self._loop = asyncio.get_running_loop()
        transport = AsyncTransport(clock=self._settings.clock, connections=self._connections)
        engine = Engine(
            journal=self._journal,
            files=self._files,
            surfaces=self._surfaces,
            settings=self._settings,
            transport=transport,
            pace=self._pace,
            limits=self._limits,
            publish=self._take_up,
            embed=self._embed,
        )
        self._engine = engine
        if self._is_stopped:
            engine.stop()
        watch = asyncio.create_task(self._watch())
        try:
            await transport.load(self._settings.origin)
            await engine.run()
        finally:
            watch.cancel()
            await transport.close()

    async def _watch(self) -> None:
        """Stop when another process asks for it."""
        while not (self._journal.folder / STOP).exists():
            await asyncio.sleep(_LOOK_EVERY)
        self.stop()

    def _take_up(self, result: RowResult) -> bool:
        self._results.put(result)
        return self._results.qsize() < _MOST_WAITING
