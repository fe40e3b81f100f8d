"""The engine: sends the planned rows of a journal, and brings each to a final state. It runs in one event loop of asyncio."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .._runtime.batching import BatchProgress, RowResult
from .._runtime.errors import ApiError
from .._runtime.execution import run_call_async, submit_job_async
from .._runtime.log import logger
from ._commits import Commits
from ._jobs import AcceptedJob, Jobs
from ._journal import State, accepted, finished, returned, sent
from ._limits import Pace
from ._outcomes import Verdict, judge
from ._rows import parameters_of
from .errors import BatchStoppedError

if TYPE_CHECKING:
    from .._runtime.batching import BatchState
    from .._runtime.job_results import AsyncJobResult
    from .._runtime.results import AsyncResult
    from .._runtime.settings import Settings
    from .._runtime.transport import AsyncTransport
    from ._files import Files
    from ._journal import Journal, PlannedRow
    from ._rows import Surfaces

__all__ = ["Engine", "Limits"]

_READ_AHEAD = 500
"""Rows that are read from the journal at once."""
_LONGEST_TROUBLE = 300.0
"""Seconds for which no connection can be made until the batch ends."""


class Limits(NamedTuple):
    """When a batch ends before all rows are made."""

    max_cost: float | None = None
    max_failures: int | None = None
    deadline: float | None = None


class Engine:
    """Makes the rows of a journal."""

    def __init__(
        self,
        *,
        journal: Journal,
        files: Files,
        surfaces: Surfaces,
        settings: Settings,
        transport: AsyncTransport,
        pace: Pace,
        limits: Limits,
        publish: Callable[[RowResult], bool],
        embed: bool,
    ) -> None:
        """`publish` takes a final row; it returns whether more can be taken now."""
        # The batch repeats requests itself, with a pause for all of them.
        self.settings = replace(settings, max_retries=0)
        self.transport, self.surfaces, self.files = transport, surfaces, files
        self.commits = Commits(journal)
        self.clock = settings.clock
        self.journal, self._pace, self._limits = journal, pace, limits
        self._publish, self._embed = publish, embed
        self._jobs = Jobs(self)
        self._changed = asyncio.Event()
        self._again: deque[PlannedRow] = deque()
        self._working = 0
        """Rows between their sending and their final state, without accepted jobs."""
        self._failures = 0
        self._trouble_since: float | None = None
        self._stopped: BaseException | str | None = None
        self._counts: dict[BatchState, int] = {}
        self._spent: float | None = None
        self._dearest = 0.0
        self._duplicates = self._finished = 0
        self._started = self.clock.monotonic()

    @property
    def progress(self) -> BatchProgress:
        """How far the batch is."""
        pause = self._pace.paused_until - self.clock.monotonic()
        return BatchProgress(
            rows=sum(self._counts.values()) + self._duplicates,
            **self._counts,
            duplicates=self._duplicates,
            spent=self._spent,
            concurrency=self._pace.limit,
            seconds=self.clock.monotonic() - self._started,
            finished=self._finished,
            paused_until=self.clock.now() + pause if pause > 0 else None,
        )

    @property
    def is_stopping(self) -> bool:
        """Whether no more rows are begun."""
        return self._stopped is not None

    def stop(self, reason: BaseException | str = "") -> None:
        """Begin no more rows. `reason` is raised at the end: an error, or the name of a limit."""
        if self._stopped is None:
            self._stopped = reason
        self.wake()

    def wake(self) -> None:
        """Look again what can be done."""
        self._changed.set()

    async def read(self, state: State, after: int) -> list[PlannedRow]:
        """The next rows in a state, in their order."""
        return await self.commits.run(partial(self.journal.next_rows, state, after, _READ_AHEAD))

    async def run(self) -> None:
        """Make all planned rows. Raises what ended the batch before."""
        timer = None
        if self._limits.deadline is not None:
            timer = asyncio.get_running_loop().call_later(self._limits.deadline, self.stop, "deadline")
        try:
            async with asyncio.TaskGroup() as tasks:
                self._counts = await self.commits.run(self.journal.counts)
                self._duplicates, self._spent = await self.commits.run(self.journal.totals)
                await self._jobs.resume(tasks)
                await self._make_all(tasks)
                self._jobs.close()
        finally:
            if timer is not None:
                timer.cancel()
            await self.commits.close()
        if isinstance(self._stopped, BaseException):
            raise self._stopped
        if self._stopped and self._counts["planned"] + self._counts["accepted"]:
            raise BatchStoppedError(
                f"the batch ended at its limit ({self._stopped}) with {self._counts['planned']} rows to make;"
                " to go on, start it again",
                self._stopped,
                self.progress,
            )

    async def _make_all(self, tasks: asyncio.TaskGroup) -> None:
        ahead: deque[PlannedRow] = deque()
        last, is_read = 0, False
        while True:
            if not ahead and not is_read and not self._again:
                found = await self.read(State.PLANNED, last)
                ahead.extend(found)
                last, is_read = (found[-1].number, False) if found else (last, True)
            row = self._again[0] if self._again else ahead[0] if ahead else None
            if self.is_stopping or row is None:
                if self._working == 0 and (self.is_stopping or self._jobs.pending == 0) and not self._again:
                    return
                if self._working == 0 and self.is_stopping:
                    return
                await self._wait(None)
            elif (delay := self._delay()) != 0.0:
                await self._wait(delay)
            else:
                (self._again or ahead).popleft()
                self._working += 1
                tasks.create_task(self._make(row))

    def _delay(self) -> float | None:
        """Seconds until the next row may be begun; None until something changes."""
        if self._working > 4 * self._pace.limit or self._jobs.is_full:
            return None
        if self._limits.max_cost is not None and self._would_exceed(self._limits.max_cost):
            if self._working == 0:
                self.stop("max_cost")
            return None
        delay = self._pace.delay(self.clock.monotonic())
        if delay == 0.0:
            self._pace.begin(self.clock.monotonic())
        return delay

    def _would_exceed(self, max_cost: float) -> bool:
        """Whether another call may exceed the limit, if it and those in flight cost as much as the dearest one so far."""
        pending = self._working + self._jobs.pending
        return (self._spent or 0.0) + self._dearest * (pending + 1) > max_cost or (
            self._spent or 0.0
        ) >= max_cost

    async def _wait(self, seconds: float | None) -> None:
        if not self._changed.is_set():
            try:
                async with asyncio.timeout(seconds):
                    await self._changed.wait()
            except TimeoutError:
                return
        self._changed.clear()

    async def _make(self, row: PlannedRow) -> None:
        try:
            await self._send(row)
        except Exception as error:  # the journal or the disk: every other row would get the same
            logger.debug("the batch ends: %s", error)
            self.stop(error)
        finally:
            self._working -= 1
            self.wake()

    async def _send(self, row: PlannedRow) -> None:
        began = self.clock.monotonic()
        try:
            try:
                call = self.surfaces.call(row.model, parameters_of(row.parameters))
                await self.commits.add(sent(row.number, self.clock.now()))
                self._count("planned", "sent")
                began = self.clock.monotonic()
                if call.job_paths is None:
                    result = await run_call_async(self.settings, self.transport, call)
                else:
                    job = await submit_job_async(self.settings, self.transport, call)
            finally:
                self._pace.end()
                self.wake()
        except ApiError as error:
            await self._fail(row, error, judge(error), began)
            return
        self._trouble_since = None
        self._pace.answered(self.clock.monotonic() - began)
        if call.job_paths is None:
            await self.finish(row, result, "sent")
            return
        at = self.clock.now()
        await self.commits.add(accepted(row.number, at, job.request_id))
        self._count("sent", "accepted")
        self._jobs.add(AcceptedJob(row._replace(request_id=job.request_id, accepted_at=at), job))

    async def _fail(self, row: PlannedRow, error: ApiError, verdict: Verdict, began: float) -> None:
        now = self.clock.monotonic()
        if verdict.state is not State.PLANNED:
            self._trouble_since = None
            await self.end(row, verdict, error, "sent")
            return
        if error.status is None:
            self._trouble_since = now if self._trouble_since is None else self._trouble_since
        is_down = self._trouble_since is not None and now - self._trouble_since > _LONGEST_TROUBLE
        # First, because other rows are begun while the journal is written.
        if verdict.ends_batch or is_down:
            self.stop(error)
        else:
            self._pace.refused(began, now, error.retry_after, self.clock.jitter())
        await self.commits.add(returned(row.number))
        self._count("sent", "planned")
        self._again.append(row._replace(sends=row.sends + 1))

    async def finish(self, row: PlannedRow, result: AsyncResult | AsyncJobResult, before: BatchState) -> None:
        """Save the outputs of a row, and note it as done."""
        seed, cost, request_id = result._answered()
        try:
            saved = await result.save(self.files.part(row.number), overwrite=True, embed=self._embed)
        except ApiError as error:
            if before == "accepted":
                raise
            await self.end(row, Verdict(State.UNKNOWN, "output"), error, before, cost=cost)
            return
        known = seed if isinstance(seed, int | str) and not isinstance(seed, bool) else None
        names = self.files.names(saved, row.number, row.key, row.model, known)
        done = RowResult(
            key=row.key,
            state="done",
            model=row.model,
            line=row.line,
            paths=tuple(self.journal.folder / name for name in names),
            seed=known,
            request_id=row.request_id or request_id,
            cost=cost,
            sends=row.sends + 1,
            finished_at=self.clock.now(),
        )
        await self.commits.add(finished(row.number, State.DONE, done, names), self.files.all_parts(saved))
        self.files.publish(saved, names)
        await self._end(row, done, before)

    async def end(
        self,
        row: PlannedRow,
        verdict: Verdict,
        error: ApiError,
        before: BatchState,
        *,
        cost: float | None = None,
    ) -> None:
        """Note a row as failed or unknown."""
        state: BatchState = "failed" if verdict.state is State.FAILED else "unknown"
        result = RowResult(
            key=row.key,
            state=state,
            model=row.model,
            line=row.line,
            request_id=row.request_id or error.request_id,
            cost=cost,
            sends=row.sends + 1,
            finished_at=self.clock.now(),
            reason=verdict.reason,
            error=str(error),
        )
        await self.commits.add(finished(row.number, verdict.state, result))
        await self._end(row, result, before)
        self._failures += state == "failed"
        if self._limits.max_failures is not None and self._failures >= self._limits.max_failures:
            self.stop("max_failures")

    async def _end(self, row: PlannedRow, result: RowResult, before: BatchState) -> None:
        self._count(before, result.state)
        self._finished += 1
        if result.cost is not None:
            self._spent = round((self._spent or 0.0) + result.cost, 9)
            self._dearest = max(self._dearest, result.cost)
        self._publish(result)
        if self._duplicates:
            for key, line in await self.commits.run(partial(self.journal.duplicates, row.number)):
                self._publish(replace(result, key=key, line=line, same_as=row.key))

    def _count(self, before: BatchState, after: BatchState) -> None:
        self._counts[before] -= 1
        self._counts[after] += 1
