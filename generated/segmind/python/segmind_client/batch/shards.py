"""Batches on several machines: the rows are divided by their keys into shards, and each shard has a journal.

    for result in make_rows(rows, out="/shared/foxes", model="MODEL"):
        print(result["key"], result["state"])

This is a plain function for the engine that divides the rows and starts the processes: `ray` does it for Ray Data, and
docs/cluster.md shows it for Spark and Dask. Rows that are given again, on any machine, continue where they ended.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from .._api import API
from .._runtime.batching import BatchOptions
from .._runtime.errors import ConfigurationError
from .._runtime.log import PACKAGE
from ._database import RESULTS
from ._plan import INVALID
from ._remote import Inputs, Uploads, is_url
from ._run import begin
from ._shares import SHARDS, share_of
from ._sources import Source
from .errors import InUseError

if TYPE_CHECKING:
    from .._runtime.client import SyncClient
    from ._run import Run
    from ._sources import Lines

__all__ = ["SHARDS", "key_of", "make_rows", "make_shards", "shard_of"]

_RETRY = 1.0
"""Seconds between two attempts to open a journal that another process uses."""


def key_of(row: Mapping[str, Any]) -> str:
    """Return the key of a row; without one, a digest of the row."""
    if (key := row.get("key")) is not None:
        return str(key)
    text = json.dumps(row, sort_keys=True, default=str)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def shard_of(row: Mapping[str, Any], shards: int = SHARDS) -> int:
    """Return the shard of a row, from 0. It depends on the key only."""
    return int.from_bytes(sha256(key_of(row).encode("utf-8", "surrogatepass")).digest()[:8], "big") % shards


def make_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    out: str | PathLike[str],
    shards: int = SHARDS,
    connect: Callable[[int], SyncClient] | None = None,
    inputs: str | PathLike[str] | None = None,
    upload: str | None = None,
    patience: float = 600.0,
    **options: Unpack[BatchOptions],
) -> Iterator[dict[str, Any]]:
    """Run the rows, and yield their results as in `results.jsonl`, also of rows that were run before.

    A row that is invalid, fails or is unknown is a result. Several rows with the same key and the same parameters are one
    row. Results come in no certain order.

    Args:
        rows: The rows.
        out: A folder that all machines share. The rows of a shard have their journal and outputs in its folder `shard-N-of-SHARDS`.
        shards: Number of shards. It cannot change for a folder.
        connect: Makes the client of a shard, given its number. A job can only be asked for with the key that submitted it, so
            a shard always needs the same key. By default, the environment has it.
        inputs: Folder or fsspec URL of the files that rows name. Without it, a text in a row is never a file.
        upload: fsspec URL of the folder to which outputs are moved. Empty files with their names remain in `out`.
        patience: Seconds to wait for the journal of a shard while another process has it.
        options: Those of `client.batch`. Limits are for the whole folder: each shard gets an equal part of `concurrency`,
            `rate`, `max_cost` and `max_failures`.

    Raises:
        ConfigurationError: The limits cannot be divided, or the folder has another number of shards.
        JournalError: A journal cannot be used, or another process has it for too long.
        BatchStoppedError: A limit was reached.
    """
    check_folder(out, shards)
    divided: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        divided.setdefault(shard_of(row, shards), []).append(row)
    yield from make_shards(
        divided,
        out=out,
        shards=shards,
        connect=connect,
        inputs=inputs,
        upload=upload,
        patience=patience,
        **options,
    )


def make_shards(
    divided: Mapping[int, Iterable[Mapping[str, Any]]],
    *,
    out: str | PathLike[str],
    shards: int,
    connect: Callable[[int], SyncClient] | None = None,
    inputs: str | PathLike[str] | None = None,
    upload: str | None = None,
    patience: float = 600.0,
    **options: Unpack[BatchOptions],
) -> Iterator[dict[str, Any]]:
    """Run rows that are already divided by shard, as `make_rows` does. All shards run at the same time."""
    folder = check_folder(out, shards)
    shared = share_of(options, shards)
    shared["skip_invalid"] = True
    if not divided:
        return
    work = _Work(connect or _connect, shared, patience)
    with ThreadPoolExecutor(len(divided), "shard") as threads:
        made: dict[Future[None], _Part] = {}
        for shard, rows in divided.items():
            name = f"shard-{shard}-of-{shards}"
            uploads = Uploads(folder / name, None if upload is None else f"{upload.rstrip('/')}/{name}")
            part = _Part(shard, rows, folder / name, inputs, uploads)
            made[threads.submit(work.make, part)] = part
        try:
            for future in as_completed(made):
                future.result()
                yield from made.pop(future).results()
        finally:
            work.stop()


def check_folder(out: str | PathLike[str], shards: int) -> Path:
    """Return the folder of the shards. Raises ConfigurationError for a URL or another number of shards."""
    if is_url(out):
        raise ConfigurationError(
            f"out must be a folder that all machines share, because the journals are in it, not {out}; for outputs, use upload="
        )
    if shards < 1:
        raise ConfigurationError(f"shards must be at least 1, not {shards}")
    folder = Path(out)
    for path in folder.glob("shard-*-of-*"):
        found = re.fullmatch(r"shard-\d+-of-(\d+)", path.name)
        if found is not None and int(found[1]) != shards:
            raise ConfigurationError(
                f"{folder} has {found[1]} shards, which cannot change: use shards={found[1]}, or another folder"
            )
    return folder


@dataclass
class _Part:
    """The rows of one shard."""

    shard: int
    rows: Iterable[Mapping[str, Any]]
    folder: Path
    inputs: str | PathLike[str] | None
    uploads: Uploads
    _keys: list[str] = field(default_factory=list[str])
    _invalid: dict[int, str] = field(default_factory=dict[int, str])
    """What is wrong with invalid rows, by number."""

    def read(self, resolve: Callable[[Mapping[str, Any]], Mapping[str, Any] | str]) -> Lines:
        """Read the rows, and remember their keys."""
        for number, row in enumerate(self.rows, 1):
            key = key_of(row)
            self._keys.append(key)
            yield number, resolve({**row, "key": key})

    def note_invalid(self) -> None:
        """Read the invalid rows while no other process can replace the file."""
        path = self.folder / INVALID
        if not path.exists():
            return
        with path.open(encoding="utf-8") as file:
            for line in file:
                refused = json.loads(line)
                self._invalid[refused["line"]] = "; ".join(refused["errors"])

    def results(self) -> Iterator[dict[str, Any]]:
        """Yield the results of the rows from the file that the run has written."""
        keys = {key for number, key in enumerate(self._keys, 1) if number not in self._invalid}
        if keys:
            with (self.folder / RESULTS).open(encoding="utf-8") as file:
                for result in map(json.loads, file):
                    del result["line"]  # in this shard
                    if result["key"] in keys:
                        paths = [self.uploads.move(self.folder / path) for path in result.get("paths", ())]
                        yield {**result, "paths": paths}
        for number, error in self._invalid.items():
            yield {"key": self._keys[number - 1], "state": "failed", "reason": "invalid", "error": error}


class _Work:
    """Makes shards in threads."""

    def __init__(self, connect: Callable[[int], Any], options: BatchOptions, patience: float) -> None:
        self._connect, self._options = connect, options
        self._until = time.monotonic() + patience
        self._runs: list[Run] = []
        self._is_stopped = False

    def stop(self) -> None:
        """Begin no more rows."""
        self._is_stopped = True
        for run in self._runs:
            run.stop()

    def make(self, part: _Part) -> None:
        """Run the rows of a shard, as soon as no other process has its journal."""
        with self._connect(part.shard) as client:
            while (run := self._begin(client, part)) is None:
                time.sleep(_RETRY)
            try:
                self._runs.append(run)
                if self._is_stopped:
                    run.stop()
                part.note_invalid()
                while found := run.take():
                    for result in found:
                        for path in result.paths:
                            part.uploads.move(path)
            finally:
                run.close()

    def _begin(self, client: Any, part: _Part) -> Run | None:
        inputs = Inputs(client, part.inputs, part.folder, self._options.get("model"))
        try:
            source = Source("", part.read(inputs.resolve))
            return begin(client, source, part.folder, self._options, is_shared=True)
        except InUseError:
            if self._is_stopped or time.monotonic() > self._until:
                raise
            return None


def _connect(_shard: int) -> Any:
    return getattr(import_module(f"{PACKAGE}.client"), API.client)()
