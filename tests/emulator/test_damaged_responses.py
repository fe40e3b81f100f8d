"""Damaged responses look to a client like broken networks and proxies."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import httpx2
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def client(studio: httpx2.Client) -> Iterator[httpx2.Client]:
    """An emulator in its initial state."""
    studio.post("/_emulator/reset").raise_for_status()
    yield studio


def call(client: httpx2.Client, fault: str, path: str = "/v1/echo") -> httpx2.Response:
    body = {"prompt": "a"} if "painter" in path else {}
    return client.post(path, json=body, headers={"x-speccast-fault": fault})


def raw(client: httpx2.Client, fault: str) -> bytes:
    """Return all bytes of a response."""
    port = client.base_url.port
    assert port is not None
    head = (
        "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nx-studio-key: any\r\nContent-Type: application/json\r\n"
        f"X-Speccast-Fault: {fault}\r\nContent-Length: 2\r\n\r\n{{}}"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.encode())
        return b"".join(iter(lambda: connection.recv(4096), b""))


@pytest.mark.parametrize("fault", ["reset", "reset=after"])
def test_a_reset_is_a_tcp_reset(client: httpx2.Client, fault: str) -> None:
    with pytest.raises(ConnectionResetError):
        raw(client, fault)
    with pytest.raises(httpx2.NetworkError):
        call(client, fault)
    assert client.post("/v1/echo", json={}).status_code == 200


def test_a_reset_happens_before_or_after_the_work(client: httpx2.Client) -> None:
    for fault in ("reset", "reset=after"):
        with pytest.raises(httpx2.NetworkError):
            call(client, fault)
    # Only the request that was processed has cost credits.
    assert client.post("/v1/echo", json={}).headers["x-remaining"] == "999.98"
    assert [entry["status"] for entry in client.get("/_emulator/journal").json()["requests"]] == [
        None,
        None,
        200,
    ]


def test_a_truncated_response_has_the_length_of_the_whole(client: httpx2.Client) -> None:
    whole = client.post("/v1/echo", json={}).content
    head, _, body = raw(client, "truncate").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert f"content-length: {len(whole)}".encode() in head.lower()
    assert body == whole[: len(whole) // 2]
    with pytest.raises(httpx2.RemoteProtocolError):
        call(client, "truncate", "/v1/painter-1.5")
    assert client.post("/v1/echo", json={}).status_code == 200


@pytest.mark.parametrize("path", ["/v1/echo", "/v1/painter-1.5", "/v2/echo"])
def test_malformed_json_is_a_complete_response_that_is_not_json(client: httpx2.Client, path: str) -> None:
    response = call(client, "malformed-json", path)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_error_responses_are_damaged_as_well(client: httpx2.Client) -> None:
    response = client.post("/v1/echo", json={"no": 1}, headers={"x-speccast-fault": "malformed-json"})
    assert response.status_code == 400
    with pytest.raises(json.JSONDecodeError):
        response.json()


@pytest.mark.parametrize("status", [502, 503, 403, 599])
def test_an_error_can_be_an_html_page(client: httpx2.Client, status: int) -> None:
    response = call(client, f"html={status};retry-after=3")
    assert (response.status_code, response.headers["retry-after"]) == (status, "3")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<h1>{status} " in response.text


@pytest.mark.parametrize("fault", ["reset", "truncate", "malformed-json", "html=502"])
def test_polls_and_results_can_be_damaged(client: httpx2.Client, fault: str) -> None:
    job = client.post("/v2/echo", json={}).json()
    for url in (job["status_url"], job["response_url"]):
        try:
            response = client.get(url, headers={"x-speccast-fault": fault})
        except httpx2.TransportError:
            continue
        with pytest.raises(json.JSONDecodeError):
            response.json()
    assert client.get(job["response_url"]).json()["status"] == "COMPLETED"
