"""Batches on a cluster of Ray: rows are divided by their keys over actors, with journals on a folder that all nodes share.

    import ray
    from PACKAGE.batch.ray import run

    results = run(ray.data.read_csv("s3://bucket/rows.csv"), out="/shared/foxes", model="MODEL", actors=4)
    results.write_parquet("s3://bucket/results")

An actor that is started again, on any node, continues the journals of its rows: nothing is paid twice. Needs the extra
`ray`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from .._runtime.batching import BatchOptions
from .._runtime.errors import ConfigurationError
from ._remote import install_hint, is_url
from ._shares import SHARDS, share_of
from .shards import check_folder, make_shards, shard_of

if TYPE_CHECKING:
    from .._runtime.client import SyncClient

try:
    pyarrow: Any = import_module("pyarrow")
    ray_data: Any = import_module("ray.data")
except ImportError as _error:
    raise ImportError(
        f"batches on a cluster need Ray. To install it, run: {install_hint('ray', 'ray[data]')}",
        name=_error.name,
    ) from _error

__all__ = ["SCHEMA", "Worker", "run"]

_TEXT, _NUMBER = pyarrow.string(), pyarrow.float64()
SCHEMA = pyarrow.schema(
    {
        "key": _TEXT,
        "state": _TEXT,
        "model": _TEXT,
        "paths": pyarrow.list_(_TEXT),
        "seed": _TEXT,
        "request_id": _TEXT,
        "cost": _NUMBER,
        "sends": pyarrow.int64(),
        "sent_at": _NUMBER,
        "finished_at": _NUMBER,
        "reason": _TEXT,
        "error": _TEXT,
        "same_as": _TEXT,
    }
)
"""The columns of results, as in `results.jsonl`."""
_CPUS = 0.25
"""CPUs of an actor, which waits for the API most of the time."""
_SHARD = "shard of the row"
"""The column by which rows are divided. No parameter can have this name."""
_CHUNK = 1000
"""Number of rows to convert into Python objects at once."""


class Worker:
    """Runs the rows of an Arrow table, and returns a table with their results, sorted by key.

    For `map_batches(Worker, batch_format="pyarrow", fn_constructor_kwargs={"out": …})`. An empty cell is a parameter that is
    omitted.
    """

    def __init__(
        self,
        *,
        out: str | PathLike[str],
        shards: int = SHARDS,
        connect: Callable[[int], SyncClient] | None = None,
        inputs: str | PathLike[str] | None = None,
        upload: str | None = None,
        options: BatchOptions | None = None,
    ) -> None:
        """Create a worker. The arguments are those of `make_rows`, and `options` those of `client.batch`."""
        self._shards = shards
        self._run = partial(
            make_shards,
            out=out,
            shards=shards,
            connect=connect,
            inputs=inputs,
            upload=upload,
            **(options or {}),
        )

    def __call__(self, table: Any) -> Any:
        """Return the results of the rows."""
        divided: dict[int, list[int]] = {}
        for number, row in enumerate(_rows(table)):
            divided.setdefault(shard_of(row, self._shards), []).append(number)
        results = self._run({shard: _Rows(table, numbers) for shard, numbers in divided.items()})
        chunks = iter(lambda: [_with_texts(result) for result in islice(results, _CHUNK)], [])
        tables = [pyarrow.Table.from_pylist(chunk, schema=SCHEMA) for chunk in chunks]
        # If Ray runs the rows again because a node has ended, they must come in the same order: it skips what it has.
        return pyarrow.concat_tables(tables or [SCHEMA.empty_table()]).sort_by([("key", "ascending")])


class _Rows:
    """Some rows of a table."""

    def __init__(self, table: Any, numbers: list[int]) -> None:
        self._table, self._numbers = table, numbers

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for first in range(0, len(self._numbers), _CHUNK):
            yield from _rows(self._table.take(self._numbers[first : first + _CHUNK]))


def run(
    dataset: Any,
    *,
    out: str | PathLike[str],
    actors: int = 2,
    shards: int = SHARDS,
    connect: Callable[[int], SyncClient] | None = None,
    inputs: str | PathLike[str] | None = None,
    upload: str | None = None,
    **options: Unpack[BatchOptions],
) -> Any:
    """Return a dataset with the result of each row. Like all datasets of Ray, it is computed when it is used.

    Args:
        dataset: The rows. A column is a parameter, `key` or `model`.
        out: A folder that all nodes share.
        actors: Processes that run rows. Each needs a quarter of a CPU.
        shards: Number of journals, as for `make_rows`. It cannot change for a folder.
        connect: Makes the client of a shard, given its number; by default it is made from the environment of the actor.
        inputs: Folder or fsspec URL of the files that rows name.
        upload: fsspec URL of the folder to which outputs are moved.
        options: Those of `client.batch`. Limits are for all actors together.

    Raises:
        ConfigurationError: The limits cannot be divided, or the folder has another number of shards.
    """
    folder = check_folder(out, shards)
    share_of(options, shards)
    if not 1 <= actors <= shards:
        raise ConfigurationError(f"actors must be 1 to {shards}, the number of shards, not {actors}")
    if inputs is not None and not is_url(inputs):
        inputs = Path(inputs).absolute()
    worker = {
        "out": folder.absolute(),  # actors have another working directory
        "shards": shards,
        "connect": connect,
        "inputs": inputs,
        "upload": upload,
        "options": options,
    }
    divided = dataset.map_batches(partial(_divide, shards=shards), batch_format="pyarrow")
    return divided.repartition(actors, keys=[_SHARD]).map_batches(
        Worker,
        batch_size=None,
        batch_format="pyarrow",
        compute=ray_data.ActorPoolStrategy(size=actors, max_tasks_in_flight_per_actor=1),
        num_cpus=_CPUS,
        fn_constructor_kwargs=worker,
    )


def _divide(table: Any, shards: int) -> Any:
    """Add a column with the shard of each row."""
    return table.append_column(
        _SHARD, pyarrow.array([shard_of(row, shards) for row in _rows(table)], "int64")
    )


def _rows(table: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows without empty cells."""
    for part in table.to_batches(max_chunksize=_CHUNK):
        for row in part.to_pylist():
            yield {name: value for name, value in row.items() if value is not None and name != _SHARD}


def _with_texts(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result with the seed as text: it can be a number or a text, but a column has one type."""
    return {**result, "seed": None if (seed := result.get("seed")) is None else str(seed)}
