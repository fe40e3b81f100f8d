"""HTTP/1.1 on a connection: uvicorn's, on the parser httptools, with what faults need and no patience for the silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from specwright.emulator.delivery import CONNECTION, Connection

if TYPE_CHECKING:
    import asyncio

SILENCE = 30
"""Seconds that a client may take to send the head of its first request."""


class Protocol(HttpToolsProtocol):
    """A connection, which faults find in the scope of its requests; a client that says nothing is not waited for."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self.app_state = {**self.app_state, CONNECTION: Connection(transport)}
        self._silence = self.loop.call_later(SILENCE, self._end_if_silent)

    def connection_lost(self, exc: Exception | None) -> None:
        self._silence.cancel()
        super().connection_lost(exc)

    def _end_if_silent(self) -> None:
        # The first request has not come as a whole; later ones have the time for which a connection is kept.
        if self.cycle is None:
            self.transport.close()
