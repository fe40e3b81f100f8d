"""HTTP/1.1 connections: uvicorn's protocol, with limits for silent clients and large heads, and access for faults."""

from __future__ import annotations

import re
import socket
import struct
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Scope

FIRST_REQUEST_TIMEOUT = 30
"""Seconds for a client to send the head of its first request."""

MAX_HEAD = 64 * 1024
"""Bytes of a request before its body, approximately."""

LINGER = 1
"""Seconds in which the rest of a refused request is read and thrown away, so that the client can read the refusal."""

_SCOPE_KEY = "speccast.connection"


class Connection:
    """The connection of a request, for faults that end it early."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def close(self) -> None:
        """Close the connection once everything written has been sent."""
        self._transport.close()

    def reset(self) -> None:
        """Reset the connection at once."""
        raw = self._transport.get_extra_info("socket")
        # With a linger time of zero, closing the socket sends a reset. The client may have closed it before.
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


class _RequestParser(h11.Connection):
    """h11's parser. It limits heads that arrive at once like those that arrive in parts, and reads requests as proxies get them."""

    status = HTTPStatus.BAD_REQUEST
    """Status for a request that is refused."""

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        try:
            event = super().next_event()
            if isinstance(event, h11.Request):
                size = len(event.target) + sum(len(name) + len(value) + 4 for name, value in event.headers)
                if size > MAX_HEAD:
                    raise h11.RemoteProtocolError("the head is too large", error_status_hint=431)
                names = {name for name, _ in event.headers}
                if {b"transfer-encoding", b"content-length"} <= names:  # one of them may hide another request
                    raise h11.RemoteProtocolError("two lengths of a body", error_status_hint=400)
                event = _in_origin_form(event)
        except h11.RemoteProtocolError as error:
            self.status = HTTPStatus(error.error_status_hint)
            raise
        return event


def _in_origin_form(request: h11.Request) -> h11.Request:
    """Return a request whose target is a whole URL, with the path as the target and the URL's host (RFC 9112, section 3.2.2)."""
    found = re.fullmatch(rb"(?i)https?://([^/?#@]+)(/?[^#]*)", request.target)
    if found is None:
        return request
    headers = [(name, found[1] if name == b"host" else value) for name, value in request.headers]
    target = found[2] if found[2].startswith(b"/") else b"/" + found[2]
    return h11.Request(
        method=request.method, target=target, headers=headers, http_version=request.http_version
    )


class ConnectionProtocol(H11Protocol):
    """Uvicorn's h11 protocol. It puts the connection into the scope and closes it if no first request arrives.

    The parser limits the head of a request (`MAX_HEAD`); offers to upgrade to another protocol are ignored.
    """

    conn: _RequestParser

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.conn = _RequestParser(h11.SERVER, MAX_HEAD)
        self._is_refused = False

    def data_received(self, data: bytes) -> None:
        if not self._is_refused:
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        self._is_refused = True
        status = self.conn.status
        body = f"{status.phrase}\n".encode()
        headers = [("content-type", "text/plain; charset=utf-8"), ("connection", "close")]
        headers.append(("content-length", str(len(body))))
        for event in (
            h11.Response(status_code=status, headers=headers, reason=status.phrase.encode()),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER, self.transport.close)

    def _should_upgrade(self) -> bool:
        return False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self.app_state = {**self.app_state, _SCOPE_KEY: Connection(transport)}
        self._first_request = self.loop.call_later(FIRST_REQUEST_TIMEOUT, self._close_if_silent)

    def connection_lost(self, exc: Exception | None) -> None:
        self._first_request.cancel()
        super().connection_lost(exc)

    def _close_if_silent(self) -> None:
        # Later requests are covered by the keep-alive timeout.
        if self.cycle is None:
            self.transport.close()


def connection_of(scope: Scope) -> Connection:
    """Return the connection of a request.

    Raises:
        RuntimeError: another server runs the application.
    """
    connection: Any = scope.get("state", {}).get(_SCOPE_KEY)
    if not isinstance(connection, Connection):
        raise RuntimeError("this fault needs the emulator's own server")
    return connection
