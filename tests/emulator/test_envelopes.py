"""Bodies in which parameters are members of one object, and models at one path that a constant tells apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.conftest import violations_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

    from tests.emulator.conftest import Start

TEXT = {"prompt": {"type": "string", "required": True}}


@pytest.fixture(scope="module")
def wrapped(start: Start, studio_api: dict[str, Any]) -> Iterator[httpx2.Client]:
    api = {
        **studio_api,
        "sync": {"path": "/v1/{slug}", "wrap": "input"},
        "async": {**studio_api["async"], "wrap": "request"},
    }
    with start(api=api) as client:
        yield client


@pytest.mark.parametrize(("path", "wrap"), [("/v1", "input"), ("/v2", "request")])
def test_parameters_are_members_of_the_object(wrapped: httpx2.Client, path: str, wrap: str) -> None:
    body = {wrap: {"prompt": "a"}, "webhook": "https://studio.example/hook"}
    assert wrapped.post(f"{path}/painter-1.5", json=body).status_code == 200


@pytest.mark.parametrize(
    ("body", "violation"),
    [
        (
            {"prompt": "a"},
            {"parameter": "input", "limit": {"type": "object"}, "message": "input is required"},
        ),
        (
            {"input": None},
            {"parameter": "input", "limit": {"type": "object"}, "message": "input must be an object"},
        ),
        (
            {"input": {}},
            {"parameter": "prompt", "limit": {"required": True}, "message": "prompt is required"},
        ),
    ],
)
def test_a_body_without_the_object_is_invalid_and_members_keep_their_names(
    wrapped: httpx2.Client, body: dict[str, Any], violation: dict[str, Any]
) -> None:
    refused = wrapped.post("/v1/painter-1.5", json=body)
    assert refused.status_code == 400
    assert violations_of(wrapped) == [violation]


@pytest.fixture(scope="module")
def sharing(start: Start, studio_api: dict[str, Any], spec_of: Any) -> Iterator[httpx2.Client]:
    options = {"paths": {"sync": "/v1/images"}, "surfaces": ["sync"], "returns": ["application/json"]}
    with start(
        spec_of("fox", TEXT, sends={"model": "fox", "version": 1.5}, **options),
        spec_of("owl", {"size": {"type": "integer"}}, sends={"model": "owl"}, **options),
        api=studio_api,
    ) as client:
        yield client


def models(client: httpx2.Client) -> list[str | None]:
    return [entry["model"] for entry in client.get("/_emulator/journal").json()["requests"]]


@pytest.mark.parametrize(
    ("body", "model"),
    [
        ({"model": "fox", "version": 1.5, "prompt": "a"}, "fox"),
        ({"prompt": "a", "version": 1.50, "model": "fox"}, "fox"),
        ({"model": "owl", "size": 3}, "owl"),
    ],
)
def test_models_at_one_path_are_told_apart_by_their_constants(
    sharing: httpx2.Client, body: dict[str, Any], model: str
) -> None:
    sharing.delete("/_emulator/journal")
    answered = sharing.post("/v1/images", json=body)
    assert answered.status_code == 200, answered.text
    assert models(sharing) == [model]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"model": "cat"}, 'model "cat", no version'),
        ({"model": "fox", "version": 1}, 'model "fox", version 1'),
        ({"model": True, "version": None}, "model true, version null"),
        ({}, "no model, no version"),
    ],
)
def test_unknown_constants_are_an_unknown_model(
    sharing: httpx2.Client, body: dict[str, Any], reason: str
) -> None:
    refused = sharing.post("/v1/images", json=body)
    assert refused.status_code == 404
    assert refused.json() == {"error": f"Unknown model or endpoint: no model at this path has {reason}"}


def test_each_model_at_a_path_has_its_own_parameters(sharing: httpx2.Client) -> None:
    sharing.post("/v1/images", json={"model": "owl", "prompt": "a"})
    assert [each["parameter"] for each in violations_of(sharing)] == ["prompt"]
    assert (
        sharing.post("/v1/images", content=b"{", headers={"content-type": "application/json"}).status_code
        == 400
    )


def test_a_large_body_is_read_for_its_constants(sharing: httpx2.Client) -> None:
    body = json.dumps({"prompt": "a" * 100_000, "model": "fox", "version": 1.5})
    headers = {"content-type": "application/json"}
    assert sharing.post("/v1/images", content=body, headers=headers).status_code == 200
