"""A rate holds in every window: over kills and restarts, with requests that are refused and sent again. And the number of
requests in flight adapts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segmind_batches import JOBS, SYNC

from tools.batches.rates import run_at_rate

if TYPE_CHECKING:
    from pathlib import Path


def test_a_rate_holds_over_kills_and_refused_requests(tmp_path: Path) -> None:
    found = run_at_rate("40/6s", 70, 2, tmp_path)
    assert found.kills > 0
    assert found.requests > 50
    assert found.shortest > found.seconds


def test_the_requests_in_flight_grow_if_models_differ_in_their_times(
    client: Any, api: Any, tmp_path: Path
) -> None:
    api.fault(f"latency=0.1;model={SYNC}")
    api.fault(f"latency=1.5;model={JOBS}")
    rows = [{"model": (SYNC, JOBS)[each % 2], "prompt": f"fox {each}"} for each in range(100)]
    with client.batch(rows, out=tmp_path / "out", surface="sync") as batch:
        assert [row.state for row in batch] == ["done"] * 100
    assert batch.progress.concurrency > 10
