"""Batches on several machines: the rows are divided by their keys, and each part has a journal of its own.

    for result in make_rows(rows, out="/shared/foxes", model="MODEL"):
        print(result["key"], result["state"])

This is a plain function for the engine that divides the rows and starts the processes; docs/batch.md shows it for Spark and
Dask. A part that is started again, on whatever machine, goes on where it ended.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from hashlib import sha256
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from .._api import API
from .._runtime.batching import BatchOptions
from .._runtime.errors import ConfigurationError
from .._runtime.log import PACKAGE
from ._database import JOURNAL
from ._journal import Journal
from ._limits import parse_rate
from ._plan import INVALID
from .errors import InUseError

if TYPE_CHECKING:
    from .._runtime.client import SyncClient

__all__ = ["SHARDS", "key_of", "make_rows", "shard_of", "share_of_rate"]

SHARDS = 16
"""Number of journals. It must stay the same for a folder."""
_RETRY = 1.0
"""Seconds between two attempts to open a journal that another process has."""


def key_of(row: Mapping[str, Any]) -> str:
    """The key of a row; without one, a digest of the row."""
    if (key := row.get("key")) is not None:
        return str(key)
    text = json.dumps(row, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:24]


def shard_of(row: Mapping[str, Any], shards: int = SHARDS) -> int:
    """The shard of a row, from 0, by its key; the same everywhere."""
    return int.from_bytes(sha256(key_of(row).encode()).digest()[:8], "big") % shards


def share_of_rate(rate: str, processes: int) -> str:
    """The part of a rate such as `50/60s` that each of several processes may use.

    Raises ConfigurationError if there are more processes than requests.
    """
    whole = parse_rate(rate)
    if whole.requests < processes:
        raise ConfigurationError(
            f"{processes} processes cannot share the rate {rate}: use at most {whole.requests}"
        )
    return f"{whole.requests // processes}/{whole.seconds:g}s"


def make_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    out: str | PathLike[str],
    shards: int = SHARDS,
    connect: Callable[[], SyncClient] | None = None,
    patience: float = 600.0,
    **options: Unpack[BatchOptions],
) -> Iterator[dict[str, Any]]:
    """Make rows, and yield the result of each as in `results.jsonl`, also of those that were made before.

    `out` is a folder that all machines share; the rows of a shard are made in the folder `shard-N` in it. A row that is
    invalid, fails or is unknown is a result. `connect` makes the client, by default from the environment. While another
    process has the journal of a shard, waits up to `patience` seconds for it.

    Raises JournalError, BatchStoppedError and the errors that every row would get.
    """
    divided: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        divided.setdefault(shard_of(row, shards), []).append({**row, "key": key_of(row)})
    options["skip_invalid"] = True
    make_client: Callable[[], Any] = connect or getattr(import_module(f"{PACKAGE}.client"), API.client)
    with make_client() as client:
        for shard, found in sorted(divided.items()):
            yield from _make_shard(client, found, Path(out) / f"shard-{shard}", patience, options)


def _make_shard(
    client: SyncClient, rows: list[dict[str, Any]], folder: Path, patience: float, options: BatchOptions
) -> Iterator[dict[str, Any]]:
    until = time.monotonic() + patience
    while True:
        try:
            with closing(client.batch(rows, out=folder, **options)) as batch:
                for _ in batch:
                    pass
            break
        except InUseError:
            if time.monotonic() > until:
                raise
        time.sleep(_RETRY)
    missing = {row["key"] for row in rows}
    if (folder / JOURNAL).exists():
        with Journal(folder, mode="read") as journal:
            for record in journal.records():
                if record["key"] in missing:
                    missing.remove(record["key"])
                    yield {**record, "paths": [str(folder / path) for path in record.get("paths", ())]}
    yield from _invalid(rows, folder, missing)


def _invalid(rows: list[dict[str, Any]], folder: Path, missing: set[str]) -> Iterator[dict[str, Any]]:
    """The results of rows that are not in the journal."""
    if not missing or not (folder / INVALID).exists():
        return
    with (folder / INVALID).open(encoding="utf-8") as file:
        for line in file:
            refused = json.loads(line)
            number: int = refused["line"]
            key = rows[number - 1]["key"]
            if key in missing:
                missing.remove(key)
                yield {
                    "key": key,
                    "state": "failed",
                    "reason": "invalid",
                    "error": "; ".join(refused["errors"]),
                }
