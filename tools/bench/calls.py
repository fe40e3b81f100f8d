"""Measures the same call by each client in turn, so that all meet the same state of the machine.

The peers' interpreter runs it with the server's address. It prints a line of JSON per kind of call: by client, the
median wall time and the CPU time of this process, in microseconds.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any

import httpx2
from openai import AsyncOpenAI, OpenAI
from segmind import SegmindClient
from synthetic_client import AsyncSynthetic, Synthetic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FIELDS: dict[str, Any] = {
    "prompt": "a red fox",
    "negative_prompt": "",
    "steps": 25,
    "guidance_scale": 7.5,
    "width": 1024,
    "height": 1024,
    "seed": -1,
    "samples": 1,
    "strength": 0.7,
    "scheduler": "euler",
    "format": "jpeg",
    "quality": 95,
    "mode": "text",
    "safe": True,
}
HEADERS = {"x-api-key": "key"}
ROUNDS = 1000
IN_FLIGHT = 64
WAVES = 30
"""Rounds of concurrent calls, each with `IN_FLIGHT` tasks."""


def one_by_one(url: str) -> dict[str, tuple[float, float]]:
    """Measure sequential calls on one kept-alive connection per client."""
    plain, openai = httpx2.Client(), OpenAI(api_key="key", base_url=f"{url}/v1", max_retries=0)
    segmind, ours = SegmindClient("key", base_url=f"{url}/v1"), Synthetic("key", base_url=url)
    clients: dict[str, Callable[[], bytes]] = {
        "httpx2": lambda: plain.post(f"{url}/v1/model-0", json=FIELDS, headers=HEADERS).content,
        "generated client": lambda: ours.model_0.generate(**FIELDS).content,
        "segmind": lambda: segmind.run_sync("model-0", **FIELDS).content,
        "openai": lambda: openai.post("/model-0", cast_to=httpx2.Response, body=FIELDS).content,
    }
    for call in clients.values():
        for _ in range(100):
            assert len(call()) == 102_400
    gc.collect()
    gc.freeze()  # objects of the imports do not count for any client
    wall: dict[str, list[float]] = {name: [] for name in clients}
    cpu = dict.fromkeys(clients, 0.0)
    for _ in range(ROUNDS):
        for name, call in clients.items():
            began, began_cpu = time.perf_counter(), time.process_time()
            call()
            cpu[name] += time.process_time() - began_cpu
            wall[name].append(time.perf_counter() - began)
    return {name: (median(wall[name]) * 1e6, cpu[name] / ROUNDS * 1e6) for name in clients}


async def in_flight(url: str) -> dict[str, tuple[float, float]]:
    """Measure concurrent calls, per call. The segmind SDK has no asynchronous client."""
    plain, openai = httpx2.AsyncClient(), AsyncOpenAI(api_key="key", base_url=f"{url}/v1", max_retries=0)
    ours = AsyncSynthetic("key", base_url=url)

    async def by_httpx2() -> bytes:
        return (await plain.post(f"{url}/v1/model-0", json=FIELDS, headers=HEADERS)).content

    async def by_ours() -> bytes:
        return (await ours.model_0.generate(**FIELDS)).content

    async def by_openai() -> bytes:
        return (await openai.post("/model-0", cast_to=httpx2.Response, body=FIELDS)).content

    clients: dict[str, Callable[[], Awaitable[bytes]]] = {
        "httpx2": by_httpx2,
        "generated client": by_ours,
        "openai": by_openai,
    }
    wall: dict[str, list[float]] = {name: [] for name in clients}
    cpu: dict[str, list[float]] = {name: [] for name in clients}

    async def worker(call: Callable[[], Awaitable[bytes]]) -> None:
        for _ in range(4):
            assert len(await call()) == 102_400

    for wave in range(WAVES + 2):
        for name, call in clients.items():
            began, began_cpu = time.perf_counter(), time.process_time()
            await asyncio.gather(*(worker(call) for _ in range(IN_FLIGHT)))
            if wave >= 2:  # the first ones open the connections
                calls = IN_FLIGHT * 4 / 1e6
                cpu[name].append((time.process_time() - began_cpu) / calls)
                wall[name].append((time.perf_counter() - began) / calls)
    await plain.aclose()
    await openai.close()
    await ours.close()
    return {name: (median(wall[name]), median(cpu[name])) for name in clients}


if __name__ == "__main__":
    print(json.dumps(one_by_one(sys.argv[1])), flush=True)
    print(json.dumps(asyncio.run(in_flight(sys.argv[1]))), flush=True)
