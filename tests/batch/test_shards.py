"""Batches that are divided over processes by the keys of their rows."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from segmind_batches import CLIENT, PICTURE, SYNC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROWS = [{"key": f"k{each}", "prompt": f"fox {each}"} for each in range(12)]

PROGRAM = """
import sys
from segmind_client import Segmind
from segmind_client.batch.shards import make_rows
connect = lambda shard: Segmind("key", base_url=sys.argv[1], timeout=30)
rows = [{"key": f"k{each}", "prompt": f"fox {each}"} for each in range(12)]
print("begun", flush=True)
for result in make_rows(rows, out=sys.argv[2], shards=3, connect=connect, model=sys.argv[3]):
    print(result["state"])
"""


@pytest.fixture
def make(api: Any, tmp_path: Path) -> Any:
    from segmind_client import Segmind
    from segmind_client.batch.shards import make_rows

    def connect(shard: int) -> Any:
        assert 0 <= shard < 3
        return Segmind(api.key, base_url=api.url)

    return partial(make_rows, out=tmp_path / "out", shards=3, connect=connect, model=SYNC)


def by_key(results: Iterator[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {result["key"]: result for result in results}


def wait_for_requests(api: Any, number: int) -> None:
    until = time.monotonic() + 30
    while len(api.journal()) < number:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_each_row_has_one_result_and_is_made_once(make: Any, api: Any, tmp_path: Path) -> None:
    # Two processes share the rows of each shard, as engines divide them; one is started again.
    first, second, again = list(make(ROWS[:7])), list(make(ROWS[7:])), list(make(ROWS[:7]))
    assert sorted(map(str, again)) == sorted(map(str, first))
    assert {result["key"] for result in first + second} == {row["key"] for row in ROWS}
    assert {result["state"] for result in first + second} == {"done"}
    assert len(api.journal()) == 12
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"shard-0-of-3", "shard-1-of-3", "shard-2-of-3"}


def test_a_row_that_is_invalid_or_fails_is_a_result(make: Any, api: Any) -> None:
    api.fault("status=400;when=prompt:fox 3")
    found = by_key(make([*ROWS[:5], {"key": "bad", "prompt": 5}]))
    assert found["bad"]["state"] == "failed"
    assert found["bad"]["reason"] == "invalid"
    assert found["bad"]["error"].startswith("prompt=5: must be text")
    assert (found["k3"]["state"], found["k3"]["reason"]) == ("failed", "status_400")
    assert [result["state"] for result in found.values()].count("done") == 4


def test_other_parameters_for_a_key_are_invalid_and_do_not_get_the_earlier_output(
    make: Any, api: Any
) -> None:
    assert [result["state"] for result in make(ROWS[:2])] == ["done", "done"]
    found = by_key(make([ROWS[0], {**ROWS[1], "prompt": "a wolf"}]))
    assert found["k0"]["state"] == "done"
    assert found["k1"]["state"] == "failed"
    assert (
        found["k1"]["error"]
        == "the journal has other parameters for this key: use another key, or another folder"
    )
    both = sorted(make([ROWS[0], {**ROWS[0], "prompt": "a wolf"}]), key=str)
    assert [result["state"] for result in both] == ["done", "failed"]
    assert len(api.journal()) == 2


def test_the_shard_of_a_row_is_the_same_in_every_process() -> None:
    from segmind_client.batch.shards import key_of, shard_of

    rows: list[dict[str, Any]] = [*ROWS, {"prompt": "a"}]
    program = f"from segmind_client.batch.shards import *; print([(key_of(row), shard_of(row, 5)) for row in {rows}])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CLIENT, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == str([(key_of(row), shard_of(row, 5)) for row in rows])
    assert len({shard_of(row, 5) for row in rows}) > 2


def test_the_number_of_shards_of_a_folder_cannot_change(make: Any, api: Any) -> None:
    from segmind_client import ConfigurationError

    assert len(list(make(ROWS[:1]))) == 1
    with pytest.raises(ConfigurationError, match="has 3 shards, which cannot change: use shards=3"):
        list(make(ROWS[:1], shards=4))
    with pytest.raises(ConfigurationError, match="at least 1"):
        list(make(ROWS[:1], shards=0))
    assert len(api.journal()) == 1


def test_a_journal_of_another_process_is_waited_for(make: Any, tmp_path: Path) -> None:
    from segmind_client.batch import InUseError
    from segmind_client.batch._lock import Lock

    assert len(list(make(ROWS[:1]))) == 1
    (folder,) = (tmp_path / "out").iterdir()
    lock = Lock(folder / "journal.lock")
    with pytest.raises(InUseError, match="is running in process"):
        list(make(ROWS[:1], patience=0))
    lock.release()
    assert len(list(make(ROWS[:1], patience=0))) == 1


def test_a_journal_without_its_lock_file_is_not_written_by_two(make: Any, api: Any, tmp_path: Path) -> None:
    # As on a shared folder whose machines do not see the locks of each other's `flock`.
    from segmind_client.batch import InUseError

    api.fault("latency=4")
    command = [sys.executable, "-c", PROGRAM, api.url, str(tmp_path / "out"), SYNC]
    with subprocess.Popen(command, cwd=CLIENT, stdout=subprocess.PIPE, text=True) as process:
        wait_for_requests(api, 3)
        for lock in tmp_path.glob("out/*/journal.lock"):
            lock.unlink()
        with pytest.raises(InUseError, match="is locked by another process"):
            list(make(ROWS, patience=0))
        output, _ = process.communicate(timeout=60)
    assert output.split() == ["begun", *["done"] * 12]
    assert len({request.body["prompt"] for request in api.journal()}) == len(api.journal()) == 12


def test_limits_are_divided(make: Any, api: Any) -> None:
    from segmind_client import ConfigurationError
    from segmind_client.batch._shares import share_of

    shared = share_of({"rate": "50/m", "concurrency": 16, "max_cost": 8.0, "max_failures": 9}, 4)
    with pytest.raises(ConfigurationError, match="retry= does not work with shards"):
        list(make(ROWS, retry="unknown"))
    assert shared == {"rate": "12/60s", "concurrency": 4, "max_cost": 2.0, "max_failures": 2}
    assert share_of({"rate": "1600/720h"}, 16) == {"rate": "100/2592000s"}
    with pytest.raises(ConfigurationError, match="4 shards cannot share rate=3: use shards=3 or less"):
        share_of({"rate": "3/s"}, 4)
    with pytest.raises(ConfigurationError, match="3 shards cannot share concurrency=2"):
        list(make(ROWS, concurrency=2))
    assert api.journal() == []


def test_a_rate_is_not_exceeded_by_all_shards_together(make: Any, api: Any) -> None:
    list(make(ROWS[:6], rate="6/2s"))
    list(make(ROWS, rate="6/2s"))
    times = [request.time for request in api.journal()]
    assert len(times) == 12
    assert all(later - first > 2 for first, later in zip(times, times[6:], strict=False))


def test_files_are_inputs_only_below_the_chosen_folder(make: Any, api: Any, tmp_path: Path) -> None:
    (tmp_path / "fox.png").write_bytes(PICTURE)
    inside = tmp_path / "inputs"
    inside.mkdir()
    (inside / "fox.png").write_bytes(PICTURE)
    fox = {"prompt": f"{inside}/fox.png", "model": "sd3-med-img2img"}
    rows = [
        {**fox, "key": "relative", "image": "fox.png"},
        {**fox, "key": "whole", "image": f"{inside}/fox.png", "seed": 5},
        {**fox, "key": "address", "image": "https://example.com/fox.png"},
        {**fox, "key": "missing", "image": "wolf.png"},
        {**fox, "key": "above", "image": "../fox.png"},
        {**fox, "key": "elsewhere", "image": f"{tmp_path}/fox.png"},
    ]
    found = by_key(make(rows, inputs=inside))
    assert {key for key, result in found.items() if result["state"] == "done"} == {
        "relative",
        "whole",
        "address",
    }
    assert "wolf.png" in found["missing"]["error"]
    assert found["above"]["error"].endswith(f"/fox.png is not below {inside}")
    assert found["elsewhere"]["error"] == f"{tmp_path}/fox.png is not below {inside}"
    sent = [request.body for request in api.journal()]
    assert sorted(body["image"].partition(",")[0] for body in sent)[:2] == ["data:image/png;base64"] * 2
    assert {body["prompt"] for body in sent} == {f"{inside}/fox.png"}  # a text stays a text
    assert by_key(make(rows[:1], out=tmp_path / "other"))["relative"]["state"] == "failed"


def test_urls_need_fsspec_and_a_folder_for_journals(
    make: Any, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from segmind_client import ConfigurationError

    monkeypatch.setitem(sys.modules, "fsspec", None)  # as if it was not installed
    with pytest.raises(ConfigurationError, match="out must be a folder that all machines share"):
        list(make(ROWS, out="s3://bucket/foxes"))
    for option in ("inputs", "upload"):
        with pytest.raises(ConfigurationError, match=r"install fsspec: pip install 'segmind-client\[ray\]'"):
            list(make(ROWS, **{option: "memory://foxes"}))
    assert api.journal() == []


def test_ray_must_be_installed(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # as if it was not installed
    with pytest.raises(
        ImportError, match=r"need Ray. To install it, run: pip install 'segmind-client\[ray\]'"
    ):
        import_module("segmind_client.batch.ray")


def test_an_error_that_every_row_would_get_is_raised(make: Any, api: Any) -> None:
    from segmind_client import AuthenticationError

    api.fault("status=401")
    with pytest.raises(AuthenticationError):
        list(make(ROWS))


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: os.truncate(path, 20)])
def test_results_that_were_removed_or_cut_are_written_again(
    make: Any, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    first = list(make(ROWS[:2]))
    for path in tmp_path.glob("out/*/results.jsonl"):
        damage(path)
    assert sorted(map(str, make(ROWS[:2]))) == sorted(map(str, first))
