"""The states of a row in the journal, and the changes from one to the next.

    planned → sent → accepted (a job, with its id) → done | failed | unknown
                └──────────────────────────────────→ done | failed | unknown

A row is `sent` on disk before the first byte of its request leaves. After a crash, a row that is `sent` and has no response is
`unknown`: the request may have been billed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, get_args

from .._runtime.batching import BatchState

if TYPE_CHECKING:
    from .._runtime.batching import RowResult

__all__ = [
    "EXPIRED",
    "INTERRUPTED",
    "STATES",
    "Change",
    "PlannedRow",
    "State",
    "mark_accepted",
    "mark_delayed",
    "mark_final",
    "mark_planned",
    "mark_sent",
]

INTERRUPTED = "interrupted"
"""Reason of a row whose process ended before the response arrived."""
EXPIRED = "expired"
"""Reason of a row whose job the API no longer has."""

STATES: tuple[BatchState, ...] = get_args(BatchState)
"""The names of the states, by their numbers."""


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
_DELAYED = "UPDATE calls SET sent_at=? WHERE number=?"
_ACCEPTED = "UPDATE calls SET state=2, accepted_at=?, request_id=? WHERE number=?"
_PLANNED = "UPDATE calls SET state=0 WHERE number=?"
_FINAL = (
    "UPDATE calls SET state=?, finished_at=?, request_id=coalesce(?, request_id), paths=?, seed=?, cost=?, reason=?,"
    " error=? WHERE number=?"
)


def mark_sent(number: int, at: float) -> Change:
    """Return the change for a row that is about to be sent."""
    return _SENT, (at, number)


def mark_delayed(number: int, at: float) -> Change:
    """Return the change for a row that was marked as sent earlier, and is about to be sent now."""
    return _DELAYED, (at, number)


def mark_accepted(number: int, at: float, request_id: str) -> Change:
    """Return the change for a row whose job was accepted."""
    return _ACCEPTED, (at, request_id, number)


def mark_planned(number: int) -> Change:
    """Return the change for a row that was certainly not accepted, and is sent again."""
    return _PLANNED, (number,)


def mark_final(number: int, state: State, result: RowResult, paths: Sequence[str] = ()) -> Change:
    """Return the change for a row that is final. `paths` are those of its files, below the folder of the batch."""
    seed = (
        result.seed
        if not isinstance(result.seed, int) or -(2**63) <= result.seed < 2**63
        else str(result.seed)
    )
    return _FINAL, (
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
