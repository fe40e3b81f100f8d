"""Headers that every request to the API must have are demanded, before the body is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.emulator.conftest import Start

HEADERS = {"X-Studio-Version": "2024-11-06", "x-studio-mode": "typed"}
DEMANDED = "The header X-Studio-Version is missing; send X-Studio-Version: 2024-11-06"


def test_calls_and_polls_must_have_them_but_not_outputs(start: Start, api: dict[str, Any]) -> None:
    api["request_headers"] = HEADERS
    with start(api=api) as studio:
        for method, path in (
            ("POST", "/v1/painter-1.5"),
            ("POST", "/v2/painter-1.5"),
            ("GET", "/v2/requests/1/status"),
            ("GET", "/v2/requests/1"),
        ):
            refused = studio.request(method, path)
            assert (refused.status_code, refused.json()) == (400, {"error": DEMANDED}), path
        accepted = studio.post("/v2/painter-1.5", json={"prompt": "a"}, headers=HEADERS)
        result_url = accepted.json()["response_url"]
        while "output" not in (result := studio.get(result_url, headers=HEADERS).json()):
            assert result["status"] in ("QUEUED", "PROCESSING")
        assert studio.get(result["output"]).status_code == 200


def test_their_values_must_be_those_of_the_spec(start: Start, api: dict[str, Any]) -> None:
    api["request_headers"] = HEADERS
    with start(api=api) as studio:
        other = {"X-STUDIO-VERSION": "2025", "x-studio-mode": "typed"}
        refused = studio.post("/v1/painter-1.5", json={"prompt": "a"}, headers=other)
    assert refused.status_code == 400
    assert refused.json() == {"error": "The header X-Studio-Version must be 2024-11-06"}


def test_the_key_and_the_path_are_checked_before_them(start: Start, api: dict[str, Any]) -> None:
    api["request_headers"] = HEADERS
    with start(api=api) as studio:
        assert studio.post("/v1/painter-1.5", headers={"x-studio-key": ""}).status_code == 401
        assert studio.post("/v1/nothing").status_code == 404
        assert studio.get("/v1/painter-1.5").status_code == 405


def test_the_page_for_people_shows_them(start: Start, api: dict[str, Any]) -> None:
    api["request_headers"] = HEADERS
    with start(api=api) as studio:
        assert "-H &#x27;X-Studio-Version: 2024-11-06&#x27;" in studio.get("/").text
