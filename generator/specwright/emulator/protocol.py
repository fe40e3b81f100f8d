"""HTTP/1.1 on a connection: uvicorn's, on the parser httptools, with what faults need and no patience for the silent."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from specwright.emulator.delivery import CONNECTION, Connection

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable

    from starlette.responses import Response

SILENCE = 30
"""Seconds that a client may take to send the head of its first request."""

_REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}


class Protocol(HttpToolsProtocol):
    """A connection, which faults find in the scope of its requests; a client that says nothing is not waited for.

    A request that is there as a whole is answered on the spot where the application can do that (`at_once`): starting a
    task for it, and passing messages to and fro, would take as long as all the rest.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self.app_state = {**self.app_state, CONNECTION: Connection(transport)}
        self._silence = self.loop.call_later(SILENCE, self._end_if_silent)
        self._at_once: Callable[[Any, bytes], Response | None] = getattr(
            self.config.app, "at_once", lambda *_: None
        )
        self._is_receiving = False
        self._begun: tuple[Any, Any] | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._silence.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._is_receiving = True
        super().data_received(data)
        self._is_receiving = False
        if self._begun is None:
            return
        (cycle, app), self._begun = self._begun, None
        is_whole = not cycle.more_body and not self.flow.write_paused
        answer = self._at_once(cycle.scope, bytes(cycle.body)) if is_whole else None
        if answer is None:
            super()._start_asgi_task(cycle, app)
            return
        self.transport.write(
            _head(answer, self.server_state.default_headers, cycle.keep_alive) + bytes(answer.body)
        )
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        # While bytes are read, the rest of them may be all that the request still lacks.
        if self._is_receiving:
            self._begun = (cycle, app)
        else:
            super()._start_asgi_task(cycle, app)

    def _end_if_silent(self) -> None:
        # The first request has not come as a whole; later ones have the time for which a connection is kept.
        if self.cycle is None:
            self.transport.close()


def _head(answer: Response, more: Iterable[tuple[bytes, bytes]], is_kept: bool) -> bytes:
    """The head of an answer that has a length. Security: no header can bring another with it."""
    lines = [b"HTTP/1.1 %d %s" % (answer.status_code, _REASONS.get(answer.status_code, b""))]
    lines += [b"%s: %s" % header for header in (*more, *answer.raw_headers)]
    if not is_kept:
        lines.append(b"connection: close")
    head = b"\r\n".join([*lines, b"", b""])
    if head.count(b"\n") != len(lines) + 1:
        raise ValueError("a header has a line break in it")
    return head
