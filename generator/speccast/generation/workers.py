"""Spreads jobs over the cores, as processes that are started when there is enough to do for that to pay.

Each process is asked by a thread of its own. What comes of a job does not depend on which process does it or when, and
whoever asks gets the answers in the order in which it looks at them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.generation.worker import read_message, write_message

if TYPE_CHECKING:
    from speccast.generation.rendering import Job, Rendered

VARIABLE = "SPECCAST_WORKERS"
MOST = 64
_CODE = """
import sys
sys.path.insert(0, sys.argv[1])
from speccast.generation.worker import main
main()
"""
_SOURCE = Path(__file__).parent.parent.parent


class WorkerError(Exception):
    """Something in a worker that is no `SpeccastError`: an internal error, with the traceback from over there."""


def workers_wanted() -> int:
    """How many processes may render at once: SPECCAST_WORKERS, else as many as there are cores for this process.

    Raises:
        SpeccastError: SPECCAST_WORKERS is no such number.
    """
    asked = os.environ.get(VARIABLE)
    if asked:
        if not asked.isdecimal() or not 0 < int(asked) <= MOST:
            raise SpeccastError(f"{VARIABLE} must be a number from 1 to {MOST}, not {asked!r}")
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST)
    return min(os.cpu_count() or 1, MOST)


@dataclass(slots=True)
class Workers:
    """At most `count` processes, started when there is something to do for them. They must be `close`d."""

    count: int
    _idle: SimpleQueue[subprocess.Popen[bytes]] = field(default_factory=SimpleQueue)
    _all: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _threads: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Start one more process, if there may be one: it takes a while until it has loaded what it needs."""
        if len(self._all) < self.count:
            process = _started()
            self._all.append(process)
            self._idle.put(process)

    def submit(self, job: Job) -> Future[list[Rendered]]:
        """Have a job done. The future raises what `perform` raises, or `WorkerError`."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.count)
        if self._idle.empty():
            self.start()
        return self._threads.submit(self._ask, job)

    def close(self) -> None:
        """End all processes, whatever they are at."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._all:
            process.kill()  # holds nothing but files that only this run knows of
        if self._threads is not None:
            self._threads.shutdown()
        for process in self._all:
            for stream in (process.stdin, process.stdout):
                assert stream is not None
                with suppress(BrokenPipeError):
                    stream.close()
            process.wait()

    def _ask(self, job: Job) -> list[Rendered]:
        process = self._idle.get()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            write_message(process.stdin, job)
            kind, told = read_message(process.stdout)
        except (OSError, EOFError):
            raise SpeccastError(
                f"a process that renders ended before it was done (exit code {process.wait()})",
                hint="is there enough memory? SPECCAST_WORKERS=1 uses one process only",
            ) from None
        finally:
            self._idle.put(process)
        if kind == "error":
            message, hint = told
            raise SpeccastError(message, hint=hint)
        if kind == "bug":
            raise WorkerError(*told)
        answer: list[Rendered] = told
        return answer


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        # -P: modules that happen to lie in the current folder are not to be imported
        [sys.executable, "-P", "-c", _CODE, str(_SOURCE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
