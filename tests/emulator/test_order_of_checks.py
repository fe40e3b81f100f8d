"""Requests are checked in the order of a real gateway, and refused by the first check that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from speccast.emulator.settings import EmulatorSettings

if TYPE_CHECKING:
    from tests.emulator.conftest import Start

JSON = {"content-type": "application/json"}


def test_a_missing_key_is_checked_before_the_path(studio: httpx2.Client) -> None:
    response = httpx2.post(f"{studio.base_url}/v1/nowhere", content=b"{")
    assert response.status_code == 401
    assert response.json() == {"error": "Send x-studio-key"}


def test_the_path_is_checked_before_the_method(studio: httpx2.Client) -> None:
    response = studio.get("/v1/nowhere")
    assert response.status_code == 404
    assert response.json() == {"error": "Unknown model or endpoint"}


@pytest.mark.parametrize(
    "path", ["/a%0Ab", "/v2/requests/%0Aa", "/_emulators/health", "/%0A/_emulator/health"]
)
def test_the_key_is_checked_on_every_path(studio: httpx2.Client, path: str) -> None:
    response = httpx2.get(f"{studio.base_url}{path}")
    assert response.status_code == 401
    assert response.json() == {"error": "Send x-studio-key"}
    assert studio.get(path).json().keys() == {"error"}


def test_the_method_is_checked_before_the_content_type(studio: httpx2.Client) -> None:
    response = studio.put("/v1/painter-1.5", content=b"{", headers={"content-type": "text/plain"})
    assert response.status_code == 405


def test_the_content_type_is_checked_before_the_body(studio: httpx2.Client) -> None:
    response = studio.post("/v1/painter-1.5", content=b"{", headers={"content-type": "text/plain"})
    assert response.status_code == 406
    assert response.json() == {"error": "Only application/json"}


def test_the_body_is_checked_before_its_parameters(studio: httpx2.Client) -> None:
    response = studio.post("/v1/painter-1.5", content=b'{"prompt": 1', headers=JSON)
    assert response.status_code == 400
    assert "not JSON" in response.json()["error"]


@pytest.mark.parametrize(
    "path", ["/v2/sync-only", "/v1/async-only", "/v2/async-only", "/beta/painter-1.5/jobs", "/v1"]
)
def test_an_undocumented_surface_or_path_of_a_model_gets_404(studio: httpx2.Client, path: str) -> None:
    assert studio.post(path, json={"prompt": "a"}).status_code == 404


@pytest.mark.parametrize("path", ["/v1/sync-only", "/beta/async-only/jobs"])
def test_a_model_has_its_documented_surface_and_path(studio: httpx2.Client, path: str) -> None:
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
    response = studio.request(method, path)
    assert response.status_code == 405
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["allow"] == allowed
    assert "<h1>405 Method Not Allowed</h1>" in response.text


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/vnd.studio+json",
    ],
)
def test_every_content_type_of_json_is_accepted(studio: httpx2.Client, content_type: str) -> None:
    headers = {"content-type": content_type}
    assert studio.post("/v1/echo", content=b"{}", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"content-type": "application/jsonx"}, {"content-type": "json"}])
def test_a_missing_or_other_content_type_is_refused(studio: httpx2.Client, headers: dict[str, str]) -> None:
    assert studio.post("/v1/echo", content=b"{}", headers=headers).status_code == 406


def test_the_spec_names_status_and_text_of_errors(start: Start, api: dict[str, Any]) -> None:
    api["answers"]["error"] = {"body": {"message": "{message}"}}
    api["errors"] = [
        {"status": 403, "title": "No", "messages": {"missing_key": "Key?", "invalid_key": "Key!"}},
        {"status": 410, "title": "Gone", "messages": {"unknown_model": "No such model"}},
        {"status": 415, "title": "Type", "messages": {"content_type": "JSON, please"}},
        {"status": 422, "title": "Invalid", "occasions": ["invalid_parameters"]},
        {"status": 451, "title": "Blocked", "messages": {"blocked_content": "Too red"}},
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
        job = client.post("/v2/echo", json={}, headers={"x-speccast-fault": "content-block"})
        look = client.get(job.json()["status_url"])
    assert (nameless.status_code, nameless.json()) == (403, {"message": "Key?"})
    assert (wrong.status_code, wrong.json()) == (403, {"message": "Key!"})
    assert (unknown.status_code, unknown.json()) == (410, {"message": "No such model"})
    assert (typed.status_code, typed.json()) == (415, {"message": "JSON, please"})
    assert (invalid.status_code, malformed.status_code, blocked.status_code) == (422, 422, 451)
    assert (blocked.json(), look.json()["error"]) == ({"message": "Too red"}, "Too red")


def test_an_api_without_listed_errors_has_defaults(start: Start, api: dict[str, Any]) -> None:
    del api["errors"]
    with start(api=api) as client:
        assert httpx2.get(f"{client.base_url}/v1/x").status_code == 401
        assert client.get("/v1/x").status_code == 404
        assert client.post("/v1/echo", content=b"{}").status_code == 415
        method = client.put("/v1/echo")
        assert (method.status_code, method.json()) == (405, {"error": "Method not allowed"})
        assert method.headers["allow"] == "POST"
        assert client.get("/v2/requests/gone").json() == {"error": "Request gone not found"}


def test_every_response_has_its_own_request_id(studio: httpx2.Client) -> None:
    responses = [
        studio.get("/v1/nowhere"),
        studio.get("/v1/echo"),
        studio.post("/v1/echo", content=b"["),
        studio.post("/v1/echo", json={}),
    ]
    assert len({response.headers["x-request-id"] for response in responses}) == len(responses)


def test_a_header_is_omitted_if_the_value_does_not_fit_its_type(start: Start, api: dict[str, Any]) -> None:
    api["headers"] = [
        {"name": "x-id", "meaning": "request_id", "type": "integer"},
        {"name": "x-price", "meaning": "cost", "type": "integer"},
        {"name": "x-other", "meaning": "phase_of_the_moon"},
    ]
    with start(api=api) as client:
        response = client.post("/v1/echo", json={})
    assert response.status_code == 200
    assert "x-id" not in response.headers
    assert "x-other" not in response.headers
    assert response.headers["x-price"] == "0"
