"""Accepted jobs: they are submitted ahead, and polled together, the oldest first."""

from __future__ import annotations

import asyncio
import heapq
from typing import TYPE_CHECKING, Any, NamedTuple

from .._runtime.errors import ApiError, ParameterError
from .._runtime.jobs import AsyncJob
from .._runtime.polling import default_deadline, look, surface_of
from ._outcomes import Verdict, judge_job
from ._rows import parameters_of
from ._states import State
from .errors import JournalError

if TYPE_CHECKING:
    from .._runtime.calls import Call
    from ._engine import Engine
    from ._states import PlannedRow

__all__ = ["AcceptedJob", "Jobs"]

_MOST_PENDING = 1000
"""Jobs that are submitted ahead."""
_MOST_POLLS = 16
"""Polls in flight."""
_SHORTEST_INTERVAL = 0.05
_GRACE = 60.0
"""Minimum seconds for which a job of an earlier run is polled, even if it is late."""


class AcceptedJob(NamedTuple):
    """A row whose job was accepted."""

    row: PlannedRow
    job: AsyncJob


class Jobs:
    """The accepted jobs of a batch."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._due: list[tuple[float, int, AcceptedJob, float]] = []
        """For each job: the time of its next poll, its number, the job, and its deadline."""
        self._changed = asyncio.Event()
        self._polls = 0
        self._is_closed = False
        self.pending = 0

    @property
    def is_full(self) -> bool:
        """Whether no more jobs should be submitted now."""
        return self.pending >= _MOST_PENDING

    async def resume(self, tasks: asyncio.TaskGroup) -> None:
        """Continue the jobs of earlier runs, and start to poll."""
        tasks.create_task(self._run(tasks))
        engine, last = self._engine, 0
        while found := await engine.read(State.ACCEPTED, last):
            for row in found:
                call = self._call(row)
                settings = engine.settings.for_jobs(call.job_paths if call is not None else None)
                job = AsyncJob(settings, engine.work.transport, row.request_id or "", None, call)
                self.add(AcceptedJob(row, job))
            last = found[-1].number

    def _call(self, row: PlannedRow) -> Call | None:
        """Build the call of an accepted job; None if one of its files no longer exists."""
        try:
            return self._engine.work.surfaces.call(row.model, parameters_of(row.parameters), is_job=True)
        except ParameterError:
            return None

    def add(self, accepted: AcceptedJob) -> None:
        """Poll a job until it is final."""
        clock, call, row = self._engine.clock, _call_of(accepted), accepted.row
        seconds = default_deadline(_inside(accepted.job)._settings, call)
        age = max(0.0, clock.now() - row.accepted_at) if row.accepted_at is not None else 0.0
        until = clock.monotonic() + max(seconds - age, min(seconds, _GRACE))
        self.pending += 1
        self._push(accepted, min(seconds, self._interval(accepted)) if age < seconds else 0.0, until)

    def close(self) -> None:
        """End when no poll is in flight. Jobs that are not final stay accepted in the journal."""
        self._is_closed = True
        self._changed.set()

    async def _run(self, tasks: asyncio.TaskGroup) -> None:
        while not self._is_closed:
            now = self._engine.clock.monotonic()
            while self._due and self._due[0][0] <= now and self._polls < _MOST_POLLS:
                _, _, accepted, until = heapq.heappop(self._due)
                self._polls += 1
                tasks.create_task(self._poll(accepted, until))
            delay = self._due[0][0] - now if self._due and self._polls < _MOST_POLLS else None
            try:
                async with asyncio.timeout(delay):
                    await self._changed.wait()
            except TimeoutError:
                continue
            self._changed.clear()

    async def _poll(self, accepted: AcceptedJob, until: float) -> None:
        engine, is_final = self._engine, True
        try:
            is_final = await self._look(accepted, until)
        except Exception as error:  # the journal or the disk, as for other rows
            engine.stop(error)
        finally:
            self._polls -= 1
            if is_final:
                self.pending -= 1
            else:
                self._push(accepted, self._interval(accepted), until)
            self._changed.set()
            engine.wake()

    async def _look(self, accepted: AcceptedJob, until: float) -> bool:
        """Poll once. Return whether the row is final, or is left to the next run."""
        engine, (row, job) = self._engine, accepted
        error = ApiError(
            f"job {job.request_id} was not done in time. It may still be running, and be billed."
        )
        verdict = None
        try:
            found = await engine.work.transport.run(look(_inside(job)._settings, job.request_id))
            if found is not None:
                await engine.results.save(row, _inside(job)._result(_inside(job)._keep(found)), "accepted")
                return True
        except JournalError:
            raise
        except ApiError as raised:
            error, verdict = raised, judge_job(raised)
        if verdict is not None and verdict.ends_batch:
            engine.stop(error)
        elif verdict is not None or engine.clock.monotonic() >= until:
            await engine.results.end(row, verdict or Verdict(State.UNKNOWN, "job_timeout"), error, "accepted")
            return True
        return engine.is_leaving

    def _push(self, accepted: AcceptedJob, seconds: float, until: float) -> None:
        at = self._engine.clock.monotonic() + seconds
        heapq.heappush(self._due, (at, accepted.row.number, accepted, until))
        self._changed.set()

    @staticmethod
    def _interval(accepted: AcceptedJob) -> float:
        call = _call_of(accepted)
        own = call.interval if call is not None else None
        return max(
            _SHORTEST_INTERVAL,
            own if own is not None else surface_of(_inside(accepted.job)._settings).interval,
        )


def _call_of(accepted: AcceptedJob) -> Call | None:
    call: Call | None = _inside(accepted.job)._call
    return call


def _inside(job: AsyncJob) -> Any:
    """Return the job without its type, to use its private members."""
    return job
