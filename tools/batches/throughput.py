"""Measures how many rows a batch makes in a time, beside as many raw calls of httpx2 in flight.

.venv/bin/python -m tools.batches.throughput --rows 600 --concurrency 16 --latency 0.5

Both call the same emulator, in turns. The raw calls keep nothing: no picture is written, and no state.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from speccast.testing import emulator
from tools.batches.kills import CLIENT

__all__ = ["batch", "raw"]

MODEL = "sd2.1-txt2img"


def raw(url: str, rows: int, concurrency: int) -> float:
    """Rows per second of calls without a client."""
    import httpx2

    async def main() -> float:
        given = iter(range(rows))
        limits = httpx2.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
        async with httpx2.AsyncClient(headers={"x-api-key": "key"}, timeout=60, limits=limits) as client:

            async def work() -> None:
                for number in given:
                    response = await client.post(f"{url}/v1/{MODEL}", json={"prompt": f"fox {number}"})
                    response.raise_for_status()

            began = time.monotonic()
            await asyncio.gather(*(work() for _ in range(concurrency)))
            return rows / (time.monotonic() - began)

    return asyncio.run(main())


def batch(url: str, rows: int, concurrency: int, out: Path) -> float:
    """Rows per second of a batch, from its first request to the last file on disk."""
    from segmind_client import Segmind

    with (
        Segmind("key", base_url=url) as client,
        client.batch(
            ({"prompt": f"fox {number}"} for number in range(rows)),
            out=out,
            model=MODEL,
            concurrency=concurrency,
        ) as made,
    ):
        states = [row.state for row in made]
        if states != ["done"] * rows:
            raise RuntimeError(f"not all rows were made: {set(states)}")
        return rows / made.progress.seconds


def compare(rows: int, concurrency: int, latency: float, runs: int) -> list[dict[str, Any]]:
    """Return the speeds of both, in turns."""
    found: list[dict[str, Any]] = []
    faults = (f"latency={latency}",) if latency else ()
    with (
        emulator(CLIENT / "segmind_client", faults=faults, journal=100) as api,
        TemporaryDirectory() as folder,
    ):
        for run in range(runs):
            loop = raw(api.url, rows, concurrency)
            made = batch(api.url, rows, concurrency, Path(folder) / str(run))
            found.append({"raw": round(loop, 1), "batch": round(made, 1), "ratio": round(made / loop, 3)})
    return found


def main() -> None:
    """Print a line for each run."""
    parser = argparse.ArgumentParser(prog="python -m tools.batches.throughput")
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    for each in compare(given.rows, given.concurrency, given.latency, given.runs):
        print(json.dumps(each))


if __name__ == "__main__":
    main()
