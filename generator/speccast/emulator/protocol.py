"""HTTP/1.1 on a connection: uvicorn's, on the parser httptools, with what faults need and no patience for the silent."""

from __future__ import annotations

import math
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from httptools import parse_url
from starlette.responses import PlainTextResponse
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from speccast.emulator.delivery import CONNECTION, Connection

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable

    from starlette.responses import Response

SILENCE = 30
"""Seconds that a client may take to send the head of its first request."""

MAX_HEAD = 64 * 1024
"""Bytes of a request before its body, about; the parser would take any number of them."""

_UPGRADE = re.compile(rb"(?<=\r\n)upgrade: [^\r\n]*\r\n", re.IGNORECASE)
_REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}


class Protocol(HttpToolsProtocol):
    """A connection, which faults find in the scope of its requests; a client that says nothing is not waited for.

    A request that arrives as a whole is answered on the spot where the application can do that (`at_once`): uvicorn's
    way of a task, with messages to and fro, takes as long as all the rest. It is taken for everything else.

    Uvicorn lets servers name a class of their own, but documents no part of the one that this is made from. What is used
    of it is used for every request or has a test on the wire (`tests/emulator/test_protocol.py`), so a release that
    changes it is noticed.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self.app_state = {**self.app_state, CONNECTION: Connection(transport)}
        self._silence = self.loop.call_later(SILENCE, self._end_if_silent)
        self._at_once: Callable[[Any, bytes], Response | None] = getattr(
            self.config.app, "at_once", lambda *_: None
        )
        self._body: bytes | None = None
        self._unfinished_head = 0.0
        self._answered = 0.0
        self._idle: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._silence.cancel()
        if self._idle is not None:
            self._idle.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if b"pgrade: " in data and self._unfinished_head >= 0:
            data = _without_upgrade(data)
        self._unfinished_head += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._unfinished_head > MAX_HEAD:
            self._refuse_head()
        elif self._body is not None:
            # There is more to come.
            self._begin()

    def on_headers_complete(self) -> None:
        # Of a body there may come any number.
        self._unfinished_head = -math.inf
        is_free = self.cycle is None or self.cycle.response_complete
        if is_free and not (
            self.expect_100_continue or self.parser.should_upgrade() or self.flow.write_paused
        ):
            self._body = b""
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._body is None:
            super().on_body(body)
        else:
            self._body += body

    def on_message_complete(self) -> None:
        self._unfinished_head = 0.0
        if self._body is None or not self._is_answered(self._body):
            self._begin()
            super().on_message_complete()

    def _begin(self) -> None:
        """Does what was put off, in uvicorn's way, where that was done."""
        body, self._body = self._body, None
        if body is not None:
            super().on_headers_complete()
            super().on_body(body)

    def _is_answered(self, body: bytes) -> bool:
        """Whether the request that has just been read was answered on the spot."""
        url = parse_url(self.url)
        path = url.path.decode("ascii")
        scope = {
            **self.scope,
            "method": self.parser.get_method().decode("ascii"),
            "http_version": self.parser.get_http_version(),
            "path": unquote(path) if "%" in path else path,
            "raw_path": url.path,
            "query_string": url.query or b"",
        }
        try:
            answer = self._at_once(scope, body)
        except Exception:
            # It fails once more on the long way, where failures are told of and answered.
            return False
        if answer is None:
            return False
        self._body = None
        is_kept = self.parser.should_keep_alive() and scope["http_version"] != "1.0"
        try:
            head = _head(answer, self.server_state.default_headers, is_kept)
        except ValueError as error:
            self.logger.error("The emulator has no answer", exc_info=error)
            self.transport.close()
            return True
        # A body would be taken for the beginning of the next answer.
        self.transport.write(head if scope["method"] == "HEAD" else head + bytes(answer.body))
        self.server_state.total_requests += 1
        self._silence.cancel()
        self._answered = self.loop.time()
        if not is_kept:
            self.transport.close()
        elif self._idle is None:
            self._idle = self.loop.call_later(self.timeout_keep_alive, self._end_if_idle)
        return True

    def _refuse_head(self) -> None:
        text = f"The head of the request is larger than {MAX_HEAD} bytes"
        answer = PlainTextResponse(text, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        self.transport.write(_head(answer, self.server_state.default_headers, False) + bytes(answer.body))
        self.transport.close()

    def _end_if_silent(self) -> None:
        # The first request has not come as a whole; later ones have the time for which a connection is kept.
        if self.cycle is None:
            self.transport.close()

    def _end_if_idle(self) -> None:
        """Ends a connection on which nothing came since the last answer; one timer does for many requests."""
        self._idle = None
        left = self._answered + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._idle = self.loop.call_later(left, self._end_if_idle)
        elif self.cycle is None or self.cycle.response_complete:
            self.timeout_keep_alive_handler()


def _without_upgrade(data: bytes) -> bytes:
    """What came, where that may be a head, without an offer to go on in another protocol, such as Java's client makes.

    The offer may be ignored (RFC 9110, 7.8), but the parser would take the body for a part of that protocol.
    """
    head, end, rest = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"", head + end[:2]) + end[2:] + rest


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
