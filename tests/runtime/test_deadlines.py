"""A deadline bounds a whole operation, also if the server sends a byte now and then."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from acme_client._runtime.errors import (
    APIConnectionError,
    APITimeoutError,
    ConfigurationError,
    JobTimeoutError,
)
from acme_support.raw import HEAD, drip, raw_server
from acme_support.server import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def drip_body(connection: socket.socket, _: bytes) -> None:
    connection.sendall(HEAD + b"x-request-id: r-1\r\n\r\n")
    drip(connection, b"{")


def drip_head(connection: socket.socket, _: bytes) -> None:
    drip(connection, b"HTTP/1.1 200 OK\r\nx-more: ")


def drip_informational(connection: socket.socket, _: bytes) -> None:
    for _number in range(100):
        connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
        time.sleep(0.03)


def hang(connection: socket.socket, _: bytes) -> None:
    connection.recv(1)


def hang_in_body(connection: socket.socket, _: bytes) -> None:
    connection.sendall(HEAD + b"\r\n{")
    connection.recv(1)


SLOW = pytest.mark.parametrize(
    "respond",
    [drip_body, drip_head, drip_informational, hang, hang_in_body],
    ids=lambda each: each.__name__,
)


@contextmanager
def takes(seconds: float) -> Iterator[None]:
    """Assert that the block takes about as long as a deadline."""
    started = time.monotonic()
    yield
    elapsed = time.monotonic() - started
    assert (
        seconds - 0.01 <= elapsed <= seconds + 0.5
    )  # The machine may be busy. Without a limit it takes five seconds.


@pytest.fixture
def loaded(acme: Any) -> Any:
    """The adapter, with everything loaded that the first call loads."""
    acme.run(acme.client().load())
    return acme


@SLOW
def test_a_call_ends_at_its_total_timeout(loaded: Any, respond: Any) -> None:
    with raw_server(respond) as url:
        client = loaded.client(base_url=url)
        with takes(0.1), pytest.raises(APITimeoutError, match=r"within 0\.1 s \(total timeout\)\. .*billed"):
            loaded.run(client.fox_1_5.generate(prompt="a", total_timeout=0.1))
        with takes(0.1), pytest.raises(APITimeoutError, match=r"within 0\.1 s \(total timeout\)"):
            loaded.run(client.with_options(total_timeout=0.1).fox_1_5.submit(prompt="a"))


@SLOW
def test_a_wait_ends_at_its_deadline(loaded: Any, respond: Any) -> None:
    with raw_server(respond) as url:
        job = loaded.client(base_url=url).job("j")
        with takes(0.1), pytest.raises(JobTimeoutError, match=r"within 0\.1 s \(total timeout\)"):
            loaded.run(job.wait(timeout=0.1))


@SLOW
def test_a_status_ends_at_the_total_timeout(loaded: Any, respond: Any) -> None:
    with raw_server(respond) as url:
        job = loaded.client(base_url=url, total_timeout=0.1).job("j")
        for look in (job.status, job.result):
            with takes(0.1), pytest.raises(APITimeoutError, match=r"within 0\.1 s \(total timeout\)"):
                loaded.run(look())


@SLOW
def test_a_download_ends_at_the_total_timeout(loaded: Any, server: Any, respond: Any, tmp_path: Path) -> None:
    with raw_server(respond) as url:
        server.on("/v2/requests/j", Reply(body={"status": "COMPLETED", "output": f"{url}/a.png"}))
        result = loaded.run(loaded.client(total_timeout=0.1).job("j").result())
        with takes(0.1), pytest.raises(APITimeoutError, match=r"within 0\.1 s \(total timeout\)"):
            loaded.run(result.save(tmp_path / "a.png"))
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_hangs_up_on_a_reused_connection(loaded: Any) -> None:
    """The connection was made by a call without a deadline."""
    requests: list[bytes] = []

    def respond(connection: socket.socket, request: bytes) -> None:
        requests.append(request)
        if len(requests) == 1:
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx")
        else:
            drip_body(connection, request)

    with raw_server(respond) as url:
        model = loaded.client(base_url=url).fox_1_5
        loaded.run(model.generate(prompt="a"))
        with takes(0.1), pytest.raises(APITimeoutError):
            loaded.run(model.generate(prompt="a", total_timeout=0.1))


@SLOW
def test_a_deadline_holds_with_the_http_client_of_the_caller(loaded: Any, respond: Any) -> None:
    own = httpx2.AsyncClient() if loaded.is_async else httpx2.Client()
    with raw_server(respond) as url:
        client = loaded.client(base_url=url, http_client=own)
        with takes(0.1), pytest.raises(APITimeoutError):
            loaded.run(client.fox_1_5.generate(prompt="a", total_timeout=0.1))
    loaded.close_http(own)


def test_a_server_that_does_not_read(loaded: Any) -> None:
    def respond(connection: socket.socket, _: bytes) -> None:
        time.sleep(1)

    with raw_server(respond) as url:
        client = loaded.client(base_url=url)
        with takes(0.1), pytest.raises(APITimeoutError):
            loaded.run(client.fox_1_5.generate(prompt="a" * 3_000_000, total_timeout=0.1))


def test_run_has_one_deadline_for_submit_and_wait(loaded: Any, server: Any) -> None:
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j"}, delay=0.15))
    server.on("/v2/requests/j/status", Reply(body={"status": "QUEUED"}))
    with takes(0.3), pytest.raises(JobTimeoutError) as caught:
        loaded.run(loaded.client(total_timeout=0.3).run("fox-1.5", prompt="a"))
    assert caught.value.job_id == "j"


def test_retries_end_at_the_total_timeout(acme: Any, server: Any, clock: Any) -> None:
    server.on("/v1/fox-1.5", Reply(429, headers={"retry-after": "3"}))
    client = acme.client(clock=clock, total_timeout=10, max_retries=9)
    with pytest.raises(Exception, match="429"):
        acme.run(client.fox_1_5.generate(prompt="a"))
    assert clock.slept == [3.5, 3.5]


def test_a_total_timeout_does_not_disturb_other_calls(loaded: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x" * 20, drip=0.02))
    client = loaded.client()
    with pytest.raises(APITimeoutError):
        loaded.run(client.fox_1_5.generate(prompt="a", total_timeout=0.1))
    assert len(loaded.run(client.fox_1_5.generate(prompt="a")).content) == 20


def test_a_slow_name_lookup_was_not_billed(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def look_up_slowly(*arguments: Any, **options: Any) -> Any:
        time.sleep(0.2)
        return look_up("127.0.0.1", *arguments[1:], **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up_slowly)
    with raw_server(hang) as url:
        client = loaded.client(base_url=url.replace("127.0.0.1", "slow.example"))
        with pytest.raises(APITimeoutError, match=r"^no connection to slow\.example") as caught:
            loaded.run(client.fox_1_5.generate(prompt="a", total_timeout=0.1, max_retries=0))
    assert "billed" not in str(caught.value)


def test_a_connection_that_cannot_be_made_was_not_billed(loaded: Any) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        others = [socket.socket() for _ in range(3)]
        for other in others:  # They fill the queue of connections.
            other.setblocking(False)
            other.connect_ex(full.getsockname())
        client = loaded.client(base_url=f"http://127.0.0.1:{full.getsockname()[1]}")
        with takes(0.1), pytest.raises(APITimeoutError, match="no connection") as caught:
            loaded.run(client.fox_1_5.generate(prompt="a", total_timeout=0.1))
        for other in others:
            other.close()
    assert "billed" not in str(caught.value)


@pytest.mark.parametrize("value", [0, -1, float("nan"), "5", True])
def test_an_invalid_total_timeout_is_refused(acme: Any, server: Any, value: Any) -> None:
    with pytest.raises(ConfigurationError, match="total_timeout"):
        acme.client(total_timeout=value)
    with pytest.raises(ConfigurationError, match="total_timeout"):
        acme.client().with_options(total_timeout=value)
    with pytest.raises(ConfigurationError, match="total_timeout"):
        acme.run(acme.client().fox_1_5.generate(prompt="a", total_timeout=value))
    assert server.requests == []


@pytest.mark.parametrize("option", ["timeout", "total_timeout"])
@pytest.mark.parametrize("value", [None, 1e300, 10**12, 1e-9])
def test_a_timeout_of_any_length_is_accepted(acme: Any, server: Any, option: str, value: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    call = acme.client(**{option: value}, max_retries=0).fox_1_5.generate
    with suppress(APITimeoutError) if value == 1e-9 else nullcontext():
        assert acme.run(call(prompt="a")).content == b"x"


@pytest.mark.parametrize("timeout", [1e300, float("inf")])
def test_a_wait_without_end(acme: Any, server: Any, clock: Any, timeout: float) -> None:
    server.on("/v2/requests/j/status", Reply(body={"status": "QUEUED"}), Reply(body={"status": "COMPLETED"}))
    server.on("/v2/requests/j", Reply(body={"status": "COMPLETED", "output": 1}))
    assert acme.run(acme.client(clock=clock).job("j").wait(timeout=timeout)).output == 1
    assert clock.slept == [1.0]


def test_a_broken_body_keeps_the_request_id_of_the_headers(acme: Any) -> None:
    def respond(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD + b"x-request-id: r-1\r\n\r\n{")
        connection.shutdown(socket.SHUT_RDWR)

    with raw_server(respond) as url:
        client = acme.client(base_url=url)
        for call in (client.fox_1_5.generate, client.fox_1_5.submit):
            with pytest.raises(APIConnectionError, match="billed") as caught:
                acme.run(call(prompt="a"))
            assert caught.value.request_id == "r-1"


def test_a_timeout_in_the_body_keeps_the_request_id_of_the_headers(loaded: Any) -> None:
    with raw_server(drip_body) as url:
        client = loaded.client(base_url=url)
        for options in ({"total_timeout": 0.1}, {"timeout": 0.01}):
            with pytest.raises(APITimeoutError) as caught:
                loaded.run(client.fox_1_5.generate(prompt="a", **options))
            assert caught.value.request_id == "r-1"
