"""Paths of jobs with a query, with the model, and of one model only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

    from tests.emulator.conftest import Start


@pytest.fixture(scope="module")
def studio(start: Start, studio_api: dict[str, Any], spec_of: Any) -> Iterator[httpx2.Client]:
    jobs = {
        **studio_api["async"],
        "status": "/v2/tasks?view=short&task_id={id}",
        "result": "/v2/{slug}/tasks/{id}",
    }
    text = {"prompt": {"type": "string"}}
    own = {"status": "/v3/{slug}/{id}", "result": "/v3/{slug}/{id}"}
    with start(
        spec_of("fox", text, surfaces=["async"]),
        spec_of("owl", text, surfaces=["async"]),
        spec_of("cat", text, surfaces=["async"], paths=own),
        api={**studio_api, "async": jobs},
    ) as client:
        yield client


def submit(client: httpx2.Client, slug: str) -> tuple[str, str, str]:
    accepted = client.post(f"/v2/{slug}", json={}).json()
    origin = str(client.base_url).rstrip("/")
    return (
        accepted["request_id"],
        accepted["status_url"].removeprefix(origin),
        accepted["response_url"].removeprefix(origin),
    )


def test_the_id_can_be_in_the_query(studio: httpx2.Client) -> None:
    job, status, result = submit(studio, "fox")
    assert (status, result) == (f"/v2/tasks?view=short&task_id={job}", f"/v2/fox/tasks/{job}")
    assert studio.get(status).json()["request_id"] == job
    assert studio.get(f"/v2/tasks?other=1&task_id={job}&view=short").json()["request_id"] == job
    for path in ("/v2/tasks", f"/v2/tasks?task_id={job}", f"/v2/tasks?view=long&task_id={job}"):
        assert studio.get(path).json() == {"error": "Unknown model or endpoint"}
    assert studio.get("/v2/tasks?view=short&task_id=1").json() == {"error": "Request 1 not found"}
    assert studio.post(status).status_code == 405


def test_a_job_is_unknown_at_the_path_of_another_model(studio: httpx2.Client) -> None:
    job, _, result = submit(studio, "fox")
    assert studio.get(result).json()["request_id"] == job
    for other in ("owl", "cat", "wolf"):
        refused = studio.get(f"/v2/{other}/tasks/{job}")
        assert (refused.status_code, refused.json()) == (404, {"error": f"Request {job} not found"})


def test_a_model_can_have_its_own_path(studio: httpx2.Client) -> None:
    job, status, result = submit(studio, "cat")
    assert (status, result) == (f"/v3/cat/{job}", f"/v3/cat/{job}")
    while "output" not in (body := studio.get(status).json()):
        assert body["request_id"] == job
    assert studio.get(f"/v2/tasks?view=short&task_id={job}").status_code == 404


@pytest.mark.parametrize("encoded", ["a%2Fb", "a%3Fb", "%2E%2E"])
def test_an_encoded_id_is_an_unknown_job(studio: httpx2.Client, encoded: str) -> None:
    refused = studio.get(f"/v3/cat/{encoded}")
    assert refused.status_code == 404
    assert "not found" in refused.json()["error"]
