"""What a batch that is started again takes over, what stops one, and what it leaves then."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from segmind_batches import CLIENT, JOBS, SYNC

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys
from segmind_client import Segmind
with Segmind("key", base_url=sys.argv[1]) as client:
    for row in client.batch([{"prompt": f"fox {n}"} for n in range(40)], out=sys.argv[2], model=sys.argv[3], concurrency=4):
        print(row.key, row.state, flush=True)
        BODY
"""


def rows(number: int) -> list[dict[str, Any]]:
    return [{"prompt": f"fox {each}"} for each in range(number)]


def change(out: Path, statement: str) -> None:
    with closing(sqlite3.connect(out / "journal.sqlite")) as connection, connection:
        connection.execute(statement)


def calls(api: Any, surface: str = "sync") -> list[Any]:
    return [request for request in api.journal() if request.surface == surface]


def start(api: Any, out: Path, body: str = "pass") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.replace("BODY", body), api.url, out, SYNC],
        env={"PYTHONPATH": str(CLIENT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def states(out: Path) -> dict[str, int]:
    from segmind_client.batch import status

    progress = status(out).progress
    names = ("planned", "accepted", "done", "failed", "unknown")
    return {name: number for name in names if (number := getattr(progress, name))}


def test_a_rate_counts_the_requests_of_earlier_runs(client: Any, api: Any, tmp_path: Path) -> None:
    for number in (2, 4, 7):
        list(client.batch(rows(number), out=tmp_path, model=SYNC, rate="3/2s"))
    times = [request.time for request in calls(api)]
    assert len(times) == 7
    assert all(later - first > 2 for first, later in zip(times, times[3:], strict=False))


def test_rows_that_a_crash_has_interrupted_are_results_of_the_next_run(
    client: Any, api: Any, tmp_path: Path
) -> None:
    list(client.batch([*rows(3), {"prompt": "fox 1"}], out=tmp_path, model=SYNC))
    change(tmp_path, "UPDATE calls SET state=1 WHERE number=2")
    more = [*rows(3), {"prompt": "fox 1"}, {"prompt": "fox 1"}, {"prompt": "fox 0"}]
    found = {row.key: row for row in client.batch(more, out=tmp_path, model=SYNC)}
    assert sorted(found) == ["2", "4", "5", "6"]
    assert {found[key].state for key in "245"} == {"unknown"}
    assert found["2"].reason == "interrupted"
    assert (found["6"].state, found["6"].same_as) == ("done", "1")
    assert len(calls(api)) == 3


def test_a_job_whose_row_is_unknown_is_polled_again_and_not_submitted(
    client: Any, api: Any, tmp_path: Path
) -> None:
    list(client.batch(rows(3), out=tmp_path, model=JOBS))
    change(tmp_path, "UPDATE calls SET state=5, reason='job_timeout' WHERE number=2")
    assert [(row.key, row.state) for row in client.batch(rows(3), out=tmp_path, model=JOBS)] == [
        ("2", "done")
    ]
    change(tmp_path, "UPDATE calls SET state=5, reason='expired' WHERE number=2")
    assert list(client.batch(rows(3), out=tmp_path, model=JOBS)) == []
    assert len(calls(api, "submit")) == 3
    again = list(client.batch(rows(3), out=tmp_path, model=JOBS, retry="unknown"))
    assert [(row.key, row.sends) for row in again] == [("2", 2)]
    assert len(calls(api, "submit")) == 4


def test_jobs_of_another_server_are_refused(client: Any, api: Any, tmp_path: Path) -> None:
    from segmind_client import ConfigurationError, Segmind

    list(client.batch(rows(2), out=tmp_path, model=JOBS))
    change(tmp_path, "UPDATE calls SET state=2 WHERE number=2")
    with (
        Segmind("key", base_url="http://127.0.0.1:9") as other,
        pytest.raises(ConfigurationError, match=f"were accepted by {api.url}, and not by http://127.0.0.1:9"),
    ):
        list(other.batch(rows(2), out=tmp_path, model=JOBS))
    assert [row.state for row in client.batch(rows(2), out=tmp_path, model=JOBS)] == ["done"]


def test_results_are_written_again_only_after_changes(client: Any, api: Any, tmp_path: Path) -> None:
    list(client.batch(rows(2), out=tmp_path, model=SYNC))
    results = tmp_path / "results.jsonl"
    before = results.stat().st_ino
    list(client.batch(rows(2), out=tmp_path, model=SYNC))
    assert results.stat().st_ino == before
    list(client.batch(rows(3), out=tmp_path, model=SYNC))
    assert len(results.read_text().splitlines()) == 3


def test_a_batch_waits_for_a_program_that_is_slow(
    client: Any, api: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from segmind_client.batch import _run

    monkeypatch.setattr(_run, "_MOST_WAITING", 3)
    batch = client.batch(rows(40), out=tmp_path, model=SYNC, concurrency=2)
    next(batch)
    time.sleep(1)
    assert len(calls(api)) < 15
    assert len(list(batch)) == 39


def test_ctrl_c_waits_for_the_requests_in_flight_and_a_second_one_does_not(api: Any, tmp_path: Path) -> None:
    api.fault("latency=1.5")
    process = start(api, tmp_path)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert errors.rstrip().endswith("KeyboardInterrupt")
    found = states(tmp_path)
    assert set(found) == {"done", "planned"}
    assert found["done"] == len(calls(api))
    api.clear_faults()
    api.fault("latency=30")
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.replace("BODY", "pass"), api.url, tmp_path, SYNC],
        env={"PYTHONPATH": str(CLIENT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    while len(calls(api)) == found["done"] and process.poll() is None:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert "KeyboardInterrupt" in errors.splitlines()[-1]
    left = states(tmp_path)
    assert left["done"] == found["done"]
    assert left["unknown"] == 4


def test_an_error_in_the_loop_over_a_batch_does_not_lose_the_requests_in_flight(
    api: Any, tmp_path: Path
) -> None:
    api.fault("latency=0.5")
    process = start(api, tmp_path, "raise ValueError('a bug')")
    _, errors = process.communicate(timeout=30)
    assert errors.rstrip().endswith("ValueError: a bug")
    found = states(tmp_path)
    assert set(found) == {"done", "planned"}
    assert found["done"] == len(calls(api))


def test_a_limit_of_cost_is_never_exceeded(client: Any, api: Any, tmp_path: Path) -> None:
    from segmind_client.batch import BatchStoppedError

    api.fault("reset=after;when=prompt:fox 1;times=1")
    for _ in range(2):
        with pytest.raises(
            BatchStoppedError,
            match=r"at its limit \(max_cost\), with 12 rows to make; to go on, start it again with a higher one",
        ) as caught:
            list(client.batch(rows(20), out=tmp_path, model=SYNC, max_cost=0.08))
        assert caught.value.reason == "max_cost"
    assert len(calls(api)) == 8
    assert states(tmp_path) == {"done": 7, "unknown": 1, "planned": 12}


def test_a_batch_ends_when_no_row_is_made_for_long(client: Any, api: Any, tmp_path: Path) -> None:
    from segmind_client.batch import BatchStoppedError

    api.fault("status=500")
    with pytest.raises(BatchStoppedError, match="many rows in a row were not made") as caught:
        list(client.batch(rows(400), out=tmp_path, model=SYNC, concurrency=4))
    assert caught.value.reason == "failures_in_a_row"
    assert 100 <= len(calls(api)) <= 110


def test_jobs_that_are_accepted_are_waited_for_at_a_limit(client: Any, api: Any, tmp_path: Path) -> None:
    from segmind_client.batch import BatchStoppedError

    api.fault("latency=0.5;surface=status")
    with pytest.raises(BatchStoppedError, match=r"at its limit \(deadline\)"):
        list(client.batch(rows(400), out=tmp_path, model=JOBS, concurrency=1, deadline=0.15))
    found = states(tmp_path)
    assert set(found) == {"done", "planned"}
    assert found["done"] == len(calls(api, "submit"))


@pytest.mark.parametrize("name", ["../{key}", "/{key}", "a/../../{key}", r"C:\{key}", "{seed}", "{key.real}"])
def test_files_stay_in_the_folder(client: Any, tmp_path: Path, name: str) -> None:
    from segmind_client import ConfigurationError

    with pytest.raises(ConfigurationError, match="name must"):
        list(client.batch(rows(1), out=tmp_path, model=SYNC, name=name))


def test_texts_that_cannot_be_sent_and_members_for_files_are_violations(client: Any, tmp_path: Path) -> None:
    from segmind_client.batch import RowsError

    given = [
        {"prompt": "\ud800"},
        {"prompt": "x", "more": {"$file": "secret"}},
        {"prompt": "x", "key": "\udc00"},
    ]
    with pytest.raises(RowsError) as caught:
        list(client.batch(given, out=tmp_path, model="unknown-model"))
    assert [each.line for each in caught.value.violations] == [1, 2, 3]
