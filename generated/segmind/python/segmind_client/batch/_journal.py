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
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, get_args

from .._runtime.batching import BatchState, RowResult
from ._lock import Lock
from .errors import JournalError

__all__ = [
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


Change: TypeAlias = tuple[str, Sequence[Any]]
"""A change of one row: a statement and its values."""

_SENT = "UPDATE calls SET state=1, sends=sends+1, sent_at=?, request_id=NULL, accepted_at=NULL WHERE number=?"
_ACCEPTED = "UPDATE calls SET state=2, accepted_at=?, request_id=? WHERE number=?"
_RETURNED = "UPDATE calls SET state=0 WHERE number=?"
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

    def __init__(self, folder: Path) -> None:
        """Open the journal of a folder, or create it. Raises JournalError, and changes nothing then."""
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise JournalError(f"cannot create {folder}: {error.strerror or error}") from None
        self._lock = Lock(folder / LOCK)
        self.path = folder / JOURNAL
        try:
            with self._reports():
                self._connection = _open(self.path)
        except BaseException:
            self._lock.release()
            raise

    def fact(self, name: str) -> str | None:
        """A fact about the batch."""
        found = self._one("SELECT value FROM facts WHERE name=?", (name,))
        return None if found is None else str(found[0])

    def set_fact(self, name: str, value: str) -> None:
        """Note a fact about the batch."""
        with self._reports():
            self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        """Make all changes inside it, or none. Without `keep` none are made in any case."""
        with self._reports():
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        with self._reports():
            self._connection.execute("COMMIT" if keep else "ROLLBACK")

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
                "SELECT rows.number, key, line, model, parameters, sends, request_id, accepted_at"
                " FROM calls JOIN rows USING (number)"
                " WHERE calls.number > ? AND state=? AND same_as IS NULL ORDER BY calls.number LIMIT ?",
                (after, int(state), limit),
            )
            return [PlannedRow(*row) for row in found]

    def settle_interrupted(self, at: float) -> int:
        """Make the rows unknown that were sent and have no answer: the process that sent them has ended. Returns how many."""
        with self._reports():
            done = self._connection.execute(
                "UPDATE calls SET state=5, finished_at=?, reason='interrupted',"
                " error='The process ended before the response arrived. The request may have been processed and billed.'"
                " WHERE state=1",
                (at,),
            )
            return done.rowcount

    def plan_again(self, state: State) -> int:
        """Plan the rows again that are in a final state. Returns how many."""
        with self._reports():
            return self._connection.execute(
                "UPDATE calls SET state=0 WHERE state=? AND same_as IS NULL", (int(state),)
            ).rowcount

    def counts(self) -> dict[BatchState, int]:
        """How many rows are in each state, without those that are the same request as another one."""
        with self._reports():
            found = self._connection.execute(
                "SELECT state, count(*) FROM calls WHERE same_as IS NULL GROUP BY state"
            )
            numbers = dict(found)
        return {name: numbers.get(number, 0) for number, name in enumerate(_STATES)}

    def duplicates(self, number: int) -> list[tuple[str, int]]:
        """Keys and lines of the rows that are the same request as a row."""
        with self._reports():
            return self._connection.execute(
                "SELECT key, line FROM calls JOIN rows USING (number) WHERE same_as=? ORDER BY number",
                (number,),
            ).fetchall()

    def totals(self) -> tuple[int, float | None]:
        """The number of rows that are the same request as another one, and what all rows cost."""
        found = self._one("SELECT count(same_as), sum(cost) FROM calls")
        return (0, None) if found is None else (found[0], found[1])

    def results(self, after: int = 0) -> Iterator[RowResult]:
        """All rows in their order. Memory does not grow with them."""
        while chunk := self._results(after, 1000):
            for number, result in chunk:
                yield result
                after = number

    def result(self, number: int) -> RowResult | None:
        """One row, if it exists."""
        return next((result for found, result in self._results(number - 1, 1) if found == number), None)

    def _results(self, after: int, limit: int) -> list[tuple[int, RowResult]]:
        with self._reports():
            found = self._connection.execute(
                "SELECT rows.number, rows.key, made.state, rows.model, rows.line, made.paths, made.seed, made.request_id,"
                " made.cost, made.sends, made.sent_at, made.finished_at, made.reason, made.error, first.key"
                " FROM rows JOIN calls AS own USING (number)"
                " JOIN calls AS made ON made.number = coalesce(own.same_as, own.number)"
                " LEFT JOIN rows AS first ON first.number = own.same_as"
                " WHERE rows.number > ? ORDER BY rows.number LIMIT ?",
                (after, limit),
            )
            return [(row[0], self._as_result(row)) for row in found]

    def _as_result(self, row: Sequence[Any]) -> RowResult:
        paths = tuple(self.folder / path for path in json.loads(row[5])) if row[5] else ()
        return RowResult(
            key=row[1],
            state=_STATES[row[2]],
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
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA journal_mode=DELETE")
            self._connection.close()
        finally:
            self._lock.release()

    def _one(self, statement: str, values: Sequence[Any] = ()) -> Any:
        with self._reports():
            return self._connection.execute(statement, values).fetchone()

    @contextmanager
    def _reports(self) -> Iterator[None]:
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
