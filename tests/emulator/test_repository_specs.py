"""Every API of this repository is served: its examples are accepted, and so is every bound."""

from __future__ import annotations

import base64
import io
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from PIL import Image

from speccast.core.encoding import ENCODINGS
from speccast.core.envelope import enclose
from speccast.core.places import read_first
from speccast.core.uploads import Upload
from speccast.emulator.sample_files import sample_file
from speccast.emulator.server import start_emulator
from speccast.emulator.settings import EmulatorSettings, JobProgress
from speccast.specs.build import build_bundle
from speccast.specs.bundle import Bundle, bundle_text, read_bundle
from speccast.specs.load import load
from tests.emulator.conftest import violations_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.answers import Operation

ROOT = Path(__file__).parents[2]
FOLDERS = [
    ROOT / "specs" / "segmind",
    *(ROOT / "tests" / "apis" / name for name in ("harmonia", "minimal")),
]
"""Hosts tell the paths of `twins` apart; `test_surface_hosts.py` is about that."""


def bundle_of(folder: Path) -> Bundle:
    (api,) = load(folder).apis
    models: list[Any] = [document.value for document in api.models]
    own: Any = api.api.value
    return Bundle({"id": api.id, **own}, {model["slug"]: model for model in models})


BUNDLES = {folder.name: bundle_of(folder) for folder in FOLDERS}
MODELS = [(api, slug) for api, bundle in BUNDLES.items() for slug in bundle.models]
REFUSED = {
    api: build_bundle(bundle).error_for("invalid_parameters").status for api, bundle in BUNDLES.items()
}


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, httpx2.Client]]:
    """A client with a key for each API."""
    with ExitStack() as stack:
        found = {}
        for name, bundle in BUNDLES.items():
            url = stack.enter_context(start_emulator(bundle, EmulatorSettings(progress=JobProgress(2)))).url
            auth = bundle.api.get("auth", {"name": "x-none"})
            headers = {auth["name"]: f"{auth.get('scheme', '')} key".strip()}
            headers |= bundle.api.get("request_headers", {})
            found[name] = stack.enter_context(httpx2.Client(base_url=url, headers=headers, timeout=30))
        yield found


def path_of(api: str, slug: str, surface: str) -> str:
    bundle = BUNDLES[api]
    own = bundle.models[slug].get("paths", {})
    shared = {
        "sync": bundle.api.get("sync", {}).get("path"),
        "submit": bundle.api.get("async", {}).get("submit"),
    }
    path: str = own.get(surface) or shared[surface]
    return path.replace("{slug}", slug)


def example_of(api: str, slug: str) -> dict[str, Any]:
    """Return the page's own example, with the required parameters that have a default, which a client adds."""
    model = BUNDLES[api].models[slug]
    added = {
        name: spec["default"]
        for name, spec in model["parameters"].items()
        if spec.get("required") and "default" in spec
    }
    return {**added, **model.get("example", {})}


def key_of(model: Any) -> dict[str, str] | None:
    """Return the key in the query, if the model takes it there instead of the header of the API."""
    auth = model.get("auth", {})
    return {auth["name"]: "key"} if auth.get("in") == "query" else None


