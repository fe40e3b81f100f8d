"""Keys: in a header or the query, with a scheme or without, any key or one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from speccast.core.auth import AuthRequest, build_auth
from speccast.emulator.settings import EmulatorSettings
from tests.emulator.conftest import model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulator.conftest import Start


@pytest.fixture(scope="module")
def bearer(start: Start, studio_api: dict[str, Any]) -> Iterator[httpx2.Client]:
    auth = {"in": "header", "name": "Authorization", "scheme": "Bearer"}
    with start(api={**studio_api, "auth": auth}, settings=EmulatorSettings(key="right")) as client:
        yield client


@pytest.fixture(scope="module")
def query(start: Start, studio_api: dict[str, Any]) -> Iterator[httpx2.Client]:
    auth = {"in": "query", "name": "token"}
    with start(api={**studio_api, "auth": auth}, settings=EmulatorSettings(key="right")) as client:
        yield client


@pytest.fixture(scope="module")
def locked(start: Start) -> Iterator[httpx2.Client]:
    """An emulator that accepts only the key `right`."""
    with start(settings=EmulatorSettings(key="right")) as client:
        yield client


@pytest.mark.parametrize("key", ["x", "SG_0123456789abcdef", "ü"])
def test_any_key_passes_unless_one_is_set(studio: httpx2.Client, key: str) -> None:
    headers = {b"x-studio-key": key.encode()}
    assert studio.post("/v1/echo", json={}, headers=headers).status_code == 200


def test_a_request_without_a_key_is_refused(studio: httpx2.Client) -> None:
    response = httpx2.post(f"{studio.base_url}/v1/echo", json={})
    assert (response.status_code, response.json()["error"]) == (401, "Send x-studio-key")


def test_an_empty_key_is_invalid_and_not_missing(studio: httpx2.Client) -> None:
    response = httpx2.post(f"{studio.base_url}/v1/echo", json={}, headers={"x-studio-key": ""})
    assert (response.status_code, response.json()["error"]) == (401, "That key is not known")


@pytest.mark.parametrize("key", ["wrong", "Right", "right2", "righ", "ü"])
def test_a_wrong_key_is_refused(locked: httpx2.Client, key: str) -> None:
    response = locked.post("/v1/echo", json={}, headers={b"x-studio-key": key.encode()})
    assert (response.status_code, response.json()["error"]) == (401, "That key is not known")
    assert locked.post("/v1/echo", json={}, headers={"x-studio-key": "right"}).status_code == 200


@pytest.mark.parametrize("value", ["Bearer right", "bearer right", "Bearer   right"])
def test_the_scheme_precedes_the_key(bearer: httpx2.Client, value: str) -> None:
    assert bearer.post("/v1/echo", json={}, headers={"authorization": value}).status_code == 200


@pytest.mark.parametrize(
    "value", ["right", "Basic right", "Bearer", "Bearer wrong", "Bearerright", "Bearer right x"]
)
def test_a_key_without_its_scheme_is_refused(bearer: httpx2.Client, value: str) -> None:
    response = bearer.post("/v1/echo", json={}, headers={"authorization": value})
    assert (response.status_code, response.json()["error"]) == (401, "That key is not known")


def test_a_scheme_alone_is_not_a_key(start: Start, api: dict[str, Any]) -> None:
    api["auth"] = {"in": "header", "name": "Authorization", "scheme": "Bearer"}
    with start(api=api) as client:
        assert client.post("/v1/echo", json={}, headers={"authorization": "Bearer"}).status_code == 401
        assert client.post("/v1/echo", json={}, headers={"authorization": "Bearer x"}).status_code == 200


def test_a_key_in_the_query_passes(query: httpx2.Client) -> None:
    assert query.post("/v1/echo?token=right", json={}).status_code == 200
    assert query.post("/v1/echo?x=1&token=right", json={}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/echo", "/v1/echo?token=", "/v1/echo?token=wrong", "/v1/echo?Token=right"]
)
def test_a_key_outside_the_query_is_ignored(query: httpx2.Client, path: str) -> None:
    assert query.post(path, json={}, headers={"token": "right"}).status_code == 401


@pytest.mark.parametrize("token", ["", "%20", "%09%20"])
def test_a_blank_key_in_the_query_is_invalid(query: httpx2.Client, token: str) -> None:
    assert query.post(f"/v1/echo?token={token}", json={}).json()["error"] == "That key is not known"


def test_a_signature_is_checked_with_the_body(start: Start, api: dict[str, Any]) -> None:
    api["auth"] = {"type": "hmac-sha256", "in": "header", "name": "x-signature"}
    scheme = build_auth(api["auth"])
    with start(api=api, settings=EmulatorSettings(key="right")) as client:
        for key, body, status in (
            ("right", b"{}", 200),
            ("wrong", b"{}", 401),
            ("right", b'{"text": "a"}', 401),
        ):
            signed = AuthRequest("POST", "/v1/echo", {}, b"{}", time.time())
            headers = {**scheme.authorize(key, signed).headers, "content-type": "application/json"}
            response = httpx2.post(f"{client.base_url}/v1/echo", content=body, headers=headers)
            assert response.status_code == status


@pytest.mark.parametrize(("size", "status"), [(100, 413), (10, 401)])
def test_a_signed_body_that_is_too_large_gets_413(
    start: Start, api: dict[str, Any], size: int, status: int
) -> None:
    api["auth"] = {"type": "hmac-sha256", "in": "header", "name": "x-signature"}
    body = b'{"text": "' + b"a" * size + b'"}'
    with start(api=api, settings=EmulatorSettings(key="right", max_body=64)) as client:
        signed = AuthRequest("POST", "/v1/echo", {}, body, time.time())
        headers = {**build_auth(api["auth"]).authorize("wrong", signed).headers}
        url = f"{client.base_url}/v1/echo"
        headers["content-type"] = "application/json"
        assert httpx2.post(url, content=body, headers=headers).status_code == status
        unsigned = httpx2.post(url, content=body, headers={"content-type": "application/json"})
        assert unsigned.json()["error"] == "Send x-studio-key"


@pytest.mark.parametrize("value", ["right", "Basic right", "Bearer", "", "Bearer wrong"])
def test_a_header_that_is_there_is_not_reported_missing(
    start: Start, api: dict[str, Any], value: str
) -> None:
    api["auth"]["alternatives"] = [{"in": "header", "name": "Authorization", "scheme": "Bearer"}]
    with start(api=api, settings=EmulatorSettings(key="right")) as client:
        response = httpx2.post(f"{client.base_url}/v1/echo", json={}, headers={"authorization": value})
        assert (response.status_code, response.json()["error"]) == (401, "That key is not known")


def test_a_second_place_for_the_key_is_accepted(start: Start, api: dict[str, Any]) -> None:
    api["auth"]["alternatives"] = [{"in": "header", "name": "Authorization", "scheme": "Bearer"}]
    with start(api=api, settings=EmulatorSettings(key="right")) as client:
        for headers in ({"x-studio-key": "right"}, {"authorization": "Bearer right"}):
            response = httpx2.post(f"{client.base_url}/v1/echo", json={}, headers=headers)
            assert response.status_code == 200
        refused = httpx2.post(
            f"{client.base_url}/v1/echo", json={}, headers={"authorization": "Bearer wrong"}
        )
        assert refused.json()["error"] == "That key is not known"


def test_an_api_without_auth_needs_no_key(start: Start, api: dict[str, Any]) -> None:
    del api["auth"]
    with start(api=api) as client:
        assert httpx2.post(f"{client.base_url}/v1/echo", json={}).status_code == 200


def test_jobs_need_the_key_as_well(locked: httpx2.Client) -> None:
    submitted = locked.post("/v2/echo", json={}, headers={"x-studio-key": "right"}).json()
    assert httpx2.get(submitted["status_url"]).status_code == 401
    assert locked.get(submitted["response_url"]).status_code == 401


def test_settings_do_not_print_the_key() -> None:
    assert "secret" not in repr(EmulatorSettings(key="secret"))


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({"authorization": "Bearer any"}, "", 200),
        ({"x-studio-key": "any"}, "", 401),
        ({}, "?key=any", 401),
        ({"x-studio-key": "any", "authorization": "Bearer any"}, "", 200),
        ({}, "", 401),
    ],
)
def test_a_model_can_use_one_of_the_places_of_the_key_only(
    start: Start,
    api: dict[str, Any],
    headers: dict[str, str],
    query: str,
    status: int,
) -> None:
    bearer = {"in": "header", "name": "Authorization", "scheme": "Bearer"}
    api["auth"] = {
        "in": "header",
        "name": "x-studio-key",
        "alternatives": [bearer, {"in": "query", "name": "key"}],
    }
    maker, other = model("maker", {}, auth=bearer), model("other", {})
    with start(maker, other, api=api) as client:
        client.headers.pop("x-studio-key")
        for path in ("/v1/maker", "/v2/maker"):
            assert client.post(path + query, json={}, headers=headers).status_code == status
        job = client.post("/v2/maker", json={}, headers={"authorization": "Bearer any"}).json()
        for sent in ({"authorization": "Bearer any"}, {"x-studio-key": "any"}):
            assert client.get(job["status_url"], headers=sent).status_code == 200
            assert client.post("/v1/other", json={}, headers=sent).status_code == 200
