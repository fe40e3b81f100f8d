"""The file of a journal: opening, checking and locking it, transactions, and facts about the batch.

Durability: the write-ahead log with `synchronous=FULL`, so that a commit survives a power failure. `_commits` lets many rows
share a commit. The file never has the key of the API.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, Self

from ._lock import Lock, holder_of
from .errors import InUseError, JournalError

__all__ = ["JOURNAL", "RESULTS", "Database"]

JOURNAL = "journal.sqlite"
LOCK = "journal.lock"
RESULTS = "results.jsonl"
VERSION = 1
_APPLICATION = 0x5370_6342
"""Marks the file as ours, in the header of SQLite."""
_CACHE_TO_MAKE = 8192
"""KiB."""
_HEADER = b"SQLite format 3\x00"
_EXPORTED = "results are written"
"""Fact: the size of the file of the results, unless something has changed since it was written."""

_RESTORE = "Restore it, with the files beside it, from a copy"

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
"""Rows never change; what changes is in a separate table, so that a commit writes few pages."""


class Database:
    """The file of a journal, locked for this process. Threads use it one after the other."""

    def __init__(
        self,
        folder: Path,
        *,
        mode: Literal["create", "change", "read"] = "create",
        cache: int = 49152,
        is_shared: bool = False,
    ) -> None:
        """Open the journal of a folder, or create it. To read it, it need not be locked.

        `cache` is in KiB. If several machines share the folder, no other process can read the journal while it is open for changes.
        Raises JournalError, and changes nothing then.
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
            with self._convert_errors():
                self._connection = _open(self.path, is_shared=is_shared, may_create=mode == "create")
                self._connection.execute(f"PRAGMA cache_size=-{cache}")
                if mode == "read":
                    self._connection.execute("PRAGMA query_only=ON")
            self._exported = self.fact(_EXPORTED)
        except BaseException as error:  # also Ctrl-C, after which nothing would release the lock
            if self._lock is not None:
                self._lock.release()
            if isinstance(error, OSError):
                raise JournalError(f"cannot read {self.path}: {error.strerror or error}") from None
            raise

    @property
    def holder(self) -> str | None:
        """The process that runs the batch now, such as `process 5 on HOST`; None if there is none."""
        return holder_of(self.folder / LOCK)

    def fact(self, name: str) -> str | None:
        """Return a fact about the batch."""
        found = self._one("SELECT value FROM facts WHERE name=?", (name,))
        return None if found is None else str(found[0])

    def set_fact(self, name: str, value: str) -> None:
        """Store a fact about the batch."""
        with self._convert_errors():
            self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Make all changes inside it, or none. Inside another one, it is part of it."""
        if self._connection.in_transaction:
            yield
            return
        with self._convert_errors():
            self._connection.execute("BEGIN IMMEDIATE")
        before = self._connection.total_changes
        try:
            yield
            with self._convert_errors():
                if self._exported is not None and self._connection.total_changes != before:
                    self._connection.execute("DELETE FROM facts WHERE name=?", (_EXPORTED,))
                self._connection.execute("COMMIT")
        except BaseException:  # also Ctrl-C inside the transaction
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise
        if self._connection.total_changes != before:
            self._exported = None

    def has_exported(self, size: int) -> bool:
        """Return whether the results were written to a file of this size, and nothing has changed since."""
        return self._exported == str(size)

    def note_export(self, size: int) -> None:
        """Record that the results were written to a file of this size."""
        self._exported = str(size)
        self.set_fact(_EXPORTED, self._exported)

    def copy_to(self, folder: Path) -> None:
        """Copy the journal to another folder, also while a batch runs."""
        with self._convert_errors(), closing(sqlite3.connect(folder / JOURNAL)) as copy:
            self._connection.backup(copy)

    def begin_making(self) -> None:
        """Use a write-ahead log from now on. A commit then takes one write, and other processes can read the journal."""
        with self._convert_errors():
            self._connection.execute("PRAGMA journal_mode=WAL")
            # Rows are made in their order. The large cache is for planning, which looks for keys and digests in any order.
            self._connection.execute(f"PRAGMA cache_size=-{_CACHE_TO_MAKE}")

    def close(self) -> None:
        """Close the journal and release the lock. It is then one file, unless another process reads it."""
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
        with self._convert_errors():
            return self._connection.execute(statement, values).fetchone()

    @contextmanager
    def _convert_errors(self) -> Generator[None]:
        """Raise errors of SQLite as JournalError."""
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                raise InUseError(f"{self.path} is locked by another process: wait until it ends") from None
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (
                sqlite3.SQLITE_CORRUPT,
                sqlite3.SQLITE_NOTADB,
            ):
                raise JournalError(f"{self.path} is damaged: {error}. {_RESTORE}") from None
            raise JournalError(f"cannot use {self.path}: {error}") from None


def _open(path: Path, *, is_shared: bool, may_create: bool) -> sqlite3.Connection:
    """Open a journal, or create it. Raises JournalError for another file, and sqlite3.Error for a damaged one."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise JournalError(f"{path} is not a regular file: choose another folder, or move it away")
    if path.exists() and not path.stat().st_size and (path.parent / RESULTS).exists():
        raise JournalError(f"{path} is damaged: it is empty, although there are results. {_RESTORE}")
    beside = [path.with_name(path.name + suffix) for suffix in ("-journal", "-wal")]
    if path.exists() and path.stat().st_size and not any(each.exists() for each in beside):
        _check_file(path)  # Otherwise SQLite first finishes or undoes what was interrupted.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous=FULL")
        if is_shared:
            # The index of the write-ahead log is then in memory of this process: file systems of a network cannot map it. And
            # SQLite keeps its own lock, which a machine that was considered dead has lost: it can no longer write.
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            if not may_create:
                raise JournalError(f"there is no batch in {path.parent}: {path.name} is empty")
            connection.executescript(
                f"BEGIN; {_SCHEMA} PRAGMA application_id={_APPLICATION}; PRAGMA user_version={VERSION}; COMMIT;"
            )
        _check_version(connection, path)
    except BaseException:  # the caller has no connection to close
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
        raise JournalError(f"{path} is damaged: its end is missing. {_RESTORE}")


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
        raise JournalError(f"{path} is a database of another program: choose another folder")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        raise JournalError(
            f"{path} has version {version} of the format; this package reads {VERSION}: use the package that wrote it"
        )
