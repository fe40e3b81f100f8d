"""The journal of a batch: a SQLite file with each row and its state.

    planned → sent → accepted (a job, with its id) → done | failed | unknown
                └──────────────────────────────────→ done | failed | unknown

A row is `sent` on disk before the first byte of its request leaves. After a crash, a row that is `sent` and has no answer is
`unknown`: the request may have been billed. The journal never has the key.

Durability: the write-ahead log with `synchronous=FULL`, so that a commit survives a power failure. `_commits` lets many rows
share a commit.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self, TypeAlias, get_args

from .._runtime.batching import BatchState, RowResult
from ._lock import Lock, holder_of
from .errors import JournalError

__all__ = [
    "EXPIRED",
    "INTERRUPTED",
    "JOURNAL",
    "Change",
    "Journal",
    "PlannedRow",
    "State",
    "accepted",
    "finished",
    "returned",
    "sent",
]

JOURNAL = "journal.sqlite"
LOCK = "journal.lock"
VERSION = 1
_APPLICATION = 0x5370_6342
"""Marks the file as ours, in the header of SQLite."""
_HEADER = b"SQLite format 3\x00"

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE rows (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    line INTEGER NOT NULL,
    model TEXT NOT NULL,
    parameters TEXT NOT NULL,
    digest BLOB NOT NULL
);
CREATE INDEX rows_by_digest ON rows (digest);
CREATE TABLE calls (
    number INTEGER PRIMARY KEY,
    state INTEGER NOT NULL DEFAULT 0,
    same_as INTEGER,
    sends INTEGER NOT NULL DEFAULT 0,
    sent_at REAL,
    accepted_at REAL,
    finished_at REAL,
    request_id TEXT,
    paths TEXT,
    seed,
    cost REAL,
    reason TEXT,
    error TEXT
);
CREATE INDEX calls_by_original ON calls (same_as) WHERE same_as IS NOT NULL;
"""
"""Rows never change; what changes is in a table of its own, so that a commit writes few pages."""

INTERRUPTED = "interrupted"
"""Reason of a row whose process ended before the response arrived."""
_INTERRUPTED_TEXT = (
    "The process ended before the response arrived. The request may have been processed and billed."
)
EXPIRED = "expired"
"""Reason of a row whose job the API does not have any more."""
_HAS_LATE_JOB = f"state=5 AND accepted_at IS NOT NULL AND reason IS NOT '{EXPIRED}'"

_CHUNK = 1000
_LAST = 2**63 - 1

_STATES: tuple[BatchState, ...] = get_args(BatchState)


class State(IntEnum):
    """The state of a row, as the journal has it."""

    PLANNED = 0
    SENT = 1
    ACCEPTED = 2
    DONE = 3
    FAILED = 4
    UNKNOWN = 5


class PlannedRow(NamedTuple):
    """A row to make."""

    number: int
    key: str
    line: int
    model: str
    parameters: str
    """As `_rows` writes them."""
    sends: int = 0
    request_id: str | None = None
    """Id of its job, if one was accepted."""
    accepted_at: float | None = None
    sent_at: float | None = None


Change: TypeAlias = tuple[str, Sequence[Any]]
"""A change of one row: a statement and its values."""

_SENT = "UPDATE calls SET state=1, sends=sends+1, sent_at=?, request_id=NULL, accepted_at=NULL WHERE number=?"
_ACCEPTED = "UPDATE calls SET state=2, accepted_at=?, request_id=? WHERE number=?"
_RETURNED = "UPDATE calls SET state=0 WHERE number=?"
_IS_EXPORTED = "results are written"
_SPENT_BEFORE = "spent before"
"""Fact: what rows cost that were made again."""
_FINISHED = (
    "UPDATE calls SET state=?, finished_at=?, request_id=coalesce(?, request_id), paths=?, seed=?, cost=?, reason=?,"
    " error=? WHERE number=?"
)


def sent(number: int, at: float) -> Change:
    """The row is about to be sent."""
    return _SENT, (at, number)


def accepted(number: int, at: float, request_id: str) -> Change:
    """The job of the row was accepted."""
    return _ACCEPTED, (at, request_id, number)


def returned(number: int) -> Change:
    """The row was certainly not accepted, and will be sent again."""
    return _RETURNED, (number,)


def finished(number: int, state: State, result: RowResult, paths: Sequence[str] = ()) -> Change:
    """The row is final. `paths` are those of its files, below the folder of the batch."""
    seed = (
        result.seed
        if not isinstance(result.seed, int) or -(2**63) <= result.seed < 2**63
        else str(result.seed)
    )
    return _FINISHED, (
        state,
        result.finished_at,
        result.request_id,
        json.dumps(paths) if paths else None,
        seed,
        result.cost,
        result.reason,
        result.error,
        number,
    )


