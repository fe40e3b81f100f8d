"""What is wrong with proxies, certificates, addresses and arguments is an error of the client that says what to do."""

from __future__ import annotations

import sys
import zlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from acme_client._runtime.errors import (
    APIConnectionError,
    ApiError,
    ConfigurationError,
    InvalidResponseError,
    ParameterError,
)
from acme_client.client import Acme
from acme_support.adapter import KEY
from acme_support.raw import raw_server
from acme_support.server import Reply

if TYPE_CHECKING:
    import socket

NOWHERE = "http://127.0.0.1:9"
PROXIES = ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "http_proxy"]


def failing(acme: Any, **options: Any) -> ApiError:
    """Return the error of a call, with nothing of the HTTP library in it."""
    with pytest.raises(ApiError) as caught:
        acme.run(acme.client(max_retries=0, **options).fox_1_5.generate(prompt="a"))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value


@pytest.mark.parametrize("variable", PROXIES)
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("foo://x", "must not have the scheme 'foo'"),
        ("http://[::1", "is not a valid URL of a proxy"),
        ("http://ä..b", "is not a valid URL of a proxy"),
        ("http://", "is not a valid URL of a proxy"),
        ("https://:3128", "is not a valid URL of a proxy"),
        ("http://a b:1", "is not a valid URL of a proxy"),
        ("a b:1", "is not a valid URL of a proxy"),
        ("http://a:port", "is not a valid URL of a proxy"),
        ("http://user:password@", "is not a valid URL of a proxy"),
        ("http://a..b:80", "is not a valid URL of a proxy"),
        ("http://a\\b:80", "is not a valid URL of a proxy"),
        ("a,b:80", "is not a valid URL of a proxy"),
        (f"http://{'a' * 64}.test:80", "is not a valid URL of a proxy"),
        ("http://h:99999", "is not a valid URL of a proxy"),
        ("http://h:-1", "is not a valid URL of a proxy"),
    ],
)
def test_an_invalid_proxy_is_a_configuration_error(
    acme: Any, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    error = failing(acme)
    assert isinstance(error, ConfigurationError)
    assert str(error).startswith(f"{variable} {expected}")
    assert "unset it" in str(error)


@pytest.mark.parametrize("no_proxy", ["", "127.0.0.1", "*.test, localhost"])
def test_a_socks_proxy_without_its_package(acme: Any, monkeypatch: pytest.MonkeyPatch, no_proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    monkeypatch.setitem(sys.modules, "socksio", None)
    error = failing(acme)
    assert isinstance(error, ConfigurationError)
    assert "ALL_PROXY names a SOCKS proxy" in str(error)
    assert 'pip install "httpx2[socks]"' in str(error)


@pytest.mark.parametrize(
    "proxy",
    [
        "127.0.0.1:9",
        "http://127.0.0.1:9",
        "http://u:p@127.0.0.1:9",
        "http://a_b.test:80",
        "http://[::1]:9",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_error_names_the_proxy_that_cannot_be_reached(
    acme: Any, monkeypatch: pytest.MonkeyPatch, proxy: str, scheme: str
) -> None:
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy)
    error = failing(acme, base_url=f"{scheme}://api.acme.test")
    assert type(error) is APIConnectionError
    assert "api.acme.test through the proxy" in str(error)
    assert f"({scheme.upper()}_PROXY)" in str(error)
    assert "billed" not in str(error)
    assert "u:p" not in str(error)


def test_a_host_that_no_proxy_covers_is_not_said_to_have_one(
    acme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert "proxy" not in str(failing(acme, base_url=NOWHERE))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_a_password_is_asked_once(
    acme: Any, monkeypatch: pytest.MonkeyPatch, clock: Any, scheme: str
) -> None:
    asked = []

    def respond(connection: socket.socket, request: bytes) -> None:
        if b" HTTP/1.1\r\n" not in request:
            return  # The body can arrive alone, or together with the next request.
        asked.append(request)
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")

    with raw_server(respond) as url:
        monkeypatch.setenv("ALL_PROXY", url)
        client = acme.client(base_url=f"{scheme}://api.acme.test", clock=clock)
        with pytest.raises(ApiError, match="407"):
            acme.run(client.fox_1_5.generate(prompt="a"))
        with pytest.raises(ApiError, match="407"):
            acme.run(client.job("j").wait())
    assert len(asked) == 2
    assert clock.slept == []


@pytest.mark.parametrize("content", [None, "", "garbage", "folder"])
def test_certificates_that_cannot_be_loaded(
    acme: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, content: str | None
) -> None:
    path = tmp_path if content == "folder" else tmp_path / "certificates.pem"
    if content is not None and content != "folder":
        path.write_text(content, encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    error = failing(acme, base_url="https://127.0.0.1:9")
    assert isinstance(error, ConfigurationError)
    assert str(error).startswith(f"SSL_CERT_FILE ({path}) cannot be loaded: ")
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
        acme.run(acme.client(base_url="https://127.0.0.1:9").load())


@pytest.mark.parametrize(
    "host",
    [
        *("a..b", ".a", "-a.b", "a" * 64 + ".b", "a." * 127 + "b", "999.1.1.1", "[::g]", "[1::2::3]"),
        *("ä..b", "\ud800.b", "☃.test", "a\u200b.test", "\uff10.1.1.1"),
    ],
)
def test_a_host_that_cannot_be_looked_up_is_refused(host: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        Acme(KEY, base_url=f"http://{host}")


@pytest.mark.parametrize("base_url", [b"http://x", 5, httpx2.URL("http://x"), ["http://x"]])
def test_an_address_that_is_not_text_is_refused(base_url: Any) -> None:
    with pytest.raises(ConfigurationError, match="base_url must be a str, not"):
        Acme(KEY, base_url=base_url)


FOREIGN = SimpleNamespace(connect=1.5, read=None, write=2, pool=3)
"""Timeouts of another HTTP library, such as `httpx.Timeout`."""


def test_the_timeouts_of_another_library_are_used(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    assert acme.run(acme.client(timeout=FOREIGN).fox_1_5.generate(prompt="a")).content == b"x"
    assert acme.run(acme.client().fox_1_5.generate(prompt="a", timeout=FOREIGN)).content == b"x"
    slow = SimpleNamespace(connect=1, read=0.05, write=1, pool=1)
    server.on("/v1/fox-1.5", Reply(hang=True))
    assert "0.05 s (read timeout)" in str(failing(acme, timeout=slow))


@pytest.mark.parametrize("read", [-1, 0, "x", float("nan"), True])
def test_invalid_timeouts_of_a_library_are_refused(acme: Any, read: Any) -> None:
    for timeout in (httpx2.Timeout(1, read=read), SimpleNamespace(connect=1, read=read, write=1, pool=1)):
        with pytest.raises(ConfigurationError, match="timeout must be"):
            acme.client(timeout=timeout)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (5, "int"),
        ("x", "str"),
        (httpx2.MockTransport(lambda _: httpx2.Response(200)), "httpx2.MockTransport"),
    ],
)
def test_another_object_as_http_client_is_refused(acme: Any, given: Any, found: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"http_client must be .* not {found}"):
        acme.client(http_client=given)


@pytest.mark.parametrize("interval", [float("inf"), 1e300, 86401])
def test_an_interval_without_end_is_refused(acme: Any, interval: float) -> None:
    with pytest.raises(ParameterError, match=r"interval=.*at most 86400 s"):
        acme.run(acme.client().job("j").wait(float("inf"), interval))


@pytest.mark.parametrize("header", [{"content-length": "3"}, {"content-length": "x"}, {"connection": "\t"}])
def test_headers_that_make_a_request_impossible(acme: Any, server: Any, header: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    try:
        acme.run(acme.client(extra_headers=header, max_retries=0).fox_1_5.generate(prompt="a"))
    except ApiError as error:
        assert "cannot be sent" in str(error) or "400" in str(error)


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """150 MB, compressed."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(150)) + packer.flush()


def test_a_compressed_response_cannot_fill_the_memory(acme: Any, server: Any, bomb: bytes) -> None:
    assert len(bomb) < 200_000
    reply = Reply(body=bomb, headers={"content-encoding": "gzip", "x-request-id": "r-1"})
    for path in ("/v1/fox-1.5", "/v2/fox-1.5", "/v2/requests/j/status"):
        server.on(path, reply)
    client = acme.client(max_response_bytes=5_000_000, max_retries=0)
    for call in (client.fox_1_5.generate, client.fox_1_5.submit):
        with pytest.raises(InvalidResponseError, match=r"is larger than 5000000 bytes.*billed") as caught:
            acme.run(call(prompt="a"))
        assert caught.value.request_id == "r-1"
    for look in (client.job("j").status, client.job("j").wait):
        with pytest.raises(InvalidResponseError, match=r"is larger than 5000000 bytes$"):
            acme.run(look())
    with pytest.raises(InvalidResponseError, match="larger than 134217728 bytes"):
        acme.run(acme.client().fox_1_5.generate(prompt="a"))


def test_the_limit_of_a_response_can_be_raised(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x" * 100))
    client = acme.client(max_response_bytes=99)
    with pytest.raises(InvalidResponseError, match="larger than 99 bytes"):
        acme.run(client.fox_1_5.generate(prompt="a"))
    for limit in (100, None):
        other = client.with_options(max_response_bytes=limit)
        assert len(acme.run(other.fox_1_5.generate(prompt="a")).content) == 100


@pytest.mark.parametrize("value", [0, -1, 1.5, "5", True])
def test_an_invalid_limit_of_a_response_is_refused(acme: Any, value: Any) -> None:
    with pytest.raises(ConfigurationError, match="max_response_bytes"):
        acme.client(max_response_bytes=value)
