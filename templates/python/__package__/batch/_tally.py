"""How far a batch is: the rows in each state, what they cost, and how many failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._runtime.batching import BatchProgress

if TYPE_CHECKING:
    from .._runtime.batching import BatchState, RowResult
    from ._journal import Journal

__all__ = ["Tally"]


class Tally:
    """Counts rows. The states are those on disk."""

    def __init__(self) -> None:
        self.counts: dict[BatchState, int] = {}
        self.duplicates = 0
        """Rows that are the same request as another one."""
        self._spent: float | None = None
        self._dearest: float | None = None
        self._finished = self.failures = self.failures_in_a_row = 0

    def load(self, journal: Journal) -> None:
        """Begin with what the journal has."""
        self.counts = journal.counts()
        self.duplicates, self._spent = journal.totals()
        self._dearest = journal.dearest()

    def move(self, before: BatchState, after: BatchState) -> None:
        """A row changes its state."""
        self.counts[before] -= 1
        self.counts[after] += 1

    def end(self, result: RowResult, before: BatchState) -> None:
        """Count a row that is final."""
        self.move(before, result.state)
        self._finished += 1
        if result.cost is not None:
            self._spent = round((self._spent or 0.0) + result.cost, 9)
            self._dearest = max(self._dearest or 0.0, result.cost)
        if result.state == "done":
            self.failures_in_a_row = 0
        else:
            self.failures += 1
            self.failures_in_a_row += 1

    def would_exceed(self, max_cost: float, pending: int) -> bool:
        """Whether another call may exceed the limit, if it costs as much as the dearest one so far.

        So may those that are pending, and those whose outcome is unknown. Until a cost is known, calls are made one by one.
        """
        if self._dearest is None:
            return pending > 0 or max_cost <= 0
        spent, at_risk = self._spent or 0.0, pending + self.counts["unknown"] + 1
        return spent >= max_cost or spent + self._dearest * at_risk > max_cost

    def progress(self, **more: Any) -> BatchProgress:
        """How far the batch is."""
        return BatchProgress(
            rows=sum(self.counts.values()) + self.duplicates,
            **self.counts,
            duplicates=self.duplicates,
            spent=self._spent,
            finished=self._finished,
            **more,
        )
