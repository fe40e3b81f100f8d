"""The end of a row: its outputs are saved, the journal notes its final state, and the program gets its result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from .._runtime.batching import RowResult
from .._runtime.errors import ApiError, ConfigurationError
from ._outcomes import Verdict, judge_output
from ._states import State, mark_final

if TYPE_CHECKING:
    from pathlib import Path

    from .._runtime.batching import BatchState
    from .._runtime.job_results import AsyncJobResult
    from .._runtime.results import AsyncResult
    from .._runtime.settings import Settings
    from ._engine import Engine
    from ._states import Change, PlannedRow

__all__ = ["Results"]

_MOST_IN_A_ROW = 100
"""Consecutive rows without a result after which a batch without its own limit ends."""
_FOR_ROOM = 0.05
"""Seconds between two checks whether the program has taken results."""


class Results:
    """Brings rows to their final states."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._work = engine, engine.work
        self._tally, self._commits = engine.tally, engine.commits

    async def publish_earlier(self) -> None:
        """Publish rows that earlier runs left unknown, and new duplicates of final rows."""
        journal, earlier = self._work.journal, self._work.earlier
        for number in earlier.interrupted:
            result = await self._commits.run(partial(journal.result, number))
            if result is not None and result.state == "unknown":
                self._work.outlet.put(result)
                await self._publish(partial(journal.duplicates, number, earlier.last_number))
        if self._tally.duplicates and earlier.last_number:
            await self._publish(journal.answered_duplicates, earlier.last_number)

    async def save(self, row: PlannedRow, result: AsyncResult | AsyncJobResult, before: BatchState) -> None:
        """Save the outputs of a row, and mark it as done. Raises ApiError if the outputs of a job can be downloaded later."""
        inside: Any = result  # with what programs do not use
        seed, cost, request_id = inside._read_metadata()
        inside._settings = self._with_retries(inside._settings or self._engine.settings)
        files, embed = self._work.files, self._work.embed
        try:
            saved = await result.save(files.part(row.number), overwrite=True, embed=embed)
        except ApiError as error:
            await self._lose(row, error, before, cost)
            return
        known = seed if isinstance(seed, int | str) and not isinstance(seed, bool) else None
        names = files.names(saved, row.number, row.key, row.model, known)
        paths = tuple(self._work.journal.folder / name for name in names)
        request_id = row.request_id or request_id
        done = self._result(row, "done", paths=paths, seed=known, request_id=request_id, cost=cost)
        await self._commits.sync(self._list_written(saved))
        await self._note(done, mark_final(row.number, State.DONE, done, names), before)
        files.publish(saved, names, with_records=embed)
        await self._hand_over(row, done)

    def _list_written(self, saved: list[Path]) -> list[Path]:
        return self._work.files.with_records(saved) if self._work.embed else saved

    def _with_retries(self, settings: Settings) -> Settings:
        """Return the settings with retries, for downloads: they are free."""
        given = self._work.settings
        return (
            given if settings is self._engine.settings else replace(settings, max_retries=given.max_retries)
        )

    async def _lose(self, row: PlannedRow, error: ApiError, before: BatchState, cost: float | None) -> None:
        """Record that an output cannot be saved. Raises the error if it can be downloaded later."""
        is_local = isinstance(error.__cause__, OSError)
        if is_local:
            self._engine.stop(error)
        verdict = judge_output(error)
        if before == "accepted" and (is_local or verdict is None):
            raise error
        self._work.files.discard(row.number)
        await self.end(row, verdict or Verdict(State.UNKNOWN, "output"), error, before, cost=cost)

    async def end(
        self,
        row: PlannedRow,
        verdict: Verdict,
        error: ApiError,
        before: BatchState,
        *,
        cost: float | None = None,
    ) -> None:
        """Mark a row as failed or unknown."""
        resent = self._work.earlier.resent
        if row.number in resent and before == "accepted" and verdict.state is State.UNKNOWN:
            await self._engine.send_again(row, before)
            return
        state: BatchState = "failed" if verdict.state is State.FAILED else "unknown"
        request_id = row.request_id or error.request_id
        result = self._result(
            row, state, request_id=request_id, cost=cost, reason=verdict.reason, error=str(error)
        )
        await self._note(result, mark_final(row.number, verdict.state, result), before)
        await self._hand_over(row, result)

    def _result(self, row: PlannedRow, state: BatchState, **more: Any) -> RowResult:
        return RowResult(
            key=row.key,
            state=state,
            model=row.model,
            line=row.line,
            sends=row.sends,
            sent_at=row.sent_at,
            finished_at=self._engine.clock.now(),
            **more,
        )

    def _note(self, result: RowResult, change: Change, before: BatchState) -> asyncio.Future[None]:
        """Record the end of a row, and allow another one to be sent. The future ends when the change is on disk."""
        noted = self._commits.add(change)
        self._tally.end(result, before)
        if result.state != "done":
            self._stop_at_failures()
        elif result.cost is None and self._work.limits.max_cost is not None:
            self._engine.stop(
                ConfigurationError("max_cost cannot be kept: the API did not report what the call cost")
            )
        self._engine.leave()
        return noted

    async def _hand_over(self, row: PlannedRow, result: RowResult) -> None:
        """Pass a result to the program. Its change is already on disk."""
        self._work.outlet.put(result)
        if self._tally.duplicates:
            await self._publish(partial(self._work.journal.duplicates, row.number, None))

    def _stop_at_failures(self) -> None:
        most = self._work.limits.max_failures
        if most is not None and self._tally.failures >= most:
            self._engine.stop("max_failures")
        elif most is None and self._tally.failures_in_a_row >= _MOST_IN_A_ROW:
            self._engine.stop("failures_in_a_row")

    async def _publish(self, read: Callable[[int], list[tuple[int, RowResult]]], last: int = 0) -> None:
        """Publish results in chunks, as fast as the program takes them."""
        outlet = self._work.outlet
        while chunk := await self._commits.run(partial(read, last)):
            last = chunk[-1][0]
            for _, result in chunk:
                outlet.put(result)
            while not outlet.has_room() and not self._engine.is_stopping:
                await asyncio.sleep(_FOR_ROOM)
