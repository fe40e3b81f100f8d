"""Sends requests on kept-alive connections, with as little overhead as asyncio allows."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Load:
    """The result of a load: responses per second, and their bodies in order of arrival."""

    rate: float
    bodies: tuple[bytes, ...]


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return the bytes of a request."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *(f"{name}: {headers[name]}" for name in headers),
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def load(port: int, requests: Iterable[bytes], in_flight: int) -> Load:
    """Send requests to a port of this machine. Each connection sends the next one after the response to its last.

    Raises:
        RuntimeError: a response has another status than 200, or a connection ends.
    """
    return asyncio.run(_load(port, deque(requests), in_flight))


async def _load(port: int, requests: deque[bytes], in_flight: int) -> Load:
    loop = asyncio.get_running_loop()
    bodies: list[bytes] = []
    connections = []
    for _ in range(in_flight):
        _, protocol = await loop.create_connection(lambda: _Connection(requests, bodies), "127.0.0.1", port)
        connections.append(protocol)
    started = time.perf_counter()
    for connection in connections:
        connection.next()
    try:
        await asyncio.gather(*(connection.done for connection in connections))
        seconds = time.perf_counter() - started
    finally:
        for connection in connections:
            connection.close()
    return Load(len(bodies) / seconds, tuple(bodies))


class _Connection(asyncio.Protocol):
    def __init__(self, requests: deque[bytes], bodies: list[bytes]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._bodies = bodies
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def next(self) -> None:
        if self._requests:
            self._transport.write(self._requests.popleft())
        else:
            self.done.set_result(None)

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head) if end else None
        if not end or (length is not None and len(body) < int(length[1])):
            return
        if length is None or b" 200 " not in head[:13]:
            self.done.set_exception(RuntimeError(f"unexpected response: {self._received[:500]!r}"))
            return
        self._bodies.append(body)
        self._received = b""
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError("the server closed a connection"))
