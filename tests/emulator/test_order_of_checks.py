"""Requests are judged in the order of a real gateway: of several things that are wrong, the first is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from speccast.emulator.settings import EmulatorSettings

if TYPE_CHECKING:
    from tests.emulator.conftest import Start

JSON = {"content-type": "application/json"}


def test_a_missing_key_goes_before_an_unknown_path(studio: httpx2.Client) -> None:
    answer = httpx2.post(f"{studio.base_url}/v1/nowhere", content=b"{")
    assert answer.status_code == 401
    assert answer.json() == {"error": "Send x-studio-key"}


def test_an_unknown_path_goes_before_the_method(studio: httpx2.Client) -> None:
    answer = studio.get("/v1/nowhere")
    assert answer.status_code == 404
    assert answer.json() == {"error": "Unknown model or endpoint"}


@pytest.mark.parametrize(
    "path", ["/a%0Ab", "/v2/requests/%0Aa", "/_emulators/health", "/%0A/_emulator/health"]
)
def test_no_path_gets_past_the_check_of_the_key(studio: httpx2.Client, path: str) -> None:
    answer = httpx2.get(f"{studio.base_url}{path}")
    assert answer.status_code == 401
    assert answer.json() == {"error": "Send x-studio-key"}
    assert studio.get(path).json().keys() == {"error"}


def test_a_wrong_method_goes_before_the_content_type(studio: httpx2.Client) -> None:
    answer = studio.put("/v1/painter-1.5", content=b"{", headers={"content-type": "text/plain"})
    assert answer.status_code == 405


def test_the_content_type_goes_before_the_body(studio: httpx2.Client) -> None:
    answer = studio.post("/v1/painter-1.5", content=b"{", headers={"content-type": "text/plain"})
    assert answer.status_code == 406
    assert answer.json() == {"error": "Only application/json"}


def test_the_body_goes_before_its_parameters(studio: httpx2.Client) -> None:
    answer = studio.post("/v1/painter-1.5", content=b'{"prompt": 1', headers=JSON)
    assert answer.status_code == 400
    assert "not JSON" in answer.json()["error"]


@pytest.mark.parametrize(
    "path", ["/v2/sync-only", "/v1/async-only", "/v2/async-only", "/beta/painter-1.5/jobs", "/v1"]
)
def test_a_model_answers_404_on_a_surface_or_path_that_is_not_its_own(
    studio: httpx2.Client, path: str
) -> None:
    assert studio.post(path, json={"prompt": "a"}).status_code == 404


@pytest.mark.parametrize("path", ["/v1/sync-only", "/beta/async-only/jobs"])
def test_a_model_answers_on_its_own_surface_and_path(studio: httpx2.Client, path: str) -> None:
    assert studio.post(path, json={"prompt": "a"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/Painter-1.5", "/v1/painter-1.5/", "/v1/painter-1x5", "//v1/painter-1.5"]
)
def test_paths_are_taken_literally(studio: httpx2.Client, path: str) -> None:
    assert studio.post(f"{studio.base_url}{path}", json={"prompt": "a"}).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/painter-1.5", "POST"),
        ("DELETE", "/v2/painter-1.5", "POST"),
        ("POST", "/v2/requests/some-id", "GET"),
        ("POST", "/v2/requests/some-id/status", "GET"),
    ],
)
def test_a_wrong_method_gets_the_web_page_that_the_spec_describes(
    studio: httpx2.Client, method: str, path: str, allowed: str
) -> None:
    answer = studio.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["allow"] == allowed
    assert "<h1>405 Method Not Allowed</h1>" in answer.text


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/vnd.studio+json",
    ],
)
def test_every_way_to_write_the_content_type_of_json_will_do(
    studio: httpx2.Client, content_type: str
) -> None:
    headers = {"content-type": content_type}
    assert studio.post("/v1/echo", content=b"{}", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"content-type": "application/jsonx"}, {"content-type": "json"}])
def test_no_content_type_or_another_one_is_refused(studio: httpx2.Client, headers: dict[str, str]) -> None:
    assert studio.post("/v1/echo", content=b"{}", headers=headers).status_code == 406


def test_the_api_decides_about_status_and_text_of_its_errors(start: Start, api: dict[str, Any]) -> None:
    api["error_field"] = "message"
    api["errors"] = [
        {"status": 403, "title": "No", "messages": {"missing_key": "Key?", "invalid_key": "Key!"}},
        {"status": 410, "title": "Gone", "messages": {"unknown_model": "No such model"}},
        {"status": 415, "title": "Type", "messages": {"content_type": "JSON, please"}},
        {"status": 422, "title": "Invalid", "occasions": ["invalid_parameters"]},
        {"status": 451, "title": "Blocked", "occasions": ["blocked_content"]},
    ]
    with start(api=api, settings=EmulatorSettings(key="right")) as client:
        nameless = httpx2.get(f"{client.base_url}/v1/x")
        wrong = client.get("/v1/x")
        client.headers["x-studio-key"] = "right"
        unknown = client.get("/v1/x")
        typed = client.post("/v1/echo", content=b"{}")
        invalid = client.post("/v1/echo", json={"text": 1})
        malformed = client.post("/v1/echo", content=b"[", headers={"content-type": "application/json"})
        blocked = client.post("/v1/echo", json={}, headers={"x-speccast-fault": "content-block"})
    assert (nameless.status_code, nameless.json()) == (403, {"message": "Key?"})
    assert (wrong.status_code, wrong.json()) == (403, {"message": "Key!"})
    assert (unknown.status_code, unknown.json()) == (410, {"message": "No such model"})
    assert (typed.status_code, typed.json()) == (415, {"message": "JSON, please"})
    assert (invalid.status_code, malformed.status_code, blocked.status_code) == (422, 422, 451)


def test_an_api_that_lists_no_errors_has_sensible_ones(start: Start, api: dict[str, Any]) -> None:
    del api["errors"]
    with start(api=api) as client:
        assert httpx2.get(f"{client.base_url}/v1/x").status_code == 401
        assert client.get("/v1/x").status_code == 404
        assert client.post("/v1/echo", content=b"{}").status_code == 415
        method = client.put("/v1/echo")
        assert (method.status_code, method.json()) == (405, {"error": "Method not allowed"})
        assert method.headers["allow"] == "POST"
        assert client.get("/v2/requests/gone").json() == {"error": "Request gone not found"}


def test_every_answer_of_the_api_has_a_request_id_of_its_own(studio: httpx2.Client) -> None:
    answers = [
        studio.get("/v1/nowhere"),
        studio.get("/v1/echo"),
        studio.post("/v1/echo", content=b"["),
        studio.post("/v1/echo", json={}),
    ]
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


def test_a_header_whose_type_no_value_fits_is_left_out(start: Start, api: dict[str, Any]) -> None:
    api["headers"] = [
        {"name": "x-id", "meaning": "request_id", "type": "integer"},
        {"name": "x-price", "meaning": "cost", "type": "integer"},
        {"name": "x-other", "meaning": "phase_of_the_moon"},
    ]
    with start(api=api) as client:
        answer = client.post("/v1/echo", json={})
    assert answer.status_code == 200
    assert "x-id" not in answer.headers
    assert "x-other" not in answer.headers
    assert answer.headers["x-price"] == "0"
