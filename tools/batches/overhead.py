"""Measures what a batch costs above its calls: CPU time and memory, without a network.

PYTHONPATH=generated/segmind/python .venv/bin/python -m tools.batches.overhead PART ROWS FOLDER MODEL SURFACE

The transport answers at once. Beside the batch, the same calls are made and saved in a plain loop; the difference is what the
batch adds. PART is `batch`, `loop`, `plan` or `resume` (of what `plan` has made).
"""

from __future__ import annotations

import asyncio
import json
import resource
import sqlite3
import sys
import time
from base64 import b64encode
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(900) + b"\xff\xd9"
DATA = "data:image/jpeg;base64," + b64encode(PICTURE).decode()
_ids = count(1)


def rows(number: int) -> Iterator[dict[str, Any]]:
    """Rows that all differ."""
    return ({"prompt": f"a fox number {each}"} for each in range(number))


def answer_at_once() -> None:
    """Replace the network by answers."""
    from segmind_client._runtime.steps import Response, Send
    from segmind_client._runtime.transport import AsyncTransport

    async def answer(transport: AsyncTransport, step: Any, bodies: list[Any]) -> Any:
        if not isinstance(step, Send):
            return await real(transport, step, bodies)
        await asyncio.sleep(0)
        path = step.request.url.partition("://")[2].partition("/")[2]
        if path.startswith("v1/"):
            headers = {"content-type": "image/jpeg", "x-cost": "0.01"}
            return Response(200, "OK", headers, PICTURE)
        body: dict[str, Any] = {"request_id": f"job-{next(_ids)}", "status": "QUEUED"}
        if path.startswith("v2/requests/"):
            body = {"request_id": path.split("/")[2], "status": "COMPLETED"}
            if not path.endswith("/status"):
                body |= {"output": DATA, "metrics": {"cost": 0.01}}
        return Response(200, "OK", {"content-type": "application/json"}, json.dumps(body).encode())

    real = AsyncTransport._do
    setattr(AsyncTransport, "_do", answer)  # noqa: B010 # the network is not measured


def batch(number: int, out: Path, model: str, surface: Any) -> None:
    """Run the rows in a batch."""
    from segmind_client import Segmind

    with Segmind("key") as client:
        for _ in client.batch(rows(number), out=out, model=model, surface=surface, concurrency=16):
            pass


def loop(number: int, out: Path, model: str, surface: str) -> None:
    """Make the same calls in a plain loop, and save their outputs."""
    from segmind_client import AsyncSegmind

    async def main() -> None:
        out.mkdir(parents=True)
        async with AsyncSegmind("key") as client:

            async def make(each: int, row: dict[str, Any]) -> None:
                if surface == "sync":
                    result: Any = await client.run_sync(model, **row)
                else:
                    job = await client.submit_async(model, **row)
                    result = await job.wait(interval=0.05)
                await result.save(out / f"{each}.jpg")

            given = enumerate(rows(number))

            async def work() -> None:
                for each, row in given:
                    await make(each, row)

            await asyncio.gather(*(work() for _ in range(16)))

    asyncio.run(main())


def resume(number: int, out: Path, model: str, surface: Any) -> None:
    """Start a finished batch again, from its file."""
    from segmind_client import Segmind

    with Segmind("key") as client:
        assert not list(client.batch(out.with_suffix(".jsonl"), out=out, model=model, surface=surface))


def plan(number: int, out: Path, model: str, surface: Any) -> None:
    """Plan the rows of a file, and finish them in the journal."""
    from segmind_client import Segmind

    file = out.with_suffix(".jsonl")
    with file.open("w") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows(number))
    with (
        Segmind("key") as client,
        client.batch(file, out=out, model=model, surface=surface, max_cost=0) as made,
    ):
        try:
            next(made)
        except Exception as error:
            print(f"  {error}", file=sys.stderr)
    with closing(sqlite3.connect(out / "journal.sqlite")) as journal, journal:
        journal.execute("UPDATE calls SET state=3, cost=0.01, sends=1, paths='[\"a.jpg\"]'")


PARTS = {"batch": batch, "loop": loop, "plan": plan, "resume": resume}


def main() -> None:
    """Run one part: NAME ROWS FOLDER MODEL SURFACE."""
    name, number, out, model, surface = sys.argv[1:]
    import segmind_client.batch._run  # noqa: F401 # the imports are not measured

    answer_at_once()
    began, started = time.process_time(), time.monotonic()
    PARTS[name](int(number), Path(out), model, surface)
    used, seconds = time.process_time() - began, time.monotonic() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "part": name,
                "rows": int(number),
                "surface": surface,
                "cpu": round(used, 3),
                "us_per_row": round(used / int(number) * 1e6, 1),
                "seconds": round(seconds, 1),
                "mib": round(memory, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
