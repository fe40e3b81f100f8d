"""A batch that is killed at any moment goes on: nothing is made twice, and nothing is lost."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from segmind_batches import CLIENT, JOBS, SYNC

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 120
FAULTS = (
    "status=429;retry-after=0;p=0.03",
    "status=500;p=0.03",
    "reset;p=0.02",
    "reset=after;p=0.02",
    "malformed-json;p=0.01",
)
PROGRAM = """
import sys
from segmind_client import Segmind
from segmind_client.batch import BatchError
rows = [{"prompt": f"fox {number}"} for number in range(int(sys.argv[4]))]
with Segmind("key", base_url=sys.argv[1]) as client:
    for result in client.batch(rows, out=sys.argv[2], model=sys.argv[3]):
        pass
"""


def run(api: Any, out: Path, model: str, kill_after: float | None) -> int:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, api.url, out, model, str(ROWS)], env={"PYTHONPATH": str(CLIENT)}
    )
    if kill_after is not None:
        time.sleep(kill_after)
        process.send_signal(signal.SIGKILL)
    return process.wait(60)


@pytest.mark.parametrize("model", [SYNC, JOBS])
def test_kill_9_loses_nothing_and_makes_nothing_twice(api: Any, tmp_path: Path, model: str) -> None:
    out = tmp_path / "out"
    surface = "sync" if model == SYNC else "submit"
    api.fault(*(f"{fault};surface={surface}" for fault in FAULTS))
    chance = random.Random(7)
    kills = 0
    for _ in range(6):
        kills += run(api, out, model, 0.3 + chance.random()) == -signal.SIGKILL
    assert run(api, out, model, None) == 0
    lines = [json.loads(line) for line in (out / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    states = Counter(line["state"] for line in lines)
    assert states["done"] + states["failed"] + states["unknown"] == ROWS
    made = Counter(
        request.body["prompt"]
        for request in api.journal(model=model)
        if request.surface == surface and request.body and _was_accepted(request)
    )
    assert max(made.values()) == 1, made.most_common(3)
    pictures = [out / path for line in lines for path in line.get("paths", ())]
    assert len(pictures) == states["done"]
    assert all(path.read_bytes()[-2:] == b"\xff\xd9" for path in pictures)
    left = {path.name for path in out.iterdir()} - {path.name for path in pictures}
    assert left == {"journal.lock", "journal.sqlite", "results.jsonl"}


def _was_accepted(request: Any) -> bool:
    is_late_reset = any(fault.startswith(("reset=after", "malformed")) for fault in request.faults)
    return is_late_reset or request.status == 200
