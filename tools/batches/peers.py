"""Runs rows as people do without a batch: in a loop with a semaphore, and with the engine of async-batch-llm.

python -m tools.batches.peers loop|engine|batch URL ROWS FOLDER CONCURRENCY

All use the same client, save the same files, and go on where they ended as well as they can: the loop skips rows whose file
exists, and async-batch-llm has its SQLite store with its strictest durability.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

MODEL = "sd2.1-txt2img"


def batch(url: str, rows: Path, out: Path, concurrency: int) -> None:
    """Run the rows with `client.batch`."""
    from segmind_client import Segmind

    with Segmind("key", base_url=url) as client:
        for _ in client.batch(rows, out=out, model=MODEL, surface="sync", concurrency=concurrency):
            pass


def loop(url: str, rows: Path, out: Path, concurrency: int) -> None:
    """Run the rows in a loop with a semaphore."""
    from segmind_client import AsyncSegmind

    async def main() -> None:
        out.mkdir(exist_ok=True)
        at_once = asyncio.Semaphore(concurrency)
        async with AsyncSegmind("key", base_url=url) as client:

            async def make(number: int, row: dict[str, Any]) -> None:
                path = out / f"{number}.jpg"
                if path.exists():
                    return
                async with at_once:
                    result = await client.run_sync(MODEL, **row)
                    await result.save(path)

            with rows.open() as lines:
                given = [json.loads(line) for line in lines]
            await asyncio.gather(*(make(*each) for each in enumerate(given)), return_exceptions=True)

    asyncio.run(main())


def engine(url: str, rows: Path, out: Path, concurrency: int) -> None:
    """Run the rows with async-batch-llm."""
    from async_batch_llm import (
        ArtifactIdentity,
        CallableStrategy,
        CallOutcome,
        ResumePolicy,
        SqliteArtifactStore,
        SqliteDurability,
        process_stream,
    )
    from segmind_client import AsyncSegmind

    async def main() -> None:
        out.mkdir(exist_ok=True)
        identity = ArtifactIdentity(
            provider="segmind", model=MODEL, prompt_version="1", parser_version="1", application_version="1"
        )
        store = SqliteArtifactStore(
            out / "store.sqlite", identity=identity, durability=SqliteDurability.FULL, commit_batch_size=1
        )
        async with AsyncSegmind("key", base_url=url) as client:

            async def make(prompt: str, *, attempt: int, timeout: float, state: Any) -> Any:
                row = json.loads(prompt)
                result = await client.run_sync(MODEL, **row)
                (path,) = await result.save(out / f"{row['prompt']}.jpg")
                return CallOutcome(path.name)

            with rows.open() as lines:
                prompts = [(str(number), line) for number, line in enumerate(lines)]
            strategy = CallableStrategy(make, identity=identity)
            made = process_stream(
                strategy,
                prompts,
                concurrency=concurrency,
                artifact_store=store,
                resume=ResumePolicy.REUSE_SUCCESSES,
            )
            async for _ in made:
                pass

    asyncio.run(main())


if __name__ == "__main__":
    _, name, address, file, folder, in_flight = sys.argv
    {"batch": batch, "loop": loop, "engine": engine}[name](address, Path(file), Path(folder), int(in_flight))
