"""Planning: all rows are checked, and enter the journal in one transaction, before anything is sent."""

from __future__ import annotations

import json
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from .._runtime.log import logger
from ._files import create_text
from ._rows import KEY, MODEL, CheckedRow, Row, check_row, read_rows
from ._states import PlannedRow
from .errors import RowsError, RowViolation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._runtime.batching import Rows
    from ._journal import Journal
    from ._rows import Surfaces
    from ._sources import Source

__all__ = ["Planned", "plan"]

INVALID = "invalid.jsonl"
_MOST_SHOWN = 1000
_MOST_LINES = 4
"""Lines that a violation names beside the first."""
_PLANNED_FROM = "planned from"
_SKIPPED = " without invalid rows"


class Planned(NamedTuple):
    """The result of planning."""

    added: int = 0
    duplicates: int = 0
    """Added rows that are the same request as another row."""
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
) -> Planned:
    """Add the rows to the journal that are not in it. Rows in the journal keep their state.

    Raises RowsError if rows are invalid, unless they are skipped: then they are written to a file. A file that was planned
    before and has not changed is not read row by row.
    """
    identity, last = _identity(rows, model, defaults), journal.last_number()
    known = journal.fact(_PLANNED_FROM)
    is_known = known is not None and known in (
        [identity, f"{identity}{_SKIPPED}"] if skip_invalid else [identity]
    )
    with (
        _Planning(journal, surfaces, repeat=repeat, aside=skip_invalid and not is_known) as planning,
        journal.transaction(),
    ):
        if repeat:
            journal.part_duplicates()
        if not is_known:
            for row in read_rows(rows, model, defaults, surfaces):
                planning.add(row)
            if planning.invalid and not skip_invalid:
                raise RowsError(planning.violations, planning.invalid)
            if identity is not None:
                planning.report_missing(rows)
            planning.publish_invalid()
            if identity is not None:
                journal.set_fact(_PLANNED_FROM, identity + (_SKIPPED if planning.invalid else ""))
    return Planned(planning.added, planning.duplicates, planning.invalid, last)


class _Planning:
    def __init__(self, journal: Journal, surfaces: Surfaces, *, repeat: bool, aside: bool) -> None:
        self._journal, self._surfaces, self._repeat = journal, surfaces, repeat
        self._number = journal.last_number()
        self._first_new = self._number + 1
        self.added = self.duplicates = self.invalid = 0
        self._violations: dict[tuple[str, str], RowViolation] = {}
        """By file and message: many rows with the same problem are one violation."""
        self._seen = bytearray(self._number // 8 + 1)
        """A bit for each row of earlier runs that the rows have."""
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
            return
        number, digest = known
        is_earlier = number < self._first_new
        if is_earlier:
            self._seen[number // 8] |= 1 << number % 8
        if digest != checked.digest:
            message = f"another row has the key {row.key!r}"
            if is_earlier:
                message = "the journal has other parameters for this key: use another key, or another folder"
                if row.key == str(row.line):
                    message += ". Rows without a key are named by their line, so add new ones at the end"
            self._refuse(row, [RowViolation(row.source, row.line, message)])

    def _insert(self, row: Row, checked: CheckedRow) -> None:
        same_as = None if self._repeat else self._journal.find_same(checked.digest)
        self._number += 1
        planned = PlannedRow(self._number, row.key, row.line, row.model, checked.parameters)
        self._journal.add(planned, checked.digest, same_as)
        self.added += 1
        self.duplicates += same_as is not None

    def _refuse(self, row: Row | RowViolation, violations: list[RowViolation]) -> None:
        for each in violations:
            place = (each.source, each.message)
            known = self._violations.get(place)
            if known is None and len(self._violations) < _MOST_SHOWN:
                self._violations[place] = each
            elif known is not None and each.line:
                lines = known.more_lines
                if len(lines) < _MOST_LINES:
                    lines += (each.line,)
                self._violations[place] = known._replace(more=known.more + 1, more_lines=lines)
            self.invalid += known is None or each.line > 0
        if self._aside is not None:
            refused: dict[str, object] = {"line": row.line, "errors": [each.message for each in violations]}
            if isinstance(row, Row):
                refused["row"] = {KEY: row.key, MODEL: row.model, **row.parameters}
            # Characters beyond ASCII are escaped, because invalid values may contain halves of them.
            self._aside.write(json.dumps(refused, default=str) + "\n")

    @property
    def violations(self) -> list[RowViolation]:
        """The first violations, in the order of the rows."""
        return [*self._violations.values()]

    def report_missing(self, rows: object) -> None:
        """Log a warning if a file no longer has all rows of earlier runs. These rows stay in the batch."""
        missing = self._first_new - 1 - int.from_bytes(self._seen).bit_count()
        if missing:
            logger.warning(
                "%d %s of earlier runs not in %s: planned rows are sent nevertheless.",
                missing,
                "row is" if missing == 1 else "rows are",
                rows,
            )

    def publish_invalid(self) -> None:
        """Publish the file of invalid rows, or remove that of an earlier run if all rows are valid."""
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
    """Return a text that identifies the content of a file of rows and the values for all rows; None for other rows."""
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
