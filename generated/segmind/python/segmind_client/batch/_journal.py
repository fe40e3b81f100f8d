"""The journal of a batch: each row and its state, in a SQLite file. `_states` has the states and their changes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .._runtime.batching import BatchState, RowResult
from ._database import Database
from ._files import is_below
from ._states import EXPIRED, INTERRUPTED, STATES, Change, PlannedRow, State
from .errors import JournalError

__all__ = ["Journal"]

_SPENT_BEFORE = "spent before"
"""Fact: the cost of rows that were planned again."""
_INTERRUPTED_TEXT = (
    "The process ended before the response arrived. The request may have been processed and billed."
)
_HAS_LATE_JOB = f"state=5 AND accepted_at IS NOT NULL AND reason IS NOT '{EXPIRED}'"

_MEMBERS = (
    *(
        "key",
        "state",
        "model",
        "line",
        "paths",
        "seed",
        "request_id",
        "cost",
        "sends",
        "sent_at",
        "finished_at",
    ),
    *("reason", "error", "same_as"),
)
"""Members of a result, in the order of results.jsonl."""

_COUNTS = ", ".join(f"count(CASE state WHEN {state} THEN 1 END)" for state in State)
"""The rows in each state, in one pass: GROUP BY sorts all rows in memory."""
_CHUNK = 1000
_LAST = 2**63 - 1


class Journal(Database):
    """The rows of a journal."""

    def find(self, key: str) -> tuple[int, bytes] | None:
        """Return the number and digest of the row with a key."""
        found = self._one("SELECT number, digest FROM rows WHERE key=?", (key,))
        return None if found is None else (found[0], found[1])

    def find_same(self, digest: bytes) -> int | None:
        """Return the number of the first row that is the same request."""
        found = self._one("SELECT min(number) FROM rows WHERE digest=?", (digest,))
        return None if found is None else found[0]

    def add(self, row: PlannedRow, digest: bytes, same_as: int | None) -> None:
        """Add a row, inside a transaction."""
        with self._convert_errors():
            self._connection.execute(
                "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?)",
                (row.number, row.key, row.line, row.model, row.parameters, digest),
            )
            self._connection.execute(
                "INSERT INTO calls (number, same_as) VALUES (?, ?)", (row.number, same_as)
            )

    def part_duplicates(self) -> None:
        """Run duplicates as separate requests."""
        with self._convert_errors():
            self._connection.execute("UPDATE calls SET same_as=NULL WHERE same_as IS NOT NULL")

    def last_number(self) -> int:
        """Return the number of the last row, 0 without rows."""
        found = self._one("SELECT max(number) FROM rows")
        return int(found[0] or 0) if found else 0

    def apply(self, changes: Iterable[Change]) -> None:
        """Make changes durable: they survive a power failure."""
        if not self.path.exists():
            # SQLite would continue with a file that no other process can see.
            raise JournalError(f"{self.path} was removed while the batch was running")
        with self.transaction(), self._convert_errors():
            execute = self._connection.execute
            for statement, values in changes:
                execute(statement, values)

    def next_rows(self, state: State, after: int, limit: int) -> list[PlannedRow]:
        """Return the next rows in a state, in their order."""
        with self._convert_errors():
            found = self._connection.execute(
                "SELECT rows.number, key, line, model, parameters, sends, request_id, accepted_at, sent_at"
                " FROM calls JOIN rows USING (number)"
                " WHERE calls.number > ? AND state=? AND same_as IS NULL ORDER BY calls.number LIMIT ?",
                (after, int(state), limit),
            )
            return [PlannedRow(*row) for row in found]

    def settle_interrupted(self, at: float) -> list[int]:
        """Set rows that were sent and have no response to unknown, because their process has ended. Return their numbers."""
        with self.transaction(), self._convert_errors():
            found = self._connection.execute("SELECT number FROM calls WHERE state=1 ORDER BY number")
            numbers = [int(number) for (number,) in found]
            self._connection.execute(
                "UPDATE calls SET state=5, finished_at=?, reason=?, error=? WHERE state=1",
                (at, INTERRUPTED, _INTERRUPTED_TEXT),
            )
        return numbers

    def poll_again(self) -> set[int]:
        """Set unknown rows whose jobs the API may still have to accepted. Return their numbers."""
        with self.transaction(), self._convert_errors():
            found = {
                int(number)
                for (number,) in self._connection.execute(f"SELECT number FROM calls WHERE {_HAS_LATE_JOB}")
            }
            self._connection.execute(f"UPDATE calls SET state=2, cost=NULL WHERE {_HAS_LATE_JOB}")
        return found

    def has_jobs(self) -> bool:
        """Return whether jobs were accepted whose results are still to be fetched."""
        return bool(self._one(f"SELECT EXISTS (SELECT 1 FROM calls WHERE state=2 OR ({_HAS_LATE_JOB}))")[0])

    def arrivals_since(self, at: float, margin: float) -> list[float]:
        """Return when requests had arrived at the latest, as far as the journal knows.

        A row that was sent several times counts as often, with its last time.
        """
        with self._convert_errors():
            found = self._connection.execute(
                "SELECT min(coalesce(accepted_at, finished_at, ?), sent_at + ?), sends FROM calls WHERE sent_at >= ?",
                (math.inf, margin, at - margin),
            )
            return [arrived for arrived, sends in found for _ in range(sends)]

    def dearest(self) -> dict[str, float]:
        """Return the highest cost of a row, by model."""
        dearest: dict[str, float] = {}
        with self._convert_errors():
            # Without GROUP BY, which sorts all rows in memory.
            for model, cost in self._connection.execute(
                "SELECT model, cost FROM calls JOIN rows USING (number) WHERE cost IS NOT NULL"
            ):
                dearest[model] = max(dearest.get(model, cost), cost)
        return dearest

    def plan_again(self, state: State) -> int:
        """Plan the rows in a final state again, unless their job can still be polled. Return how many there were.

        Their cost stays in the sum.
        """
        where = f"state={int(state)} AND same_as IS NULL AND NOT ({_HAS_LATE_JOB})"
        with self.transaction(), self._convert_errors():
            spent = self._connection.execute(f"SELECT sum(cost) FROM calls WHERE {where}").fetchone()[0]
            if spent is not None:
                self.set_fact(_SPENT_BEFORE, repr(spent + float(self.fact(_SPENT_BEFORE) or 0)))
            return self._connection.execute(
                "UPDATE calls SET state=0, finished_at=NULL, request_id=NULL, accepted_at=NULL, cost=NULL, seed=NULL,"
                f" reason=NULL, error=NULL WHERE {where}"
            ).rowcount

    def end_planned(self, at: float, reason: str, error: str) -> int:
        """Set the planned rows to failed. Return how many there were."""
        with self.transaction(), self._convert_errors():
            return self._connection.execute(
                "UPDATE calls SET state=4, finished_at=?, reason=?, error=? WHERE state=0 AND same_as IS NULL",
                (at, reason, error),
            ).rowcount

    def reasons(self) -> list[tuple[BatchState, str, int]]:
        """Return how many rows failed or are unknown, by reason."""
        with self._convert_errors():
            found = self._connection.execute(
                "SELECT state, reason, count(*) FROM calls WHERE state IN (4, 5) AND same_as IS NULL"
                " GROUP BY state, reason ORDER BY state, count(*) DESC, reason"
            )
            return [(STATES[state], reason or "", count) for state, reason, count in found]

    def by_model(self) -> list[tuple[str, int, float | None]]:
        """Return for each model how many rows are planned, and the average cost of a call."""
        with self._convert_errors():
            return self._connection.execute(
                "SELECT model, sum(state=0), avg(CASE WHEN state=3 THEN cost END) FROM calls JOIN rows USING (number)"
                " WHERE same_as IS NULL GROUP BY model ORDER BY model"
            ).fetchall()

    def counts(self) -> dict[BatchState, int]:
        """Return how many rows are in each state, without duplicates."""
        with self._convert_errors():
            numbers = self._connection.execute(
                f"SELECT {_COUNTS} FROM calls WHERE same_as IS NULL"
            ).fetchone()
        return dict(zip(STATES, numbers, strict=True))

    def totals(self) -> tuple[int, float | None]:
        """Return the number of duplicates, and the cost of all calls."""
        duplicates, spent = self._one("SELECT count(same_as), sum(cost) FROM calls")
        before = self.fact(_SPENT_BEFORE)
        if before is not None:
            spent = (spent or 0.0) + float(before)
        return duplicates, None if spent is None else round(spent, 9)

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield all rows in their order as JSON, without unknown members. Paths are relative to the folder."""
        for row in self._all():
            members = self._members(row)
            yield {name: value for name, value in members.items() if value is not None and value != []}

    def results(self) -> Iterator[RowResult]:
        """Return all rows in their order."""
        return map(self._as_result, self._all())

    def result(self, number: int) -> RowResult | None:
        """Return the row with a number; None if there is none."""
        return next(map(self._as_result, self._rows("rows.number = ?", (number,), 1)), None)

    def duplicates(self, number: int, until: int | None, after: int) -> list[tuple[int, RowResult]]:
        """Return the next duplicates of a row with their numbers, up to the number `until`."""
        where = "own.same_as = ? AND rows.number > ? AND rows.number <= ?"
        found = self._rows(where, (number, after, until if until is not None else _LAST), _CHUNK)
        return [(row[0], self._as_result(row)) for row in found]

    def answered_duplicates(self, after: int) -> list[tuple[int, RowResult]]:
        """Return the next duplicates of final rows with their numbers."""
        where = "rows.number > ? AND own.same_as IS NOT NULL AND made.state >= 3"
        return [(row[0], self._as_result(row)) for row in self._rows(where, (after,), _CHUNK)]

    def _all(self) -> Iterator[Sequence[Any]]:
        """Yield all rows. Memory does not grow with them."""
        after = 0
        while chunk := self._rows("rows.number > ?", (after,), _CHUNK):
            yield from chunk
            after = chunk[-1][0]

    def _rows(self, where: str, values: Sequence[Any], limit: int) -> list[Sequence[Any]]:
        """Return the numbers of rows, and the members of their results."""
        with self._convert_errors():
            return self._connection.execute(
                "SELECT rows.number, rows.key, made.state, rows.model, rows.line, made.paths, made.seed, made.request_id,"
                " CASE WHEN own.same_as IS NULL THEN made.cost END, made.sends, made.sent_at, made.finished_at,"
                " made.reason, made.error, first.key"
                " FROM rows JOIN calls AS own USING (number)"
                " JOIN calls AS made ON made.number = coalesce(own.same_as, own.number)"
                " LEFT JOIN rows AS first ON first.number = own.same_as"
                f" WHERE {where} ORDER BY rows.number LIMIT {limit}",
                values,
            ).fetchall()

    def _as_result(self, row: Sequence[Any]) -> RowResult:
        members = self._members(row)
        members["paths"] = tuple(self.folder / path for path in members["paths"])
        return RowResult(**members)

    def _members(self, row: Sequence[Any]) -> dict[str, Any]:
        """Return the members of a result.

        Security: a journal from elsewhere may name any files. Raises JournalError for files outside of the folder.
        """
        members = dict(zip(_MEMBERS, row[1:], strict=True))
        try:
            members["state"] = STATES[State(members["state"])]
            paths: list[str] = json.loads(members["paths"]) if members["paths"] else []
            if not all(is_below(path) for path in paths):
                raise ValueError(paths)
            members["paths"] = paths
        except (ValueError, TypeError, RecursionError):
            raise JournalError(f"{self.path} is damaged: row {row[0]} has invalid values") from None
        return members
