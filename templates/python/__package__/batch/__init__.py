"""Batches: many rows, each a request, of which nothing is paid twice and nothing is lost.

for row in client.batch("rows.jsonl", out="out"):
    print(row.key, row.state, row.paths)

_sources     rows from a file, standard input or a program, whose texts `_cells` types
  → _rows    checked as calls are, before anything is sent
  → _plan    in the journal, in one transaction
_run         one run, in its own thread; `_work` is what its parts share
  → _engine  sends rows; `_jobs` polls the jobs of those that are jobs
    → _outcomes, _limits            decisions: what an error means for its row; when the next request may be sent
    → _commits, _journal, _states   the state of each row on disk, before its request leaves; `_database` is the file
    → _results, _files, _export     the end of a row: its pictures, and results.jsonl; `_tally` counts
shards                      batches on several machines
_folder, _estimate          a batch from outside: its status, which rows to run again, what a run will cost
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._estimate import BatchEstimate, estimate
    from ._folder import BatchStatus, Canceled, cancel, results, retry, status
    from .errors import BatchError, BatchStoppedError, InUseError, JournalError, RowsError, RowViolation

__all__ = [
    "BatchError",
    "BatchEstimate",
    "BatchStatus",
    "BatchStoppedError",
    "Canceled",
    "InUseError",
    "JournalError",
    "RowViolation",
    "RowsError",
    "cancel",
    "estimate",
    "results",
    "retry",
    "status",
]

_MODULES = {
    **dict.fromkeys(("BatchEstimate", "estimate"), "._estimate"),
    **dict.fromkeys(("BatchStatus", "Canceled", "cancel", "results", "retry", "status"), "._folder"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_MODULES.get(name, ".errors"), __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
