"""The controls for tests: reset, clock, journal."""

from __future__ import annotations

import json
import re
import socket
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from speccast.emulator.settings import EmulatorSettings, JobProgress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulator.conftest import Start


@pytest.fixture
def client(studio: httpx2.Client) -> Iterator[httpx2.Client]:
    """An emulator in its initial state."""
    studio.post("/_emulator/reset").raise_for_status()
    yield studio
    studio.post("/_emulator/reset").raise_for_status()


def journal(client: httpx2.Client, **query: Any) -> list[dict[str, Any]]:
    response = client.get("/_emulator/journal", params=query)
    found: list[dict[str, Any]] = response.raise_for_status().json()["requests"]
    return found


def advance(client: httpx2.Client, seconds: float) -> None:
    client.post("/_emulator/clock", json={"advance": seconds}).raise_for_status()


def test_the_index_lists_the_controls_and_needs_no_key(client: httpx2.Client) -> None:
    index = httpx2.get(f"{client.base_url}/_emulator/").json()
    for line in index:
        method, path = line.split()
        assert httpx2.request(method, f"{client.base_url}{path}").status_code in (200, 400), line


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/_emulator/health", "GET, HEAD"),
        ("GET", "/_emulator/reset", "POST"),
        ("PUT", "/_emulator/faults", "GET, POST, DELETE, HEAD"),
        ("DELETE", "/_emulator/clock", "GET, POST, HEAD"),
    ],
)
def test_an_unsupported_method_gets_the_allowed_ones(
    client: httpx2.Client, method: str, path: str, allowed: str
) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)
    assert allowed in response.json()["error"]


def test_retention_follows_the_clock(client: httpx2.Client) -> None:
    job = client.post("/v2/echo", json={}).json()
    advance(client, 3599)
    assert client.get(job["response_url"]).status_code == 200
    advance(client, 2)
    assert client.get(job["response_url"]).status_code == 404


@pytest.mark.parametrize(
    "body", ["{}", '{"advance": -1}', '{"advance": "1"}', '{"advance": true}', '{"advance": 1e300}', "[]", "x",
             '{"advance": 1, "x": 1}', '{"advance": NaN}', '{"advance": Infinity}', ""],
)  # fmt: skip
def test_an_invalid_advance_gets_400(client: httpx2.Client, body: str) -> None:
    before = client.get("/_emulator/clock").json()["now"]
    response = client.post("/_emulator/clock", content=body)
    assert response.status_code == 400
    assert response.json().keys() == {"error"}
    assert client.get("/_emulator/clock").json()["now"] - before < 60


def test_the_progress_of_jobs_follows_the_clock(start: Start) -> None:
    with start(settings=EmulatorSettings(progress=JobProgress(seconds=100))) as client:
        job = client.post("/v2/echo", json={}).json()

        def state() -> str:
            return str(client.get(job["status_url"]).json()["status"])

        assert [state() for _ in range(4)] == ["QUEUED"] * 4
        advance(client, 60)
        assert state() == "PROCESSING"
        assert client.get(job["response_url"]).json()["status"] == "PROCESSING"
        advance(client, 41)
        assert client.get(job["response_url"]).json()["status"] == "COMPLETED"
        # It finished after 100 seconds, not at the poll.
        advance(client, 3590)
        assert state() == "COMPLETED"
        advance(client, 10)
        assert client.get(job["status_url"]).status_code == 404


def test_jobs_that_were_never_polled_expire_as_well(start: Start) -> None:
    with start(settings=EmulatorSettings(progress=JobProgress(seconds=10))) as client:
        urls = [client.post("/v2/echo", json={}).json()["response_url"] for _ in range(3)]
        advance(client, 3600 + 11)
        assert [client.get(url).status_code for url in urls] == [404] * 3


def test_a_reset_restores_the_initial_state(client: httpx2.Client) -> None:
    first = client.post("/v1/echo", json={})
    job = client.post("/v2/echo", json={}).json()
    client.post("/_emulator/faults", json=["status=500"])
    before = client.get("/_emulator/clock").json()["now"]
    advance(client, 10_000)
    assert client.post("/_emulator/reset").json() == {"status": "ok"}
    assert journal(client) == []
    assert client.get("/_emulator/faults").json() == {"faults": []}
    assert client.get("/_emulator/clock").json()["now"] - before < 1000
    assert client.get(job["status_url"]).status_code == 404
    again = client.post("/v1/echo", json={})
    assert (again.headers["x-seed"], again.headers["x-remaining"]) == (
        first.headers["x-seed"],
        first.headers["x-remaining"],
    )


