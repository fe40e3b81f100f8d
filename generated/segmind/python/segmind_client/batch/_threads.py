"""Threads that work for an event loop. A `ThreadPoolExecutor` takes several times as long to hand over work and its result."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Threads"]

R = TypeVar("R")
_Job: TypeAlias = "tuple[Callable[[], Any], asyncio.Future[Any]]"


class Threads:
    """Threads with one queue."""

    def __init__(self, name: str, number: int) -> None:
        self.number = number
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads = [Thread(target=self._main, name=name) for _ in range(number)]
        for thread in self._threads:
            thread.start()

    def run(self, work: Callable[[], R]) -> asyncio.Future[R]:
        """Do work in one of the threads."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._jobs.put((work, done))
        return done

    def close(self) -> None:
        """Do the work that is left, and end the threads."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _main(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, done = job
            result, error = None, None
            try:
                result = work()
            except BaseException as raised:  # the task that waits gets it; the thread must not end
                error = raised
            with suppress(RuntimeError):  # the loop has ended
                done.get_loop().call_soon_threadsafe(_settle, done, result, error)


def _settle(done: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
    if done.done():  # the task that waited was canceled
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)
