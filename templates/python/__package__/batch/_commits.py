"""Commits to the journal that many rows share: while one is written, the changes of other rows wait for the next."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._journal import Change, Journal

__all__ = ["Commits"]

T = TypeVar("T")


class Commits:
    """The only user of the journal while a batch runs, in a thread: writing to disk does not delay the event loop."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._thread = ThreadPoolExecutor(1, "journal")
        self._changes: list[Change] = []
        self._files: list[Path] = []
        self._written: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    async def add(self, change: Change, files: Sequence[Path] = ()) -> None:
        """Make a change, and wait until it is on disk, after the content of files. Raises JournalError."""
        self._changes.append(change)
        self._files += files
        if self._written is None:
            self._written = asyncio.get_running_loop().create_future()
        written = self._written
        if self._task is None:
            self._task = asyncio.create_task(self._write())
        await asyncio.shield(written)

    async def run(self, work: Callable[[], T]) -> T:
        """Use the journal between two commits."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Write what is left, and end the thread."""
        if self._task is not None:
            await self._task
        self._thread.shutdown()

    async def _write(self) -> None:
        while self._written is not None:
            changes, files, written = self._changes, self._files, self._written
            self._changes, self._files, self._written = [], [], None
            try:
                await self.run(partial(_commit, self._journal, changes, files))
            except Exception as error:
                written.set_exception(error)
            else:
                written.set_result(None)
        self._task = None


def _commit(journal: Journal, changes: list[Change], files: list[Path]) -> None:
    for path in files:
        descriptor = os.open(path, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    journal.apply(changes)
