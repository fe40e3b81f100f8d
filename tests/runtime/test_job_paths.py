"""Requests about jobs: ids in path and query, paths of models, and surfaces with another origin."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from acme_client._api import API
from acme_client._core.api import JobSurface
from acme_client._runtime.errors import ConfigurationError
from acme_client._runtime.settings import configure
from acme_client.models.fox_1_5 import AsyncFox15, Fox15
from acme_support.server import Reply

assert isinstance(API.jobs, JobSurface)
JOBS = API.jobs
STRANGE = "a/b?c&d=é +%"
ENCODED = "a%2Fb%3Fc%26d%3D%C3%A9%20%2B%25"
DONE = {"request_id": "7", "status": "COMPLETED", "output": {"text": "x"}}


def api_with(**paths: str | None) -> Any:
    return replace(API, jobs=replace(JOBS, **paths))


@pytest.mark.parametrize(
    ("path", "requested"),
    [
        ("/v2/requests/{id}", f"/v2/requests/{ENCODED}"),
        ("/v2/tasks?task_id={id}", f"/v2/tasks?task_id={ENCODED}"),
        ("/v2/tasks?view=all&id={id}&n=1", f"/v2/tasks?view=all&id={ENCODED}&n=1"),
    ],
)
def test_ids_are_encoded_in_path_and_query(acme: Any, server: Any, path: str, requested: str) -> None:
    server.on(requested.partition("?")[0], Reply(body=DONE))
    job = acme.client(api=api_with(status=path)).job(STRANGE)
    assert acme.run(job.status()) == DONE
    assert [request.target for request in server.requests] == [requested]
    assert job.status_url == server.url + requested


def test_a_status_that_is_the_result_is_read_once(acme: Any, server: Any) -> None:
    path = "/v2/requests/{id}"
    server.on("/v2/requests/7", Reply(body=DONE))
    acme.run(acme.client(api=api_with(status=path, result=path)).job("7").wait())
    assert server.paths() == ["/v2/requests/7"]


def test_the_path_of_a_job_can_contain_its_model(acme: Any, server: Any) -> None:
    api = api_with(status="/v2/{slug}/requests/{id}/status", result="/v2/{slug}/requests/{id}")
    server.on("/v2/fox-1.5", Reply(body={"request_id": "7", "status": "QUEUED"}))
    server.on("/v2/wolf/red", Reply(body={"request_id": "8", "status": "QUEUED"}))
    for slug, number in (("fox-1.5", 7), ("wolf/red", 8)):
        server.on(f"/v2/{slug}/requests/{number}/status", Reply(body=DONE))
        server.on(f"/v2/{slug}/requests/{number}", Reply(body=DONE))
    client = acme.client(api=api)
    job = acme.run(client.fox_1_5.submit(prompt="a"))
    assert acme.run(job.wait()) == DONE
    assert acme.run(acme.run(client.submit_async("wolf/red")).wait()) == DONE
    resumed = client.job("7", model="fox-1.5")
    assert (acme.run(resumed.result()), resumed.model, job.model) == (DONE, "fox-1.5", "fox-1.5")
    with pytest.raises(ConfigurationError, match="pass model='SLUG'"):
        client.job("7")


def test_a_model_can_have_other_paths_than_the_api(
    acme: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for model in (Fox15, AsyncFox15):
        monkeypatch.setattr(model, "status_path", "/v3/{slug}?job={id}")
    server.on("/v2/fox-1.5", Reply(body={"request_id": "7", "status": "QUEUED"}))
    server.on("/v3/fox-1.5", Reply(body={"request_id": "7", "status": "COMPLETED"}))
    server.on("/v2/requests/7", Reply(body=DONE))
    job = acme.run(acme.client().fox_1_5.submit(prompt="a"))
    assert acme.run(job.wait()) == DONE
    assert server.requests[1].target == "/v3/fox-1.5?job=7"


OTHERS = replace(API, jobs=replace(JOBS, base_url="https://queue.acme.test"))


def test_a_surface_has_its_own_origin_unless_the_user_gives_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def origins(**options: Any) -> tuple[str, ...]:
        settings = configure(OTHERS, {}, api_key="k", **options)
        return (
            settings.origin_for(job=False),
            settings.origin_for(job=True),
            settings.for_jobs(None).origin,
            *settings.credentials.other_origins,
        )

    queue = "https://queue.acme.test"
    assert origins() == ("https://api.acme.test", queue, queue, queue)
    assert origins(base_url="http://localhost:1") == ("http://localhost:1",) * 3
    monkeypatch.setenv("ACME_URL", "http://localhost:2")
    assert origins() == ("http://localhost:2",) * 3


@pytest.mark.parametrize("is_jobs_host", [True, False])
def test_a_replaced_host_of_a_surface_is_sent(acme: Any, server: Any, is_jobs_host: bool) -> None:
    api = replace(OTHERS, base_url="https://acme.test") if is_jobs_host else API
    server.on("/v2/fox-1.5", Reply(body={"request_id": "7", "status": "QUEUED"}))
    server.on("/v2/requests/7/status", Reply(body=DONE))
    server.on("/v2/requests/7", Reply(body=DONE), Reply(body=DONE))
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    client = acme.client(api=api)
    acme.run(acme.run(client.fox_1_5.submit(prompt="a")).wait())
    acme.run(client.job("7").result())
    acme.run(client.fox_1_5.generate(prompt="a"))
    *about_jobs, call = [request.headers.get("x-forwarded-host") for request in server.requests]
    assert len(about_jobs) >= 3
    assert set(about_jobs) == {"queue.acme.test" if is_jobs_host else None}
    assert call is None


def test_headers_of_the_caller_replace_the_host(acme: Any, server: Any) -> None:
    server.on("/v2/requests/7/status", Reply(body=DONE))
    job = acme.client(api=OTHERS, extra_headers={"X-Forwarded-Host": "mine.test"}).job("7")
    acme.run(job.status())
    assert server.requests[0].headers["x-forwarded-host"] == "mine.test"
