"""Checks that a batch never exceeds its rate: in no window, with refused requests, over kills and restarts.

.venv/bin/python -m tools.batches.rates --requests 2000 --kills 20 40/1s 100/3s 30/2s

What counts is when the emulator receives a request, as for an API. A request that is refused and repeated counts each time.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from speccast.testing import emulator
from tools.batches.kills import CLIENT

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RateOutcome", "run_at_rate", "shortest_window"]

_MODEL = "sd2.1-txt2img"
_FAULTS = ("status=429;retry-after=0;p=0.05", "status=500;p=0.02", "reset=after;p=0.02")
_PROGRAM = """
import sys
from segmind_client import Segmind
url, out, rows, rate = sys.argv[1:]
with Segmind("key", base_url=url) as client:
    for _ in client.batch(rows, out=out, model="sd2.1-txt2img", rate=rate, concurrency=8):
        pass
"""


@dataclass(frozen=True)
class RateOutcome:
    """How close a run came to its rate."""

    rate: str
    requests: int
    seconds: float
    """Length of the windows of the rate."""
    shortest: float
    """Shortest time in which more requests than the rate has were received."""
    reached: float
    """Requests per second, as a share of the rate."""
    kills: int


def shortest_window(times: Sequence[float], requests: int) -> float:
    """Return the shortest time in which more than so many requests were received."""
    return min(
        (later - first for first, later in zip(times, times[requests:], strict=False)), default=float("inf")
    )


def run_at_rate(rate: str, requests: int, kills: int, folder: Path, seed: int = 1) -> RateOutcome:
    """Make a batch of so many rows at a rate, and kill it so often on the way."""
    from segmind_client.batch._limits import parse_rate

    limit = parse_rate(rate)
    chance = random.Random(seed)
    rows = folder / "rows.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    rows.write_text("".join(json.dumps({"prompt": f"fox {each}"}) + "\n" for each in range(requests)))
    with emulator(CLIENT / "segmind_client", faults=_FAULTS, seed=seed, journal=2 * requests + 1000) as api:
        command = [sys.executable, "-c", _PROGRAM, api.url, str(folder / "out"), str(rows), rate]
        left, mean = kills, requests / limit.requests * limit.seconds / (kills + 1)
        while True:
            process = subprocess.Popen(command, env={"PYTHONPATH": str(CLIENT)})
            if not left:
                process.wait()
                break
            time.sleep(chance.uniform(0.5, 1.5) * mean)
            if process.poll() is not None:
                break
            process.kill()
            process.wait()
            left -= 1
        times = sorted(entry.time for entry in api.journal() if entry.surface == "sync")
    shortest = shortest_window(times, limit.requests)
    speed = len(times) / (times[-1] - times[0] or 1.0)
    return RateOutcome(
        rate=rate,
        requests=len(times),
        seconds=limit.seconds,
        shortest=shortest,
        reached=speed / (limit.requests / limit.seconds),
        kills=kills - left,
    )


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.batches.rates")
    parser.add_argument("rates", nargs="+")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=20)
    given = parser.parse_args()
    problems = 0
    for number, rate in enumerate(given.rates):
        with TemporaryDirectory() as folder:
            found = run_at_rate(rate, given.requests, given.kills, Path(folder), seed=number)
        problems += found.shortest <= found.seconds
        print(
            f"{rate}: {found.requests} requests, {found.kills} kills: more than the rate in {found.shortest:.3f} s at least;"
            f" {found.reached:.0%} of the rate used",
            flush=True,
        )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
