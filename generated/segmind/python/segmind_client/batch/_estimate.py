"""Estimate what a run would do and cost, without sending anything."""

from __future__ import annotations

from dataclasses import field
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Unpack

from .._core.frozen_classes import Frozen
from .._runtime.batching import BatchOptions
from ._database import JOURNAL
from ._folder import check_origin
from ._journal import Journal
from ._options import check_options
from ._plan import plan
from ._rows import Surfaces
from ._states import State

if TYPE_CHECKING:
    from .._runtime.batching import Rows
    from .._runtime.client import AsyncClient, SyncClient

__all__ = ["BatchEstimate", "estimate"]


class BatchEstimate(Frozen):
    """What a run would do. Nothing was sent or written."""

    rows: int
    """Rows of the batch, with those of earlier runs."""
    calls: int
    """Requests to make: without final rows and duplicates."""
    duplicates: int
    """Rows that are the same request as another one."""
    jobs: int
    """Jobs of earlier runs, whose results would be fetched."""
    invalid: int
    """Violations in rows that would be skipped."""
    cost: float | None
    """What the calls would cost, in the unit of past results or of the specs; None if that is not known for a model."""
    cost_per_call: dict[str, float | None] = field(default_factory=dict[str, "float | None"])
    """By model: the average of the results so far, else the price in its spec."""
    spent: float | None = None
    """What earlier runs cost."""


def estimate(
    client: SyncClient | AsyncClient,
    rows: Rows,
    *,
    out: str | PathLike[str] | None = None,
    **options: Unpack[BatchOptions],
) -> BatchEstimate:
    """Check all rows, and count what `client.batch` with the same arguments would do. Nothing is sent or written.

    Raises RowsError, JournalError and ConfigurationError.
    """
    check_options(options)
    retry = options.get("retry")
    with TemporaryDirectory(prefix="batch-") as name:
        is_running = out is not None and _copy(Path(out), Path(name))
        surfaces = Surfaces(client, options.get("surface"))
        with Journal(Path(name)) as journal:
            check_origin(journal, surfaces.settings)
            if not is_running:
                journal.settle_interrupted(0.0)
            planned = plan(
                journal,
                rows,
                surfaces,
                model=options.get("model"),
                defaults=options.get("defaults") or {},
                repeat=options.get("repeat", False),
                skip_invalid=options.get("skip_invalid", False),
            )
            if retry is not None:
                journal.plan_again({"failed": State.FAILED, "unknown": State.UNKNOWN}[retry])
            journal.poll_again()
            return _measure(surfaces, journal, planned.invalid)


def _copy(out: Path, folder: Path) -> bool:
    """Copy the journal of a batch, if there is one. Return whether another process runs the batch."""
    if not (out / JOURNAL).exists():
        return False
    with Journal(out, mode="read") as journal:
        journal.copy_to(folder)
        return journal.holder is not None


def _measure(surfaces: Surfaces, journal: Journal, invalid: int) -> BatchEstimate:
    counts = journal.counts()
    duplicates, spent = journal.totals()
    per_call: dict[str, float | None] = {}
    cost: float | None = 0.0
    for model, calls, average in journal.by_model():
        if not calls:
            continue
        per_call[model] = each = average if average is not None else surfaces.price(model)
        cost = None if cost is None or each is None else round(cost + calls * each, 9)
    return BatchEstimate(
        rows=sum(counts.values()) + duplicates,
        calls=counts["planned"],
        duplicates=duplicates,
        jobs=counts["accepted"],
        invalid=invalid,
        cost=cost,
        cost_per_call=per_call,
        spent=spent,
    )
