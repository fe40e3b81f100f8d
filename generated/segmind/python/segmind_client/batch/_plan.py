"""Planning: all rows are checked, and enter the journal in one transaction, before anything is sent."""

from __future__ import annotations

import json
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from ._files import create_text
from ._rows import KEY, MODEL, CheckedRow, Row, check_row, read_rows
from ._states import PlannedRow
from .errors import RowsError, RowViolation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .._runtime.batching import Rows
    from ._journal import Journal
    from ._rows import Surfaces
    from ._sources import Source

__all__ = ["Planned", "plan"]

INVALID = "invalid.jsonl"
_MOST_SHOWN = 1000
_PLANNED_FROM = "planned from"
_SKIPPED = " without invalid rows"


class Planned(NamedTuple):
    """What planning found."""

    added: int = 0
    duplicates: int = 0
    """Added rows that are the same request as another one."""
    invalid: int = 0
    """Violations."""
    last_before: int = 0
    """Number of the last row that was in the journal before."""


def plan(
    journal: Journal,
    rows: Rows | Source,
    surfaces: Surfaces,
    *,
    model: str | None,
    defaults: Mapping[str, Any],
    repeat: bool,
    skip_invalid: bool,
    measure: Callable[[], None] | None = None,
) -> Planned:
    """Add the rows to the journal that are not in it. Rows in the journal keep their state.

    With `measure`, nothing is kept: it is called while the rows are in the journal. Raises RowsError if rows are
    invalid, unless they are skipped: then they are written to a file. A file that was planned before and has not changed is
    not read row by row.
    """
    identity, last, keep = _identity(rows, model, defaults), journal.last_number(), measure is None
    known = journal.fact(_PLANNED_FROM)
    is_known = known is not None and known in (
        [identity, f"{identity}{_SKIPPED}"] if skip_invalid else [identity]
    )
    with (
        _Planning(journal, surfaces, repeat=repeat, aside=skip_invalid and keep and not is_known) as planning,
        journal.transaction(keep=keep),
    ):
        if repeat:
            journal.part_duplicates()
        if not is_known:
            for row in read_rows(rows, model, defaults, surfaces):
                planning.add(row)
            if planning.invalid and not skip_invalid:
                raise RowsError(planning.violations, planning.invalid)
            planning.put_aside()
            if identity is not None:
                journal.set_fact(_PLANNED_FROM, identity + (_SKIPPED if planning.invalid else ""))
        if measure is not None:
            measure()
    return Planned(planning.added, planning.duplicates, planning.invalid, last)


class _Planning:
    def __init__(self, journal: Journal, surfaces: Surfaces, *, repeat: bool, aside: bool) -> None:
        self._journal, self._surfaces, self._repeat = journal, surfaces, repeat
        self._number = journal.last_number()
        self._first_new = self._number + 1
        self.added = self.duplicates = self.invalid = 0
        self.violations: list[RowViolation] = []
        self._of_defaults: set[RowViolation] = set()
        self._path = journal.folder / INVALID
        self._part = self._path.with_name(f".{INVALID}.part")
        self._aside = create_text(self._part) if aside else None

    def add(self, row: Row | RowViolation) -> None:
        if isinstance(row, RowViolation):
            self._refuse(row, [row])
            return
        checked = check_row(row, self._surfaces)
        if isinstance(checked, list):
            self._refuse(row, checked)
            return
        known = self._journal.find(row.key)
        if known is None:
            self._insert(row, checked)
        elif known[1] != checked.digest:
            message = f"another row has the key {row.key!r}"
            if known[0] < self._first_new:
                message = (
                    f"a row of the journal with other parameters has the key {row.key!r}:"
                    " use another key, or another folder"
                )
            self._refuse(row, [RowViolation(row.source, row.line, message)])

    def _insert(self, row: Row, checked: CheckedRow) -> None:
        same_as = None if self._repeat else self._journal.find_same(checked.digest)
        self._number += 1
        planned = PlannedRow(self._number, row.key, row.line, row.model, checked.parameters)
        self._journal.add(planned, checked.digest, same_as)
        self.added += 1
        self.duplicates += same_as is not None

    def _refuse(self, row: Row | RowViolation, violations: list[RowViolation]) -> None:
        new = [each for each in violations if each not in self._of_defaults]
        self._of_defaults.update(each for each in new if not each.line)
        self.invalid += len(new)
        self.violations += new[: max(0, _MOST_SHOWN - len(self.violations))]
        if self._aside is not None:
            refused: dict[str, object] = {"line": row.line, "errors": [each.message for each in violations]}
            if isinstance(row, Row):
                refused["row"] = {KEY: row.key, MODEL: row.model, **row.parameters}
            # Characters beyond ASCII are escaped, because invalid values may contain halves of them.
            self._aside.write(json.dumps(refused, default=str) + "\n")

    def put_aside(self) -> None:
        """Give the file of the invalid rows its name; without any, remove that of an earlier run."""
        if self._aside is None:
            return
        self._aside.close()
        if self.invalid:
            self._part.replace(self._path)
        else:
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._aside is not None:
            self._aside.close()
            self._part.unlink(missing_ok=True)


def _identity(rows: Rows | Source, model: str | None, defaults: Mapping[str, Any]) -> str | None:
    """A text that changes with the content of a file of rows and with the values for all rows; None for other rows."""
    if not isinstance(rows, str | Path):
        return None
    try:
        if not Path(rows).is_file():
            return None  # a pipe can be read once
        with Path(rows).open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    except OSError:
        return None  # reading the rows reports it
    return json.dumps([digest, model, {name: str(value) for name, value in defaults.items()}], sort_keys=True)
