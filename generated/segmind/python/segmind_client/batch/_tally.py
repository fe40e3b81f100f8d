"""The progress of a batch: the rows in each state, what they cost, and how many failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._runtime.batching import BatchProgress

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._runtime.batching import BatchState, RowResult
    from ._journal import Journal

__all__ = ["Tally"]


class Tally:
    """Counts rows, in the states that the journal has or gets next."""

    def __init__(self, max_cost: float | None, price: Callable[[str], float | None]) -> None:
        """`max_cost` limits what the batch costs. `price` is what a call of a model costs by its spec, if that is known."""
        self._max_cost, self._price = max_cost, price
        self.counts: dict[BatchState, int] = {}
        self.duplicates = 0
        """Rows that are the same request as another one."""
        self._spent: float | None = None
        self._dearest: dict[str, float] = {}
        """The highest cost of a call, by model."""
        self._is_first = False
        """Whether a call is in flight whose model has no known cost."""
        self._finished = self.failures = self.failures_in_a_row = 0

    def load(self, journal: Journal) -> None:
        """Load the counts and costs from the journal."""
        self.counts = journal.counts()
        self.duplicates, self._spent = journal.totals()
        if self._max_cost is not None:
            self._dearest = journal.dearest()

    def move(self, before: BatchState, after: BatchState) -> None:
        """Count a row in its new state."""
        self.counts[before] -= 1
        self.counts[after] += 1

    def end(self, result: RowResult, before: BatchState) -> None:
        """Count a row that is final."""
        self.move(before, result.state)
        self._finished += 1
        if result.cost is not None:
            self._spent = round((self._spent or 0.0) + result.cost, 9)
            self._dearest[result.model] = max(self._dearest.get(result.model, 0.0), result.cost)
        if result.state == "done":
            self.failures_in_a_row = 0
        else:
            self.failures += 1
            self.failures_in_a_row += 1

    def may_begin(self, model: str, pending: int) -> bool:
        """Return whether a call of a model keeps the batch below `max_cost`.

        Calls that are pending or have an unknown outcome count with the highest cost of a call so far, and so does this one.
        Until the cost of a model is known, its calls are made one at a time, and none if its price in the spec is too high.
        """
        if self._max_cost is None:
            return True
        if pending == 0:
            self._is_first = False
        price = self._price(model) or 0.0
        spent, dearest = self._spent or 0.0, max(self._dearest.values(), default=price)
        if spent >= self._max_cost or self._is_first:
            return False
        is_known = model in self._dearest
        cost = dearest * (pending + self.counts["unknown"]) + (dearest if is_known else price)
        keeps = round(spent + cost, 9) <= self._max_cost and (is_known or pending == 0)
        self._is_first = keeps and not is_known
        return keeps

    def progress(self, **more: Any) -> BatchProgress:
        """Return the progress of the batch."""
        return BatchProgress(
            rows=sum(self.counts.values()) + self.duplicates,
            **self.counts,
            duplicates=self.duplicates,
            spent=self._spent,
            finished=self._finished,
            **more,
        )
