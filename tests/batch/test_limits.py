"""Limits of a batch with many requests in flight: what it costs, how many rows fail, and until when it runs."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, Any

import pytest
from segmind_batches import JOBS, SYNC

if TYPE_CHECKING:
    from pathlib import Path

_OTHER = "stable-diffusion-3-medium-txt2img"


def rows(number: int) -> list[dict[str, Any]]:
    return [{"prompt": f"fox {each}"} for each in range(number)]


def calls(api: Any) -> int:
    return sum(request.surface in {"sync", "submit"} for request in api.journal())


@pytest.mark.parametrize("model", [SYNC, JOBS])
def test_a_limit_of_cost_holds_with_64_requests_in_flight(
    client: Any, api: Any, tmp_path: Path, model: str
) -> None:
    from segmind_client.batch import BatchStoppedError, status

    for limit, number in ((0.2, 20), (0.3, 30)):  # the second run knows the cost from the first
        with pytest.raises(BatchStoppedError, match="max_cost"):
            list(client.batch(rows(60), out=tmp_path, model=model, concurrency=64, max_cost=limit))
        assert calls(api) == number
        assert status(tmp_path).progress.spent == pytest.approx(limit)


def test_the_first_cost_of_each_model_is_waited_for(client: Any, api: Any, tmp_path: Path) -> None:
    from segmind_client.batch import BatchStoppedError, status

    picture = b"\xff\xd8\xff\xe0 a picture"
    api.answer(file=picture, media_type="image/jpeg", model=_OTHER, headers={"x-cost": "0.5"})
    given = [*rows(10), *({**row, "model": _OTHER} for row in rows(10))]
    with pytest.raises(BatchStoppedError, match="max_cost"):
        options = {"model": SYNC, "surface": "sync", "concurrency": 64, "max_cost": 1.2}
        list(client.batch(given, out=tmp_path, **options))
    assert status(tmp_path).progress.spent == pytest.approx(1.1)


@pytest.mark.parametrize("seed", range(20))
def test_no_order_of_calls_exceeds_a_limit_of_cost(seed: int) -> None:
    """Costs of some models are in their specs; those of others are below the limit, and unknown at first."""
    from segmind_client import RowResult
    from segmind_client.batch._tally import Tally

    chance = random.Random(seed)
    costs = {model: chance.choice([0.01, 0.2, 1.0]) for model in "abc"}
    known = {model: cost for model, cost in costs.items() if chance.random() < 0.5}
    limit = chance.choice([2.0, 5.0])
    tally = Tally(limit, known.get)
    tally.counts = dict.fromkeys(("planned", "sent", "accepted", "done", "failed", "unknown"), 0)
    waiting = [chance.choice("abc") for _ in range(300)]
    flying: list[str] = []
    spent = 0.0
    while flying or (waiting and tally.may_begin(waiting[-1], len(flying))):
        if (
            waiting
            and len(flying) < 64
            and chance.random() < 0.7
            and tally.may_begin(waiting[-1], len(flying))
        ):
            flying.append(waiting.pop())
            tally.counts["sent"] += 1
        elif flying:
            model = flying.pop(chance.randrange(len(flying)))
            state: Any = chance.choice(["done", "done", "unknown"])
            spent += costs[model]  # the worst case for unknown rows
            cost = costs[model] if state == "done" else None
            tally.end(RowResult(key="", state=state, model=model, line=1, cost=cost), "sent")
    first = max((cost for model, cost in costs.items() if model not in known), default=0.0)
    assert spent <= limit + first + 1e-9  # the cost of the first call of a model is unknown


def test_a_limit_of_failures_ends_the_batch_after_the_requests_in_flight(
    client: Any, api: Any, tmp_path: Path
) -> None:
    from segmind_client.batch import BatchStoppedError

    api.fault("status=500")
    with pytest.raises(BatchStoppedError, match="max_failures"):
        list(client.batch(rows(100), out=tmp_path, model=SYNC, concurrency=32, max_failures=5))
    assert 5 <= calls(api) <= 37


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        ("latency=0.6;surface=status", {"done": 1, "planned": 2}),
        ("latency=0.6;surface=output", {"done": 1, "planned": 2}),
        ("status=429;retry-after=30;surface=submit;times=1", {"planned": 3}),
        ("job-stuck", {"accepted": 1, "planned": 2}),
    ],
)
def test_a_deadline_in_any_phase_leaves_rows_that_the_next_run_makes(
    client: Any, api: Any, tmp_path: Path, fault: str, left: dict[str, int]
) -> None:
    from segmind_client.batch import BatchStoppedError, status

    api.fault(fault)
    batch = client.batch(rows(3), out=tmp_path, model=JOBS, concurrency=1, rate="1/20s", deadline=0.3)
    with pytest.raises(BatchStoppedError) as caught:
        if "stuck" in fault:
            threading.Timer(1, batch.stop).start()
        list(batch)
    assert caught.value.reason == "deadline"
    jobs = " and 1 job to fetch" * ("accepted" in left)
    planned = left["planned"]
    assert f"with {planned} rows to make{jobs}; to go on" in str(caught.value)
    progress = status(tmp_path).progress
    assert {
        name: number
        for name in ("accepted", "done", "planned", "unknown")
        if (number := getattr(progress, name))
    } == left
    api.clear_faults()
    if "stuck" not in fault:
        assert {row.state for row in client.batch(rows(3), out=tmp_path, model=JOBS)} == {"done"}


def test_results_that_expired_are_unknown_and_made_again_on_request(
    client: Any, api: Any, tmp_path: Path
) -> None:
    from segmind_client.batch import BatchStoppedError, results, status

    api.fault("status=503;surface=status")
    batch = client.batch(rows(2), out=tmp_path, model=JOBS, deadline=0.5)
    threading.Timer(1.5, batch.stop).start()
    with pytest.raises(BatchStoppedError, match="2 jobs to fetch"):
        list(batch)
    api.clear_faults()
    for row in results(tmp_path, "accepted"):
        client.job(row.request_id).wait(interval=0.05)
    api.advance(7200)
    found = list(client.batch(rows(2), out=tmp_path, model=JOBS))
    assert [(row.state, row.reason) for row in found] == [("unknown", "expired")] * 2
    assert "its result has expired (kept for 1 hour)" in found[0].error
    assert status(tmp_path).reasons == {"unknown": {"expired": 2}}
    assert list(client.batch(rows(2), out=tmp_path, model=JOBS, retry="failed")) == []
    again = list(client.batch(rows(2), out=tmp_path, model=JOBS, retry="unknown"))
    assert [row.state for row in again] == ["done"] * 2