def body_of(api: str, slug: str, surface: str, change: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the example of the page with the required files and a change, as arguments of the HTTP library."""
    model = BUNDLES[api].models[slug]
    values = {**example_of(api, slug), **(change or {})}
    if "body" not in model:
        described = BUNDLES[api].api.get("sync" if surface == "sync" else "async", {})
        wrapped: dict[str, Any] = enclose(values, model.get("sends", {}), described.get("wrap"))
        return {"json": wrapped, "params": key_of(model)}
    for name, spec in model["parameters"].items():
        if spec.get("required") and spec.get("type") == "file":
            file, content, media_type = sample_file(spec["media_types"][0])
            values[name] = Upload(file, media_type, content, len(content))
    content_type, encoded = ENCODINGS[model["body"]].encode(values)
    return {
        "content": b"".join([encoded] if isinstance(encoded, bytes) else encoded),
        "headers": {"content-type": content_type},
    }


@pytest.mark.parametrize(("api", "slug"), MODELS)
def test_the_example_of_the_page_is_accepted_on_every_surface(
    clients: dict[str, httpx2.Client], api: str, slug: str
) -> None:
    model = BUNDLES[api].models[slug]
    if "sync" in model["surfaces"]:
        response = clients[api].post(path_of(api, slug, "sync"), **body_of(api, slug, "sync"))
        assert response.is_success, response.text
        if "answers" not in model:
            assert response.headers["content-type"].partition(";")[0] in model["returns"]
    if "async" in model["surfaces"]:
        built = build_bundle(BUNDLES[api])
        answers = built.answers_of(next(each for each in built.models if each.slug == slug))

        def value_of(name: str, operation: Operation, body: object) -> Any:
            return read_first(answers.paths(operation)[name], body)

        job = clients[api].post(path_of(api, slug, "submit"), **body_of(api, slug, "submit")).json()
        phases = {state["name"]: state["phase"] for state in BUNDLES[api].api["async"]["states"]}
        status_url, result_url = (value_of(name, "submit", job) for name in ("status_url", "result_url"))
        found = [
            value_of("state", "status", clients[api].get(status_url, params=key_of(model)).json())
            for _ in range(3)
        ]
        assert [phases[state] for state in (value_of("state", "submit", job), *found)] == [
            "waiting",
            "waiting",
            "running",
            "succeeded",
        ]
        made = "output" if "output" in answers.paths("result") else "text"
        assert value_of(made, "result", clients[api].get(result_url, params=key_of(model)).json())


@pytest.mark.parametrize(("api", "slug"), MODELS)
def test_an_unknown_parameter_is_refused(clients: dict[str, httpx2.Client], api: str, slug: str) -> None:
    surface = "sync" if "sync" in BUNDLES[api].models[slug]["surfaces"] else "submit"
    response = clients[api].post(path_of(api, slug, surface), **body_of(api, slug, surface, {"no such": 1}))
    assert response.status_code == REFUSED[api]
    assert [found["parameter"] for found in violations_of(clients[api])] == ["no such"]


def edges() -> list[Any]:
    """Return a value at and a value beyond each bound of each number of each model."""
    found = []
    for api, slug in MODELS:
        for name, spec in BUNDLES[api].models[slug]["parameters"].items():
            step = Decimal(repr(spec.get("multipleOf", 1 if spec.get("type") == "integer" else 0.5)))
            for bound, sign in (("minimum", -1), ("maximum", 1)):
                if bound in spec:
                    beyond = Decimal(repr(spec[bound])) + sign * step
                    value = int(beyond) if beyond == int(beyond) else float(beyond)
                    found.append(
                        pytest.param(api, slug, {name: spec[bound]}, 200, id=f"{slug}-{name}-{bound}")
                    )
                    found.append(
                        pytest.param(
                            api, slug, {name: value}, REFUSED[api], id=f"{slug}-{name}-beyond-{bound}"
                        )
                    )
    return found


@pytest.mark.parametrize(("api", "slug", "change", "status"), edges())
def test_numbers_are_accepted_at_their_bound_and_refused_beyond(
    clients: dict[str, httpx2.Client], api: str, slug: str, change: dict[str, float], status: int
) -> None:
    surface = "sync" if "sync" in BUNDLES[api].models[slug]["surfaces"] else "submit"
    response = clients[api].post(path_of(api, slug, surface), **body_of(api, slug, surface, change))
    assert (200 if response.is_success else response.status_code) == status, response.text
    if status != 200:
        assert [found["parameter"] for found in violations_of(clients[api])] == list(change)


@pytest.mark.parametrize("api", BUNDLES)
def test_the_page_of_models_lists_them_all(clients: dict[str, httpx2.Client], api: str) -> None:
    page = clients[api].get("/").text
    assert all(f"<h2>{slug}</h2>" in page for slug in BUNDLES[api].models)


@pytest.mark.parametrize("api", BUNDLES)
def test_the_bundle_of_the_specs_can_be_read_again(tmp_path: Path, api: str) -> None:
    path = tmp_path / "_specs.json"
    path.write_bytes(bundle_text(BUNDLES[api].api, BUNDLES[api].models.values()).encode())
    assert read_bundle(path) == BUNDLES[api]


def test_segmind_returns_the_size_of_the_aspect_ratio(clients: dict[str, httpx2.Client]) -> None:
    slug = "stable-diffusion-3.5-large-txt2img"
    body = {"prompt": "a", "sampler": "euler", "scheduler": "beta", "image_format": "png"}

    def size(**parameters: Any) -> tuple[int, int]:
        response = clients["segmind"].post(f"/v1/{slug}", json={**body, **parameters})
        assert response.headers["content-type"] == "image/png"
        return Image.open(io.BytesIO(response.content)).size

    assert size() == (1024, 1024)
    assert size(width=640) == (640, 1024)
    assert size(aspect_ratio="9:16 portrait 768x1344") == (768, 1344)
    assert size(aspect_ratio="9:16 portrait 768x1344", width=64, height=64) == (768, 1344)


def test_segmind_errors_are_worded_as_observed() -> None:
    with start_emulator(BUNDLES["segmind"], EmulatorSettings(key="SG_0123456789abcdef")) as served:
        url = served.url
        missing = httpx2.post(f"{url}/v1/sd2.1-txt2img", json={})
        wrong = httpx2.post(f"{url}/v1/sd2.1-txt2img", json={}, headers={"x-api-key": "SG_0"})
        with httpx2.Client(base_url=url, headers={"x-api-key": "SG_0123456789abcdef"}) as client:
            job = client.get("/v2/requests/gone/status")
            no_jobs = client.post("/v2/sd2.1-txt2img", json={})
            kind = client.post("/v1/sd2.1-txt2img", content=b"{}")
            method = client.get("/v1/sd2.1-txt2img")
    assert missing.json() == {"error": "Missing Authorization or x-api-key in header"}
    assert wrong.json() == {"error": "Unauthorized. API key is invalid or may have expired"}
    assert (job.status_code, job.json()) == (404, {"error": "Request gone not found"})
    assert [response.status_code for response in (missing, wrong, no_jobs, kind, method)] == [
        401,
        401,
        404,
        406,
        405,
    ]


def test_segmind_base64_is_json(clients: dict[str, httpx2.Client]) -> None:
    response = clients["segmind"].post(
        "/v1/sd2.1-txt2img", json={"prompt": "a", "base64": True, "samples": 2}
    )
    assert [base64.b64decode(text)[:2] for text in response.json()["image"]] == [b"\xff\xd8"] * 2
