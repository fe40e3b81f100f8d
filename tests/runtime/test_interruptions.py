"""Ctrl-C and cancellation end a call at once and leave nothing open."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from acme_client.client import AsyncAcme
from acme_support.adapter import KEY, ROOT
from acme_support.server import Reply


def sockets() -> set[str]:
    """Return the sockets that this process has open."""
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.startswith("socket:"):
            found.add(target)
    return found


@pytest.fixture(params=["answering", "polling", "downloading"])
def job(request: pytest.FixtureRequest, server: Any) -> str:
    """What the client is doing when it is interrupted."""
    server.on("/v1/fox-1.5", Reply(hang=True))
    server.on("/v2/requests/j/status", Reply(body={"status": "QUEUED"}))
    server.on("/v2/requests/j", Reply(body={"status": "COMPLETED", "output": f"{server.url}/a"}))
    server.on("/a", Reply(body=b"x" * 1000, drip=0.05))
    return str(request.param)


WORK = """
    async def work(client):
        if {job!r} == "answering":
            await client.fox_1_5.generate(prompt="a")
        elif {job!r} == "polling":
            await client.job("j").wait(interval=60)
        else:
            await (await client.job("j").result()).save("a.bin")
"""


def wait_until_started(server: Any, job: str) -> bool:
    path = {"answering": "/v1/fox-1.5", "polling": "/v2/requests/j/status", "downloading": "/a"}[job]
    deadline = time.monotonic() + 20
    while path not in server.paths() and time.monotonic() < deadline:
        time.sleep(0.01)
    return path in server.paths()


def test_cancellation_leaves_no_thread_socket_or_file(
    server: Any, job: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scope: dict[str, Any] = {}
    exec(textwrap.dedent(WORK.format(job=job)), scope)

    async def main() -> float:
        client = AsyncAcme(KEY, base_url=server.url)
        task = asyncio.create_task(scope["work"](client))
        while not await asyncio.to_thread(wait_until_started, server, job):
            pass
        await asyncio.sleep(0.1)
        before = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        elapsed = time.monotonic() - before
        await client.close()
        return elapsed

    threads, open_sockets = set(threading.enumerate()), sockets()
    assert asyncio.run(main()) < 10
    server.stopping.set()
    deadline = time.monotonic() + 5
    while (sockets() - open_sockets or set(threading.enumerate()) - threads) and time.monotonic() < deadline:
        time.sleep(0.01)  # the server's own end of the connections closes
    assert sockets() <= open_sockets
    assert set(threading.enumerate()) <= threads
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["Acme", "AsyncAcme"])
def test_ctrl_c_ends_a_process_at_once(server: Any, job: str, kind: str, tmp_path: Path) -> None:
    work = textwrap.dedent(WORK.format(job=job))
    if kind == "Acme":
        work = work.replace("async def", "def").replace("await ", "")
        call = "work(client)"
    else:
        call = "import asyncio; asyncio.run(work(client))"
    script = (
        f"from acme_client import {kind}\n{work}\nclient = {kind}({KEY!r}, base_url={server.url!r})\n{call}\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert wait_until_started(server, job)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=10)
    finally:
        process.kill()
        process.wait()
    assert "KeyboardInterrupt" in stderr
    assert KEY not in stderr.replace(script, "")
    assert process.returncode == -signal.SIGINT
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_client_can_be_used_again(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A canceled call releases its connection, or another one is opened."""
    server.on("/v1/fox-1.5", Reply(hang=True), Reply(body=b"x"))

    async def main() -> bytes:
        async with AsyncAcme(KEY, base_url=server.url) as client:
            call = asyncio.create_task(client.fox_1_5.generate(prompt="a"))
            async with asyncio.timeout(20):
                while not server.paths():
                    await asyncio.sleep(0.01)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            return (await client.fox_1_5.generate(prompt="a")).content

    assert asyncio.run(main()) == b"x"
