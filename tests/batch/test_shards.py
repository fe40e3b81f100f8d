"""Batches that are divided over processes by the keys of their rows."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from segmind_batches import CLIENT, SYNC

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [{"key": f"k{each}", "prompt": f"fox {each}"} for each in range(12)]


@pytest.fixture
def make(api: Any, tmp_path: Path) -> Any:
    from segmind_client import Segmind
    from segmind_client.batch.shards import make_rows

    connect = partial(Segmind, api.key, base_url=api.url)
    return partial(make_rows, out=tmp_path, shards=3, connect=connect, model=SYNC)


def test_each_row_has_one_result_and_is_made_once(make: Any, api: Any, tmp_path: Path) -> None:
    # Two processes share the rows of each shard, as engines divide them; one is started again.
    found = [*make(ROWS[:7]), *make(ROWS[7:]), *make(ROWS[:7])]
    assert [result["key"] for result in found[12:]] == [result["key"] for result in found[:7]]
    assert {result["key"] for result in found} == {row["key"] for row in ROWS}
    assert {result["state"] for result in found} == {"done"}
    assert len(api.journal()) == 12
    assert {path.name for path in tmp_path.iterdir()} == {"shard-0", "shard-1", "shard-2"}


def test_a_row_that_is_invalid_or_fails_is_a_result(make: Any, api: Any) -> None:
    api.fault("status=400;when=prompt:fox 3")
    found = {result["key"]: result for result in make([*ROWS[:5], {"key": "bad", "prompt": 5}])}
    assert found["bad"]["state"] == "failed"
    assert found["bad"]["reason"] == "invalid"
    assert found["bad"]["error"].startswith("prompt=5: must be text")
    assert (found["k3"]["state"], found["k3"]["reason"]) == ("failed", "status_400")
    assert [result["state"] for result in found.values()].count("done") == 4


def test_the_shard_of_a_row_is_the_same_in_every_process(tmp_path: Path) -> None:
    from segmind_client.batch.shards import key_of, shard_of

    rows: list[dict[str, Any]] = [*ROWS, {"prompt": "a"}]
    program = f"from segmind_client.batch.shards import *; print([(key_of(row), shard_of(row, 5)) for row in {rows}])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CLIENT, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == str([(key_of(row), shard_of(row, 5)) for row in rows])
    assert len({shard_of(row, 5) for row in rows}) > 2


def test_a_journal_of_another_process_is_waited_for(make: Any, tmp_path: Path) -> None:
    from segmind_client.batch import InUseError
    from segmind_client.batch._lock import Lock

    assert len(list(make(ROWS[:1]))) == 1
    (folder,) = tmp_path.iterdir()
    lock = Lock(folder / "journal.lock")
    with pytest.raises(InUseError, match="is running in process"):
        list(make(ROWS[:1], patience=0))
    lock.release()
    assert len(list(make(ROWS[:1], patience=0))) == 1


def test_processes_share_a_rate() -> None:
    from segmind_client import ConfigurationError
    from segmind_client.batch.shards import share_of_rate

    assert share_of_rate("50/60s", 4) == "12/60s"
    with pytest.raises(ConfigurationError, match="use at most 3"):
        share_of_rate("3/1s", 4)
