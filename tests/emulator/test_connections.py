"""HTTP on the wire: requests in all forms get the same response, and invalid HTTP is refused."""

from __future__ import annotations

import re
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from speccast.emulator import connections, server

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

    from tests.emulator.conftest import Start

BODY = b'{"text": "a red fox"}'
HEAD = b"POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nx-studio-key: any\r\nContent-Type: application/json\r\n"
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
ANSWER = b'{"model":"echo","parameters":{"text":"a red fox"}}'


class Wire:
    """A connection on which responses are read one by one."""

    def __init__(self, client: httpx2.Client) -> None:
        self._socket = socket.create_connection(("127.0.0.1", client.base_url.port), timeout=20)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def send(self, *parts: bytes, pause: float = 0.02) -> None:
        for number, part in enumerate(parts):
            time.sleep(pause if number else 0)
            self._socket.sendall(part)

    def response(self) -> tuple[int, bytes]:
        """Return status and body of the next response."""
        while (
            found := re.search(rb"content-length: ([0-9]+)[^\n]*\n(?:[^\r\n]+\r\n)*\r\n", self._rest)
        ) is None or len(self._rest) < found.end() + int(found[1]):
            part = self._socket.recv(65536)
            assert part, self._rest
            self._rest += part
        end = found.end() + int(found[1])
        message, self._rest = self._rest[:end], self._rest[end:]
        return int(message.split()[1]), message[found.end() :]

    def rest(self) -> bytes:
        """Return everything until the server closes the connection."""
        while part := self._socket.recv(65536):
            self._rest += part
        return self._rest

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def wire(studio: httpx2.Client) -> Iterator[Wire]:
    made = Wire(studio)
    yield made
    made.close()


def serve_chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


@pytest.mark.parametrize(
    "parts",
    [
        [WHOLE],
        [WHOLE[:1], WHOLE[1:]],
        [WHOLE[:60], WHOLE[60:-3], WHOLE[-3:]],
        [WHOLE[: -len(BODY)], BODY],
        [WHOLE.replace(b"\r\n", b"\r\nX-Empty:\r\nX-Odd: \t\xe4\xff \r\n", 1)],
        [WHOLE.replace(b"Content-Length", b"cOnTeNt-LeNgTh")],
        [WHOLE.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: Keep-Alive\r\n")],
        [WHOLE.replace(b"Host", b"Connection: Upgrade, HTTP2-EmulatorSettings\r\nUpgrade: h2c\r\nHost", 1)],
        [WHOLE.replace(b"Host", b"upgrade: websocket\r\nconnection: upgrade\r\nHost", 1)],
        [WHOLE.replace(b"Host", b"UPGRADE:H2C\r\nCONNECTION:keep-alive,UPGRADE\r\nHost", 1)],
        [WHOLE.replace(b"Host", b"Upgrade: h2c, websocket\r\nConnection: Upgrade\r\nHost", 1) + WHOLE],
        [HEAD + b"Upgrade: h2", b"c\r\nConnection: Upg", b"rade\r\n" + WHOLE.removeprefix(HEAD)],
        [WHOLE.replace(b"/v1/echo", b"/v1/%65cho?a=b")],
        [WHOLE.replace(b"/v1/echo", b"http://localhost/v1/echo")],
        [WHOLE.replace(b"/v1/echo", b"HTTPS://localhost:80/v1/echo?a=http://elsewhere/")],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + serve_chunks(BODY[:5], BODY[5:])],
    ],
)
def test_a_request_gets_its_response_however_it_arrives(wire: Wire, parts: list[bytes]) -> None:
    for _ in range(2):
        wire.send(*parts)
        for _ in range(b"".join(parts).count(b"POST")):
            assert wire.response() == (200, ANSWER)
    wire.send(WHOLE)
    assert wire.response() == (200, ANSWER)


@pytest.mark.parametrize("count", [2, 50])
def test_pipelined_requests_are_processed_in_order(wire: Wire, count: int) -> None:
    bodies = [b'{"text": "%03d"}' % number for number in range(count)]
    wire.send(b"".join(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body for body in bodies))
    found = [wire.response()[1] for _ in bodies]
    assert [b'"text":"%03d"' % number in response for number, response in enumerate(found)] == [True] * count


def test_a_request_waits_for_the_response_to_the_one_before(wire: Wire) -> None:
    slow = WHOLE.replace(b"Host", b"X-Speccast-Fault: latency=0.3\r\nHost", 1)
    wire.send(slow, WHOLE.replace(b"fox", b"owl"), WHOLE)
    assert [wire.response()[1] for _ in range(3)] == [ANSWER, ANSWER.replace(b"fox", b"owl"), ANSWER]


