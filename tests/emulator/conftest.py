"""A small API invented for these tests, and emulators of it."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import httpx2
import pytest

from speccast.core.places import METRICS
from speccast.emulator.server import start_emulator
from speccast.specs.bundle import Bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.emulator.settings import EmulatorSettings

_JOB = {"request_id": "{id}", "status": "{state}"}
_ADDRESSES = {"status_url": "{status_url}", "response_url": "{result_url}"}
_METRICS = {name: f"{{{name}}}" for name in METRICS}

API: dict[str, Any] = {
    "id": "studio",
    "speccast": 1,
    "title": "Studio",
    "base_url": "https://studio.example",
    "auth": {"in": "header", "name": "x-studio-key"},
    "package": "studio",
    "distribution": "studio",
    "command": "studio",
    "client": "Studio",
    "version": "1.0.0",
    "sync": {"path": "/v1/{slug}"},
    "async": {
        "submit": "/v2/{slug}",
        "status": "/v2/requests/{id}/status",
        "result": "/v2/requests/{id}",
        "states": [
            {"name": "QUEUED", "phase": "waiting"},
            {"name": "PROCESSING", "phase": "running"},
            {"name": "COMPLETED", "phase": "succeeded"},
            {"name": "FAILED", "phase": "failed", "http_status": 422},
        ],
        "retention": 3600,
    },
    "answers": {
        "sync": [{"when": {"base64": True}, "body": {"image": "{base64}"}}, {"media": "*/*"}],
        "submit": {"body": {**_JOB, "poll_url": "{status_url}", **_ADDRESSES}},
        "status": [
            {"when": {"{state}": "COMPLETED"}, "body": {**_JOB, **_ADDRESSES, "metrics": _METRICS}},
            {"body": {**_JOB, "metrics": {}}},
        ],
        "result": {"body": {**_JOB, **_ADDRESSES, "output": "{output}", "metrics": _METRICS}},
        "cancel": {"body": {**_JOB, "metrics": _METRICS}},
        "failed": {"body": {**_JOB, "error": "{message}", "metrics": _METRICS}},
    },
    "errors": [
        {
            "status": 401,
            "title": "Unauthorized",
            "messages": {"missing_key": "Send x-studio-key", "invalid_key": "That key is not known"},
        },
        {"status": 404, "title": "Not Found", "messages": {"unknown_job": "Request {id} not found"}},
        {
            "status": 405,
            "title": "Method Not Allowed",
            "media_type": "text/html",
            "occasions": ["wrong_method"],
        },
        {"status": 406, "title": "Not Acceptable", "messages": {"content_type": "Only application/json"}},
        {"status": 429, "title": "Rate Limited", "description": "Too many requests"},
    ],
    "headers": [
        {"name": "x-request-id", "meaning": "request_id"},
        {"name": "x-cost", "meaning": "cost", "type": "number"},
        {"name": "x-remaining", "meaning": "remaining_credits", "type": "number"},
        {"name": "x-seconds", "meaning": "generation_time", "type": "number"},
        {"name": "x-seed", "meaning": "seed", "type": "integer"},
    ],
}


def model(slug: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the value of a model's spec; an image model on both surfaces unless `more` says otherwise."""
    spec = {
        "speccast": 1,
        "slug": slug,
        "title": f"The model {slug}",
        "surfaces": ["sync", "async"],
        "returns": ["image/jpeg", "application/json"],
    }
    return {**spec, **more, "parameters": parameters}


PAINTER = model(
    "painter-1.5",
    {
        "prompt": {"type": "string", "required": True},
        "width": {"type": "integer", "minimum": 16, "maximum": 4096, "default": 96},
        "height": {"type": "integer", "minimum": 16, "maximum": 4096, "default": 64},
        "image": {"type": "string", "format": "uri"},
        "samples": {"type": "integer", "minimum": 1, "maximum": 10, "default": 1},
        "output_format": {"type": "string", "enum": ["jpeg", "png", "webp"], "default": "jpeg"},
        "image_quality": {"type": "integer", "minimum": 10, "maximum": 100},
        "seed": {"type": "integer", "minimum": -1},
        "base64": {"type": "boolean", "default": False},
    },
)
SYNC_ONLY = model("sync-only", {"prompt": {"type": "string"}}, surfaces=["sync"])
ASYNC_ONLY = model(
    "async-only", {"prompt": {"type": "string"}}, surfaces=["async"], paths={"submit": "/beta/{slug}/jobs"}
)
ECHO = model("echo", {"text": {"type": "string"}}, returns=["application/json"])


class Start(Protocol):
    """Start an emulator of the invented API, or of other models or another API."""

    def __call__(
        self,
        *models: dict[str, Any],
        api: dict[str, Any] | None = None,
        settings: EmulatorSettings | None = None,
    ) -> AbstractContextManager[httpx2.Client]: ...


@contextmanager
def _start(
    *models: dict[str, Any], api: dict[str, Any] | None = None, settings: EmulatorSettings | None = None
) -> Iterator[httpx2.Client]:
    served = models or (PAINTER, SYNC_ONLY, ASYNC_ONLY, ECHO)
    bundle = Bundle(api or API, {spec["slug"]: spec for spec in served})
    with (
        start_emulator(bundle, settings) as emulator,
        httpx2.Client(base_url=emulator.url, headers={"x-studio-key": "any"}, timeout=30) as client,
    ):
        yield client


@pytest.fixture(scope="session")
def start() -> Start:
    return _start


@pytest.fixture(scope="module")
def studio(start: Start) -> Iterator[httpx2.Client]:
    """A client with a key, for an emulator of the invented API."""
    with start() as client:
        yield client


@pytest.fixture(scope="session")
def studio_api() -> dict[str, Any]:
    """The invented API, not to be changed."""
    return API


def violations_of(client: httpx2.Client) -> list[dict[str, Any]]:
    """Return the invalid parameters of the latest request, as the journal has them."""
    found: list[dict[str, Any]] = client.get("/_emulator/journal").json()["requests"][-1]["violations"]
    return found


@pytest.fixture
def api() -> dict[str, Any]:
    """A copy of the invented API that a test can change."""
    return copy.deepcopy(API)


@pytest.fixture(scope="session")
def spec_of() -> Any:
    """Return the value of a model's spec: `spec_of(slug, parameters, **more)`."""
    return model
