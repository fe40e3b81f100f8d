"""Errors of batches. All are `ApiError`s of the client.

BatchError
├── RowsError            .violations  .count; rows are invalid, nothing was sent
├── JournalError         a journal that cannot be used: damaged, or of something else
│   └── InUseError       another process runs the batch
└── BatchStoppedError    .reason  .progress; the batch ended before all rows were made
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .._runtime.batching import BatchProgress
from .._runtime.errors import ApiError

__all__ = ["BatchError", "BatchStoppedError", "InUseError", "JournalError", "RowViolation", "RowsError"]

_MOST_SHOWN = 20
"""Violations in the message."""


class RowViolation(NamedTuple):
    """One problem of one row, or of several with the same problem."""

    source: str
    """The file of the row; empty for rows of a program."""
    line: int
    """Its line in the file, else its number; the first one is 1. It is 0 for a value of `defaults`, which is reported once."""
    message: str
    """What is wrong, such as `steps=500: must be 10 to 70`."""
    more: int = 0
    """Other rows with the same problem."""
    more_lines: tuple[int, ...] = ()
    """The lines of the first ones of these."""

    def __str__(self) -> str:
        if not self.line:
            return f"defaults (--set): {self.message}"
        place = f"{self.source}:{self.line}" if self.source else f"row {self.line}"
        return f"{place}: {self.message}{self._others()}"

    def _others(self) -> str:
        if not self.more:
            return ""
        others = [*map(str, self.more_lines)]
        if left := self.more - len(others):
            others.append(f"{left} more")
        *first, last = others
        noun = ("line" if self.source else "row") + ("s" if self.more > 1 else "")
        return f" (also {noun} {', '.join(first)}{' and ' if first else ''}{last})"


class BatchError(ApiError):
    """A batch cannot be made."""


class RowsError(BatchError):
    """Rows are invalid. Nothing was sent."""

    violations: tuple[RowViolation, ...]
    """The first thousand. Rows with the same problem are one of them."""
    count: int
    """How many there are, with each row."""

    def __init__(self, violations: Sequence[RowViolation], count: int) -> None:
        self.violations = tuple(violations)
        self.count = count
        lines = [f"{count} violation{'' if count == 1 else 's'} in the rows; nothing was sent"]
        shown = self.violations[:_MOST_SHOWN]
        lines += map(str, shown)
        if left := count - sum(1 + each.more for each in shown):
            lines.append(f"and {left} more")
        super().__init__("\n  ".join(lines))


class JournalError(BatchError):
    """The journal of a batch cannot be used. It was not changed."""


class InUseError(JournalError):
    """Another process runs the batch."""


class BatchStoppedError(BatchError):
    """The batch ended before all rows were made. To go on, start the same batch again."""

    reason: str
    """`deadline`, `max_cost`, `max_failures`, or `failures_in_a_row` if no row was made for long."""
    progress: BatchProgress

    def __init__(self, reason: str, progress: BatchProgress) -> None:
        why = (
            "because many rows in a row were not made (results.jsonl says why)"
            if reason == "failures_in_a_row"
            else f"at its limit ({reason})"
        )
        left = [
            f"{number} {noun}{'' if number == 1 else 's'} to {verb}"
            for number, noun, verb in ((progress.planned, "row", "make"), (progress.accepted, "job", "fetch"))
            if number
        ]
        how = " with a higher one" if reason == "max_cost" else ""
        super().__init__(f"the batch ended {why}, with {' and '.join(left)}; to go on, start it again{how}")
        self.reason = reason
        self.progress = progress
