"""The engine: sends the planned rows of a journal, and brings each to a final state. It runs in one event loop of asyncio."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from .._runtime.errors import ApiError, ParameterError
from .._runtime.execution import run_call_async, submit_job_async
from .._runtime.jobs import AsyncJob
from .._runtime.log import logger
from ._commits import Commits
from ._jobs import AcceptedJob, Jobs
from ._outcomes import Verdict, judge
from ._results import Results
from ._rows import parameters_of
from ._states import State, mark_accepted, mark_delayed, mark_planned, mark_sent
from ._tally import Tally
from .errors import BatchStoppedError, JournalError

if TYPE_CHECKING:
    from .._runtime.batching import BatchProgress, BatchState
    from .._runtime.results import AsyncResult
    from ._states import PlannedRow
    from ._work import Work

__all__ = ["Engine"]

_READ_AHEAD = 500
"""Rows that are read from the journal at once."""
_LONGEST_TROUBLE = 300.0
"""Seconds without a connection after which the batch ends."""
_MOST_REFUSED = 5
"""Consecutive errors that may affect all rows after which a batch without `max_failures` ends."""


class Engine:
    """Sends the rows of a journal."""

    def __init__(self, work: Work) -> None:
        self.work = work
        # The batch repeats requests itself, with a pause for all of them.
        self.settings, self.clock = replace(work.settings, max_retries=0), work.settings.clock
        self.commits = Commits(work.journal)
        self.tally = Tally(work.limits.max_cost, work.surfaces.price)
        self.results = Results(self)
        self._pace, self._jobs = work.pace, Jobs(self)
        self._in_flight: set[asyncio.Task[None] | None] = set()
        """The tasks that `_pace` counts."""
        self._changed = asyncio.Event()
        self._again: deque[PlannedRow] = deque()
        self._held: list[tuple[PlannedRow, Verdict, ApiError]] = []
        """Rows refused with an error that may affect all rows. They stay planned in the journal until the next rows show it."""
        self._trouble_since: float | None = None
        self._stopped: BaseException | str | None = None
        self.is_leaving = False
        """Whether accepted jobs are left to the next run."""
        self._started = self.clock.monotonic()

    @property
    def progress(self) -> BatchProgress:
        """The progress of the batch."""
        now = self.clock.monotonic()
        pause = self._pace.paused_until - now
        return self.tally.progress(
            concurrency=self._pace.limit,
            seconds=now - self._started,
            paused_until=self.clock.now() + pause if pause > 0 else None,
        )

    @property
    def is_stopping(self) -> bool:
        """Whether no more rows are started."""
        return self._stopped is not None

    def stop(self, reason: BaseException | str = "") -> None:
        """Start no more rows. `reason` is raised at the end: an error, or the name of a limit.

        At a limit, accepted jobs are waited for, because they are paid.
        """
        if self._stopped is None:
            self._stopped = reason
        self.is_leaving = self.is_leaving or not isinstance(reason, str) or not reason
        self.wake()

    def wake(self) -> None:
        """Check again whether a row can be started."""
        self._changed.set()

    async def read(self, state: State, after: int) -> list[PlannedRow]:
        """Return the next rows in a state, in order."""
        return await self.commits.run(partial(self.work.journal.next_rows, state, after, _READ_AHEAD))

    async def run(self) -> None:
        """Send all planned rows. Raises the error that ended the batch early."""
        timer = None
        if self.work.limits.deadline is not None:
            timer = asyncio.get_running_loop().call_later(self.work.limits.deadline, self.stop, "deadline")
        try:
            async with asyncio.TaskGroup() as tasks:
                try:
                    await self._begin(tasks)
                    await self._make_all(tasks)
                except Exception as error:  # those in flight are finished
                    self.stop(error)
                    while self._pace.in_flight:
                        await self._wait(None)
                self._jobs.close()
        finally:
            if timer is not None:
                timer.cancel()
            await self.commits.close()
        if isinstance(self._stopped, BaseException):
            raise self._stopped
        if self._stopped and self.tally.counts["planned"] + self.tally.counts["accepted"]:
            raise BatchStoppedError(self._stopped, self.progress)

    async def _begin(self, tasks: asyncio.TaskGroup) -> None:
        await self.commits.run(partial(self.tally.load, self.work.journal))
        await self._jobs.resume(tasks)
        await self.results.publish_earlier()

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
                if self._held and not self.is_stopping and self._pace.in_flight == 0:
                    await self._release()  # there are no others
                if self._pace.in_flight == 0 and (self.is_leaving or self._jobs.pending == 0):
                    return
                await self._wait(None)
            elif (delay := self._delay(row.model)) != 0.0:
                await self._wait(delay)
            else:
                (self._again or ahead).popleft()
                self._pace.begin()
                self._in_flight.add(tasks.create_task(self._make(row)))

    def _delay(self, model: str) -> float | None:
        """Return the seconds until the next row of a model may be started; None if something else must change first."""
        if self._jobs.is_full or not self.work.outlet.has_room():
            return None
        pending = self._pace.in_flight + self._jobs.pending
        if not self.tally.may_begin(model, pending):
            if pending == 0:
                self.stop("max_cost")
            return None
        return self._pace.delay(self.clock.monotonic())

    async def _wait(self, seconds: float | None) -> None:
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
                await self.results.end(row, Verdict(State.FAILED, "parameters"), answer, "planned")
            elif isinstance(answer, ApiError):
                await self._fail(row, answer, judge(answer), began)
            else:
                self._trouble_since = None
                self._pace.note_response(row.model, self.clock.monotonic() - began)
                await self._take(row, answer)
                await self._release()
        except Exception as error:  # the journal or the disk: every other row would fail as well
            logger.debug("the batch ends: %s", error)
            self.stop(error)
        finally:
            self.leave()

    def leave(self) -> None:
        """Allow another row to be sent instead of the row of the current task, whose end was just added to the journal.

        The journal makes changes in their order, so that of the next row, which is `sent`, is on disk together with the end of
        this one, or later. At any moment, the disk has at most as many rows `sent` as may be in flight: a crash makes no more
        of them unknown. And the next request waits for one commit, not for two.
        """
        task = asyncio.current_task()
        if task in self._in_flight:
            self._in_flight.discard(task)
            self._pace.end()
            self.wake()

    async def _request(self, row: PlannedRow) -> tuple[PlannedRow, AsyncResult | AsyncJob | ApiError, float]:
        """Note the row as sent, and send it. Returns the row, its result or error, and when it was sent."""
        began, now = None, self.clock.now()
        try:
            try:
                call = self.work.surfaces.call(row.model, parameters_of(row.parameters))
            except ParameterError as error:
                return row, error, 0.0
            await self.commits.add(mark_sent(row.number, now))
            while self._pace.rate is not None and self.clock.now() - now > self._pace.rate.margin / 2:
                now = self.clock.now()  # the next run counts the requests by these times
                await self.commits.add(mark_delayed(row.number, now))
            row = row._replace(sends=row.sends + 1, sent_at=now)
            self.tally.move("planned", "sent")
            began = self.clock.monotonic()
            self._pace.note_sent(began)
            try:
                make = run_call_async if call.job_paths is None else submit_job_async
                answer = await make(self.settings, self.work.transport, call)
            except ApiError as error:
                if error.status is not None:
                    self._pace.note_arrival(began, self.clock.monotonic())
                return row, error, began
            self._pace.note_arrival(began, self.clock.monotonic())
            return row, answer, began
        finally:
            if began is None:
                self._pace.note_sent(None)

    async def _take(self, row: PlannedRow, answer: AsyncResult | AsyncJob) -> None:
        """Save the output of a call, or record that a job was accepted."""
        if not isinstance(answer, AsyncJob):
            await self.results.save(row, answer, "sent")
            return
        at = self.clock.now()
        noted = self.commits.add(mark_accepted(row.number, at, answer.request_id))
        self.tally.move("sent", "accepted")
        self._jobs.add(AcceptedJob(row._replace(request_id=answer.request_id, accepted_at=at), answer))
        self.leave()
        try:
            await noted
        except JournalError as error:
            error.add_note(
                f"Job {answer.request_id} of row {row.key} was accepted, but the journal does not have it."
            )
            raise

    async def _fail(self, row: PlannedRow, error: ApiError, verdict: Verdict, began: float) -> None:
        now = self.clock.monotonic()
        if verdict.state is not State.PLANNED:
            self._trouble_since = None
            if verdict.may_end_batch and self.work.limits.max_failures is None:
                await self._hold(row, verdict, error)
                return
            await self.results.end(row, verdict, error, "sent")
            return
        if error.status is None:
            self._trouble_since = now if self._trouble_since is None else self._trouble_since
        is_down = self._trouble_since is not None and now - self._trouble_since > _LONGEST_TROUBLE
        # Before the journal is written, because other rows are started meanwhile.
        if verdict.ends_batch or is_down:
            self.stop(error)
        else:
            self._pace.note_refusal(began, now, error.retry_after, self.clock.jitter())
        await self.send_again(row, "sent")

    async def _hold(self, row: PlannedRow, verdict: Verdict, error: ApiError) -> None:
        """Hold a refused row until others succeed. If they are also refused, the batch ends and they stay planned."""
        self._held.append((row, verdict, error))
        if len(self._held) >= _MOST_REFUSED:
            self.stop(error)
        await self._return(row, "sent")

    async def _release(self) -> None:
        """Fail the rows that were held. Not all rows are refused, so the error is about these."""
        held, self._held = self._held, []
        for row, verdict, error in held:
            await self.results.end(row, verdict, error, "planned")

    async def send_again(self, row: PlannedRow, before: BatchState) -> None:
        """Plan a row again."""
        self._again.append(row._replace(request_id=None, accepted_at=None))
        await self._return(row, before)

    async def _return(self, row: PlannedRow, before: BatchState) -> None:
        noted = self.commits.add(mark_planned(row.number))
        self.tally.move(before, "planned")
        self.leave()
        await noted
