"""The folder of a batch, during and after a run: its status and results, and which rows the next run repeats."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .._core.frozen_classes import Frozen
from .._runtime.batching import BatchProgress, BatchState, RowResult
from .._runtime.errors import APIStatusError, ConfigurationError
from ._export import update_results
from ._journal import Journal
from ._options import check_choice
from ._rows import Surfaces
from ._states import INTERRUPTED, STATES, State
from .errors import JournalError

if TYPE_CHECKING:
    from .._runtime.client import SyncClient
    from .._runtime.settings import Settings

__all__ = ["STOP", "BatchStatus", "Canceled", "cancel", "check_origin", "results", "retry", "status"]

_API, _ORIGIN = "api", "origin"
"""Facts: the API of the rows, and where their jobs are submitted."""
STOP = ".stop"
"""File in the folder that asks the process that runs the batch to stop."""
_INTERVAL = 0.1


class BatchStatus(Frozen):
    """The state of a batch on disk."""

    progress: BatchProgress
    """The progress, without the times and limits of a run."""
    reasons: dict[BatchState, dict[str, int]] = field(default_factory=dict["BatchState", dict[str, int]])
    """Why rows are `failed` or `unknown`, with their numbers: `{"unknown": {"interrupted": 3}}`."""
    holder: str | None = None
    """The process that runs the batch now, such as `process 5 on HOST`; None if none does."""


class Canceled(NamedTuple):
    """What `cancel` did."""

    rows: int
    """Rows that were planned, and are `failed` now with the reason `canceled`."""
    jobs: int
    """Accepted jobs that the API was asked to cancel."""
    accepted: int
    """Accepted jobs that continue: starting the batch again fetches their results."""


def check_origin(journal: Journal, settings: Settings) -> None:
    """Raise ConfigurationError if the batch is one of another API, or if its jobs were accepted by another server.

    Another server may know the ids of jobs, too.
    """
    origin = settings.origin_for(job=True)
    api, known = journal.fact(_API), journal.fact(_ORIGIN)
    if api is not None and api != settings.api.id:
        raise ConfigurationError(
            f"the batch in {journal.folder} is one of the API {api}, not {settings.api.id}: use the client of {api}"
        )
    if known is not None and known != origin and journal.has_jobs():
        raise ConfigurationError(
            f"the jobs of the batch in {journal.folder} were accepted by {known}, and not by {origin}: use the same base_url"
        )
    if api is None:
        journal.set_fact(_API, settings.api.id)
    if known != origin:
        journal.set_fact(_ORIGIN, origin)


def status(out: str | PathLike[str]) -> BatchStatus:
    """Return the state of a batch, also while it runs. Raises JournalError."""
    with Journal(Path(out), mode="read") as journal:
        holder = journal.holder
        counts = journal.counts()
        duplicates, spent = journal.totals()
        reasons: dict[BatchState, dict[str, int]] = {}
        for state, reason, count in journal.reasons():
            reasons.setdefault(state, {})[reason] = count
    if holder is None and (interrupted := counts["sent"]):
        counts["sent"], counts["unknown"] = 0, counts["unknown"] + interrupted
        unknown = reasons.setdefault("unknown", {})
        unknown[INTERRUPTED] = unknown.get(INTERRUPTED, 0) + interrupted
    rows = sum(counts.values()) + duplicates
    return BatchStatus(
        BatchProgress(rows=rows, **counts, duplicates=duplicates, spent=spent), reasons, holder
    )


def results(out: str | PathLike[str], state: BatchState | None = None) -> Iterator[RowResult]:
    """Yield all rows of a batch in their order, or those in one state, also while it runs. Raises JournalError."""
    check_choice("state", state, (None, *STATES))
    with Journal(Path(out), mode="read") as journal:
        for result in journal.results():
            if state is None or result.state == state:
                yield result


def retry(out: str | PathLike[str], state: Literal["failed", "unknown"]) -> int:
    """Plan the `failed` or `unknown` rows again for the next run, and return how many.

    Rows that are `unknown` may be paid twice. Those with a job whose id is known are not among them: every run asks the API
    for such a job. Raises JournalError, also while the batch runs.
    """
    check_choice("state", state, ("failed", "unknown"))
    with Journal(Path(out), mode="change") as journal:
        journal.settle_interrupted(time.time())
        count = journal.plan_again({"failed": State.FAILED, "unknown": State.UNKNOWN}[state])
        update_results(journal)
        return count


def cancel(out: str | PathLike[str], client: SyncClient | None = None, *, timeout: float = 600.0) -> Canceled:
    """Stop the batch in a folder, and run none of its planned rows.

    A process that runs the batch is asked to stop, and has `timeout` seconds to finish the requests in flight. With a client
    of an API that can cancel jobs, accepted jobs are canceled; one that the API does not cancel, such as a finished one, continues.
    `retry(out, "failed")` plans the rows again. Raises JournalError, and errors that the requests for all jobs would get.
    """
    journal = _take_over(Path(out), timeout)
    with journal:
        if client is not None:
            check_origin(journal, Surfaces(client, None).settings)
        journal.settle_interrupted(time.time())
        rows = journal.end_planned(time.time(), "canceled", "The batch was canceled. Nothing was sent.")
        update_results(journal)
        jobs = _cancel_jobs(journal, client) if client is not None else 0
        accepted = journal.counts()["accepted"]
    return Canceled(rows, jobs, accepted - jobs)


def _take_over(folder: Path, timeout: float) -> Journal:
    """Return the journal as soon as the process that runs the batch has stopped."""
    until = time.monotonic() + timeout
    with Journal(folder, mode="read") as journal:
        is_running = journal.holder is not None
    stop = folder / STOP
    try:
        while True:
            if is_running:
                stop.touch()
            try:
                return Journal(folder, mode="change")
            except JournalError:
                if time.monotonic() >= until or not is_running:
                    raise
            time.sleep(_INTERVAL)
    finally:
        stop.unlink(missing_ok=True)


def _cancel_jobs(journal: Journal, client: Any) -> int:
    """Ask the API to cancel the accepted jobs. Returns how many; none if the API cannot."""
    count, last = 0, 0
    while found := journal.next_rows(State.ACCEPTED, last, 1000):
        for row in found:
            job = client.job(row.request_id, row.model)
            if not hasattr(job, "cancel"):
                return count
            try:
                job.cancel()
            except APIStatusError as error:
                if error.status in (401, 403):  # the key cannot cancel any
                    raise
            else:
                count += 1
        last = found[-1].number
    return count
