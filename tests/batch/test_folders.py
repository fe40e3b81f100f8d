"""A batch from outside: its status and results, which rows to run again, canceling it, and what a run would cost."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any, Literal

import pytest
from segmind_batches import JOBS, SYNC

if TYPE_CHECKING:
    from pathlib import Path


def rows(number: int) -> list[dict[str, Any]]:
    return [{"prompt": f"fox {each}"} for each in range(number)]


def faults(api: Any) -> None:
    api.fault("status=500;when=prompt:fox 1;times=1", "reset=after;when=prompt:fox 2;times=1")


def test_status_and_results_are_those_of_the_journal(client: Any, api: Any, tmp_path: Path) -> None:
    from segmind_client.batch import results, status

    faults(api)
    list(client.batch([*rows(5), {"prompt": "fox 0"}], out=tmp_path, model=SYNC))
    found = status(tmp_path)
    assert found.holder is None
    progress = found.progress
    assert (progress.rows, progress.done, progress.failed, progress.unknown) == (6, 3, 1, 1)
    assert progress.duplicates == 1
    assert progress.spent == pytest.approx(0.03)
    assert found.reasons == {"failed": {"status_500": 1}, "unknown": {"connection": 1}}
    assert [row.key for row in results(tmp_path)] == ["1", "2", "3", "4", "5", "6"]
    assert [row.key for row in results(tmp_path, "done")] == ["1", "4", "5", "6"]
    assert sum(row.cost or 0 for row in results(tmp_path)) == pytest.approx(0.03)


def test_a_folder_without_a_batch_is_reported_and_stays_empty(tmp_path: Path) -> None:
    from segmind_client.batch import JournalError, cancel, results, retry, status

    for read in (status, lambda out: list(results(out)), lambda out: retry(out, "failed"), cancel):
        with pytest.raises(JournalError, match="there is no batch in"):
            read(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_status_names_the_process_that_makes_the_batch(client: Any, api: Any, tmp_path: Path) -> None:
    from segmind_client.batch import JournalError, retry, status

    api.fault("latency=0.5")
    with client.batch(rows(12), out=tmp_path, model=SYNC, concurrency=1) as batch:
        next(batch)
        found = status(tmp_path)
        assert found.holder is not None
        assert found.holder.startswith("process ")
        assert found.progress.rows == 12
        with pytest.raises(JournalError, match="is running in process"):
            retry(tmp_path, "failed")
    assert status(tmp_path).holder is None


@pytest.mark.parametrize(("state", "key"), [("failed", "2"), ("unknown", "3")])
def test_rows_are_made_again_on_request(
    client: Any, api: Any, tmp_path: Path, state: Literal["failed", "unknown"], key: str
) -> None:
    from segmind_client.batch import retry, status

    faults(api)
    list(client.batch(rows(4), out=tmp_path, model=SYNC))
    assert retry(tmp_path, state) == 1
    assert retry(tmp_path, state) == 0
    assert status(tmp_path).progress.planned == 1
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [line["key"] for line in lines if line["state"] == "planned"] == [key]
    assert [row.key for row in client.batch(rows(4), out=tmp_path, model=SYNC)] == [key]


def test_canceling_stops_the_process_and_makes_none_of_the_planned_rows(
    client: Any, api: Any, tmp_path: Path
) -> None:
    from segmind_client.batch import cancel, retry, status

    api.fault("latency=0.3")
    made: list[Any] = []
    batch = client.batch(rows(40), out=tmp_path, model=SYNC, concurrency=2)
    made.append(next(batch))
    thread = threading.Thread(target=lambda: made.extend(batch))
    thread.start()
    canceled = cancel(tmp_path, timeout=30)
    thread.join(30)
    assert canceled.rows == 40 - len(made)
    assert 0 < len(made) < 40
    assert status(tmp_path).reasons == {"failed": {"canceled": canceled.rows}}
    assert not (tmp_path / ".stop").exists()
    assert retry(tmp_path, "failed") == canceled.rows


def test_an_estimate_counts_calls_and_costs_and_writes_nothing(client: Any, api: Any, tmp_path: Path) -> None:
    from segmind_client.batch import RowsError, estimate

    out = tmp_path / "out"
    given = [*rows(3), {"prompt": "fox 0"}]
    found = estimate(client, given, out=out, model=SYNC)
    assert (found.rows, found.calls, found.duplicates, found.cost) == (4, 3, 1, None)
    assert estimate(client, given, out=out, model=SYNC, repeat=True).calls == 4
    assert not out.exists()
    assert api.journal() == []
    api.fault("status=500;when=prompt:fox 1;times=1")
    list(client.batch(given, out=out, model=SYNC))
    before = (out / "journal.sqlite").read_bytes()
    more = [*given, {"prompt": "a hen"}, {"prompt": "a duck"}]
    found = estimate(client, more, out=out, model=SYNC, retry="failed")
    assert (found.rows, found.calls, found.duplicates) == (6, 3, 1)
    assert found.cost == pytest.approx(0.03)
    assert found.spent == pytest.approx(0.02)
    assert found.cost_per_call == {SYNC: pytest.approx(0.01)}
    assert (out / "journal.sqlite").read_bytes() == before
    with pytest.raises(RowsError):
        estimate(client, [{"prompt": 5}], model=SYNC)
    assert estimate(client, [{"prompt": 5}, *rows(1)], model=SYNC, skip_invalid=True).invalid == 1


def test_an_estimate_leaves_the_folder_alone_also_while_the_batch_runs(
    client: Any, api: Any, tmp_path: Path
) -> None:
    from segmind_client.batch import estimate

    list(client.batch(rows(4), out=tmp_path, model=SYNC))
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as journal, journal:
        journal.execute("UPDATE calls SET state=1 WHERE number=2")  # as a crash leaves it
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in tmp_path.iterdir()}
    changed = tmp_path.stat().st_mtime_ns
    assert estimate(client, rows(6), out=tmp_path, model=SYNC).calls == 2
    assert estimate(client, rows(6), out=tmp_path, model=SYNC, retry="unknown").calls == 3
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in tmp_path.iterdir()} == before
    assert tmp_path.stat().st_mtime_ns == changed
    api.fault("latency=0.5")
    with client.batch(rows(8), out=tmp_path, model=SYNC, concurrency=1) as batch:
        next(batch)
        next(batch)  # the first one is that of the crash
        assert estimate(client, rows(9), out=tmp_path, model=SYNC).rows == 9


def test_the_folder_of_another_api_is_refused(client: Any, api: Any, tmp_path: Path) -> None:
    from segmind_client import ConfigurationError, Segmind
    from segmind_client.batch import BatchStoppedError, cancel, estimate, status

    api.fault("status=503;surface=status")
    batch = client.batch(rows(1), out=tmp_path, model=JOBS, deadline=0.2)
    threading.Timer(1, batch.stop).start()
    with pytest.raises(BatchStoppedError):
        list(batch)
    assert status(tmp_path).progress.accepted == 1
    with (
        Segmind("key", base_url="http://127.0.0.1:9") as other,
        pytest.raises(ConfigurationError, match=r"were accepted by .*, and not by http://127.0.0.1:9"),
    ):
        cancel(tmp_path, other)
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as journal, journal:
        journal.execute("UPDATE facts SET value='acme' WHERE name='api'")
    for use in (
        lambda: list(client.batch([], out=tmp_path)),
        lambda: cancel(tmp_path, client),
        lambda: estimate(client, [], out=tmp_path),
    ):
        with pytest.raises(
            ConfigurationError, match="is one of the API acme, not segmind: use the client of acme"
        ):
            use()
    assert status(tmp_path).progress.accepted == 1


def test_only_states_that_exist_are_accepted(client: Any, tmp_path: Path) -> None:
    from segmind_client import ConfigurationError
    from segmind_client.batch import results, retry

    state: Any = "finished"
    for use in (lambda: list(results(tmp_path, state)), lambda: retry(tmp_path, state)):
        with pytest.raises(
            ConfigurationError, match=r"state must be .*'failed' or 'unknown', not 'finished'"
        ):
            use()


def test_invalid_rows_are_written_aside(client: Any, api: Any, tmp_path: Path) -> None:
    file, out = tmp_path / "rows.jsonl", tmp_path / "out"
    file.write_text('{"prompt": "a fox"}\n{"prompt": 5, "key": "five"}\nfox\n', encoding="utf-8")
    made = client.batch(file, out=out, model=SYNC, skip_invalid=True)
    assert [row.key for row in made] == ["1"]
    aside = [json.loads(line) for line in (out / "invalid.jsonl").read_text().splitlines()]
    assert [line["line"] for line in aside] == [2, 3]
    assert aside[0]["row"] == {"key": "five", "model": SYNC, "prompt": 5}
    assert aside[0]["errors"][0].startswith("prompt=5: ")
    assert aside[1]["errors"] == ["the line is not JSON: Expecting value at column 1"]
    assert list(client.batch(file, out=out, model=SYNC, skip_invalid=True)) == []
    assert (out / "invalid.jsonl").exists()
    file.write_text('{"prompt": "a fox"}\n{"prompt": "five", "key": "five"}\n', encoding="utf-8")
    assert [row.key for row in client.batch(file, out=out, model=SYNC, skip_invalid=True)] == ["five"]
    assert not (out / "invalid.jsonl").exists()


def test_jobs_continue_after_canceling_and_are_fetched_by_the_next_run(
    client: Any, api: Any, tmp_path: Path
) -> None:
    from segmind_client.batch import cancel, status

    api.fault("status=500;surface=status;times=1000")
    batch = client.batch(rows(3), out=tmp_path, model=JOBS, deadline=1)
    thread = threading.Thread(target=lambda: list(batch))
    thread.start()
    while not (tmp_path / "journal.sqlite").exists() or status(tmp_path).progress.accepted < 3:
        thread.join(0.05)
    assert cancel(tmp_path, timeout=30) == (0, 0, 3)
    thread.join(30)
    api.clear_faults()
    assert [row.state for row in client.batch(rows(3), out=tmp_path, model=JOBS)] == ["done"] * 3