def test_the_journal_contains_every_request_in_order(client: httpx2.Client) -> None:
    client.post("/v1/echo?a=1&b=", json={"text": "ü"}, headers={"x-mine": "yes"})
    job = client.post("/v2/painter-1.5", json={"prompt": "a fox", "width": 1}).json()
    assert "error" in job
    job = client.post("/beta/async-only/jobs", json={}).json()
    client.get(job["status_url"])
    client.get("/v1/nowhere")
    client.get("/_emulator/health")
    found = journal(client)
    assert [
        (entry["number"], entry["method"], entry["path"], entry["surface"], entry["model"], entry["status"])
        for entry in found
    ] == [
        (1, "POST", "/v1/echo", "sync", "echo", 200),
        (2, "POST", "/v2/painter-1.5", "submit", "painter-1.5", 400),
        (3, "POST", "/beta/async-only/jobs", "submit", "async-only", 200),
        (4, "GET", f"/v2/requests/{job['request_id']}/status", "status", "async-only", 200),
        (5, "GET", "/v1/nowhere", None, None, 404),
    ]
    assert found[0]["query"] == {"a": "1", "b": ""}
    assert found[0]["headers"]["x-mine"] == "yes"
    assert [entry["body"] for entry in found[:4]] == [
        {"text": "ü"},
        {"prompt": "a fox", "width": 1},
        {},
        None,
    ]
    assert found[0]["time"] <= found[1]["time"] <= found[2]["time"]


@pytest.mark.parametrize("path", ["", "/fault", "/health/", "/%0A/v1/echo"])
def test_an_unknown_control_gets_404_and_is_not_in_the_journal(client: httpx2.Client, path: str) -> None:
    response = client.post(f"/_emulator{path}", json={}, headers={"x-studio-key": ""})
    assert response.status_code == 404
    assert "GET /_emulator/ lists" in response.json()["error"]
    assert journal(client) == []


def test_the_journal_can_be_filtered_by_model_and_status(client: httpx2.Client) -> None:
    client.post("/v1/echo", json={})
    client.post("/v1/echo", json={"no": 1})
    client.post("/v1/sync-only", json={"no": 1})
    assert [entry["number"] for entry in journal(client, model="echo")] == [1, 2]
    assert [entry["number"] for entry in journal(client, status=400)] == [2, 3]
    assert [entry["number"] for entry in journal(client, model="echo", status=400)] == [2]
    assert journal(client, model="none") == []
    for query in ("status=abc", "modell=echo", "status=1&status=2", "status=²", "status=" + "9" * 5000):
        assert client.get(f"/_emulator/journal?{query}").status_code == 400
    client.delete("/_emulator/journal")
    assert journal(client) == []


@pytest.mark.parametrize("auth", [{"in": "header", "name": "x-pass"}, {"in": "query", "name": "pass"}])
def test_the_journal_contains_no_key(start: Start, api: dict[str, Any], auth: dict[str, str]) -> None:
    secret = "the-real-key-by-accident"
    api["auth"] = auth
    with start(api=api) as client:
        headers = {"x-pass": secret, "authorization": secret, "x-api-key": secret, "cookie": secret}
        client.post(f"/v1/echo?pass={secret}&api_key={secret}", json={}, headers=headers)
        response = client.get("/_emulator/journal")
        assert response.json()["requests"][0]["status"] == 200
        place = "headers" if auth["in"] == "header" else "query"
        assert response.json()["requests"][0][place][auth["name"]] == "[redacted]"
        assert response.json()["requests"][0]["headers"]["authorization"] == "[redacted]"
        kept = response.text.count(secret)
    # Values that are not a key by the API's spec or by their name are shown.
    assert kept == 1


def test_the_journal_keeps_the_latest_requests(start: Start) -> None:
    with start(settings=EmulatorSettings(journal=3)) as client:
        for number in range(5):
            client.post("/v1/echo", json={"text": str(number)})
        assert [entry["body"]["text"] for entry in journal(client)] == ["2", "3", "4"]
    with start(settings=EmulatorSettings(journal=0)) as client:
        client.post("/v1/echo", json={})
        assert journal(client) == []


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"[1", "[1"),
        (b"\xff", "\ufffd"),
        (b"", ""),
        (b'{"text": NaN}', '{"text": NaN}'),
        (b"[" * 50_000, "[" * 50_000),
    ],
)
def test_bodies_that_are_not_json_are_shown_as_text(
    client: httpx2.Client, content: bytes, shown: str
) -> None:
    client.post("/v1/echo", content=content, headers={"content-type": "application/json"})
    assert [entry["body"] for entry in journal(client)] == [shown]


