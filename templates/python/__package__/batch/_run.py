"""One run of a batch: plan the rows, then make them in a thread with its own event loop and connections."""

from __future__ import annotations

import asyncio
import queue
import threading
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakSet

from .._runtime.batching import BatchProgress
from .._runtime.errors import ConfigurationError
from .._runtime.transport import AsyncTransport
from ._engine import Engine
from ._export import update_results
from ._files import Files
from ._folder import STOP, check_origin
from ._journal import Journal
from ._limits import MOST_IN_FLIGHT, Pace, parse_rate
from ._options import check_options
from ._plan import plan
from ._rows import Surfaces
from ._states import State
from ._work import Earlier, Limits, Work

if TYPE_CHECKING:
    from .._runtime.batching import BatchOptions, RowResult, Rows
    from .._runtime.clock import Clock
    from .._runtime.settings import Settings
    from ._limits import Rate
    from ._sources import Source

__all__ = ["Run", "begin"]

NAME = "{key}-{seed}"
_LOOK_EVERY = 0.5
"""Seconds."""
_MOST_WAITING = 1000
"""Results that wait for the program; the batch then waits, too."""


def begin(
    client: Any,
    rows: Rows | Source,
    out: str | PathLike[str],
    options: BatchOptions,
    *,
    is_shared: bool = False,
) -> Run:
    """Check the rows, and begin to make them. Raises RowsError, JournalError and ConfigurationError.

    `is_shared`: several machines share the folder.
    """
    if not client._transport._has_own_pool:
        raise ConfigurationError(
            "a batch has its own connections: create the client without http_client=, and with the environment's proxies"
        )
    check_options(options)
    rate = options.get("rate")
    pace = Pace(options.get("concurrency"), parse_rate(rate) if rate is not None else None)
    folder = Path(out)
    files = Files(folder, options.get("name") or NAME)
    surfaces = Surfaces(client, options.get("surface"))
    journal = Journal(folder, is_shared=is_shared)
    try:
        earlier = _prepare(client._settings, journal, rows, surfaces, options)
        files.recover(lambda number: _find_done(journal, number))
        if pace.rate is not None:
            _count_sends(journal, pace.rate, client._settings.clock)
        journal.begin_making()
    except BaseException:
        journal.close()
        raise
    run = Run(client, _Prepared(journal, files, surfaces, pace, earlier), options)
    run.start()
    return run


def _prepare(
    settings: Settings, journal: Journal, rows: Rows | Source, surfaces: Surfaces, options: BatchOptions
) -> Earlier:
    """Update the rows that earlier runs have left, and plan the new ones."""
    (journal.folder / STOP).unlink(missing_ok=True)
    check_origin(journal, settings)
    interrupted = journal.settle_interrupted(settings.clock.now())
    last = journal.last_number()
    plan(
        journal,
        rows,
        surfaces,
        model=options.get("model"),
        defaults=options.get("defaults") or {},
        repeat=options.get("repeat", False),
        skip_invalid=options.get("skip_invalid", False),
    )
    retry = options.get("retry")
    if retry is not None:
        journal.plan_again({"failed": State.FAILED, "unknown": State.UNKNOWN}[retry])
    late = journal.poll_again()
    return Earlier(tuple(interrupted), last, frozenset(late if retry == "unknown" else ()))


def _count_sends(journal: Journal, rate: Rate, clock: Clock) -> None:
    """Count the requests of earlier runs in the rate. Times in the future, from another clock, count as now."""
    now, monotonic = clock.now(), clock.monotonic()
    arrivals = journal.arrivals_since(now - rate.seconds, rate.margin)
    rate.load(monotonic - max(0.0, now - at) for at in arrivals)


def _find_done(journal: Journal, number: int) -> RowResult | None:
    result = journal.result(number)
    return result if result is not None and result.state == "done" else None


def _finish_all() -> None:
    for run in list(_running):
        run.close()


_running: WeakSet[Run] = WeakSet()
if (register := getattr(threading, "_register_atexit", None)) is not None:
    # Private, but the only hook before the threads of pools end: a program that ends inside a loop over a batch would lose
    # the responses that it has paid for.
    register(_finish_all)


