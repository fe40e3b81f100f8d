"""Batches of an API whose specs have prices, and whose jobs can be canceled."""

from __future__ import annotations

import importlib
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from speccast.testing import emulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from speccast.testing import Emulator

MODEL = "video.loop"
ROWS = [{"image": f"https://media.harmonia.example/{number}.png"} for number in range(3)]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the model


@pytest.fixture
def api(harmonia: Path) -> Iterator[Emulator]:
    with emulator(harmonia / "harmonia" / "_specs.json", progress="time:600") as running:
        yield running


@pytest.fixture
def client(api: Emulator, harmonia: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(harmonia)
    with importlib.import_module("harmonia").Harmonia(api.key, base_url=api.url) as made:
        yield made


def test_a_price_in_the_spec_is_the_cost_until_results_tell_it(
    client: Any, api: Emulator, tmp_path: Path
) -> None:
    batches = importlib.import_module("harmonia.batch")
    assert batches.estimate(client, ROWS, model=MODEL).cost == pytest.approx(1.2)
    with pytest.raises(batches.BatchStoppedError, match="with 3 rows to make"):
        list(client.batch(ROWS, out=tmp_path, model=MODEL, max_cost=0.39))
    assert api.journal() == []


def test_jobs_of_a_batch_are_canceled_unless_the_api_refuses(
    client: Any, api: Emulator, tmp_path: Path
) -> None:
    batches = importlib.import_module("harmonia.batch")
    batch, found = client.batch(ROWS, out=tmp_path, model=MODEL), []
    thread = threading.Thread(target=lambda: found.extend(batch))
    thread.start()
    until = time.monotonic() + 60
    while sum(request.surface == "submit" and request.status == 202 for request in api.journal()) < 3:
        assert time.monotonic() < until
        time.sleep(0.05)
    api.fault("status=409;surface=cancel;times=1")
    assert batches.cancel(tmp_path, client, timeout=60) == (0, 2, 1)
    thread.join(60)
    assert found == []
    api.advance(600)
    states = sorted((row.state, row.reason) for row in client.batch(ROWS, out=tmp_path, model=MODEL))
    assert states == [("done", None), ("failed", "job_failed"), ("failed", "job_failed")]
