"""Commits to the journal that many rows share: while one is written, the changes of other rows wait for the next."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ._journal import Journal
    from ._states import Change

__all__ = ["Commits"]

T = TypeVar("T")
R = TypeVar("R")


class Commits:
    """The only user of the journal while a batch runs, in a thread: writing to disk does not delay the event loop.

    Files have a thread of their own: requests wait for the journal, and do not wait for pictures.
    """

    def __init__(self, journal: Journal) -> None:
        self._changes: _Groups[Change] = _Groups("journal", journal.apply)
        self._files: _Groups[Path] = _Groups("files", _sync)

    async def add(self, change: Change, files: Sequence[Path] = ()) -> None:
        """Make a change, and wait until it is on disk, after the content of files. Raises JournalError and OSError."""
        if files:
            await self._files.add(files)
        await self._changes.add([change])

    async def run(self, work: Callable[[], T]) -> T:
        """Use the journal between two commits."""
        return await self._changes.run(work)

    async def close(self) -> None:
        """Write what is left, and end the threads."""
        await self._files.close()
        await self._changes.close()


class _Groups(Generic[T]):
    """Does work in a thread for many at once: while one group is worked on, the next one gathers."""

    def __init__(self, name: str, work: Callable[[list[T]], None]) -> None:
        self._work = work
        self._thread = ThreadPoolExecutor(1, name)
        self._next: list[T] = []
        self._done: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    async def add(self, items: Iterable[T]) -> None:
        """Wait until the work is done for the items. Raises what the work raises for their group."""
        self._next += items
        if self._done is None:
            self._done = asyncio.get_running_loop().create_future()
        done = self._done
        if self._task is None:
            self._task = asyncio.create_task(self._work_on_all())
        await asyncio.shield(done)

    async def run(self, work: Callable[[], R]) -> R:
        """Do other work between two groups."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Work on what is left, and end the thread."""
        if self._task is not None:
            await self._task
        self._thread.shutdown()

    async def _work_on_all(self) -> None:
        while self._done is not None:
            items, done = self._next, self._done
            self._next, self._done = [], None
            try:
                await self.run(partial(self._work, items))
            except Exception as error:
                done.set_exception(error)
            else:
                done.set_result(None)
        self._task = None


def _sync(files: list[Path]) -> None:
    for path in files:
        descriptor = os.open(path, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
