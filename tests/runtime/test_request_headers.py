"""Headers that every request to the API must have are sent to the API only, and the caller's win."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from acme_client._api import API
from acme_support.server import Reply

VERSIONED = replace(API, request_headers={"X-Acme-Version": "2024-11-06"})


def test_calls_and_polls_have_the_headers(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    server.on("/v2/requests/7/status", Reply(body={"request_id": "7", "status": "QUEUED"}))
    client = acme.client(api=VERSIONED)
    acme.run(client.fox_1_5.generate(prompt="a"))
    acme.run(client.job("7").status())
    assert [request.headers["x-acme-version"] for request in server.requests] == ["2024-11-06"] * 2


def test_a_header_of_the_caller_wins(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    acme.run(
        acme.client(api=VERSIONED).fox_1_5.generate(
            prompt="a", extra_headers={"x-acme-VERSION": "2030-01-01"}
        )
    )
    assert server.requests[0].headers["x-acme-version"] == "2030-01-01"


def test_downloads_of_outputs_do_not_have_them(acme: Any, server: Any, tmp_path: Any) -> None:
    url = f"{server.url}/files/1"
    server.on("/v2/requests/7", Reply(body={"request_id": "7", "status": "COMPLETED", "output": url}))
    server.on("/files/1", Reply(body=b"\x89PNG\r\n\x1a\n", headers={"content-type": "image/png"}))
    result = acme.run(acme.client(api=VERSIONED).job("7").result())
    acme.run(result.save(tmp_path / "fox.png"))
    assert [request.headers.get("x-acme-version") for request in server.requests] == ["2024-11-06", None]
