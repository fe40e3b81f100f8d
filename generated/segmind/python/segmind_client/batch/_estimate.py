"""What a run would do and cost, without sending anything."""

from __future__ import annotations

import re
from dataclasses import field, replace
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Unpack

from .._core.frozen_classes import Frozen
from .._runtime.batching import BatchOptions
from ._database import JOURNAL
from ._journal import Journal
from ._plan import plan
from ._rows import Surfaces
from ._states import State

if TYPE_CHECKING:
    from .._runtime.batching import Rows
    from .._runtime.client import AsyncClient, SyncClient

__all__ = ["BatchEstimate", "estimate"]

_PRICE = (
    r"(?ai)[~≈]?\s*[$€£]?\s*(\d+(?:\.\d+)?)\s*(?:(?:per|/)\s*(?:image|picture|call|request|generation|run))?"
)
"""A price that is the same for each call."""


class BatchEstimate(Frozen):
    """What a run would do. Nothing was sent or written."""

    rows: int
    """Rows of the batch, with those of earlier runs."""
    calls: int
    """Requests to make: without rows that are final, and without those that are the same request as another one."""
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
    if out is not None and (Path(out) / JOURNAL).exists():
        return _estimate(client, rows, Path(out), options)
    with TemporaryDirectory(prefix="batch-") as folder:
        return _estimate(client, rows, Path(folder), options)


def _estimate(client: Any, rows: Rows, folder: Path, options: BatchOptions) -> BatchEstimate:
    found: list[BatchEstimate] = []
    retry = options.get("retry")

    with Journal(folder) as journal:

        def measure() -> None:
            if retry is not None:
                journal.plan_again({"failed": State.FAILED, "unknown": State.UNKNOWN}[retry])
            found.append(_measure(client, journal))

        planned = plan(
            journal,
            rows,
            Surfaces(client, options.get("surface")),
            model=options.get("model"),
            defaults=options.get("defaults") or {},
            repeat=options.get("repeat", False),
            skip_invalid=options.get("skip_invalid", False),
            measure=measure,
        )
    return replace(found[0], invalid=planned.invalid)


def _measure(client: Any, journal: Journal) -> BatchEstimate:
    counts = journal.counts()
    duplicates, spent = journal.totals()
    prices = {entry.slug: entry.price for entry in client.models.values()}
    per_call: dict[str, float | None] = {}
    cost: float | None = 0.0
    for model, calls, average in journal.by_model():
        if not calls:
            continue
        per_call[model] = each = average if average is not None else _number(prices.get(model, ""))
        cost = None if cost is None or each is None else round(cost + calls * each, 9)
    return BatchEstimate(
        rows=sum(counts.values()) + duplicates,
        calls=counts["planned"],
        duplicates=duplicates,
        jobs=counts["accepted"],
        invalid=0,
        cost=cost,
        cost_per_call=per_call,
        spent=spent,
    )


def _number(price: str) -> float | None:
    """The number in a price that is the same for each call."""
    found = re.fullmatch(_PRICE, price.strip())
    return float(found[1]) if found else None