class Journal:
    """The journal in a folder, locked for this process. Threads use it one after the other."""

    def __init__(
        self, folder: Path, *, mode: Literal["create", "change", "read"] = "create", cache: int = 65536
    ) -> None:
        """Open the journal of a folder, or create it. To read it, it need not be locked.

        `cache` is in KiB. Raises JournalError, and changes nothing then.
        """
        self.folder, self.path = folder, folder / JOURNAL
        if mode != "create" and not self.path.is_file():
            raise JournalError(f"there is no batch in {folder}: {self.path.name} is missing")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise JournalError(f"cannot create {folder}: {error.strerror or error}") from None
        self._lock = Lock(folder / LOCK) if mode != "read" else None
        try:
            with self._reports():
                self._connection = _open(self.path)
                self._connection.execute(f"PRAGMA cache_size=-{cache}")
                if mode == "read":
                    self._connection.execute("PRAGMA query_only=ON")
            self._is_exported = self.fact(_IS_EXPORTED) is not None
        except BaseException:
            if self._lock is not None:
                self._lock.release()
            raise

    @property
    def holder(self) -> str | None:
        """The process that makes the batch now, such as `process 5 on HOST`; None if there is none."""
        return holder_of(self.folder / LOCK)

    def fact(self, name: str) -> str | None:
        """A fact about the batch."""
        found = self._one("SELECT value FROM facts WHERE name=?", (name,))
        return None if found is None else str(found[0])

    def set_fact(self, name: str, value: str) -> None:
        """Note a fact about the batch."""
        with self._reports():
            self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Generator[None]:
        """Make all changes inside it, or none. Without `keep` none are made in any case. Inside another one, it is part of it."""
        if self._connection.in_transaction:
            yield
            return
        with self._reports():
            self._connection.execute("BEGIN IMMEDIATE")
        before = self._connection.total_changes
        try:
            yield
            with self._reports():
                if self._is_exported and self._connection.total_changes != before:
                    self._connection.execute("DELETE FROM facts WHERE name=?", (_IS_EXPORTED,))
                self._connection.execute("COMMIT" if keep else "ROLLBACK")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise
        if self._connection.total_changes != before and keep:
            self._is_exported = False

    @property
    def is_exported(self) -> bool:
        """Whether nothing has changed since the results were written."""
        return self._is_exported

    def note_export(self) -> None:
        """The results were written."""
        self.set_fact(_IS_EXPORTED, "")
        self._is_exported = True

    def find(self, key: str) -> tuple[int, bytes] | None:
        """Number and digest of the row with a key."""
        found = self._one("SELECT number, digest FROM rows WHERE key=?", (key,))
        return None if found is None else (found[0], found[1])

    def find_same(self, digest: bytes) -> int | None:
        """Number of the first row that is the same request."""
        found = self._one("SELECT min(number) FROM rows WHERE digest=?", (digest,))
        return None if found is None else found[0]

    def add(self, row: PlannedRow, digest: bytes, same_as: int | None) -> None:
        """Add a row, inside a transaction."""
        with self._reports():
            self._connection.execute(
                "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?)",
                (row.number, row.key, row.line, row.model, row.parameters, digest),
            )
            self._connection.execute(
                "INSERT INTO calls (number, same_as) VALUES (?, ?)", (row.number, same_as)
            )

    def part_duplicates(self) -> None:
        """Make each of the rows that are the same request."""
        with self._reports():
            self._connection.execute("UPDATE calls SET same_as=NULL WHERE same_as IS NOT NULL")

    def last_number(self) -> int:
        """The number of the last row, 0 without rows."""
        found = self._one("SELECT max(number) FROM rows")
        return int(found[0] or 0) if found else 0

    def apply(self, changes: Iterable[Change]) -> None:
        """Make changes durable: they survive a power failure."""
        with self.transaction(), self._reports():
            for statement, values in changes:
                self._connection.execute(statement, values)

    def next_rows(self, state: State, after: int, limit: int) -> list[PlannedRow]:
        """The next rows in a state, in their order."""
        with self._reports():
            found = self._connection.execute(
                "SELECT rows.number, key, line, model, parameters, sends, request_id, accepted_at, sent_at"
                " FROM calls JOIN rows USING (number)"
                " WHERE calls.number > ? AND state=? AND same_as IS NULL ORDER BY calls.number LIMIT ?",
                (after, int(state), limit),
            )
            return [PlannedRow(*row) for row in found]

    def settle_interrupted(self, at: float) -> list[int]:
        """Make the rows unknown that were sent and have no answer: the process that sent them has ended. Returns their numbers."""
        with self.transaction(), self._reports():
            found = self._connection.execute("SELECT number FROM calls WHERE state=1 ORDER BY number")
            numbers = [int(number) for (number,) in found]
            self._connection.execute(
                "UPDATE calls SET state=5, finished_at=?, reason=?, error=? WHERE state=1",
                (at, INTERRUPTED, _INTERRUPTED_TEXT),
            )
        return numbers

    def poll_again(self) -> set[int]:
        """Accept the jobs again whose rows became unknown although the API may still have them. Returns their numbers."""
        with self.transaction(), self._reports():
            found = {
                int(number)
                for (number,) in self._connection.execute(f"SELECT number FROM calls WHERE {_HAS_LATE_JOB}")
            }
            self._connection.execute(f"UPDATE calls SET state=2, cost=NULL WHERE {_HAS_LATE_JOB}")
        return found

    def has_jobs(self) -> bool:
        """Whether jobs were accepted whose results are still to be fetched."""
        return bool(self._one(f"SELECT EXISTS (SELECT 1 FROM calls WHERE state=2 OR ({_HAS_LATE_JOB}))")[0])

    def sends_since(self, at: float) -> list[float]:
        """When requests were sent, as far as the journal knows: a row that was sent several times counts as often, then."""
        with self._reports():
            found = self._connection.execute(
                "SELECT sent_at, sends FROM calls WHERE sent_at >= ? ORDER BY sent_at", (at,)
            )
            return [sent_at for sent_at, sends in found for _ in range(sends)]

    def dearest(self) -> float | None:
        """The highest cost of a row."""
        cost: float | None = self._one("SELECT max(cost) FROM calls")[0]
        return cost

    def plan_again(self, state: State) -> int:
        """Plan the rows again that are in a final state, unless their job can be asked. Returns how many.

        What they cost stays in the sum.
        """
        where = f"state={int(state)} AND same_as IS NULL AND NOT ({_HAS_LATE_JOB})"
        with self.transaction(), self._reports():
            spent = self._connection.execute(f"SELECT sum(cost) FROM calls WHERE {where}").fetchone()[0]
            if spent is not None:
                self.set_fact(_SPENT_BEFORE, repr(spent + float(self.fact(_SPENT_BEFORE) or 0)))
            return self._connection.execute(
                "UPDATE calls SET state=0, finished_at=NULL, request_id=NULL, accepted_at=NULL, cost=NULL, seed=NULL,"
                f" reason=NULL, error=NULL WHERE {where}"
            ).rowcount

    def end_planned(self, at: float, reason: str, error: str) -> int:
        """Make the rows failed that are planned. Returns how many."""
        with self.transaction(), self._reports():
            return self._connection.execute(
                "UPDATE calls SET state=4, finished_at=?, reason=?, error=? WHERE state=0 AND same_as IS NULL",
                (at, reason, error),
            ).rowcount

    def reasons(self) -> list[tuple[BatchState, str, int]]:
        """How many rows failed or are unknown, by reason."""
        with self._reports():
            found = self._connection.execute(
                "SELECT state, reason, count(*) FROM calls WHERE state IN (4, 5) AND same_as IS NULL"
                " GROUP BY state, reason ORDER BY state, count(*) DESC, reason"
            )
            return [(_STATES[state], reason or "", count) for state, reason, count in found]

    def by_model(self) -> list[tuple[str, int, float | None]]:
        """For each model, how many rows are planned, and what a call has cost on average."""
        with self._reports():
            return self._connection.execute(
                "SELECT model, sum(state=0), avg(CASE WHEN state=3 THEN cost END) FROM calls JOIN rows USING (number)"
                " WHERE same_as IS NULL GROUP BY model ORDER BY model"
            ).fetchall()

    def counts(self) -> dict[BatchState, int]:
        """How many rows are in each state, without those that are the same request as another one."""
        with self._reports():
            found = self._connection.execute(
                "SELECT state, count(*) FROM calls WHERE same_as IS NULL GROUP BY state"
            )
            numbers = dict(found)
        return {name: numbers.get(number, 0) for number, name in enumerate(_STATES)}

    def totals(self) -> tuple[int, float | None]:
        """The number of rows that are the same request as another one, and what all calls cost."""
        duplicates, spent = self._one("SELECT count(same_as), sum(cost) FROM calls")
        before = self.fact(_SPENT_BEFORE)
        if before is not None:
            spent = (spent or 0.0) + float(before)
        return duplicates, None if spent is None else round(spent, 9)

    def results(self, after: int = 0) -> Iterator[RowResult]:
        """All rows in their order. Memory does not grow with them."""
        while chunk := self._results("rows.number > ?", (after,), _CHUNK):
            yield from (result for _, result in chunk)
            after = chunk[-1][0]

    def result(self, number: int) -> RowResult | None:
        """One row, if it exists."""
        return next((result for _, result in self._results("rows.number = ?", (number,), 1)), None)

    def duplicates(self, number: int, until: int | None, after: int) -> list[tuple[int, RowResult]]:
        """The next rows that are the same request as a row, up to the number of a last one, with their numbers."""
        return self._results(
            "own.same_as = ? AND rows.number > ? AND rows.number <= ?",
            (number, after, until if until is not None else _LAST),
            _CHUNK,
        )

    def answered_duplicates(self, after: int) -> list[tuple[int, RowResult]]:
        """The next rows that are the same request as one that is final, with their numbers."""
        where = "rows.number > ? AND own.same_as IS NOT NULL AND made.state >= 3"
        return self._results(where, (after,), _CHUNK)

    def _results(self, where: str, values: Sequence[Any], limit: int) -> list[tuple[int, RowResult]]:
        with self._reports():
            found = self._connection.execute(
                "SELECT rows.number, rows.key, made.state, rows.model, rows.line, made.paths, made.seed, made.request_id,"
                " CASE WHEN own.same_as IS NULL THEN made.cost END, made.sends, made.sent_at, made.finished_at,"
                " made.reason, made.error, first.key"
                " FROM rows JOIN calls AS own USING (number)"
                " JOIN calls AS made ON made.number = coalesce(own.same_as, own.number)"
                " LEFT JOIN rows AS first ON first.number = own.same_as"
                f" WHERE {where} ORDER BY rows.number LIMIT {limit}",
                values,
            )
            return [(row[0], self._as_result(row)) for row in found]

    def _as_result(self, row: Sequence[Any]) -> RowResult:
        state: int = row[2]
        paths = tuple(self.folder / path for path in json.loads(row[5])) if row[5] else ()
        return RowResult(
            key=row[1],
            state=_STATES[state],
            model=row[3],
            line=row[4],
            paths=paths,
            seed=row[6],
            request_id=row[7],
            cost=row[8],
            sends=row[9],
            sent_at=row[10],
            finished_at=row[11],
            reason=row[12],
            error=row[13],
            same_as=row[14],
        )

    def begin_making(self) -> None:
        """Write ahead from now on: a commit then takes one write, and others can read the journal meanwhile."""
        with self._reports():
            self._connection.execute("PRAGMA journal_mode=WAL")

    def close(self) -> None:
        """Close the journal, in one file unless somebody reads it, and release the lock."""
        try:
            if self._lock is not None:
                with suppress(sqlite3.Error):
                    self._connection.execute("PRAGMA journal_mode=DELETE")
            self._connection.close()
        finally:
            if self._lock is not None:
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _one(self, statement: str, values: Sequence[Any] = ()) -> Any:
        with self._reports():
            return self._connection.execute(statement, values).fetchone()

    @contextmanager
    def _reports(self) -> Generator[None]:
        """Report what SQLite finds wrong with the file."""
        try:
            yield
        except sqlite3.Error as error:
            raise JournalError(f"cannot use {self.path}: {error}") from None


def _open(path: Path) -> sqlite3.Connection:
    """Open a journal, or create it. Raises JournalError for another file, and sqlite3.Error for a damaged one."""
    beside = [path.with_name(path.name + suffix) for suffix in ("-journal", "-wal")]
    if path.exists() and path.stat().st_size and not any(each.exists() for each in beside):
        _check_file(path)  # Otherwise SQLite first finishes or undoes what was interrupted.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous=FULL")
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            connection.executescript(
                f"BEGIN; {_SCHEMA} PRAGMA application_id={_APPLICATION}; PRAGMA user_version={VERSION}; COMMIT;"
            )
        _check_version(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_file(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(100)
    if not header.startswith(_HEADER) or len(header) < 100:
        raise JournalError(
            f"{path} is not the journal of a batch: choose another folder, or move the file away"
        )
    pages = int.from_bytes(header[28:32], "big")
    size = int.from_bytes(header[16:18], "big")
    if path.stat().st_size < pages * (65536 if size == 1 else size):
        raise JournalError(
            f"{path} is damaged: its end is missing. Restore it, with the files beside it, from a copy"
        )


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
        raise JournalError(f"{path} is a database of another program: choose another folder")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        raise JournalError(f"{path} has version {version} of the format; this package reads {VERSION}")
