"""The engine: sends the planned rows of a journal, and brings each to a final state. It runs in one event loop of asyncio."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from .._runtime.batching import BatchProgress, RowResult
from .._runtime.errors import ApiError, ConfigurationError, ParameterError
from .._runtime.execution import run_call_async, submit_job_async
from .._runtime.jobs import AsyncJob
from .._runtime.log import logger
from ._commits import Commits
from ._jobs import AcceptedJob, Jobs
from ._journal import State, accepted, finished, returned, sent
from ._limits import Pace
from ._outcomes import Verdict, judge, judge_output
from ._rows import parameters_of
from .errors import BatchStoppedError, JournalError

if TYPE_CHECKING:
    from .._runtime.batching import BatchState
    from .._runtime.job_results import AsyncJobResult
    from .._runtime.results import AsyncResult
    from .._runtime.settings import Settings
    from .._runtime.transport import AsyncTransport
    from ._files import Files
    from ._journal import Journal, PlannedRow
    from ._rows import Surfaces

__all__ = ["Earlier", "Engine", "Limits", "Outlet"]

_READ_AHEAD = 500
"""Rows that are read from the journal at once."""
_LONGEST_TROUBLE = 300.0
"""Seconds for which no connection can be made until the batch ends."""
_MOST_IN_A_ROW = 100
"""Rows in a row that are not made, after which the batch ends unless it has a limit of its own."""
_FOR_ROOM = 0.05
"""Seconds between two looks whether the program has taken results."""


class Outlet(Protocol):
    """Takes the rows that are final."""

    def put(self, result: RowResult) -> None:
        """Take one."""
        ...

    def has_room(self) -> bool:
        """Whether the program keeps up with the results."""
        ...


class Earlier(NamedTuple):
    """What earlier runs have left."""

    interrupted: tuple[int, ...] = ()
    """Numbers of the rows that they have sent, without a response in the journal."""
    last_number: int = 0
    """Number of the last row that they had."""
    resent: frozenset[int] = frozenset()
    """Rows that are sent again if their jobs have no result by now."""


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
        outlet: Outlet,
        embed: bool,
        earlier: Earlier,
    ) -> None:
        # The batch repeats requests itself, with a pause for all of them. Downloads are free.
        self.settings, self._given = replace(settings, max_retries=0), settings
        self.transport, self.surfaces, self.files = transport, surfaces, files
        self.commits = Commits(journal)
        self.clock = settings.clock
        self.journal, self._pace, self._limits = journal, pace, limits
        self._outlet, self._embed, self._earlier = outlet, embed, earlier
        self._jobs = Jobs(self)
        self._changed = asyncio.Event()
        self._again: deque[PlannedRow] = deque()
        self._working = 0
        """Rows between their sending and their final state, without accepted jobs."""
        self._failures = self._in_a_row = 0
        self._trouble_since: float | None = None
        self._stopped: BaseException | str | None = None
        self.is_leaving = False
        """Whether accepted jobs are left to the next run."""
        self._counts: dict[BatchState, int] = {}
        self._spent: float | None = None
        self._dearest: float | None = None
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
        """Begin no more rows. `reason` is raised at the end: an error, or the name of a limit.

        At a limit, accepted jobs are waited for, because they are paid.
        """
        if self._stopped is None:
            self._stopped = reason
        self.is_leaving = self.is_leaving or not isinstance(reason, str) or not reason
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
                try:
                    await self._begin(tasks)
                    await self._make_all(tasks)
                except Exception as error:  # those in flight are finished
                    self.stop(error)
                    while self._working:
                        await self._wait(None)
                self._jobs.close()
        finally:
            if timer is not None:
                timer.cancel()
            await self.commits.close()
        if isinstance(self._stopped, BaseException):
            raise self._stopped
        if self._stopped and self._counts["planned"] + self._counts["accepted"]:
            raise BatchStoppedError(self._stopped, self.progress)

    async def _begin(self, tasks: asyncio.TaskGroup) -> None:
        self._counts = await self.commits.run(self.journal.counts)
        self._duplicates, self._spent = await self.commits.run(self.journal.totals)
        self._dearest = await self.commits.run(self.journal.dearest)
        await self._jobs.resume(tasks)
        until = self._earlier.last_number
        for number in self._earlier.interrupted:
            result = await self.commits.run(partial(self.journal.result, number))
            if result is not None and result.state == "unknown":
                self._outlet.put(result)
                await self._publish(partial(self.journal.duplicates, number, until))
        if self._duplicates and until:
            await self._publish(self.journal.answered_duplicates, until)

    async def _make_all(self, tasks: asyncio.TaskGroup) -> None:
        ahead: deque[PlannedRow] = deque()
        last, is_read = 0, False
        while True:
            if not ahead and not is_read and not self._again and not self.is_stopping:
                found = await self.read(State.PLANNED, last)
                ahead.extend(found)
                last, is_read = (found[-1].number, False) if found else (last, True)
            row = self._again[0] if self._again else ahead[0] if ahead else None
            if self.is_stopping or row is None:
                if self._working == 0 and (self.is_leaving or self._jobs.pending == 0):
                    return
                await self._wait(None)
            elif (delay := self._delay()) != 0.0:
                await self._wait(delay)
            else:
                (self._again or ahead).popleft()
                self._pace.begin()
                self._working += 1
                tasks.create_task(self._make(row))

    def _delay(self) -> float | None:
        """Seconds until the next row may be begun; None until something changes."""
        # As many rows as requests in flight may be written to disk meanwhile. A crash makes both unknown.
        if self._working >= 2 * self._pace.limit or self._jobs.is_full or not self._outlet.has_room():
            return None
        if self._limits.max_cost is not None and self._would_exceed(self._limits.max_cost):
            if self._working + self._jobs.pending == 0:
                self.stop("max_cost")
            return None
        return self._pace.delay(self.clock.monotonic())

    def _would_exceed(self, max_cost: float) -> bool:
        """Whether another call may exceed the limit, if it costs as much as the dearest one so far.

        So may those that are in flight, and those whose fate is unknown. Until a cost is known, calls are made one by one.
        """
        pending = self._working + self._jobs.pending
        if self._dearest is None:
            return pending > 0
        spent, at_risk = self._spent or 0.0, pending + self._counts["unknown"] + 1
        return spent >= max_cost or spent + self._dearest * at_risk > max_cost

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
            row, answer, began = await self._request(row)
            if isinstance(answer, ParameterError):  # such as a file that was there when the rows were checked
                await self.end(row, Verdict(State.FAILED, "parameters"), answer, "planned")
            elif isinstance(answer, ApiError):
                await self._fail(row, answer, judge(answer), began)
            else:
                self._trouble_since = None
                self._pace.answered(self.clock.monotonic() - began)
                await self._take(row, answer)
        except Exception as error:  # the journal or the disk: every other row would get the same
            logger.debug("the batch ends: %s", error)
            self.stop(error)
        finally:
            self._working -= 1
            self.wake()

    async def _request(self, row: PlannedRow) -> tuple[PlannedRow, AsyncResult | AsyncJob | ApiError, float]:
        """Note the row as sent, and send it. Returns the row, its answer or error, and when it was sent."""
        began, now = None, self.clock.now()
        try:
            try:
                call = self.surfaces.call(row.model, parameters_of(row.parameters))
            except ParameterError as error:
                return row, error, 0.0
            await self.commits.add(sent(row.number, now))
            row = row._replace(sends=row.sends + 1, sent_at=now)
            self._count("planned", "sent")
            began = self.clock.monotonic()
            self._pace.sent(began)
            try:
                make = run_call_async if call.job_paths is None else submit_job_async
                return row, await make(self.settings, self.transport, call), began
            except ApiError as error:
                return row, error, began
        finally:
            if began is None:
                self._pace.sent(None)
            self._pace.end()
            self.wake()

    async def _take(self, row: PlannedRow, answer: AsyncResult | AsyncJob) -> None:
        """A call was answered, or a job accepted."""
        if not isinstance(answer, AsyncJob):
            await self.finish(row, answer, "sent")
            return
        at = self.clock.now()
        try:
            await self.commits.add(accepted(row.number, at, answer.request_id))
        except JournalError as error:
            error.add_note(
                f"Job {answer.request_id} of row {row.key} was accepted, which is not in the journal."
            )
            raise
        self._count("sent", "accepted")
        self._jobs.add(AcceptedJob(row._replace(request_id=answer.request_id, accepted_at=at), answer))

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
        await self.send_again(row, "sent")

    async def send_again(self, row: PlannedRow, before: BatchState) -> None:
        """Plan a row again."""
        await self.commits.add(returned(row.number))
        self._count(before, "planned")
        self._again.append(row._replace(request_id=None, accepted_at=None))

    async def finish(self, row: PlannedRow, result: AsyncResult | AsyncJobResult, before: BatchState) -> None:
        """Save the outputs of a row, and note it as done. Raises an ApiError if those of a job can be downloaded later."""
        inside: Any = result  # with what programs do not use
        seed, cost, request_id = inside._answered()
        inside._settings = self._patient(inside._settings or self.settings)
        try:
            saved = await result.save(self.files.part(row.number), overwrite=True, embed=self._embed)
        except ApiError as error:
            is_local = isinstance(error.__cause__, OSError)
            if is_local:
                self.stop(error)
            verdict = judge_output(error)
            if before == "accepted" and (is_local or verdict is None):
                raise
            self.files.discard(row.number)
            await self.end(row, verdict or Verdict(State.UNKNOWN, "output"), error, before, cost=cost)
            return
        known = seed if isinstance(seed, int | str) and not isinstance(seed, bool) else None
        names = self.files.names(saved, row.number, row.key, row.model, known)
        paths = tuple(self.journal.folder / name for name in names)
        done = self._result(
            row, "done", paths=paths, seed=known, request_id=row.request_id or request_id, cost=cost
        )
        written = self.files.with_records(saved) if self._embed else saved
        await self.commits.add(finished(row.number, State.DONE, done, names), written)
        self.files.publish(saved, names, with_records=self._embed)
        if cost is None and self._limits.max_cost is not None:
            self.stop(
                ConfigurationError("max_cost cannot be kept: the API did not report what the call cost")
            )
        await self._end(row, done, before)

    def _patient(self, settings: Settings) -> Settings:
        """The settings with retries, for downloads."""
        if settings is self.settings:
            return self._given
        return replace(settings, max_retries=self._given.max_retries)

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
        if row.number in self._earlier.resent and before == "accepted" and verdict.state is State.UNKNOWN:
            await self.send_again(row, before)
            return
        state: BatchState = "failed" if verdict.state is State.FAILED else "unknown"
        request_id = row.request_id or error.request_id
        result = self._result(
            row, state, request_id=request_id, cost=cost, reason=verdict.reason, error=str(error)
        )
        await self.commits.add(finished(row.number, verdict.state, result))
        await self._end(row, result, before)

    def _result(self, row: PlannedRow, state: BatchState, **more: Any) -> RowResult:
        return RowResult(
            key=row.key,
            state=state,
            model=row.model,
            line=row.line,
            sends=row.sends,
            sent_at=row.sent_at,
            finished_at=self.clock.now(),
            **more,
        )

    async def _end(self, row: PlannedRow, result: RowResult, before: BatchState) -> None:
        self._count(before, result.state)
        self._finished += 1
        if result.cost is not None:
            self._spent = round((self._spent or 0.0) + result.cost, 9)
            self._dearest = max(self._dearest or 0.0, result.cost)
        self._note_failure(result)
        self._outlet.put(result)
        if self._duplicates:
            await self._publish(partial(self.journal.duplicates, row.number, None))

    def _note_failure(self, result: RowResult) -> None:
        if result.state == "done":
            self._in_a_row = 0
            return
        self._failures += 1
        self._in_a_row += 1
        most = self._limits.max_failures
        if most is not None and self._failures >= most:
            self.stop("max_failures")
        elif most is None and self._in_a_row >= _MOST_IN_A_ROW:
            self.stop("failures_in_a_row")

    async def _publish(self, read: Callable[[int], list[tuple[int, RowResult]]], last: int = 0) -> None:
        """Publish many results, as the program takes them."""
        while chunk := await self.commits.run(partial(read, last)):
            last = chunk[-1][0]
            for _, result in chunk:
                self._outlet.put(result)
            while not self._outlet.has_room() and not self.is_stopping:
                await asyncio.sleep(_FOR_ROOM)

    def _count(self, before: BatchState, after: BatchState) -> None:
        self._counts[before] -= 1
        self._counts[after] += 1
