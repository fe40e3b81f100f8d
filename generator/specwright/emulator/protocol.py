"""HTTP/1.1 on a connection: uvicorn's way of it, and a short way for the plain requests that nearly all are.

A request is plain if it arrives whole, with nothing behind it, and asks for nothing of the protocol: a GET or POST with
one Host, at most a Content-Length, no chunks, no `Expect`, no upgrade. It is read by one regular expression and answered in
one write. Everything else, and whatever is doubtful, goes to h11 byte for byte as it came, which judges it as ever.
"""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from h11 import IDLE
from uvicorn.protocols.http.h11_impl import H11Protocol

from specwright.emulator.delivery import BODY, CONNECTION, Connection

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

SILENCE = 30
"""Seconds that a client may take to send the head of its first request."""

LARGEST = 64 * 1024
"""Bytes of a request that is plain; of larger ones the parts arrive one by one anyway."""

_HEAD = re.compile(
    rb"(GET|POST) (/[!-~]*) HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)+)\r\n"
)
_SPECIAL = frozenset({b"transfer-encoding", b"expect", b"upgrade", b"trailer", b"te"})
_REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}


class Protocol(H11Protocol):
    """A connection, which faults find in the scope of its requests; a client that says nothing is not waited for."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self.app_state = {**self.app_state, CONNECTION: Connection(transport)}
        self._held = b""
        self._answered = 0.0
        self._idle: asyncio.TimerHandle | None = None
        self._silence = self.loop.call_later(SILENCE, self._end_if_silent)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in filter(None, (self._silence, self._idle)):
            timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        cycle: Any = self.cycle
        if isinstance(cycle, Exchange) and not cycle.response_complete:
            # The next request is here before the answer to this one.
            self._held += data
            if len(self._held) > LARGEST:
                self.flow.pause_reading()
            return
        if self.conn.their_state is IDLE and not self.conn.trailing_data[0]:
            scope = self._plain(data)
            if scope is not None:
                self._unset_keepalive_if_required()
                self._begin(scope)
                return
        super().data_received(data)

    def _end_if_silent(self) -> None:
        # The first request has not come as a whole; later ones have the time for which a connection is kept.
        if self.cycle is None:
            self.transport.close()

    def _end_if_idle(self) -> None:
        """Ends a connection on which nothing came since the last answer. One timer is enough for many plain requests."""
        self._idle = None
        left = self._answered + self.timeout_keep_alive - self.loop.time()
        if not self.cycle.response_complete:
            return
        if left > 0:
            self._idle = self.loop.call_later(left, self._end_if_idle)
        else:
            self.timeout_keep_alive_handler()

    def _plain(self, data: bytes) -> dict[str, Any] | None:
        """The scope of a plain request, with its body in the state; None for everything else."""
        found = _HEAD.match(data) if len(data) <= LARGEST else None
        if found is None:
            return None
        headers, length, hosts = [], 0, 0
        for line in found[3].split(b"\r\n")[:-1]:
            name, _, value = line.partition(b":")
            name, value = name.lower(), value.strip(b" \t")
            if name == b"host":
                hosts += 1
            elif name == b"content-length":
                if length or not value.isdigit() or len(value) > 9:
                    return None
                length = int(value)
            elif name in _SPECIAL or (name == b"connection" and value.lower() != b"keep-alive"):
                return None
            headers.append((name, value))
        if hosts != 1 or len(data) - found.end() != length:
            return None
        target, _, query = found[2].partition(b"?")
        return {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": "1.1",
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "method": found[1].decode("ascii"),
            "root_path": "",
            "path": unquote(target.decode("ascii")),
            "raw_path": target,
            "query_string": query,
            "headers": headers,
            "state": {**self.app_state, BODY: data[found.end() :]},
        }

    def _begin(self, scope: dict[str, Any]) -> None:
        exchange = Exchange(self, scope)
        self.cycle = exchange  # type: ignore[assignment] # it has all that uvicorn asks of one
        task = self.loop.create_task(exchange.run())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def end_exchange(self, *, keep_alive: bool) -> None:
        """After the answer to a plain request: the connection waits for the next, or has it already."""
        self.server_state.total_requests += 1
        if not keep_alive:
            self.transport.close()
        elif self._idle is None:
            self._idle = self.loop.call_later(self.timeout_keep_alive, self._end_if_idle)
        self._answered = self.loop.time()
        if self._held and not self.transport.is_closing():
            held, self._held = self._held, b""
            self.flow.resume_reading()
            self.data_received(held)


class Exchange:
    """A plain request and its answer, to ASGI and, in place of uvicorn's own class, to uvicorn."""

    def __init__(self, protocol: Protocol, scope: dict[str, Any]) -> None:
        self._protocol = protocol
        self._scope = scope
        self._head = b""
        self._is_read = False
        self._is_over: asyncio.Event | None = None
        self.disconnected = False
        self.keep_alive = True
        self.response_started = False
        self.response_complete = False

    async def run(self) -> None:
        protocol = self._protocol
        try:
            await protocol.app(self._scope, self.receive, self.send)
        except BaseException as error:
            protocol.logger.error("Exception in the emulator", exc_info=error)
        if not self.response_complete and not self.disconnected:
            protocol.transport.close()

    async def receive(self) -> Mapping[str, Any]:
        if not self._is_read:
            self._is_read = True
            return {"type": "http.request", "body": self._scope["state"][BODY], "more_body": False}
        if not self.disconnected and not self.response_complete:
            await self.message_event.wait()
        return {"type": "http.disconnect"}

    @property
    def message_event(self) -> asyncio.Event:
        """Set once the answer is complete or the client is gone; few wait for that."""
        if self._is_over is None:
            self._is_over = asyncio.Event()
        return self._is_over

    async def send(self, message: MutableMapping[str, Any]) -> None:
        protocol = self._protocol
        if protocol.flow.write_paused and not self.disconnected:
            await protocol.flow.drain()
        if self.disconnected:
            return
        if message["type"] == "http.response.start":
            self.response_started = True
            self._head = self._head_of(message)
            return
        is_last = not message.get("more_body", False)
        protocol.transport.write(self._head + message.get("body", b""))
        self._head = b""
        if is_last:
            self.response_complete = True
            if self._is_over is not None:
                self._is_over.set()
            protocol.end_exchange(keep_alive=self.keep_alive)

    def _head_of(self, message: Mapping[str, Any]) -> bytes:
        status = message["status"]
        lines = [b"HTTP/1.1 %d %s" % (status, _REASONS.get(status, b""))]
        headers = [*self._protocol.server_state.default_headers, *message["headers"]]
        # An answer without a length ends with its connection.
        self.keep_alive &= any(name == b"content-length" for name, _ in headers)
        if not self.keep_alive:
            headers.append((b"connection", b"close"))
        lines += [b"%s: %s" % header for header in headers]
        head = b"\r\n".join([*lines, b"", b""])
        if head.count(b"\n") != len(lines) + 1:
            raise ValueError("a header has a line break in it")
        return head
