"""What users see of a batch: results, files, and what starting it again does."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from segmind_batches import CLIENT, JOBS, SYNC

from speccast.testing import emulator

if TYPE_CHECKING:
    from pathlib import Path


def rows(number: int, **more: Any) -> list[dict[str, Any]]:
    return [{"prompt": f"fox {each}", **more} for each in range(number)]


def written(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("model", [SYNC, JOBS])
def test_each_row_becomes_a_file_and_a_line_of_the_results(
    client: Any, api: Any, tmp_path: Path, model: str
) -> None:
    batch = client.batch(rows(12), out=tmp_path, model=model)
    found = {result.key: result for result in batch}
    assert {result.state for result in found.values()} == {"done"}
    assert sorted(found) == sorted(str(number) for number in range(1, 13))
    pictures = [path for result in found.values() for path in result.paths]
    assert all(path.read_bytes().startswith(b"\xff\xd8") for path in pictures)
    assert len({*pictures}) == 12
    lines = written(tmp_path)
    assert [line["key"] for line in lines] == [str(number) for number in range(1, 13)]
    assert {path.name for path in pictures} == {path for line in lines for path in line["paths"]}
    assert {path.name for path in tmp_path.iterdir()} - {path.name for path in pictures} == {
        "journal.lock",
        "journal.sqlite",
        "results.jsonl",
    }
    assert batch.progress.done == batch.progress.rows == 12
    assert batch.progress.spent == pytest.approx(0.12)


def test_a_finished_batch_makes_nothing_again(client: Any, api: Any, tmp_path: Path) -> None:
    list(client.batch(rows(3), out=tmp_path, model=SYNC))
    before = len(api.journal())
    again = client.batch(rows(3), out=tmp_path, model=SYNC)
    assert list(again) == []
    assert again.progress.done == 3
    assert len(api.journal()) == before


def test_more_rows_are_added_to_a_batch(client: Any, api: Any, tmp_path: Path) -> None:
    list(client.batch(rows(3), out=tmp_path, model=SYNC))
    assert [result.key for result in client.batch(rows(5), out=tmp_path, model=SYNC, concurrency=1)] == [
        "4",
        "5",
    ]


def test_an_asynchronous_client_yields_the_same(api: Any, tmp_path: Path) -> None:
    from segmind_client import AsyncSegmind

    async def main() -> list[str]:
        async with AsyncSegmind(api.key, base_url=api.url) as client:
            return [result.state async for result in client.batch(rows(4), out=tmp_path, model=SYNC)]

    assert asyncio.run(main()) == ["done"] * 4


def test_threads_and_tasks_can_share_a_batch(client: Any, api: Any, tmp_path: Path) -> None:
    from segmind_client import AsyncSegmind

    batch = client.batch(rows(40), out=tmp_path / "threads", model=SYNC)
    found: list[str] = []
    with ThreadPoolExecutor(3) as threads:
        for part in threads.map(lambda _: [row.key for row in batch], range(3)):
            found += part
    assert len(found) == len({*found}) == 40

    async def main() -> None:
        async with AsyncSegmind(api.key, base_url=api.url) as other:
            shared = other.batch(rows(40), out=tmp_path / "tasks", model=SYNC)

            async def take() -> list[str]:
                return [row.key async for row in shared]

            parts = await asyncio.gather(take(), take(), take())
            assert sorted(key for part in parts for key in part) == sorted(found)

    asyncio.run(main())


def test_a_canceled_task_leaves_no_row_in_flight(api: Any, tmp_path: Path) -> None:
    from segmind_client import AsyncSegmind
    from segmind_client.batch import status

    api.fault("latency=0.3")

    async def main() -> None:
        async with AsyncSegmind(api.key, base_url=api.url) as client:
            batch = client.batch(rows(40), out=tmp_path, model=SYNC, concurrency=2)
            task = asyncio.ensure_future(anext(batch))
            while not api.journal():
                await asyncio.sleep(0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await batch.aclose()

    asyncio.run(main())
    progress = status(tmp_path).progress
    assert (progress.sent, progress.unknown, progress.done) == (0, 0, len(api.journal()))


def test_rows_that_are_the_same_request_are_made_once(client: Any, api: Any, tmp_path: Path) -> None:
    given = [{"prompt": "a fox"}, {"prompt": "a hen"}, {"prompt": "a fox"}]
    batch = client.batch(given, out=tmp_path, model=SYNC)
    found = {result.key: result for result in batch}
    assert sorted(found) == ["1", "2", "3"]
    assert found["3"].paths == found["1"].paths
    assert found["3"].same_as == "1"
    assert (batch.progress.rows, batch.progress.done, batch.progress.duplicates) == (3, 2, 1)
    lines = written(tmp_path)
    assert lines[2]["same_as"] == "1"
    assert lines[2]["paths"] == lines[0]["paths"]
    everything = client.batch(given, out=tmp_path / "all", model=SYNC, repeat=True)
    assert len(list(everything)) == 3


def test_all_rows_are_checked_before_the_first_call(client: Any, api: Any, tmp_path: Path) -> None:
    from segmind_client.batch import RowsError

    file = tmp_path / "rows.jsonl"
    file.write_text('{"prompt": "a fox"}\n\n{"prompt": 5, "samples": "x"}\nfox\n', encoding="utf-8")
    with pytest.raises(RowsError) as caught:
        list(client.batch(file, out=tmp_path / "out", model=SYNC))
    assert [each.line for each in caught.value.violations] == [3, 3, 4]
    assert str(caught.value.violations[0]).startswith(f"{file}:3: ")
    assert api.journal() == []
    file.write_text('{"prompt": "a fox"}\n', encoding="utf-8")
    assert len(list(client.batch(file, out=tmp_path / "out", model=SYNC))) == 1


def test_what_was_not_accepted_is_sent_again_and_what_may_be_billed_is_not(
    client: Any, api: Any, tmp_path: Path
) -> None:
    api.fault(
        "status=429;retry-after=0;times=2",
        "reset=after;times=2;when=prompt:fox 1",
        "status=500;times=1;when=prompt:fox 2",
    )
    states = {result.key: result for result in client.batch(rows(6), out=tmp_path, model=SYNC)}
    assert Counter(result.state for result in states.values()) == {"done": 4, "unknown": 1, "failed": 1}
    assert states["2"].state == "unknown"
    assert states["2"].reason == "connection"
    assert "may have been processed and billed" in states["2"].error
    assert (states["3"].state, states["3"].reason) == ("failed", "status_500")
    answered = Counter(request.body["prompt"] for request in api.journal() if request.status == 200)
    assert max(answered.values()) == 1
    failed = [result.key for result in client.batch(rows(6), out=tmp_path, model=SYNC, retry="failed")]
    assert failed == ["3"]


def test_an_invalid_key_ends_the_batch_and_keeps_its_rows(api: Any, tmp_path: Path) -> None:
    from segmind_client import AuthenticationError, Segmind

    api.fault("status=401;times=1")
    with Segmind(api.key, base_url=api.url) as client:
        with pytest.raises(AuthenticationError):
            list(client.batch(rows(50), out=tmp_path, model=SYNC, concurrency=1))
        assert len(list(client.batch(rows(50), out=tmp_path, model=SYNC))) == 50


def test_a_key_without_permission_ends_the_batch_after_a_few_rows(api: Any, tmp_path: Path) -> None:
    from segmind_client import PermissionDeniedError, Segmind

    api.fault("status=403;times=8")
    with Segmind(api.key, base_url=api.url) as client:
        with pytest.raises(PermissionDeniedError):
            list(client.batch(rows(50), out=tmp_path, model=SYNC))
        assert 5 <= len(api.journal()) <= 8
        assert Counter(line["state"] for line in written(tmp_path)) == {"planned": 50}
        api.clear_faults()
        assert len(list(client.batch(rows(50), out=tmp_path, model=SYNC))) == 50


def test_rows_that_the_api_forbids_fail_and_others_are_made(client: Any, api: Any, tmp_path: Path) -> None:
    api.fault(*(f"status=403;when=prompt:fox {each}" for each in (2, 3, 6, 9)))
    states = {result.key: result.state for result in client.batch(rows(10), out=tmp_path, model=SYNC)}
    assert sorted(key for key, state in states.items() if state == "failed") == ["10", "3", "4", "7"]
    api.fault("status=403")
    only = client.batch(rows(8), out=tmp_path / "all", model=SYNC, max_failures=100)
    assert [result.state for result in only] == ["failed"] * 8


def test_a_refused_row_about_payments_does_not_block_the_others(
    client: Any, api: Any, tmp_path: Path
) -> None:
    api.fault("content-block=The prompt shows a credit card. Payment data is blocked.;when=prompt:fox 2")
    states = {result.key: result.state for result in client.batch(rows(10), out=tmp_path, model=SYNC)}
    assert [key for key, state in states.items() if state != "done"] == ["3"]
    assert states["3"] == "failed"


@pytest.mark.parametrize("text", ["Insufficient credits", "Your API key is invalid"])
def test_a_refusal_that_is_about_the_account_ends_the_batch(
    client: Any, api: Any, tmp_path: Path, text: str
) -> None:
    from segmind_client import ApiError

    api.fault(f"content-block={text}")
    with pytest.raises(ApiError, match=text):
        list(client.batch(rows(10), out=tmp_path, model=SYNC, concurrency=1, max_failures=5))
    assert len(api.journal()) == 1
    assert Counter(line["state"] for line in written(tmp_path)) == {"planned": 10}


def test_a_batch_without_credits_ends_and_keeps_its_rows(tmp_path: Path) -> None:
    from segmind_client import ApiError, Segmind

    with (
        emulator(CLIENT / "segmind_client", credits=0.05) as api,
        Segmind(api.key, base_url=api.url) as client,
    ):
        with pytest.raises(ApiError, match="Not enough credits"):
            list(client.batch(rows(20), out=tmp_path, model=SYNC, concurrency=1))
        states = Counter(line["state"] for line in written(tmp_path))
    assert states == {"done": 5, "planned": 15}
