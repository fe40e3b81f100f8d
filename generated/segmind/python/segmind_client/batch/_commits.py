"""Commits to the journal that many rows share: while one is written, the changes of other rows wait for the next."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from ._threads import Threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ._journal import Journal
    from ._states import Change

__all__ = ["Commits"]

T = TypeVar("T")
R = TypeVar("R")

_FILE_THREADS = 4
"""Threads that wait for the disk: a disk ends several waits with one flush."""
_ITEMS_PER_THREAD = 4
"""For fewer items, another thread is not worth its cost."""
_STEPS_TO_GATHER = 2
"""Steps of the event loop after which a group begins: the end of a row starts another one, whose change is then in the same group."""


class Commits:
    """The only user of the journal while a batch runs, in a thread: writing to disk does not delay the event loop.

    Files have separate threads: requests wait for the journal, and do not wait for pictures.
    """

    def __init__(self, journal: Journal) -> None:
        self._changes: _Groups[Change] = _Groups("journal", journal.apply)
        self._files: _Groups[Path] = _Groups("files", _sync, threads=_FILE_THREADS)

    def add(self, change: Change) -> asyncio.Future[None]:
        """Make a change. The future ends when it is on disk, and has a JournalError if it cannot be.

        Changes are made in this order: the disk never has one without those before it, unless one fails, which ends the batch.
        """
        return self._changes.add([change])

    async def sync(self, files: Sequence[Path]) -> None:
        """Wait until the content of files is on disk. Raises OSError."""
        await self._files.add(files)

    async def run(self, work: Callable[[], T]) -> T:
        """Use the journal between two commits."""
        return await self._changes.run(work)

    async def close(self) -> None:
        """Write what is left, and end the threads."""
        try:
            await self._files.close()
        finally:
            await self._changes.close()


class _Groups(Generic[T]):
    """Does work in threads for many at once: while one group is worked on, the next one gathers."""

    def __init__(self, name: str, work: Callable[[list[T]], None], threads: int = 1) -> None:
        self._work, self._threads = work, Threads(name, threads)
        self._next: list[T] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._task: asyncio.Task[None] | None = None

    def add(self, items: Iterable[T]) -> asyncio.Future[None]:
        """Do the work for items. The future ends with what the work raises for their group."""
        self._next += items
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        if self._task is None:
            self._task = asyncio.create_task(self._work_on_all())
        return done

    async def run(self, work: Callable[[], R]) -> R:
        """Do other work in a thread."""
        return await self._threads.run(work)

    async def close(self) -> None:
        """Work on what is left, and end the threads."""
        try:
            if self._task is not None:
                await self._task
        finally:
            self._threads.close()

    async def _work_on_all(self) -> None:
        while self._next:
            for _ in range(_STEPS_TO_GATHER):
                await asyncio.sleep(0)
            items, waiting = self._next, self._waiting
            self._next, self._waiting = [], []
            error = await self._work_on(items)
            for done in waiting:
                if done.done():  # the task that waited was canceled
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)
        self._task = None

    async def _work_on(self, items: list[T]) -> Exception | None:
        number = min(self._threads.number, 1 + (len(items) - 1) // _ITEMS_PER_THREAD)
        parts = [self._threads.run(partial(self._work, items[first::number])) for first in range(number)]
        error: Exception | None = None
        for part in parts:
            try:
                await part
            except Exception as raised:  # the rows that wait get it
                error = error or raised
        return error


def _sync(files: list[Path]) -> None:
    """Wait until the content of files is on disk."""
    descriptors: list[int] = []
    try:
        descriptors.extend(os.open(path, os.O_RDWR) for path in files)
        if sys.platform == "linux":
            # Linux begins to write the content of a file that is no longer needed. All are written at once, which takes
            # half the time of one after the other.
            for descriptor in descriptors:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        for descriptor in descriptors:
            os.fsync(descriptor)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
