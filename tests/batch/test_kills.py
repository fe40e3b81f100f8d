"""A batch that is killed at any moment goes on: nothing is made twice, and nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from segmind_batches import CLIENT, JOBS, SYNC

from tools.batches.kills import Plan, kill_batches

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("surface", "model"), [("sync", SYNC), ("async", JOBS)])
def test_kill_9_loses_nothing_and_makes_nothing_twice(tmp_path: Path, surface: str, model: str) -> None:
    outcome = next(kill_batches(Plan(CLIENT, surface, model, rows=100, kills=4, seed=7), tmp_path))
    assert outcome.problems == []
    assert outcome.kills > 1
    assert outcome.states["done"] > 50
