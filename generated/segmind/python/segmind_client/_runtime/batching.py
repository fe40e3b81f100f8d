"""Batches: what `client.batch` returns. The package `batch` makes them; a vendored copy has it only on request."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol, Self, TypeAlias

from .._core.frozen_classes import Frozen
from .errors import ConfigurationError
from .log import PACKAGE
from .loops import run_in_thread
from .typed_dicts import TypedDict

__all__ = [
    "AsyncBatch",
    "Batch",
    "BatchOptions",
    "BatchProgress",
    "BatchState",
    "RowResult",
    "Rows",
    "check_available",
]

Rows: TypeAlias = str | PathLike[str] | Iterable[Mapping[str, Any]]
"""The rows of a batch: a file (`.csv`, `.tsv`, `.parquet`, else JSON Lines), `-` for standard input, or mappings. A row has the parameters of a model by name, and may have `key`
(the name of the row) and `model` (the slug of its model)."""
BatchState: TypeAlias = Literal["planned", "sent", "accepted", "done", "failed", "unknown"]
"""`failed`: certainly not billed without an output, so that it can be repeated. `unknown`: it may have been billed, and there is
no output; it is only repeated with `retry="unknown"`."""


class BatchOptions(TypedDict, total=False):
    """Options of a batch."""

    model: str | None
    """Slug of the model of rows that do not name theirs."""
    defaults: Mapping[str, Any] | None
    """Parameters of all rows that do not have them."""
    name: str
    """Template of the file names: `{key}-{seed}` by default; also `{model}` and `{number}`. A `/` makes folders."""
    surface: Literal["sync", "async"] | None
    """Blocking calls or jobs; by default jobs where the model has them, because a job can be found again after a crash."""
    concurrency: int | None
    """Requests in flight; by default as many as the API takes without delay."""
    rate: str | None
    """`50/60s`: at most 50 requests in any 60 seconds."""
    max_cost: float | None
    """What the whole batch may cost, with earlier runs, as the API reports it. Until a cost of a model is known, its calls are made one
    by one."""
    max_failures: int | None
    """Stop after so many rows in this run that are `failed` or `unknown`; by default after 100 in a row."""
    deadline: float | None
    """Seconds after which no more rows are started."""
    retry: Literal["failed", "unknown"] | None
    """Also repeat rows that failed, or whose outcome is unknown: the latter may be paid twice."""
    repeat: bool
    """Send a request for each of several equal rows, instead of one for all of them."""
    skip_invalid: bool
    """Write invalid rows to `invalid.jsonl`, and make the others."""
    embed: bool
    """Add the record of its request to each file, as `save` does."""


class RowResult(Frozen):
    """The result of a row."""

    key: str
    state: BatchState
    model: str
    """The slug."""
    line: int
    """Line of the row in its file, else its number."""
    paths: tuple[Path, ...] = ()
    seed: int | str | None = None
    request_id: str | None = None
    cost: float | None = None
    """What the call cost, in the unit of the API, if the API reports it."""
    sends: int = 0
    """How often the request was sent, with refused attempts."""
    sent_at: float | None = None
    """Seconds since the epoch, when it was sent for the last time."""
    finished_at: float | None = None
    reason: str | None = None
    """Why there is no output, in one word such as `interrupted`, `timeout` or `status_400`."""
    error: str | None = None
    """The same in words."""
    same_as: str | None = None
    """Key of the row that is the same request, and was made instead of this one."""


class BatchProgress(Frozen):
    """How far a batch is. `done`, `failed` and `unknown` are final; the states and `duplicates` add up to `rows`."""

    rows: int = 0
    planned: int = 0
    sent: int = 0
    accepted: int = 0
    done: int = 0
    failed: int = 0
    unknown: int = 0
    duplicates: int = 0
    """Rows that are the same request as another one, and share its result."""
    spent: float | None = None
    """What the rows cost so far, in the unit of the API; None if it does not report that."""
    concurrency: int = 0
    """Requests that may be in flight now."""
    seconds: float = 0.0
    """How long the run takes so far."""
    finished: int = 0
    """Rows that became final in this run."""
    paused_until: float | None = None
    """Seconds since the epoch, while the batch waits because the API asked for it."""


class BatchRun(Protocol):
    """A batch that is made."""

    @property
    def progress(self) -> BatchProgress: ...
    def take(self) -> list[RowResult]:
        """Wait for results, and return them; none at the end. Raises what ended the batch before."""
        ...

    def stop(self) -> None:
        """Begin no more rows."""
        ...

    def close(self) -> None:
        """Stop, and wait for the requests in flight."""
        ...


def check_available() -> None:
    """Raise ConfigurationError if this copy of the package has no batches."""
    if find_spec(f"{PACKAGE}.batch") is None:
        raise ConfigurationError(
            "this copy of the client has no batches; to add them, run: speccast vendor --with batch"
        )


def _begin(client: Any, rows: Rows, out: str | PathLike[str], options: BatchOptions) -> BatchRun:
    check_available()
    run: BatchRun = import_module(f"{PACKAGE}.batch._run").begin(client, rows, out, options)
    return run


class _Batch:
    def __init__(self, client: object, rows: Rows, out: str | PathLike[str], options: BatchOptions) -> None:
        check_available()
        self._given = client, rows, out, options
        self._run: BatchRun | None = None
        self._results: deque[RowResult] = deque()
        self._is_over = False
        self._lock = threading.Lock()

    @property
    def progress(self) -> BatchProgress:
        """How far the batch is. Can be read at any time, also in another thread."""
        return BatchProgress() if self._run is None else self._run.progress

    def stop(self) -> None:
        """Begin no more rows. The iteration continues with those in flight, and ends."""
        if self._run is not None:
            self._run.stop()
        self._is_over = self._is_over or self._run is None

    def _take(self) -> None:
        """Wait for results, unless another thread has taken some meanwhile."""
        with self._lock:
            if self._results or self._is_over:
                return
            if self._run is None:
                self._run = _begin(*self._given)
            self._results.extend(self._run.take())
            self._is_over = not self._results

    def _pop(self) -> RowResult | None:
        try:
            return self._results.popleft()
        except IndexError:
            return None

    def _close(self) -> None:
        self._is_over = True
        if self._run is not None:
            self._run.close()


class Batch(_Batch):
    """The results of rows as they come: an iterator, and a context manager.

    The first step checks all rows. Leaving the loop stops the batch: the requests in flight are finished, because they are
    paid for. Starting the same batch again goes on. Threads can share it: each result goes to one of them.
    """

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> RowResult:
        try:
            while (result := self._pop()) is None and not self._is_over:
                self._take()
        except BaseException:  # Ctrl-C as well: the loop ends, so the batch must
            self.stop()
            raise
        if result is not None:
            return result
        self._close()
        raise StopIteration

    def close(self) -> None:
        """Begin no more rows, and wait for the requests in flight. Closing again does nothing."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def __del__(self) -> None:
        if getattr(self, "_run", None) is not None:
            self._close()


class AsyncBatch(_Batch):
    """`Batch` for `async for` and `async with`. The batch has its own thread and connections."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> RowResult:
        try:
            while (result := self._pop()) is None and not self._is_over:
                await run_in_thread(self._take)
        except BaseException:  # a cancellation as well: the loop ends, so the batch must
            self.stop()
            raise
        if result is not None:
            return result
        await self.aclose()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Begin no more rows, and wait for the requests in flight. Closing again does nothing."""
        self.stop()
        await run_in_thread(self._close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        if (run := getattr(self, "_run", None)) is not None:
            threading.Thread(target=run.close).start()
