"""Hosts and origins: web pages of other sites cannot use the emulator, under any name."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from speccast.emulator.settings import EmulatorSettings

if TYPE_CHECKING:
    import httpx2

    from tests.emulator.conftest import Start

PATHS = ["/", "/_emulator/", "/_emulator/journal", "/_emulator/outputs/a/0.png", "/v1/echo", "/nowhere"]


@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_host_is_refused_everywhere(studio: httpx2.Client, path: str) -> None:
    response = studio.get(path, headers={"host": "rebound.example:8000"})
    assert response.status_code == 421
    assert "--allow-host NAME" in response.json()["error"]
    assert "rebound" not in response.text


@pytest.mark.parametrize(
    "host",
    [
        "a b/@c",
        "127.0.0.1.rebound.example",
        "localhost.rebound.example",
        "rebound.example@localhost",
        "rebound.example#localhost",
        "127.0.0.1:80:80",
        "[::1].rebound.example",
        "notlocalhost",
        "0x7f.1",
    ],
)
def test_a_host_that_resembles_this_machine_is_refused(studio: httpx2.Client, host: str) -> None:
    assert studio.get("/_emulator/health", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:8000",
        "localhost.",
        "api.localhost",
        "127.0.0.1",
        "127.9.9.9:1",
        "[::1]:80",
        "192.0.2.7",
    ],
)
def test_names_of_loopback_and_addresses_are_accepted(studio: httpx2.Client, host: str) -> None:
    assert studio.get("/_emulator/health", headers={"host": host}).status_code == 200


def test_an_allowed_name_is_accepted(start: Start) -> None:
    with start(settings=EmulatorSettings(hosts=frozenset({"Emulator"}))) as client:
        assert client.get("/_emulator/health", headers={"host": "emulator:8000"}).status_code == 200
        assert client.get("/_emulator/health", headers={"host": "other:8000"}).status_code == 421


def test_a_request_without_a_host_gets_addresses_of_the_server(studio: httpx2.Client) -> None:
    port = studio.base_url.port
    assert port is not None
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(
            b"POST /v2/echo HTTP/1.0\r\nx-studio-key: any\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        )
        response = b"".join(iter(lambda: connection.recv(4096), b""))
    assert f"{studio.base_url}/v2/requests/".encode() in response


@pytest.mark.parametrize(
    "origin",
    ["https://rebound.example", "null", "http://localhost:1", "http://[", "", "http://a@localhost"],
)
def test_cross_origin_requests_are_refused(studio: httpx2.Client, origin: str) -> None:
    headers = {"origin": origin, "content-type": "text/plain"}
    response = studio.post("/_emulator/faults", content="status=500", headers=headers)
    assert response.status_code == 403
    assert studio.get("/_emulator/faults").json() == {"faults": []}


def test_same_origin_requests_are_accepted(studio: httpx2.Client) -> None:
    origin = str(studio.base_url)
    assert studio.post("/_emulator/reset", headers={"origin": origin}).status_code == 200
