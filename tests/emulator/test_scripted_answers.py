"""Scripted answers: requests that a test describes get what it says, and all others what the specs say."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

    from tests.emulator.conftest import Start

ANSWERS = "/_emulator/answers"
PAINTER = "/v1/painter-1.5"


@pytest.fixture
def client(studio: httpx2.Client) -> Iterator[httpx2.Client]:
    """An emulator in its initial state."""
    yield studio
    studio.post("/_emulator/reset").raise_for_status()


def script(client: httpx2.Client, *answers: dict[str, Any]) -> None:
    response = client.post(ANSWERS, json=list(answers))
    assert response.status_code == 200, response.text


def call(client: httpx2.Client, path: str = PAINTER, **body: object) -> httpx2.Response:
    return client.post(path, json={"prompt": "a fox", **body})


def test_the_first_answer_that_applies_and_is_not_used_up_is_sent(client: httpx2.Client) -> None:
    script(
        client,
        {"model": "painter-1.5", "surface": "sync", "when": {"/prompt": "a fox"}, "times": 1, "body": 1},
        {"model": "painter-1.5", "surface": "sync", "times": 1, "body": 2},
    )
    assert call(client, "/v1/sync-only").headers["content-type"] == "image/jpeg"
    assert call(client, "/v2/painter-1.5").json()["status"] == "QUEUED"
    assert call(client, prompt="a hen").json() == 2
    assert call(client).json() == 1
    assert call(client).headers["content-type"] == "image/jpeg"
    listed = client.get(ANSWERS).json()["answers"]
    assert [(each["number"], each["left"], each["sent"]) for each in listed] == [(1, 0, 1), (2, 0, 1)]
    assert listed[0]["when"] == {"/prompt": "a fox"}


@pytest.mark.parametrize(
    ("answer", "status", "media_type", "content"),
    [
        ({"body": {"id": None}, "status": 201}, 201, "application/json", b'{"id":null}'),
        ({"body": None}, 200, "application/json", b"null"),
        ({"status": 204}, 204, None, b""),
        ({"body": "a,b", "media_type": "text/csv"}, 200, "text/csv; charset=utf-8", b"a,b"),
        ({"body": [1], "media_type": "application/problem+json"}, 200, "application/problem+json", b"[1]"),
        ({"base64": "/9j/"}, 200, "application/octet-stream", b"\xff\xd8\xff"),
        ({"base64": "/9j/", "media_type": "image/jpeg", "status": 503}, 503, "image/jpeg", b"\xff\xd8\xff"),
    ],
)
def test_an_answer_has_a_status_a_type_and_a_body(
    client: httpx2.Client, answer: dict[str, Any], status: int, media_type: str | None, content: bytes
) -> None:
    script(client, {**answer, "headers": {"x-cost": "0.5", "x-request-id": "known"}})
    response = call(client)
    assert (response.status_code, response.headers.get("content-type"), response.content) == (
        status,
        media_type,
        content,
    )
    assert (response.headers["x-cost"], response.headers["x-request-id"]) == ("0.5", "known")


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{request:/prompt}", "a fox"),
        ("{request:/seed}", 12345678901234567890),
        ("{request:/image_quality}", None),
        ("{request:/prompt/0}", None),
        ("{request:}", {"prompt": "a fox", "seed": 12345678901234567890, "base64": True}),
        ("{request:/prompt} of {request:/seed}, {request:/base64}, {request:/a~1b~0}", None),
        ("{{{request:/prompt}}}", "{a fox}"),
        ("{{prompt}}", "{prompt}"),
        ("{{", "{"),
    ],
)
def test_placeholders_are_values_of_the_request(client: httpx2.Client, template: str, value: object) -> None:
    script(client, {"body": {"nested": [template]}})
    found = call(client, seed=12345678901234567890, base64=True).json()["nested"][0]
    assert found == (value if " of " not in template else "a fox of 12345678901234567890, true, null")


def test_jobs_can_be_scripted_from_submit_to_the_file(client: httpx2.Client) -> None:
    script(
        client,
        {"surface": "submit", "body": {"request_id": "job-1", "status": "QUEUED"}},
        {"surface": "status", "times": 2, "body": {"status": "PROCESSING"}},
        {"surface": "status", "body": {"status": "COMPLETED"}},
        {"surface": "result", "body": {"status": "COMPLETED", "output": "none"}},
        {"surface": "output", "base64": "/9j/"},
    )
    job = call(client, "/v2/painter-1.5").json()["request_id"]
    states = [client.get(f"/v2/requests/{job}/status").json()["status"] for _ in range(3)]
    assert states == ["PROCESSING", "PROCESSING", "COMPLETED"]
    assert client.get(f"/v2/requests/{job}").json()["output"] == "none"
    assert client.get(f"/_emulator/outputs/{job}/0.jpg").content == b"\xff\xd8\xff"
    assert client.head(f"/_emulator/outputs/{job}/0.jpg").status_code == 200


def test_what_the_spec_refuses_is_refused_anyhow_and_faults_come_first(client: httpx2.Client) -> None:
    script(client, {"times": 1, "body": {}})
    assert call(client, samples=99).status_code == 400
    assert client.post(PAINTER, json={}, headers={"x-studio-key": ""}).status_code == 401
    assert call(client, "/v1/unknown").status_code == 404
    client.post("/_emulator/faults", content="status=503;times=1")
    assert call(client).status_code == 503
    assert client.get(ANSWERS).json()["answers"][0]["left"] == 1
    client.post("/_emulator/faults", content="malformed-json")
    assert call(client).content == b"{"


def test_the_journal_names_the_answer(client: httpx2.Client) -> None:
    script(client, {"when": {"/seed": 2}, "body": "x"}, {"when": {"/seed": 1.0}, "body": "y"})
    call(client, seed=1)
    call(client, seed=3)
    entries = client.get("/_emulator/journal").json()["requests"][-2:]
    assert [(entry["answer"], entry["response"]) for entry in entries] == [
        (2, '"y"'),
        (None, entries[1]["response"]),
    ]


@pytest.mark.parametrize("clear", ["reset", "delete"])
def test_answers_are_removed_by_reset_and_delete(client: httpx2.Client, clear: str) -> None:
    script(client, {"body": {}})
    removed = client.post("/_emulator/reset") if clear == "reset" else client.delete(ANSWERS)
    assert removed.status_code == 200
    assert client.get(ANSWERS).json() == {"answers": []}
    assert call(client).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (1, "an answer must be an object with some of model, surface, when"),
        ({"modle": "echo"}, "unknown member 'modle'; did you mean model?"),
        ({"x": 1}, "unknown member 'x'; known: model, "),
        ({"model": "painter-1.4"}, "unknown model 'painter-1.4'; did you mean painter-1.5?"),
        ({"model": 5}, "model must be a text (got 5)"),
        ({"model": "sync-only", "surface": "submit"}, "sync-only does not have the surface submit"),
        ({"model": "async-only", "surface": "sync"}, "async-only does not have the surface sync"),
        ({"surface": "cancel"}, "the API does not have the surface cancel"),
        ({"surface": "blocking"}, "surface must be one of sync, submit, "),
        ({"surface": ["sync"]}, "surface must be one of sync, submit, "),
        ({"when": ["/prompt"]}, 'when must be an object of values by JSON pointer: {"/prompt": "a red fox"}'),
        ({"when": {"prompt": 1}}, "a JSON pointer starts with a slash, such as /prompt (got 'prompt')"),
        ({"when": {"/a~b": 1}}, "in a JSON pointer, ~ is written ~0"),
        ({"when": {"/a": 1}, "surface": "status"}, "when needs a request with a body"),
        ({"times": 0}, "times must be an integer from 1 to 1000000000 (got 0)"),
        ({"times": True}, "times must be an integer from 1 "),
        ({"status": 199}, "status must be an integer from 200 to 599 (got 199)"),
        ({"status": 0}, "status must be an integer from 200 to 599 (got 0)"),
        ({"status": "200"}, "status must be an integer from 200 to 599 (got '200')"),
        ({"status": 204, "body": {}}, "a response with status 204 cannot have a body"),
        ({"headers": []}, 'headers must be an object of texts: {"retry-after": "2"}'),
        ({"headers": {"retry-after": 2}}, "the header retry-after must be a text of one line in ASCII (got 2)"),
        ({"headers": {"x": "a\r\nb: c"}}, "the header x must be a text of one line"),
        ({"headers": {"a b": "c"}}, "invalid header name 'a b'"),
        ({"headers": {"Content-Length": "9"}}, "the header Content-Length cannot be set"),
        ({"body": 1, "base64": ""}, "an answer has a body or a file (base64), not both"),
        ({"base64": "a"}, "base64 must be bytes in Base64"),
        ({"base64": 1}, "base64 must be bytes in Base64"),
        ({"body": {}, "media_type": "text/plain"}, "the body of text/plain must be a text"),
        ({"media_type": "png"}, "media_type must be a media type such as image/png (got 'png')"),
        ({"media_type": "image/png\r\nx: y"}, "media_type must be a media type"),
        ({"body": "{prompt}"}, "unknown placeholder in '{prompt}'; known: {request:/POINTER}; write {{ and }}"),
        ({"body": [{"a": "x } y"}]}, "unknown placeholder in 'x } y'"),
        ({"body": "{request:prompt}"}, "a JSON pointer starts with a slash"),
        ({"body": "{request:/a}", "surface": "result"}, "{request:…} needs a request with a body"),
    ],
)  # fmt: skip
def test_an_invalid_answer_gets_400_with_the_reason_and_none_is_added(
    client: httpx2.Client, answer: object, message: str
) -> None:
    response = client.post(ANSWERS, json=[{"body": {}}, answer])
    assert response.status_code == 400
    assert message in response.json()["error"]
    assert client.get(ANSWERS).json() == {"answers": []}


def test_a_file_larger_than_a_fault_can_be_scripted_and_is_not_listed(client: httpx2.Client) -> None:
    content = bytes(2_000_000)
    script(client, {"base64": base64.b64encode(content).decode(), "media_type": "image/png"})
    assert client.get(ANSWERS).json()["answers"][0]["body"] == "2000000 bytes"
    assert call(client).content == content


def test_an_api_without_jobs_has_no_surface_of_jobs(start: Start, studio_api: dict[str, Any]) -> None:
    api = {name: value for name, value in studio_api.items() if name != "async"}
    painter = {
        "speccast": 1,
        "slug": "p",
        "title": "P",
        "surfaces": ["sync"],
        "returns": ["image/png"],
        "parameters": {},
    }
    with start(painter, api=api) as client:
        response = client.post(ANSWERS, json={"surface": "output", "base64": ""})
        assert response.json() == {"error": "the API does not have the surface output"}
