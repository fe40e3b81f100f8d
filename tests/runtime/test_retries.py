"""Retries never bill twice: a request that costs credits is repeated only where it cannot have been accepted."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest
from acme_client._api import API
from acme_client._core.api import ErrorStatus
from acme_client._runtime.clock import Clock, Deadline
from acme_client._runtime.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    InvalidResponseError,
)
from acme_client._runtime.retry import read_delay
from acme_client._runtime.steps import Response
from acme_client.errors import RateLimitError
from acme_support.adapter import UNHURRIED
from acme_support.clock import EPOCH
from acme_support.server import Reply
from hypothesis import given
from hypothesis import strategies as st


def generate(acme: Any, client: Any, **options: Any) -> Any:
    return acme.run(client.fox_1_5.generate(prompt="a", **options))


def submit(acme: Any, client: Any, **options: Any) -> Any:
    return acme.run(client.fox_1_5.submit(prompt="a", **options))


@pytest.mark.parametrize("status", [429, 503])
def test_a_rejected_request_is_repeated_with_growing_pauses(
    acme: Any, server: Any, clock: Any, status: int
) -> None:
    server.on("/v1/fox-1.5", Reply(status), Reply(status), Reply(body=b"x"))
    assert generate(acme, acme.client(clock=clock)).content == b"x"
    assert clock.slept == [0.5, 1.0]
    assert len({request.body for request in server.requests}) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 407, 408, 500, 502, 504, 520, 524])
def test_no_other_status_is_repeated(acme: Any, server: Any, clock: Any, status: int) -> None:
    server.on("/v1/fox-1.5", Reply(status))
    server.on("/v2/fox-1.5", Reply(status))
    for call in (generate, submit):
        with pytest.raises(APIStatusError) as caught:
            call(acme, acme.client(clock=clock))
        assert caught.value.status == status
    assert server.paths() == ["/v1/fox-1.5", "/v2/fox-1.5"]


def test_the_api_says_which_statuses_are_repeated(acme: Any, server: Any, clock: Any) -> None:
    server.on("/v1/fox-1.5", Reply(529), Reply(503), Reply(body=b"x"))
    api = replace(API, errors=(ErrorStatus(529, "Overloaded", rejected_unprocessed=True),))
    with pytest.raises(APIStatusError) as caught:
        generate(acme, acme.client(clock=clock, api=api))
    assert caught.value.status == 503


def test_the_default_statuses_are_repeated_without_a_spec(acme: Any, server: Any, clock: Any) -> None:
    server.on("/v1/fox-1.5", Reply(429), Reply(429), Reply(body=b"x"))
    client = acme.client(clock=clock, api=replace(API, errors=()))
    assert generate(acme, client).content == b"x"
    server.on("/v1/fox-1.5", Reply(500))
    with pytest.raises(APIStatusError):
        generate(acme, client)
    assert len(server.requests) == 4


def test_max_retries_of_the_client_or_the_call(acme: Any, server: Any, clock: Any) -> None:
    server.on("/v1/fox-1.5", Reply(429))
    client = acme.client(clock=clock, max_retries=1)
    for options, attempts in (({}, 2), ({"max_retries": 0}, 1), ({"max_retries": 3}, 4)):
        server.requests.clear()
        with pytest.raises(RateLimitError):
            generate(acme, client, **options)
        assert len(server.requests) == attempts


def test_a_refused_connection_is_repeated_and_cannot_be_billed(acme: Any, clock: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(APIConnectionError, match=f"could not connect to 127.0.0.1:{port}") as caught:
        generate(acme, acme.client(clock=clock, base_url=f"http://127.0.0.1:{port}"))
    assert "billed" not in str(caught.value)
    assert clock.slept == [0.5, 1.0]


@pytest.mark.parametrize("call", [generate, submit])
@pytest.mark.parametrize("reply", [Reply(reset=True), Reply(cut=True, body=b"x")], ids=["reset", "cut"])
def test_a_connection_that_breaks_after_sending_is_not_repeated_and_may_have_been_billed(
    acme: Any, server: Any, clock: Any, call: Any, reply: Reply
) -> None:
    server.on("/v1/fox-1.5", reply)
    server.on("/v2/fox-1.5", reply)
    with pytest.raises(APIConnectionError, match="may have been processed and billed"):
        call(acme, acme.client(clock=clock))
    assert len(server.requests) == 1
    assert clock.slept == []


@pytest.mark.parametrize("call", [generate, submit])
def test_a_read_timeout_is_not_repeated_and_may_have_been_billed(acme: Any, server: Any, call: Any) -> None:
    server.on("/v1/fox-1.5", Reply(hang=True))
    server.on("/v2/fox-1.5", Reply(hang=True))
    with pytest.raises(
        APITimeoutError, match=r"within 0\.1 s \(read timeout\).* may have been processed and billed"
    ):
        call(acme, acme.client(), timeout=0.1)
    assert len(server.requests) == 1


def test_an_incomplete_body_is_a_timeout(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"slow", drip=0.4))
    with pytest.raises(APITimeoutError, match="billed"):
        generate(acme, acme.client(timeout=0.1))


def test_a_response_that_cannot_be_decoded_is_not_repeated(acme: Any, server: Any, clock: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"no gzip", headers={"content-encoding": "gzip"}))
    with pytest.raises(APIConnectionError, match=r"cannot be decoded.*billed"):
        generate(acme, acme.client(clock=clock))
    assert len(server.requests) == 1


def test_no_free_connection_is_repeated_because_nothing_was_sent(acme: Any, server: Any, clock: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    own = (httpx2.AsyncClient if acme.is_async else httpx2.Client)(limits=httpx2.Limits(max_connections=0))
    with pytest.raises(APITimeoutError, match="no free connection") as caught:
        generate(acme, acme.client(clock=clock, http_client=own, timeout=0.05))
    assert "billed" not in str(caught.value)
    assert clock.slept == [0.5, 1.0]
    acme.close_http(own)


def test_a_gateway_error_may_have_been_billed(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(504, "<html><title>504 Gateway Time-out</title></html>"))
    with pytest.raises(APIStatusError, match=r"504.*may have been processed and billed"):
        generate(acme, acme.client())


def test_a_web_page_instead_of_a_response_is_not_repeated(acme: Any, server: Any, clock: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body="<!DOCTYPE html><title>Captive portal</title>"))
    with pytest.raises(InvalidResponseError, match=r"web page.*Captive portal.*billed"):
        generate(acme, acme.client(clock=clock))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("headers", "slept"),
    [
        ({"retry-after": "7"}, 7.5),
        ({"retry-after": format_datetime(datetime.fromtimestamp(EPOCH + 9, UTC), usegmt=True)}, 9.5),
        ({"x-reset": str(EPOCH + 11)}, 11.5),
        ({"x-reset": f"{(EPOCH + 12) * 1000:.0f}"}, 12.5),
        ({"x-reset": datetime.fromtimestamp(EPOCH + 13, UTC).isoformat()}, 13.5),
        ({"x-reset": f"{datetime.fromtimestamp(EPOCH + 14, UTC):%Y-%m-%d %H:%M:%S} UTC"}, 14.5),
        ({"x-reset": f"{datetime.fromtimestamp(EPOCH + 15, UTC):%Y-%m-%dT%H:%M:%SZ}"}, 15.5),
        ({"x-reset": "16"}, 16.5),
        ({"retry-after": "3", "x-reset": "40"}, 3.5),
        ({"retry-after": "soon", "x-reset": "4"}, 4.5),
        ({"retry-after": "-3"}, 0.5),
        ({"x-reset": str(EPOCH - 100)}, 0.5),
        ({"retry-after": "soon"}, 0.5),
        ({"retry-after": "9" * 400}, 0.5),
    ],
)
def test_the_server_decides_how_long_to_wait(
    acme: Any, server: Any, clock: Any, headers: dict[str, str], slept: float
) -> None:
    server.on("/v1/fox-1.5", Reply(429, headers=headers), Reply(body=b"x"))
    generate(acme, acme.client(clock=clock))
    assert clock.slept == [pytest.approx(slept)]


def test_a_long_delay_is_an_error_at_once(acme: Any, server: Any, clock: Any) -> None:
    server.on("/v1/fox-1.5", Reply(429, {"error": "slow down"}, {"retry-after": "3600"}))
    with pytest.raises(RateLimitError, match=r"slow down.*asks to wait 3600 s"):
        generate(acme, acme.client(clock=clock))
    assert clock.slept == []


def test_the_last_error_says_how_long_to_wait(acme: Any, server: Any, clock: Any) -> None:
    server.on("/v1/fox-1.5", Reply(429, headers={"retry-after": "2.2"}))
    with pytest.raises(RateLimitError, match=r"asks to wait 3 s"):
        generate(acme, acme.client(clock=clock, max_retries=0))
    server.on("/v1/fox-1.5", Reply(429, headers={"retry-after": "0"}))
    with pytest.raises(RateLimitError) as caught:
        generate(acme, acme.client(clock=clock, max_retries=0))
    assert "wait" not in str(caught.value)


@UNHURRIED
@given(st.text() | st.floats().map(str) | st.integers().map(str) | st.datetimes().map(str))
def test_any_header_is_a_delay_or_ignored(text: str) -> None:
    clock = Clock()
    for name in ("retry-after", "x-reset"):
        delay = read_delay(Response(429, "", {name: text}, b""), API, clock)
        assert delay is None or 0 <= delay < float("inf")


def test_waiting_takes_real_time(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(429, headers={"retry-after": "0.2"}), Reply(body=b"x"))
    started = time.monotonic()
    generate(acme, acme.client())
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize(
    "options", [{"timeout": 0}, {"timeout": -1}, {"timeout": float("nan")}, {"timeout": "5"}]
)
def test_an_invalid_timeout_is_refused(acme: Any, server: Any, options: Any) -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        acme.client(**options)
    with pytest.raises(ConfigurationError, match="timeout"):
        generate(acme, acme.client(), **options)
    assert server.requests == []


@pytest.mark.parametrize("max_retries", [-1, 1.5, True, None])
def test_an_invalid_number_of_retries_is_refused(acme: Any, max_retries: Any) -> None:
    with pytest.raises(ConfigurationError, match="max_retries"):
        acme.client(max_retries=max_retries)


def test_default_timeouts_are_600_seconds_to_read_and_5_to_connect(acme: Any, server: Any) -> None:
    from acme_client._runtime.http import _timeout
    from acme_client._runtime.request import get, post

    client = acme.client()
    pool = httpx2.Client()
    settings = client._settings
    never = Deadline(settings.clock)

    def parts(timeout: httpx2.Timeout) -> tuple[Any, ...]:
        return (timeout.connect, timeout.read, timeout.write, timeout.pool)

    assert parts(_timeout(post(settings, "u", "text/plain", b"", never), pool)) == (5, 600, 600, 600)
    assert parts(_timeout(post(settings.with_changes(timeout=30), "u", "text/plain", b"", never), pool)) == (
        5,
        30,
        30,
        30,
    )
    assert (
        parts(_timeout(post(settings.with_changes(timeout=None), "u", "text/plain", b"", never), pool))
        == (None,) * 4
    )
    assert (
        parts(_timeout(get(settings.with_changes(timeout=None), "u", never, max_seconds=30), pool))
        == (30,) * 4
    )
    own = httpx2.Client(timeout=77)
    assert parts(_timeout(post(settings, "u", "text/plain", b"", never), own)) == (77,) * 4
    pool.close()
    own.close()


@pytest.mark.parametrize(
    ("name", "text", "delay"),
    [
        ("retry-after-ms", "1500", 1.5),
        ("retry-after-ms", "0", 0),
        ("retry-after", "1s", 1),
        ("retry-after", "120ms", 0.12),
        ("x-reset", "6m0s", 360),
        ("x-reset", "1h2m3.5s", 3723.5),
        ("x-reset", "1D 2H", 93600),
        ("x-reset", "7m", 420),
        ("x-reset", "1x", None),
        ("x-reset", "s1", None),
    ],
)
def test_headers_with_durations(name: str, text: str, delay: float | None) -> None:
    found = read_delay(Response(429, "", {name: text}, b""), API, Clock())
    assert found == (None if delay is None else pytest.approx(delay))


def test_milliseconds_take_precedence() -> None:
    headers = {"retry-after": "2", "retry-after-ms": "1900", "x-reset": "9"}
    assert read_delay(Response(429, "", headers, b""), API, Clock()) == 1.9


@pytest.mark.parametrize("status", [200, 400, 500, 502, 503])
def test_the_reset_header_means_something_with_429_only(
    acme: Any, server: Any, clock: Any, status: int
) -> None:
    answer = Response(status, "", {"x-reset": "50"}, b"")
    assert read_delay(answer, API, clock) is None
    assert read_delay(answer._replace(headers={"retry-after": "50"}), API, clock) == 50


def test_a_poll_is_not_delayed_by_the_reset_of_another_error(acme: Any, server: Any, clock: Any) -> None:
    server.on(
        "/v2/requests/j/status",
        Reply(502, headers={"x-reset": "50"}),
        Reply(429, headers={"x-reset": "6m0s"}),
        Reply(body={"status": "COMPLETED"}),
    )
    server.on("/v2/requests/j", Reply(body={"status": "COMPLETED", "output": "o"}))
    acme.run(acme.client(clock=clock).job("j").wait())
    assert clock.slept == [1.0, 60.0]


@pytest.mark.parametrize("status", [408, 502, 503, 504, 520, 522, 524, 530])
def test_an_error_of_a_gateway_says_that_the_request_may_have_been_billed(
    acme: Any, server: Any, status: int
) -> None:
    api = replace(API, errors=())
    for path, call in (("/v1/fox-1.5", generate), ("/v2/fox-1.5", submit)):
        server.on(path, Reply(status))
        with pytest.raises(APIStatusError, match="may have been processed and billed"):
            call(acme, acme.client(api=api))
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 422, 429, 500, 501])
def test_other_errors_do_not_mention_bills(acme: Any, server: Any, clock: Any, status: int) -> None:
    server.on("/v1/fox-1.5", Reply(status))
    with pytest.raises(APIStatusError) as caught:
        generate(acme, acme.client(clock=clock))
    assert "billed" not in str(caught.value)
