"""The asynchronous client in trio, and what its first await does to the event loop."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from decimal import Decimal
from types import ModuleType
from typing import TYPE_CHECKING, Any

import anyio
import pytest
import trio
from acme_client._runtime.errors import APITimeoutError, ConfigurationError, ParameterError
from acme_client.client import AsyncAcme
from acme_support.adapter import KEY, ROOT
from acme_support.server import Reply

if TYPE_CHECKING:
    from pathlib import Path


def test_calls_jobs_and_downloads_in_trio(server: Any, tmp_path: Path) -> None:
    server.on("/v1/fox-1.5", Reply(429, headers={"retry-after-ms": "1"}), Reply(body=b"x"))
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j"}))
    server.on("/v2/requests/j/status", Reply(body={"status": "QUEUED"}), Reply(body={"status": "COMPLETED"}))
    server.on("/v2/requests/j", Reply(body={"status": "COMPLETED", "output": f"{server.url}/a.png"}))
    server.on("/a.png", Reply(body=b"\x89PNG\r\n\x1a\n"))
    seen = []

    async def note(status: dict[str, Any]) -> None:
        await trio.sleep(0)
        seen.append(status["status"])

    async def main() -> None:
        async with AsyncAcme(KEY, base_url=server.url) as client:
            await client.load()
            assert (await client.fox_1_5.generate(prompt="a")).content == b"x"
            job = await client.with_options(timeout=9).fox_1_5.submit(prompt="a")
            result = await job.wait(interval=0.05, on_status=note)
            await result.save(tmp_path / "a.png")
            assert [piece async for piece in result.stream()] == [b"\x89PNG\r\n\x1a\n"]
            server.on("/v1/fox-1.5", Reply(body=b"\xff\xd8\xff" + bytes(1_000_000)))
            async with client.fox_1_5.stream(prompt="a") as stream:
                async for piece in stream:
                    assert 0 < len(piece) < 1_000_000
                    break
            with trio.move_on_after(0.2) as scope:
                server.on("/v1/fox-1.5", Reply(body=b"\xff\xd8\xff" + bytes(1000), drip=0.01))
                async with client.fox_1_5.stream(prompt="a") as stream:
                    async for _ in stream:
                        pass
            assert scope.cancelled_caught

    trio.run(main)
    assert seen == ["QUEUED", "COMPLETED"]
    assert (tmp_path / "a.png").exists()


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_a_client_runs_where_anyio_runs_the_loop(server: Any, library: str) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))

    async def main() -> bytes:
        async with AsyncAcme(KEY, base_url=server.url) as client:
            return (await client.fox_1_5.generate(prompt="a")).content

    assert anyio.run(main, backend=library) == b"x"


def test_an_input_that_blocks_does_not_outlast_a_deadline_in_trio(server: Any) -> None:
    server.on("/v1/scan", Reply(body=b"x"))
    read, write = os.pipe()

    async def main() -> None:
        async with AsyncAcme(KEY, base_url=server.url, total_timeout=0.2) as client:
            await client.load()
            with os.fdopen(read, "rb", buffering=0) as pipe, pytest.raises(APITimeoutError):
                await client.scan.generate(image=("fox.png", pipe))

    os.write(write, b"\x89PNG\r\n\x1a\n")
    ending = threading.Timer(3, os.close, [write])
    ending.start()
    started = time.monotonic()
    trio.run(main)
    assert time.monotonic() - started < 2
    ending.join()


def test_deadlines_and_cancellation_in_trio(server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x" * 100, drip=0.03))
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j"}))
    server.on("/v2/requests/j/status", Reply(body={"status": "QUEUED"}))

    async def main() -> None:
        async with AsyncAcme(KEY, base_url=server.url) as client:
            with pytest.raises(APITimeoutError, match="total timeout"):
                await client.fox_1_5.generate(prompt="a", total_timeout=0.1)
            with trio.move_on_after(0.1) as scope:
                await client.run("fox-1.5", prompt="a")
            assert scope.cancelled_caught

    started = time.monotonic()
    trio.run(main)
    assert time.monotonic() - started < 2


def test_a_client_of_another_loop_is_refused_in_trio(server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    client = AsyncAcme(KEY, base_url=server.url)

    async def call() -> None:
        await client.fox_1_5.generate(prompt="a")

    async def close() -> None:
        await client.close()

    trio.run(call)
    with pytest.raises(ConfigurationError, match="another event loop"):
        trio.run(call)
    with pytest.raises(ConfigurationError, match="another event loop"):
        asyncio.run(call())
    asyncio.run(close())


FIRST_AWAIT = """
    import asyncio, sys, time
    from acme_client import AsyncAcme

    async def main():
        client = AsyncAcme({key!r}, base_url={url!r}, max_retries=0)
        model, longest = client.fox_1_5, 0.0
        started = time.perf_counter()
        task = asyncio.create_task(model.generate(prompt="a"))
        while not task.done():
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - before)
        total = time.perf_counter() - started
        await task
        await client.close()
        modules = {{"httpcore2", "anyio._backends._asyncio"}} & {{*sys.modules}}
        print(len(modules), longest, total)

    asyncio.run(main())
"""


def test_the_first_await_does_not_block_the_event_loop(server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    script = textwrap.dedent(FIRST_AWAIT.format(key=KEY, url=server.url))
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    modules, longest, total = map(float, run.stdout.split())
    assert modules == 2
    assert longest < total / 2


class Slow(io.RawIOBase):
    """A file object that blocks before its beginning."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content, self.content = self.content, b""
        time.sleep(0.6 if content else 0)
        buffer[: len(content)] = content
        return len(content)

    content = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("call", ["generate", "run_sync", "in a list"])
def test_content_is_read_while_the_event_loop_continues(server: Any, call: str) -> None:
    server.on("/v1/scan", Reply(body=Slow.content))
    server.on("/v1/blend", Reply(body=Slow.content))

    async def main() -> float:
        async with AsyncAcme(KEY, base_url=server.url) as client:
            await client.load()
            image: Any = ("fox.png", Slow())
            if call == "generate":
                work = client.scan.generate(image=image)
            elif call == "run_sync":
                work = client.run_sync("scan", image=image)
            else:
                work = client.blend.generate(image=Slow.content, images=[("a", Slow())])
            task, longest = asyncio.create_task(work), 0.0
            while not task.done():
                before = time.perf_counter()
                await asyncio.sleep(0.001)
                longest = max(longest, time.perf_counter() - before)
            await task
            return longest

    assert asyncio.run(main()) < 0.4


def test_load_leaves_nothing_to_load(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from acme_client._runtime import http

    loaded: list[str] = []
    monkeypatch.setattr(http, "load", lambda url, _: loaded.append(url))
    server.on("/v1/fox-1.5", Reply(body=b"x"))

    async def main() -> None:
        async with AsyncAcme(KEY, base_url=server.url) as client:
            await client.with_options(timeout=9).load()
            await asyncio.gather(*(client.fox_1_5.generate(prompt="a") for _ in range(3)))

    asyncio.run(main())
    assert loaded == [server.url]


def test_packages_that_another_thread_is_importing_are_not_used(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    for name in ("trio", "numpy", "PIL.Image"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))

    async def main() -> bytes:
        async with AsyncAcme(KEY, base_url=server.url) as client:
            for value in (Decimal(5), object()):
                with suppress(ParameterError):
                    await client.run_sync("fox-1.5", prompt="a", image=value)
            return (await client.fox_1_5.generate(prompt="a")).content

    assert asyncio.run(main()) == b"x"
