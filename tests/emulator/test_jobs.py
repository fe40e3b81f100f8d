"""The life cycle of a job: submit, poll, fetch, and removal after the retention."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from PIL import Image

from speccast.emulator.server import start_emulator
from speccast.emulator.settings import EmulatorSettings, JobProgress
from speccast.errors import SpeccastError
from speccast.specs.bundle import Bundle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.conftest import Start

FAILED = {"X-Speccast-Fault": "job-failed=NSFW content"}
STUCK = {"X-Speccast-Fault": "job-stuck"}


def submit(client: httpx2.Client, headers: dict[str, str] | None = None, **parameters: Any) -> dict[str, Any]:
    response = client.post("/v2/painter-1.5", json={"prompt": "a", **parameters}, headers=headers)
    assert response.status_code == 200, response.text
    submitted: dict[str, Any] = response.json()
    return submitted


def states(client: httpx2.Client, job: dict[str, Any], polls: int) -> list[str]:
    """Return the states that this number of polls reports."""
    return [client.get(job["status_url"]).json()["status"] for _ in range(polls)]


def test_a_submit_returns_the_first_state_and_the_addresses(studio: httpx2.Client) -> None:
    response = studio.post("/v2/painter-1.5", json={"prompt": "a"})
    job = response.json()
    status_url = f"{studio.base_url}/v2/requests/{job['request_id']}/status"
    assert job == {
        "request_id": response.headers["x-request-id"],
        "status": "QUEUED",
        "poll_url": status_url,
        "status_url": status_url,
        "response_url": f"{studio.base_url}/v2/requests/{job['request_id']}",
    }


def test_a_finished_job_has_metrics_and_the_address_of_its_output(studio: httpx2.Client) -> None:
    job = submit(studio, width=120, height=40, output_format="png")
    status = studio.get(job["status_url"])
    result = studio.get(job["response_url"])
    assert (status.status_code, result.status_code) == (200, 200)
    metrics = status.json().pop("metrics")
    assert status.json() == {
        "request_id": job["request_id"],
        "status": "COMPLETED",
        "metrics": metrics,
        "status_url": job["status_url"],
        "response_url": job["response_url"],
    }
    assert set(metrics) == {"cost", "remaining_credits", "inference_time", "queue_time", "total_time"}
    assert metrics["total_time"] == pytest.approx(metrics["inference_time"] + metrics["queue_time"])
    output = f"{studio.base_url}/_emulator/outputs/{job['request_id']}/0.png"
    assert result.json() == {**status.json(), "output": output}


def test_an_output_needs_no_key_and_is_as_requested(studio: httpx2.Client) -> None:
    job = submit(studio, width=120, height=40, output_format="webp", seed=3)
    output = httpx2.get(studio.get(job["response_url"]).json()["output"])
    assert output.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(output.content)).size == (120, 40)
    at_once = studio.post(
        "/v1/painter-1.5",
        json={"prompt": "a", "width": 120, "height": 40, "output_format": "webp", "seed": 3},
    )
    assert output.content == at_once.content


def test_an_output_is_the_same_each_time_even_with_a_drawn_seed(studio: httpx2.Client) -> None:
    output = studio.get(submit(studio)["response_url"]).json()["output"]
    assert httpx2.get(output).content == httpx2.get(output).content


def test_several_samples_are_several_outputs(studio: httpx2.Client) -> None:
    outputs = studio.get(submit(studio, samples=3)["response_url"]).json()["output"]
    assert len(outputs) == 3
    assert len({httpx2.get(output).content for output in outputs}) == 3


def test_a_model_that_returns_json_has_it_as_its_output(studio: httpx2.Client) -> None:
    job = studio.post("/v2/echo", json={"text": "hello"}).json()
    assert studio.get(job["response_url"]).json()["output"] == {
        "model": "echo",
        "parameters": {"text": "hello"},
    }


@pytest.mark.parametrize("name", ["1.jpg", "0.png", "00.jpg", "0", "0.jpg/", "-1.jpg", "²"])
def test_other_outputs_are_unknown(studio: httpx2.Client, name: str) -> None:
    job = submit(studio)
    output = studio.get(job["response_url"]).json()["output"]
    assert httpx2.get(output).status_code == 200
    assert httpx2.get(output.replace("0.jpg", name)).status_code in (401, 404)


@pytest.mark.parametrize(
    ("polls", "found"),
    [
        (0, ["COMPLETED"]),
        (1, ["PROCESSING", "COMPLETED", "COMPLETED"]),
        (2, ["QUEUED", "PROCESSING", "COMPLETED"]),
        (3, ["QUEUED", "PROCESSING", "PROCESSING", "COMPLETED"]),
        (4, ["QUEUED", "QUEUED", "PROCESSING", "PROCESSING", "COMPLETED"]),
    ],
)
def test_polls_advance_a_job_through_its_states(start: Start, polls: int, found: list[str]) -> None:
    with start(settings=EmulatorSettings(progress=JobProgress(polls))) as client:
        assert states(client, submit(client), len(found)) == found


def test_only_polls_of_the_same_job_count(start: Start) -> None:
    with start(settings=EmulatorSettings(progress=JobProgress(1))) as client:
        job, other = submit(client), submit(client)
        states(client, other, 5)
        assert states(client, job, 2) == ["PROCESSING", "COMPLETED"]


@pytest.mark.parametrize("names", [["response_url"] * 3, ["status_url", "response_url", "status_url"]])
def test_a_client_can_poll_the_result_instead_of_the_status(start: Start, names: list[str]) -> None:
    with start(settings=EmulatorSettings(progress=JobProgress(2))) as client:
        job = submit(client)
        found = [client.get(job[name]).json()["status"] for name in names]
    assert found == ["QUEUED", "PROCESSING", "COMPLETED"]


@pytest.mark.parametrize(("returns", "has_member"), [("video/mp4", True), ("audio/wav", False)])
def test_an_answer_can_depend_on_the_kind_of_output(
    start: Start, api: dict[str, Any], spec_of: Callable[..., Any], returns: str, has_member: bool
) -> None:
    usual = api["answers"]["result"]
    video = {"url": "{output}", "content_type": "{media_type}"}
    of_video = {"when": {"{media_type}": "video/mp4"}, "body": {**usual["body"], "video": video}}
    api["answers"]["result"] = [of_video, usual]
    maker = spec_of(
        "maker", {"samples": {"type": "integer"}, "width": {"type": "integer"}}, returns=[returns]
    )
    with start(maker, api=api) as client:
        for count in (1, 2):
            job = client.post("/v2/maker", json={"samples": count, "width": 16}).json()
            result = client.get(job["response_url"]).json()
            expected = {"url": result["output"], "content_type": returns} if has_member else None
            assert result.get("video") == expected
            assert "video" not in client.get(job["status_url"]).json()


def test_an_unfinished_job_has_no_output(start: Start) -> None:
    with start(settings=EmulatorSettings(progress=JobProgress(2))) as client:
        job = submit(client)
        result = client.get(job["response_url"])
        waiting = {"request_id": job["request_id"], "status": "QUEUED", "metrics": {}}
        assert (result.status_code, result.json()) == (200, waiting)
        assert client.get(job["status_url"]).json() == {**waiting, "status": "PROCESSING"}
        assert client.get(f"/_emulator/outputs/{job['request_id']}/0.jpg").status_code == 404


def test_a_failed_job_is_served_with_its_status_on_both_addresses(start: Start) -> None:
    with start(settings=EmulatorSettings(progress=JobProgress(2))) as client:
        job = submit(client, FAILED)
        assert states(client, job, 2) == ["QUEUED", "PROCESSING"]
        for url in (job["status_url"], job["response_url"]):
            response = client.get(url)
            assert response.status_code == 422
            assert response.json()["status"] == "FAILED"
            assert response.json()["error"] == "NSFW content"
            assert "cost" in response.json()["metrics"]
            assert "output" not in response.json()
        assert client.get(f"/_emulator/outputs/{job['request_id']}/0.jpg").status_code == 404


@pytest.mark.parametrize("polls", [0, 2])
def test_a_stuck_job_never_finishes(start: Start, polls: int) -> None:
    with start(settings=EmulatorSettings(progress=JobProgress(polls))) as client:
        assert states(client, submit(client, STUCK), 6) == ["QUEUED", *["PROCESSING"] * 5]


@pytest.mark.parametrize("path", ["/v2/requests/{}", "/v2/requests/{}/status"])
@pytest.mark.parametrize("job", ["unknown", "%2e%2e", "a%20b", "<b>"])
def test_an_unknown_job_gets_404_with_its_id(studio: httpx2.Client, path: str, job: str) -> None:
    response = studio.get(path.format(job))
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/json"
    if job == "unknown":
        assert response.json() == {"error": "Request unknown not found"}


def test_a_result_expires_when_its_retention_is_over(start: Start) -> None:
    settings = EmulatorSettings(progress=JobProgress(1))
    with start(settings=settings) as client:
        job, unfinished = submit(client), submit(client)
        assert states(client, job, 2)[-1] == "COMPLETED"
        output = client.get(job["response_url"]).json()["output"]
        settings.clock.advance(3590)
        assert client.get(job["response_url"]).status_code == 200
        assert httpx2.get(output).status_code == 200
        settings.clock.advance(20)
        assert client.get(job["response_url"]).status_code == 404
        assert client.get(job["status_url"]).status_code == 404
        assert httpx2.get(output).status_code == 404
        assert states(client, unfinished, 2)[-1] == "COMPLETED"


def test_without_a_retention_results_stay(start: Start, api: dict[str, Any]) -> None:
    del api["async"]["retention"]
    settings = EmulatorSettings()
    with start(api=api, settings=settings) as client:
        job = submit(client)
        settings.clock.advance(10**9)
        assert client.get(job["response_url"]).status_code == 200


def test_the_clock_cannot_be_set_back() -> None:
    with pytest.raises(ValueError, match="advanced"):
        EmulatorSettings().clock.advance(-1)


def test_if_there_are_too_many_jobs_the_first_finished_one_is_removed(start: Start) -> None:
    with start(settings=EmulatorSettings(progress=JobProgress(1), max_jobs=3)) as client:
        running_job, second, first = submit(client), submit(client), submit(client)
        states(client, first, 2)
        states(client, second, 2)
        more = submit(client)
        alive = {
            name: client.get(job["response_url"]).status_code
            for name, job in {"running": running_job, "second": second, "first": first, "more": more}.items()
        }
        assert alive == {"running": 200, "second": 200, "first": 404, "more": 200}
        submit(client), submit(client), submit(client)
        assert client.get(running_job["response_url"]).status_code == 404


def test_many_jobs_at_once_are_not_mixed_up(start: Start) -> None:
    with start(settings=EmulatorSettings(progress=JobProgress(3))) as client:

        def life(number: int) -> tuple[str, list[str], Any]:
            job = client.post("/v2/echo", json={"text": f"job {number}"}).json()
            found = [client.get(job["status_url"]).json()["status"] for _ in range(4)]
            return job["request_id"], found, client.get(job["response_url"]).json()

        with ThreadPoolExecutor(16) as pool:
            lives = list(pool.map(life, range(300)))
    assert len({job for job, _, _ in lives}) == 300
    for number, (job, found, result) in enumerate(lives):
        assert found == ["QUEUED", "PROCESSING", "PROCESSING", "COMPLETED"]
        assert result["request_id"] == job
        assert result["output"]["parameters"] == {"text": f"job {number}"}


def test_addresses_have_the_host_that_the_client_used(studio: httpx2.Client) -> None:
    job = studio.post("/v2/echo", json={}, headers={"host": "localhost:1234"}).json()
    assert job["status_url"].startswith("http://localhost:1234/v2/")


def test_every_name_in_a_job_comes_from_the_spec(
    start: Start, api: dict[str, Any], spec_of: Callable[..., Any]
) -> None:
    job_members = {"my_id": "{id}", "my_status": "{state}"}
    addresses = {
        "my_poll_url": "{status_url}",
        "my_status_url": "{status_url}",
        "my_result_url": "{result_url}",
    }
    api["answers"] = {
        "submit": {"body": {**job_members, **addresses}},
        "status": {"body": job_members},
        "result": {
            "body": {
                **job_members,
                "my_output": "{output}",
                "my_metrics": {"price": "{cost}", "seconds": "{total_time}"},
            }
        },
        "failed": {"body": {**job_members, "my_error": "{message}"}},
    }
    api["async"] = {
        "submit": "/queue/{slug}/jobs",
        "status": "/queue/{slug}/jobs/{id}",
        "result": "/queue/{slug}/jobs/{id}/result/{id}",
        "states": [
            {"name": "done", "phase": "succeeded", "http_status": 201},
            {"name": "rendering", "phase": "running", "http_status": 202},
            {"name": "accepted", "phase": "waiting", "http_status": 202},
            {"name": "error", "phase": "failed"},
            {"name": "cancelled", "phase": "failed", "http_status": 409},
        ],
    }
    models = [spec_of(slug, {}, returns=["application/json"]) for slug in ("one", "two")]
    with start(*models, api=api, settings=EmulatorSettings(progress=JobProgress(1))) as client:
        job = client.post("/queue/one/jobs", json={}).json()
        key = job["my_id"]
        base = f"{client.base_url}/queue/one/jobs/{key}"
        assert job == {
            "my_id": key,
            "my_status": "accepted",
            "my_poll_url": base,
            "my_status_url": base,
            "my_result_url": f"{base}/result/{key}",
        }
        assert client.get(f"/queue/two/jobs/{key}").status_code == 404
        assert client.get(f"/queue/one/jobs/{key}/result/other").status_code == 404
        running_job = client.get(base)
        assert (running_job.status_code, running_job.json()["my_status"]) == (202, "rendering")
        assert client.get(base).status_code == 201
        done = client.get(f"{base}/result/{key}").json()
        assert list(done) == ["my_id", "my_status", "my_output", "my_metrics"]
        assert list(done["my_metrics"]) == ["price", "seconds"]
        failing = client.post("/queue/two/jobs", json={}, headers=FAILED).json()
        client.get(failing["my_status_url"])
        failed = client.get(failing["my_status_url"])
        assert (failed.status_code, failed.json()["my_status"]) == (200, "error")
        assert failed.json()["my_error"] == "NSFW content"


def test_an_api_can_have_one_address_for_status_and_result(start: Start, api: dict[str, Any]) -> None:
    api["async"]["status"] = api["async"]["result"] = "/v2/requests/{id}"
    with start(api=api, settings=EmulatorSettings(progress=JobProgress(1))) as client:
        job = client.post("/v2/echo", json={"text": "a"}).json()
        assert "output" not in client.get(job["status_url"]).json()
        assert client.get(job["status_url"]).json()["output"]["parameters"] == {"text": "a"}


def test_jobs_without_a_pending_state_finish_at_once(start: Start, api: dict[str, Any]) -> None:
    api["async"]["states"] = [{"name": "DONE", "phase": "succeeded"}]
    with start(api=api, settings=EmulatorSettings(progress=JobProgress(5))) as client:
        job = submit(client)
        assert job["status"] == "DONE"
        assert states(client, job, 1) == ["DONE"]
        for header in (FAILED, STUCK):
            response = client.post("/v2/echo", json={}, headers=header)
            assert response.status_code == 400
            assert "the API has no job state for it" in response.json()["error"]


def test_an_api_whose_jobs_cannot_succeed_cannot_be_served(api: dict[str, Any]) -> None:
    api["async"]["states"] = [{"name": "QUEUED", "phase": "waiting"}]
    with (
        pytest.raises(SpeccastError, match="studio: no job state has the phase succeeded"),
        start_emulator(Bundle(api, {})),
    ):
        pass


CANCEL = "/v2/requests/{id}/cancel"


@pytest.fixture
def cancelable(api: dict[str, Any]) -> dict[str, Any]:
    """The API with a way to cancel jobs, and a state for that."""
    api["async"]["cancel"] = {"method": "PUT", "path": CANCEL}
    api["async"]["states"].append({"name": "CANCELED", "phase": "canceled", "http_status": 410})
    return api


def cancel(client: httpx2.Client, job: dict[str, Any]) -> httpx2.Response:
    return client.put(CANCEL.format(id=job["request_id"]))


@pytest.mark.parametrize("headers", [None, FAILED, STUCK], ids=["succeeding", "failing", "stuck"])
@pytest.mark.parametrize("polls", [0, 1])
def test_a_canceled_job_stays_canceled_and_costs_nothing(
    start: Start, cancelable: dict[str, Any], headers: dict[str, str] | None, polls: int
) -> None:
    with start(api=cancelable, settings=EmulatorSettings(progress=JobProgress(2))) as client:
        job = submit(client, headers)
        states(client, job, polls)
        for _ in range(2):
            response = cancel(client, job)
            assert response.status_code == 200
            assert response.json() == {
                "request_id": job["request_id"],
                "status": "CANCELED",
                "metrics": {"cost": 0.0, "remaining_credits": 1000.0},
            }
        for url in (job["status_url"], job["response_url"]):
            response = client.get(url)
            assert (response.status_code, response.json()["status"]) == (410, "CANCELED")
            assert "output" not in response.json()
        assert client.get(f"/_emulator/outputs/{job['request_id']}/0.jpg").status_code == 404
        [entry, *_] = client.get("/_emulator/journal").json()["requests"][polls + 1 :]
        assert (entry["method"], entry["surface"], entry["model"], entry["status"]) == (
            "PUT",
            "cancel",
            "painter-1.5",
            200,
        )


def test_canceling_a_finished_job_changes_nothing(start: Start, cancelable: dict[str, Any]) -> None:
    with start(api=cancelable, settings=EmulatorSettings(progress=JobProgress(0))) as client:
        job = submit(client)
        response = cancel(client, job)
        assert (response.status_code, response.json()["status"]) == (200, "COMPLETED")
        assert response.json()["metrics"]["cost"] > 0
        assert client.get(job["response_url"]).json()["output"]


@pytest.mark.parametrize("status", [400, 409])
def test_an_api_can_refuse_to_cancel_a_finished_job(
    start: Start, cancelable: dict[str, Any], status: int
) -> None:
    message = {"finished_job": "Job {id} is over"}
    cancelable["errors"].append({"status": status, "title": "Too Late", "messages": message})
    with start(api=cancelable, settings=EmulatorSettings(progress=JobProgress(1))) as client:
        job = submit(client)
        assert cancel(client, job).status_code == cancel(client, job).status_code == 200
        job = submit(client)
        assert states(client, job, 2)[-1] == "COMPLETED"
        response = cancel(client, job)
        assert (response.status_code, response.json()) == (
            status,
            {"error": f"Job {job['request_id']} is over"},
        )


def test_without_a_state_for_it_a_canceled_job_has_failed(start: Start, cancelable: dict[str, Any]) -> None:
    cancelable["async"]["states"].pop()
    with start(api=cancelable, settings=EmulatorSettings(progress=JobProgress(2))) as client:
        job = submit(client)
        assert cancel(client, job).json()["status"] == "FAILED"
        response = client.get(job["response_url"])
        assert (response.status_code, response.json()["error"]) == (422, "The job was canceled")


def test_only_the_documented_method_cancels(start: Start, cancelable: dict[str, Any]) -> None:
    cancelable["async"]["cancel"] = {"method": "DELETE", "path": "/v2/requests/{id}"}
    with start(api=cancelable, settings=EmulatorSettings(progress=JobProgress(2))) as client:
        job = submit(client)
        response = client.put(job["response_url"])
        assert (response.status_code, response.headers["allow"]) == (405, "DELETE, GET")
        assert client.get(job["response_url"]).json()["status"] != "CANCELED"
        assert client.delete(job["response_url"]).json()["status"] == "CANCELED"
        assert client.delete("/v2/requests/unknown").status_code == 404


def test_a_path_alone_means_post(start: Start, cancelable: dict[str, Any]) -> None:
    cancelable["async"]["cancel"] = CANCEL
    with start(api=cancelable, settings=EmulatorSettings(progress=JobProgress(2))) as client:
        job = submit(client)
        assert client.post(CANCEL.format(id=job["request_id"])).json()["status"] == "CANCELED"


def test_a_fault_of_canceling(start: Start, cancelable: dict[str, Any]) -> None:
    with start(api=cancelable, settings=EmulatorSettings(progress=JobProgress(2))) as client:
        job = submit(client, {"X-Speccast-Fault": "status=503;surface=cancel"})
        client.post("/_emulator/faults", content="status=503;surface=cancel;times=1")
        assert [cancel(client, job).status_code for _ in range(2)] == [503, 200]


def test_the_result_alone_can_tell_that_a_job_failed(start: Start, api: dict[str, Any]) -> None:
    api["async"]["states"][-1] = {"name": "COMPLETED", "phase": "failed", "http_status": 422}
    api["answers"]["failed"] = {"body": {"detail": "{message}"}}
    with start(api=api, settings=EmulatorSettings(progress=JobProgress(1))) as client:
        job = submit(client, FAILED)
        assert states(client, job, 2) == ["PROCESSING", "COMPLETED"]
        assert client.get(job["status_url"]).status_code == 200
        response = client.get(job["response_url"])
        assert (response.status_code, response.json()) == (422, {"detail": "NSFW content"})
        job = submit(client)
        assert states(client, job, 2)[-1] == "COMPLETED"
        assert client.get(job["response_url"]).status_code == 200


def test_a_submit_can_say_where_to_cancel(start: Start, cancelable: dict[str, Any]) -> None:
    cancelable["answers"]["submit"] = {"body": {"request_id": "{id}", "stop": "{cancel_url}"}}
    with start(api=cancelable, settings=EmulatorSettings(progress=JobProgress(2))) as client:
        job = submit(client)
        assert job["stop"] == f"{client.base_url}{CANCEL.format(id=job['request_id'])}"
        assert client.put(job["stop"]).json()["status"] == "CANCELED"


def test_the_time_in_answers_about_a_job_is_that_of_its_submit(start: Start, api: dict[str, Any]) -> None:
    for operation in ("submit", "status", "result"):
        api["answers"][operation] = {
            "body": {"request_id": "{id}", "status": "{state}", "at": "{now}", "unix": "{unix}"}
        }
    with start(api=api) as client:
        job = submit(client)
        client.post("/_emulator/clock", json={"advance": 90})
        path = f"/v2/requests/{job['request_id']}"
        for found in (client.get(path).json(), client.get(f"{path}/status").json()):
            assert (found["at"], found["unix"]) == (job["at"], job["unix"])


@pytest.mark.parametrize(
    ("polls", "found"),
    [
        (1, ["PROCESSING", "COMPLETED"]),
        (2, ["QUEUED", "PROCESSING", "COMPLETED"]),
        (3, ["QUEUED", "HELD", "PROCESSING", "COMPLETED"]),
    ],
)
def test_with_more_states_than_polls_the_first_and_the_last_are_reported(
    start: Start, api: dict[str, Any], polls: int, found: list[str]
) -> None:
    api["async"]["states"].insert(1, {"name": "HELD", "phase": "waiting"})
    with start(api=api, settings=EmulatorSettings(progress=JobProgress(polls))) as client:
        assert states(client, submit(client), len(found)) == found