class _Prepared(NamedTuple):
    journal: Journal
    files: Files
    surfaces: Surfaces
    pace: Pace
    earlier: Earlier


class Run:
    """One run."""

    def __init__(self, client: Any, work: _Prepared, options: BatchOptions) -> None:
        self._settings = client._settings
        self._journal, self._files, self._surfaces, self._pace, self._earlier = work
        self._limits = Limits(options.get("max_cost"), options.get("max_failures"), options.get("deadline"))
        self._connections = max(MOST_IN_FLIGHT, options.get("concurrency") or 0) + 16
        self._embed = options.get("embed", False)
        self._results: queue.SimpleQueue[list[RowResult]] = queue.SimpleQueue()
        """An empty list is the end."""
        self._found: list[RowResult] = []
        """Results that the program gets together, because each transfer costs a change of threads."""
        self._put = self._taken = 0
        self._is_awaited = False
        """Whether the batch waits until the program takes results."""
        self._engine: Engine | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._error: BaseException | None = None
        self._is_stopped = self._is_abandoned = False
        self._thread = threading.Thread(target=self._main, name="batch", daemon=False)

    @property
    def progress(self) -> BatchProgress:
        return self._engine.progress if self._engine is not None else BatchProgress()

    def start(self) -> None:
        """Start to run the rows."""
        _running.add(self)
        self._thread.start()

    def take(self) -> list[RowResult]:
        """Wait for results, and return them; an empty list at the end. Raises the error that ended the batch."""
        results = self._results.get()
        if not results:
            self._results.put([])
            if self._error is not None:
                error, self._error = self._error, None
                raise error
        self._taken += len(results)
        if self._is_awaited and self._engine is not None:
            self._call(self._engine.wake)
        return results

    def stop(self) -> None:
        """Begin no more rows."""
        self._is_stopped = True
        if self._engine is not None:
            self._call(self._engine.stop)

    def close(self) -> None:
        """Stop, and wait for the requests in flight. A second Ctrl-C does not wait: their rows become unknown."""
        self.stop()
        try:
            self._thread.join()
        except KeyboardInterrupt:
            self._abandon()
            raise

    def _abandon(self) -> None:
        self._is_abandoned = True
        if self._task is not None:
            self._call(self._task.cancel)
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
                if not self._is_abandoned:
                    update_results(self._journal)
                self._files.close()
            except BaseException as error:
                self._error = self._error or error
            finally:
                self._journal.close()
                self._hand_over()
                self._results.put([])

    async def _make(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        transport = AsyncTransport(clock=self._settings.clock, connections=self._connections)
        watch = asyncio.create_task(self._watch())
        try:
            await transport.load(self._settings.origin)
            await self._begin_engine(transport).run()
        finally:
            watch.cancel()
            await transport.close()

    def _begin_engine(self, transport: AsyncTransport) -> Engine:
        """Create the engine, whose threads end when it has run."""
        self._engine = engine = Engine(
            Work(
                journal=self._journal,
                files=self._files,
                surfaces=self._surfaces,
                settings=self._settings,
                transport=transport,
                pace=self._pace,
                limits=self._limits,
                outlet=self,
                embed=self._embed,
                earlier=self._earlier,
            )
        )
        if self._is_stopped:
            engine.stop()
        return engine

    async def _watch(self) -> None:
        """Stop the batch when another process asks for it."""
        while not (self._journal.folder / STOP).exists():
            await asyncio.sleep(_LOOK_EVERY)
        self.stop()

    def put(self, result: RowResult) -> None:
        """Pass a result to the program."""
        if not self._found:
            asyncio.get_running_loop().call_soon(self._hand_over)
        self._found.append(result)
        self._put += 1

    def _hand_over(self) -> None:
        if self._found:
            self._results.put(self._found)
            self._found = []

    def has_room(self) -> bool:
        """Return whether the program keeps up with the results. If not, `take` wakes the batch."""
        self._is_awaited = True  # before the check, because the program is another thread
        has_room = self._put - self._taken < _MOST_WAITING
        self._is_awaited = not has_room
        return has_room
