"""A rate holds in every window: over kills and restarts, with requests that are refused and sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.batches.rates import run_at_rate

if TYPE_CHECKING:
    from pathlib import Path


def test_a_rate_holds_over_kills_and_refused_requests(tmp_path: Path) -> None:
    found = run_at_rate("40/6s", 70, 2, tmp_path)
    assert found.kills > 0
    assert found.requests > 50
    assert found.shortest > found.seconds
