"""At any moment, the journal on disk has no more rows `sent` than requests in flight, although rows share commits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from segmind_batches import JOBS, SYNC

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@pytest.fixture
def commits(client: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[set[str], int]]:
    """What each commit changes, and how many rows are `sent` after it: what a crash would leave."""
    from segmind_client.batch import _states
    from segmind_client.batch._journal import Journal

    kinds = {_states._SENT: "sent", _states._FINAL: "finished", _states._ACCEPTED: "accepted"}
    found: list[tuple[set[str], int]] = []
    apply = Journal.apply

    def observe(journal: Any, changes: Iterable[Any]) -> None:
        changes = list(changes)
        apply(journal, changes)
        made = {kinds.get(statement, "returned") for statement, _ in changes}
        found.append((made, journal.counts()["sent"]))

    monkeypatch.setattr(Journal, "apply", observe)
    return found


@pytest.mark.parametrize("surface", ["sync", "async"])
def test_no_commit_leaves_more_rows_sent_than_requests_in_flight(
    client: Any, api: Any, tmp_path: Path, commits: list[tuple[set[str], int]], surface: str
) -> None:
    api.fault("status=429;retry-after=0;p=0.05")
    make(client, tmp_path, surface, rows=40, concurrency=4)
    assert max(number for _, number in commits) == 4


@pytest.mark.parametrize(("surface", "end"), [("sync", "finished"), ("async", "accepted")])
def test_a_row_is_sent_by_the_commit_that_ends_the_one_before(
    client: Any, tmp_path: Path, commits: list[tuple[set[str], int]], surface: str, end: str
) -> None:
    make(client, tmp_path, surface, rows=10, concurrency=1)
    assert sum({"sent", end} <= changes for changes, _ in commits) == 9


def make(client: Any, folder: Path, surface: Any, *, rows: int, concurrency: int) -> None:
    given = [{"prompt": f"fox {each}"} for each in range(rows)]
    model = SYNC if surface == "sync" else JOBS
    batch = client.batch(given, out=folder / "out", model=model, surface=surface, concurrency=concurrency)
    assert [row.state for row in batch] == ["done"] * rows
