"""Rendering in several processes.

The files of a job do not depend on which process renders them or when.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.process import BaseProcess

    from speccast.generation.rendering import RenderedFile, RenderJob

VARIABLE = "SPECCAST_WORKERS"
MAXIMUM = 64


def worker_count() -> int:
    """Return how many processes may render at once: SPECCAST_WORKERS, by default one for each available core.

    Raises:
        SpeccastError: SPECCAST_WORKERS is not a number in range.
    """
    value = os.environ.get(VARIABLE)
    if value:
        if not value.isdecimal() or not 0 < int(value) <= MAXIMUM:
            raise SpeccastError(f"{VARIABLE} must be a number from 1 to {MAXIMUM} (got {value!r})")
        return int(value)
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MAXIMUM)
    return min(os.cpu_count() or 1, MAXIMUM)


def collect_rarely() -> None:
    """Run the garbage collector less often: rendering creates many long-lived objects and hardly any cycles."""
    gc.set_threshold(50_000, 20, 100)


@dataclass(slots=True)
class Workers:
    """A pool of at most `count` other processes, each started when there is a job for it. It must be closed."""

    count: int
    _pool: ProcessPoolExecutor | None = None
    _others: list[BaseProcess] = field(default_factory=list)

    def submit(self, job: RenderJob) -> Future[list[RenderedFile]]:
        """Start a job. The future raises what `perform` raises."""
        from concurrent.futures import BrokenExecutor

        from speccast.generation.rendering import perform

        executor = self._executor()
        try:
            # Ctrl-C must not interrupt a process before it is initialized.
            with _block_signals(signal.SIGINT):
                return executor.submit(perform, job)
        except BrokenExecutor:
            raise _make_error() from None

    @staticmethod
    def result(future: Future[list[RenderedFile]]) -> list[RenderedFile]:
        """Wait for a job and return its files.

        Raises:
            SpeccastError: a template or tool failed, or the process was killed.
        """
        from concurrent.futures import BrokenExecutor

        try:
            return future.result()
        except BrokenExecutor:
            raise _make_error() from None

    def close(self) -> None:
        """Kill all processes at once: they write only to files that belong to this run.

        Waits for the pool's thread as well. One that still runs when Python exits closes its pipe while the exit hook of
        `concurrent.futures` writes to it, which fails with "Bad file descriptor".
        """
        if self._pool is None:
            return
        from multiprocessing import active_children

        with _block_signals(signal.SIGINT, signal.SIGTERM):  # a signal must not end the wait
            for process in active_children():
                if process not in self._others:
                    process.kill()
            self._pool.shutdown(cancel_futures=True)

    def _executor(self) -> ProcessPoolExecutor:
        if self._pool is None:
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import active_children, get_context

            self._others = active_children()
            # Not "fork": this process has threads by then.
            self._pool = ProcessPoolExecutor(self.count, get_context("spawn"), _initialize)
        return self._pool


@contextmanager
def _block_signals(*signals: signal.Signals) -> Iterator[None]:
    """Block signals of this thread. Processes that are started inside inherit the mask."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _initialize() -> None:
    from importlib import import_module
    from threading import Thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the main one decides
    Thread(target=_exit_with_parent, daemon=True).start()
    collect_rarely()
    import_module("speccast.generation.rendering")  # here, so that it does not delay the first job


def _exit_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _make_error() -> SpeccastError:
    return SpeccastError(
        "a rendering process ended unexpectedly",
        hint=f"it may have run out of memory; {VARIABLE}=1 uses one process only",
    )