@pytest.mark.parametrize("path", [b"/v2/requests/x/status", b"/v1/echo", b"/nowhere"])
def test_a_response_to_head_has_no_body(wire: Wire, path: bytes) -> None:
    wire.send(
        HEAD.replace(b"POST /v1/echo", b"HEAD " + path)
        + b"\r\n"
        + WHOLE.replace(b"Host", b"Connection: close\r\nHost", 1)
    )
    head, _, rest = wire.rest().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 40")
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("pause", [0, None])
@pytest.mark.parametrize(
    "head",
    [
        [HEAD, *[b"X-More: %s\r\n" % (b"x" * 10_000)] * 100],
        [HEAD, b"X-More: %s\r\n\r\n" % (b"x" * 100_000)],
        [HEAD, b"X-More: x\r\n" * 10_000, b"\r\n"],
        [WHOLE.replace(b"/v1/echo", b"/v1/echo?a=%s" % (b"x" * 100_000))],
        [HEAD, b"X-More: %s\r\n" % (b"x" * 60_000), b"X-More: %s\r\n\r\n" % (b"x" * 60_000)],
    ],
)
def test_a_head_that_is_too_large_gets_431(wire: Wire, head: list[bytes], pause: float | None) -> None:
    with suppress(ConnectionError):
        wire.send(*(head if pause == 0 else [b"".join(head)]), pause=0)
    assert wire.rest().startswith(b"HTTP/1.1 431 ")


def test_a_head_below_the_limit_is_accepted(wire: Wire) -> None:
    wire.send(HEAD + b"X-More: %s\r\n" % (b"x" * 60_000) + WHOLE.removeprefix(HEAD))
    assert wire.response() == (200, ANSWER)


def test_a_large_body_is_not_a_large_head(wire: Wire) -> None:
    body = b'{"text": "' + b"x" * 1_000_000 + b'"}'
    large = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    wire.send(*(large[start : start + 50_000] for start in range(0, len(large), 50_000)), WHOLE, pause=0)
    assert wire.response()[0] in (200, 400)
    assert wire.response() == (200, ANSWER)


def test_the_connection_is_closed_if_the_client_asks_for_it(wire: Wire) -> None:
    wire.send(WHOLE.replace(b"Host", b"Connection: close\r\nHost", 1))
    assert wire.rest().endswith(ANSWER)


def test_an_upgrade_is_ignored_and_the_body_is_not_changed(wire: Wire) -> None:
    body = BODY.replace(b"{", b"{\r\nUpgrade: h2c\r\n", 1)
    for offer in (b"", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"):
        wire.send(HEAD + offer + b"Content-Length: %d\r\n\r\n" % len(body) + body, WHOLE)
        assert wire.response()[0] == 400
        assert wire.response() == (200, ANSWER)


@pytest.mark.parametrize(
    "request_",
    [
        WHOLE.replace(b"Host: localhost\r\n", b""),
        WHOLE.replace(b"Host", b"Host: elsewhere\r\nHost", 1),
        WHOLE.replace(b"Content-Length", b"Content-Length: 5\r\nContent-Length"),
        WHOLE.replace(b"Content-Length: ", b"Content-Length: -"),
        WHOLE.replace(b"Content-Length", b"Transfer-Encoding: chunked\r\nContent-Length"),
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + serve_chunks(BODY),
        WHOLE.replace(b"Content-Length: ", b"Content-Length: " + b"9" * 5000),
        WHOLE.replace(b"Host", b"Bad Name: 1\r\nHost", 1),
        WHOLE.replace(b"Host", b"Bad: \x00\r\nHost", 1),
        WHOLE.replace(b"/v1/echo", b"/v1/ echo"),
        WHOLE.replace(b"/v1/echo", b"/v1/\xe4cho"),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 30 + b"\r\n\r\n",
    ],
)
def test_invalid_http_is_refused(wire: Wire, request_: bytes) -> None:
    wire.send(request_)
    assert wire.rest().startswith(b"HTTP/1.1 400 ")


def test_the_host_of_a_whole_url_counts(wire: Wire) -> None:
    """Web pages that other hosts serve must not reach the emulator, with any form of request."""
    wire.send(WHOLE.replace(b"/v1/echo", b"http://elsewhere.test/v1/echo"))
    assert wire.response()[0] in (400, 403, 421)
    wire.send(WHOLE.replace(b"localhost", b"elsewhere.test"))
    assert wire.response()[0] in (400, 403, 421)


def test_a_request_without_a_length_has_no_body(wire: Wire) -> None:
    poll = b"GET /v2/requests/x HTTP/1.1\r\nHost: localhost\r\nx-studio-key: any\r\n\r\n"
    wire.send(poll + WHOLE)
    assert wire.response()[0] == 404
    assert wire.response() == (200, ANSWER)


def test_a_client_that_sends_no_request_is_disconnected(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "FIRST_REQUEST_TIMEOUT", 0.3)
    with start() as client:
        for parts in ([], [HEAD]):
            wire = Wire(client)
            began = time.monotonic()
            wire.send(*parts)
            assert wire.rest() == b""
            assert time.monotonic() - began > 0.2
            wire.close()


def test_an_idle_connection_is_closed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "KEEP_ALIVE", 1)
    with start() as client:
        wire = Wire(client)
        began = time.monotonic()
        while time.monotonic() - began < 1.5:
            wire.send(WHOLE)
            assert wire.response() == (200, ANSWER)
            time.sleep(0.1)
        idle_since = time.monotonic()
        assert wire.rest() == b""
        assert time.monotonic() - idle_since > 0.7
        wire.close()
