"""Connections belong to the process and to the event loop that made them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from acme_client._runtime.errors import ConfigurationError
from acme_client._runtime.spending import Spending
from acme_client.client import Acme, AsyncAcme
from acme_support.adapter import KEY
from acme_support.server import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")


def in_child(work: Callable[[], object]) -> str:
    """Return what a function returns in a forked process, as text."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = repr(work())
        except BaseException as error:
            answer = repr(error)
        os.write(sending, answer.encode())
        os._exit(0)
    os.close(sending)
    os.waitpid(child, 0)
    with os.fdopen(receiving) as pipe:
        return pipe.read()


def call(client: Any) -> bytes:
    result = client.fox_1_5.generate(prompt="a")
    content: bytes = (result if isinstance(client, Acme) else asyncio.run(result)).content
    return content


@pytest.mark.parametrize("kind", [Acme, AsyncAcme])
@pytest.mark.parametrize("derive", [lambda client: client, lambda client: client.with_options(timeout=9)])
def test_a_forked_process_makes_its_own_connections(server: Any, kind: Any, derive: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    client = kind(KEY, base_url=server.url)
    other = derive(client)
    call(other)
    for _ in range(2):
        assert in_child(lambda: call(other)) == "b'x'"
    if kind is Acme:
        call(other)
        client.close()
    connections = [request.connection for request in server.requests]
    assert len(set(connections)) == 3
    assert connections[0] not in connections[1:3]


def test_closing_in_a_forked_process_leaves_the_parents_connections_open(server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    with Acme(KEY, base_url=server.url) as client:
        call(client)
        assert in_child(client.close) == "None"
        assert call(client) == b"x"
    assert len({request.connection for request in server.requests}) == 1


def test_a_forked_process_does_not_read_the_parents_stream(server: Any) -> None:
    picture = b"\xff\xd8\xff" + bytes(range(1, 201)) * 10
    server.on("/v1/fox-1.5", Reply(body=picture, drip=0.0005))
    with Acme(KEY, base_url=server.url) as client, client.fox_1_5.stream(prompt="a") as stream:
        pieces = iter(stream)
        first = next(pieces)
        assert "opened before this process was forked: open another one" in in_child(lambda: list(pieces))
        assert in_child(stream.close) == "None"
        assert first + b"".join(pieces) == picture


CLIENTS: list[Any] = []


def name_of_model(number: int) -> str:
    """Return the work of a pool, which inherits the client."""
    text: str = CLIENTS[0].run_sync(f"m-{number}").text
    return text


def test_workers_of_a_pool_read_their_own_responses(server: Any) -> None:
    for number in range(20):
        server.on(f"/v1/m-{number}", Reply(body=f"picture {number}", delay=0.005))
    client = Acme(KEY, base_url=server.url)
    client.run_sync("m-0")
    CLIENTS[:] = [client]
    with ProcessPoolExecutor(4, multiprocessing.get_context("fork")) as pool:
        found = list(pool.map(name_of_model, range(20)))
    assert found == [f"picture {number}" for number in range(20)]
    client.close()


def test_a_forked_process_counts_costs_while_threads_of_the_parent_do() -> None:
    spending, is_over = Spending(), threading.Event()

    def count() -> None:
        while not is_over.is_set():
            spending.add(0.01)

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()

    def count_once() -> None:
        signal.alarm(10)  # A lock that is never released ends the process.
        spending.add(0.01)

    try:
        assert [in_child(count_once) for _ in range(5)] == ["None"] * 5
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def test_an_http_client_that_the_parent_has_used_is_refused(server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    with httpx2.Client() as own:
        client = Acme(KEY, base_url=server.url, http_client=own)
        assert in_child(lambda: call(client)) == "b'x'"  # it was not used yet
        call(client)
        assert "create an http_client" in in_child(lambda: call(client))
        assert "ConfigurationError" in in_child(lambda: call(client.with_options(timeout=9)))


def test_another_event_loop_is_refused(server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    client = AsyncAcme(KEY, base_url=server.url)
    call(client)
    for other in (client, client.with_options(timeout=9)):
        with pytest.raises(ConfigurationError, match=r"another event loop.*inside each asyncio\.run"):
            call(other)
    asyncio.run(client.close())


def test_a_result_is_downloaded_in_another_event_loop(server: Any, tmp_path: Any) -> None:
    server.on("/v2/requests/j", Reply(body={"status": "COMPLETED", "output": f"{server.url}/a.png"}))
    server.on("/a.png", Reply(body=b"\x89PNG\r\n\x1a\n"))

    async def result() -> Any:
        async with AsyncAcme(KEY, base_url=server.url) as client:
            return await client.job("j").result()

    asyncio.run(asyncio.run(result()).save(tmp_path / "a.png"))
    assert (tmp_path / "a.png").exists()
