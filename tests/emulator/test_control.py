"""What tests do with an emulator: reset it, move its clock, read its journal."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from speccast.emulator.settings import EmulatorSettings, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulator.conftest import Start


@pytest.fixture
def client(studio: httpx2.Client) -> Iterator[httpx2.Client]:
    """An emulator as it is at the start."""
    studio.post("/_emulator/reset").raise_for_status()
    yield studio
    studio.post("/_emulator/reset").raise_for_status()


def journal(client: httpx2.Client, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/_emulator/journal", params=query)
    found: list[dict[str, Any]] = answer.raise_for_status().json()["requests"]
    return found


def advance(client: httpx2.Client, seconds: float) -> None:
    client.post("/_emulator/clock", json={"advance": seconds}).raise_for_status()


def test_no_key_is_needed_and_the_index_lists_what_there_is(client: httpx2.Client) -> None:
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
def test_other_methods_are_told_which_there_are(
    client: httpx2.Client, method: str, path: str, allowed: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert allowed in answer.json()["error"]


def test_an_hour_of_retention_passes_at_once(client: httpx2.Client) -> None:
    job = client.post("/v2/echo", json={}).json()
    advance(client, 3599)
    assert client.get(job["response_url"]).status_code == 200
    advance(client, 2)
    assert client.get(job["response_url"]).status_code == 404


@pytest.mark.parametrize(
    "body", ["{}", '{"advance": -1}', '{"advance": "1"}', '{"advance": true}', '{"advance": 1e300}', "[]", "x",
             '{"advance": 1, "x": 1}', '{"advance": NaN}', '{"advance": Infinity}', ""],
)  # fmt: skip
def test_a_clock_that_cannot_be_moved_so_is_a_400(client: httpx2.Client, body: str) -> None:
    before = client.get("/_emulator/clock").json()["now"]
    answer = client.post("/_emulator/clock", content=body)
    assert answer.status_code == 400
    assert answer.json().keys() == {"error"}
    assert client.get("/_emulator/clock").json()["now"] - before < 60


def test_jobs_can_take_time_on_that_clock(start: Start) -> None:
    with start(settings=EmulatorSettings(progress=Progress(seconds=100))) as client:
        job = client.post("/v2/echo", json={}).json()

        def state() -> str:
            return str(client.get(job["status_url"]).json()["status"])

        assert [state() for _ in range(4)] == ["QUEUED"] * 4
        advance(client, 60)
        assert state() == "PROCESSING"
        assert client.get(job["response_url"]).json()["status"] == "PROCESSING"
        advance(client, 41)
        assert client.get(job["response_url"]).json()["status"] == "COMPLETED"
        # It was done after 100 seconds, not when somebody looked.
        advance(client, 3590)
        assert state() == "COMPLETED"
        advance(client, 10)
        assert client.get(job["status_url"]).status_code == 404


def test_jobs_that_nobody_looked_at_are_forgotten_as_well(start: Start) -> None:
    with start(settings=EmulatorSettings(progress=Progress(seconds=10))) as client:
        urls = [client.post("/v2/echo", json={}).json()["response_url"] for _ in range(3)]
        advance(client, 3600 + 11)
        assert [client.get(url).status_code for url in urls] == [404] * 3


def test_a_reset_is_a_new_start(client: httpx2.Client) -> None:
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


def test_the_journal_has_every_request_in_order(client: httpx2.Client) -> None:
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
def test_a_control_that_is_none_is_told_and_is_no_call_of_the_api(client: httpx2.Client, path: str) -> None:
    answer = client.post(f"/_emulator{path}", json={}, headers={"x-studio-key": ""})
    assert answer.status_code == 404
    assert "GET /_emulator/ lists" in answer.json()["error"]
    assert journal(client) == []


def test_the_journal_answers_for_one_model_and_one_status(client: httpx2.Client) -> None:
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
def test_no_key_is_in_the_journal(start: Start, api: dict[str, Any], auth: dict[str, str]) -> None:
    secret = "the-real-key-by-accident"
    api["auth"] = auth
    with start(api=api) as client:
        headers = {"x-pass": secret, "authorization": secret, "x-api-key": secret, "cookie": secret}
        client.post(f"/v1/echo?pass={secret}&api_key={secret}", json={}, headers=headers)
        answer = client.get("/_emulator/journal")
        assert answer.json()["requests"][0]["status"] == 200
        place = "headers" if auth["in"] == "header" else "query"
        assert answer.json()["requests"][0][place][auth["name"]] == "[redacted]"
        assert answer.json()["requests"][0]["headers"]["authorization"] == "[redacted]"
        kept = answer.text.count(secret)
    # What is no key by the API's own word or by its name is told as it is.
    assert kept == 1


def test_the_journal_is_a_ring(start: Start) -> None:
    with start(settings=EmulatorSettings(journal=3)) as client:
        for number in range(5):
            client.post("/v1/echo", json={"text": str(number)})
        assert [entry["body"]["text"] for entry in journal(client)] == ["2", "3", "4"]
    with start(settings=EmulatorSettings(journal=0)) as client:
        client.post("/v1/echo", json={})
        assert journal(client) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[1", "[1"),
        (b"\xff", "\ufffd"),
        (b"", ""),
        (b'{"text": NaN}', '{"text": NaN}'),
        (b"[" * 50_000, "[" * 50_000),
    ],
)
def test_bodies_that_are_no_json_are_told_as_text(client: httpx2.Client, content: bytes, told: str) -> None:
    client.post("/v1/echo", content=content, headers={"content-type": "application/json"})
    assert [entry["body"] for entry in journal(client)] == [told]


def test_of_a_large_body_the_beginning_is_kept(client: httpx2.Client) -> None:
    client.post("/v1/echo", json={"text": "a" * 100_000})
    [entry] = journal(client)
    assert entry["size"] == 100_000 + len('{"text":""}')
    assert len(entry["body"]) == 64 * 1024


def test_the_journal_says_which_faults_struck(client: httpx2.Client) -> None:
    client.post("/_emulator/faults", json=["latency=0", "status=500;times=1"])
    for _ in range(2):
        client.post("/v1/echo", json={"text": "a"})
    assert [(entry["status"], entry["faults"], entry["body"]) for entry in journal(client)] == [
        (500, ["latency=0", "status=500;times=1"], {"text": "a"}),
        (200, ["latency=0"], {"text": "a"}),
    ]


def test_a_body_that_does_not_come_is_not_waited_for(start: Start) -> None:
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
