"""HTTP/1.1 connections: uvicorn's protocol, with a timeout for silent clients and access for faults."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Scope

FIRST_REQUEST_TIMEOUT = 30
"""Seconds for a client to send the head of its first request."""

MAX_HEAD = 64 * 1024
"""Bytes of a request before its body, approximately."""

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
        # With a linger time of zero, closing the socket sends a reset.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


class ConnectionProtocol(H11Protocol):
    """Uvicorn's h11 protocol. It puts the connection into the scope and closes it if no first request arrives.

    The parser limits the head of a request (`MAX_HEAD`) and ignores offers to upgrade to another protocol.
    """

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
