"""Planning: all rows are checked, and enter the journal in one transaction, before anything is sent."""

from __future__ import annotations

import json
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ._journal import PlannedRow
from ._rows import CheckedRow, Row, check_row, read_rows
from .errors import RowsError, RowViolation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._runtime.batching import Rows
    from ._journal import Journal
    from ._rows import Surfaces

__all__ = ["Planned", "plan"]

INVALID = "invalid.jsonl"
_MOST_SHOWN = 1000
_PLANNED_FROM = "planned from"


class Planned(NamedTuple):
    """What planning found."""

    added: int = 0
    duplicates: int = 0
    """Of the added rows, those that are the same request as another one."""
    invalid: int = 0


def plan(
    journal: Journal,
    rows: Rows,
    surfaces: Surfaces,
    *,
    model: str | None,
    defaults: Mapping[str, Any],
    repeat: bool,
    skip_invalid: bool,
    keep: bool = True,
) -> Planned:
    """Add the rows to the journal that are not in it. Rows in the journal keep their state.

    Without `keep` the journal stays as it is. Raises RowsError if rows are invalid, unless they are skipped: then they are
    written to a file. A file that was planned before and has not changed is not read row by row.
    """
    identity = _identity(rows, model, defaults)
    if identity is not None and journal.fact(_PLANNED_FROM) == identity:
        return Planned()
    planning = _Planning(journal, surfaces, repeat=repeat)
    with journal.transaction(keep=keep):
        for row in read_rows(rows, model, defaults):
            planning.add(row)
        if planning.invalid and not skip_invalid:
            raise RowsError(planning.violations, planning.invalid)
        if identity is not None and not planning.invalid:
            journal.set_fact(_PLANNED_FROM, identity)
    return Planned(planning.added, planning.duplicates, planning.invalid)


class _Planning:
    def __init__(self, journal: Journal, surfaces: Surfaces, *, repeat: bool) -> None:
        self._journal, self._surfaces, self._repeat = journal, surfaces, repeat
        self._number = journal.last_number()
        self._first_new = self._number + 1
        self.added = self.duplicates = self.invalid = 0
        self.violations: list[RowViolation] = []

    def add(self, row: Row | RowViolation) -> None:
        if isinstance(row, RowViolation):
            self._refuse([row])
            return
        checked = check_row(row, self._surfaces)
        if isinstance(checked, list):
            self._refuse(checked)
            return
        known = self._journal.find(row.key)
        if known is None:
            self._insert(row, checked)
        elif known[1] != checked.digest:
            where = (
                "another row" if known[0] >= self._first_new else "a row of the journal with other parameters"
            )
            self._refuse([RowViolation(row.source, row.line, f"{where} has the key {row.key!r}")])

    def _insert(self, row: Row, checked: CheckedRow) -> None:
        same_as = None if self._repeat else self._journal.find_same(checked.digest)
        self._number += 1
        planned = PlannedRow(self._number, row.key, row.line, row.model, checked.parameters)
        self._journal.add(planned, checked.digest, same_as)
        self.added += 1
        self.duplicates += same_as is not None

    def _refuse(self, violations: list[RowViolation]) -> None:
        self.invalid += len(violations)
        self.violations += violations[: max(0, _MOST_SHOWN - len(self.violations))]


def _identity(rows: Rows, model: str | None, defaults: Mapping[str, Any]) -> str | None:
    """Changes whenever a file of rows, or what all its rows have, does; None for rows of a program."""
    if not isinstance(rows, str | Path):
        return None
    try:
        with Path(rows).open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    except OSError:
        return None  # reading the rows reports it
    return json.dumps([digest, model, {name: str(value) for name, value in defaults.items()}], sort_keys=True)