@pytest.mark.parametrize(
    "others",
    [{}, {"image": {"url": "data:image/png;base64," + "a" * 80_000}}, {"images": ["b" * 90_000] * 20}],
)
def test_the_journal_shortens_long_texts_in_a_large_body(
    client: httpx2.Client, others: dict[str, Any]
) -> None:
    prompt = "a red fox " * 20
    client.post("/v1/echo", json={"text": "a" * 100_000, "prompt": prompt, "steps": 20, **others})
    [entry] = journal(client)
    body = entry["body"]
    assert (body["prompt"], body["steps"], list(body)[3:]) == (prompt, 20, list(others))
    assert re.fullmatch(r"a{4096}… \(100000 characters\)|a{256}… \(100000 characters\)", body["text"])
    assert entry["size"] > 100_000
    assert len(json.dumps(body)) < 100_000


@pytest.mark.parametrize(
    "body", [b'{"text": "' + b"a" * 100_000, b"[" + b"1234, " * 20_000 + b"1]", b"[" * 100_000]
)
def test_the_journal_cuts_other_large_bodies(client: httpx2.Client, body: bytes) -> None:
    client.post("/v1/echo", content=body, headers={"content-type": "application/json"})
    assert [entry["body"] for entry in journal(client)] == [body[: 64 * 1024].decode()]


def test_the_journal_shows_what_was_answered(client: httpx2.Client) -> None:
    client.post("/v1/echo", json={"text": 1})
    client.post("/v1/echo", json={"text": "a" * 1000})
    picture = client.post("/v1/painter-1.5", json={"prompt": "a"})
    client.get("/nowhere")
    refused, echo, painted, unknown = (entry["response"] for entry in journal(client))
    assert json.loads(refused) == {"error": "Invalid parameters: text must be a string, not an integer"}
    assert len(echo) == 500
    assert painted == f"image/jpeg, {len(picture.content)} bytes"
    assert json.loads(unknown) == {"error": "Unknown model or endpoint"}


@pytest.mark.parametrize("surface", ["v1", "v2"])
def test_a_reset_ends_the_requests_in_progress(start: Start, surface: str) -> None:
    with start(settings=EmulatorSettings(credits=Decimal(1))) as client:
        client.post("/_emulator/faults", json=["latency=30"])
        port = client.base_url.port
        with socket.create_connection(("127.0.0.1", port or 0), timeout=10) as connection:
            body = b'{"prompt": "a"}'
            head = f"POST /{surface}/painter-1.5 HTTP/1.1\r\nHost: localhost\r\nx-studio-key: any\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall((head.encode() + body) * 2)
            while not journal(client):
                time.sleep(0.01)
            client.post("/_emulator/reset")
            answer = connection.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert answer.count(b"HTTP/1.1") == 1
        assert journal(client) == []
        assert client.post("/v1/painter-1.5", json={"prompt": "a"}).headers["x-remaining"] == "0.99"


def test_the_journal_shows_the_applied_faults(client: httpx2.Client) -> None:
    client.post("/_emulator/faults", json=["latency=0", "status=500;times=1"])
    for _ in range(2):
        client.post("/v1/echo", json={"text": "a"})
    assert [(entry["status"], entry["faults"], entry["body"]) for entry in journal(client)] == [
        (500, ["latency=0", "status=500;times=1"], {"text": "a"}),
        (200, ["latency=0"], {"text": "a"}),
    ]


def test_a_body_that_does_not_arrive_gets_408(start: Start) -> None:
    with start(settings=EmulatorSettings(max_seconds=0.2)) as client:
        port = client.base_url.port
        assert port is not None
        head = "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nx-studio-key: any\r\n"
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(
                f"{head}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{{".encode()
            )
            assert connection.recv(4096).startswith(b"HTTP/1.1 408 ")
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(
                b"POST /_emulator/faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nst"
            )
            assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")
        assert client.post("/v1/echo", json={}).status_code == 200
