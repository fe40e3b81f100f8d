"""Jobs: submit, poll, fetch, and all failures in between."""

from __future__ import annotations

import asyncio
import json
import pickle
import time
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from acme_client._api import API
from acme_client._core.api import ErrorStatus, JobState, JobSurface
from acme_client._core.places import Places
from acme_client._runtime.errors import (
    ApiError,
    APIStatusError,
    ConfigurationError,
    InvalidResponseError,
    JobFailedError,
    JobTimeoutError,
    ParameterError,
)
from acme_client._runtime.job_results import AsyncJobResult, JobResult
from acme_client.errors import AuthenticationError, BadRequestError, InternalServerError, NotFoundError
from acme_support.server import Reply

STATUS = "/v2/requests/j-1/status"
RESULT = "/v2/requests/j-1"
DONE = {"status": "COMPLETED", "output": "https://cdn.test/a.png", "metrics": {"cost": 0.5}}


def state(name: str) -> Reply:
    return Reply(body={"status": name, "metrics": {}})


@pytest.fixture
def done(server: Any) -> None:
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j-1", "status": "QUEUED"}))
    server.on(STATUS, state("COMPLETED"))
    server.on(RESULT, Reply(body=DONE))


@pytest.mark.usefixtures("done")
def test_a_job_goes_through_all_its_states(acme: Any, server: Any, clock: Any) -> None:
    server.on(STATUS, state("QUEUED"), state("PROCESSING"), state("PROCESSING"), state("COMPLETED"))
    job = acme.run(acme.client(clock=clock).fox_1_5.submit(prompt="a"))
    assert job.request_id == "j-1"
    assert job.submit_response == {"request_id": "j-1", "status": "QUEUED"}
    result = acme.run(job.wait())
    assert isinstance(result, AsyncJobResult if acme.is_async else JobResult)
    assert result == DONE
    assert result["status"] == "COMPLETED"
    assert result.output == "https://cdn.test/a.png"
    assert result.metrics == {"cost": 0.5}
    assert clock.slept == [1.0, 1.0, 1.0]
    assert server.paths() == ["/v2/fox-1.5", *[STATUS] * 4, RESULT]


@pytest.mark.usefixtures("done")
def test_run_submits_and_waits(acme: Any, server: Any) -> None:
    assert acme.run(acme.client().run("fox-1.5", prompt="a", sampler="heun")) == DONE
    assert server.requests[0].json == {"prompt": "a", "sampler": "heun"}


@pytest.mark.usefixtures("done")
def test_a_job_is_resumed_by_its_id(acme: Any, server: Any) -> None:
    job = acme.client().job("j-1")
    assert acme.run(job.status())["status"] == "COMPLETED"
    assert acme.run(job.result()) == DONE
    assert acme.run(job.wait()) == DONE
    assert job.status_url == server.url + STATUS
    assert job.response_url == server.url + RESULT
    assert repr(job).endswith("Job('j-1')")


@pytest.mark.usefixtures("done")
def test_urls_in_a_response_are_never_requested(acme: Any, server: Any, elsewhere: Any) -> None:
    urls = {
        "status_url": f"{elsewhere.url}/s",
        "response_url": f"{elsewhere.url}/r",
        "poll_url": f"{elsewhere.url}/p",
    }
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j-1", **urls}))
    server.on(STATUS, Reply(body={"status": "QUEUED", **urls}), Reply(body={"status": "COMPLETED", **urls}))
    job = acme.run(acme.client().fox_1_5.submit(prompt="a"))
    assert acme.run(job.wait(interval=0)) == DONE
    assert job.status_url.startswith(server.url)
    assert elsewhere.requests == []


@pytest.mark.usefixtures("done")
def test_relative_urls_in_a_response_are_ignored(acme: Any, server: Any) -> None:
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j-1", "status_url": "/else", "response_url": "../x"}))
    assert acme.run(acme.client().run("fox-1.5", prompt="a")) == DONE
    assert server.paths() == ["/v2/fox-1.5", STATUS, RESULT]


def test_a_failed_job_differs_from_an_error_of_the_api(acme: Any, server: Any) -> None:
    body = {"status": "FAILED", "error": "content was blocked", "metrics": {"cost": 0}}
    server.on(STATUS, Reply(422, body))
    server.on(RESULT, Reply(422, body))
    job = acme.client().job("j-1")
    with pytest.raises(JobFailedError, match="job j-1 failed: content was blocked") as caught:
        acme.run(job.wait())
    assert (caught.value.detail, caught.value.status_body) == ("content was blocked", body)
    assert (caught.value.status, caught.value.request_id) == (422, "j-1")
    assert acme.run(job.status()) == body
    assert acme.run(job.result()) == body


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_failed_job_may_have_another_http_status(acme: Any, server: Any, status: int) -> None:
    server.on(STATUS, Reply(status, {"status": "failed", "error": {"message": "out of memory"}}))
    with pytest.raises(JobFailedError) as caught:
        acme.run(acme.client().job("j-1").wait())
    assert caught.value.detail == "out of memory"


def test_a_failure_without_a_reason(acme: Any, server: Any) -> None:
    server.on(STATUS, Reply(422, {"status": "FAILED", "error": None}))
    with pytest.raises(JobFailedError, match="gave no reason") as caught:
        acme.run(acme.client().job("j-1").wait())
    assert caught.value.detail is None


def test_a_job_that_fails_between_status_and_result(acme: Any, server: Any) -> None:
    server.on(STATUS, state("COMPLETED"))
    server.on(RESULT, Reply(422, {"status": "FAILED", "error": "lost"}))
    with pytest.raises(JobFailedError, match="lost"):
        acme.run(acme.client().job("j-1").wait())


def test_a_422_without_a_failed_job_is_an_error_of_the_api(acme: Any, server: Any) -> None:
    server.on(STATUS, Reply(422, {"error": "bad id"}))
    with pytest.raises(APIStatusError, match=r"422.*bad id"):
        acme.run(acme.client().job("j-1").wait())


@pytest.mark.parametrize("status", [401, 403])
def test_a_401_is_an_error_even_if_the_body_says_failed(acme: Any, server: Any, status: int) -> None:
    server.on(STATUS, Reply(status, {"status": "FAILED", "error": "Unauthorized"}))
    with pytest.raises(APIStatusError) as caught:
        acme.run(acme.client().job("j-1").wait())
    assert caught.value.status == status


def test_an_unknown_or_expired_job(acme: Any, server: Any, clock: Any) -> None:
    server.on(STATUS, Reply(404, {"error": "Request j-1 not found"}))
    server.on(RESULT, Reply(404, {"error": "Request j-1 not found"}))
    job = acme.client(clock=clock).job("j-1")
    for look in (job.status, job.result, job.wait):
        with pytest.raises(
            NotFoundError, match=r"Request j-1 not found\. The job does not exist.*kept for 1 hour"
        ):
            acme.run(look())
    assert clock.slept == []


@pytest.mark.usefixtures("done")
def test_an_unknown_state_is_not_final(acme: Any, server: Any, clock: Any) -> None:
    server.on(STATUS, state("HIBERNATING"), Reply(body={}), Reply(body={"status": None}), state("COMPLETED"))
    assert acme.run(acme.client(clock=clock).job("j-1").wait()) == DONE
    assert clock.slept == [1.0, 1.0, 1.0]


def test_waiting_ends_at_the_deadline_with_a_last_poll(acme: Any, server: Any, clock: Any) -> None:
    server.on(STATUS, state("HIBERNATING"))
    with pytest.raises(JobTimeoutError) as caught:
        acme.run(acme.client(clock=clock).job("j-1").wait(timeout=2.5, interval=1))
    assert clock.slept == [1.0, 1.0, 0.5]
    assert server.paths() == [STATUS] * 4
    assert (caught.value.request_id, caught.value.elapsed_s) == ("j-1", 2.5)
    for expected in ("HIBERNATING", "client.job('j-1').wait()", "kept for 1 hour"):
        assert expected in str(caught.value)


def test_deadline_and_interval_default_to_the_apis(acme: Any, server: Any, clock: Any) -> None:
    server.on(STATUS, state("QUEUED"))
    api = replace(API, jobs=replace(API.jobs, deadline=3, interval=1.5))
    with pytest.raises(JobTimeoutError):
        acme.run(acme.client(clock=clock, api=api).job("j-1").wait())
    assert clock.slept == [1.5, 1.5]


def test_a_deadline_of_zero_polls_once(acme: Any, server: Any, clock: Any) -> None:
    server.on(STATUS, state("QUEUED"))
    with pytest.raises(JobTimeoutError):
        acme.run(acme.client(clock=clock).job("j-1").wait(timeout=0))
    assert len(server.requests) == 1
    assert clock.slept == []


@pytest.mark.parametrize("value", [-1, float("nan"), None, "5", True])
@pytest.mark.parametrize("name", ["timeout", "interval"])
def test_an_invalid_deadline_or_interval_is_refused(acme: Any, server: Any, name: str, value: Any) -> None:
    with pytest.raises(ParameterError, match=f"{name}=.*must be a number of seconds"):
        acme.run(acme.client().job("j-1").wait(**{name: value}))
    assert server.requests == []


TROUBLE = [
    Reply(502, "<html>bad gateway</html>"),
    Reply(500, {"error": "hiccup"}),
    Reply(body="<html><title>Please log in</title></html>"),
    Reply(body='{"status": "COMPL'),
    Reply(body=[1, 2]),
    Reply(body=b""),
    Reply(429, {"error": "slow down"}),
    Reply(reset=True),
    Reply(cut=True, body=b"{}"),
]


@pytest.mark.usefixtures("done")
def test_waiting_survives_temporary_errors(acme: Any, server: Any, clock: Any) -> None:
    server.on(STATUS, *TROUBLE, state("COMPLETED"))
    server.on(RESULT, *TROUBLE, Reply(body=DONE))
    assert acme.run(acme.client(clock=clock).job("j-1").wait()) == DONE
    assert len(clock.slept) == 2 * len(TROUBLE)
    assert clock.slept[:6] == [1.0, 1.0, 2.0, 4.0, 8.0, 8.0]


@pytest.mark.usefixtures("done")
def test_an_unreachable_server_is_polled_until_the_deadline(acme: Any, server: Any, clock: Any) -> None:
    server.stop()
    with pytest.raises(JobTimeoutError, match=r"could not connect.*may still be running"):
        acme.run(acme.client(clock=clock).job("j-1").wait(timeout=20))
    assert sum(clock.slept) == pytest.approx(20)


@pytest.mark.usefixtures("done")
def test_the_server_decides_when_to_poll_again(acme: Any, server: Any, clock: Any) -> None:
    server.on(
        STATUS,
        Reply(429, headers={"retry-after": "90"}),
        Reply(429, headers={"retry-after": "0"}),
        state("COMPLETED"),
    )
    assert acme.run(acme.client(clock=clock).job("j-1").wait(interval=2)) == DONE
    assert clock.slept == [60, 2]  # at most a minute


def test_a_pause_ends_at_the_deadline(acme: Any, server: Any, clock: Any) -> None:
    server.on(STATUS, Reply(429, headers={"retry-after": "9999"}))
    with pytest.raises(JobTimeoutError, match="429"):
        acme.run(acme.client(clock=clock).job("j-1").wait(timeout=5))
    assert clock.slept == [5]
    assert len(server.requests) == 2


def test_a_single_poll_is_repeated_max_retries_times(acme: Any, server: Any, clock: Any) -> None:
    server.on(STATUS, Reply(500), Reply(body="<html>"), state("QUEUED"))
    assert acme.run(acme.client(clock=clock).job("j-1").status())["status"] == "QUEUED"
    assert clock.slept == [0.5, 1.0]
    server.on(STATUS, Reply(500))
    with pytest.raises(InternalServerError):
        acme.run(acme.client(clock=clock).job("j-1").status())
    server.on(STATUS, Reply(body="<html>"))
    with pytest.raises(InvalidResponseError, match="the state of a job"):
        acme.run(acme.client(clock=clock, max_retries=0).job("j-1").status())


def test_a_hanging_poll_ends_soon_after_the_deadline(acme: Any, server: Any) -> None:
    server.on(STATUS, Reply(hang=True))
    started = time.monotonic()
    with pytest.raises(JobTimeoutError, match=r"no complete response.*total timeout"):
        acme.run(acme.client().job("j-1").wait(timeout=0.2, interval=0.1))
    assert time.monotonic() - started < 2


@pytest.mark.usefixtures("done")
def test_a_missing_result_is_waited_for(acme: Any, server: Any, clock: Any) -> None:
    server.on(RESULT, state("PROCESSING"), Reply(body=DONE))
    assert acme.run(acme.client(clock=clock).job("j-1").wait()) == DONE


@pytest.mark.usefixtures("done")
def test_a_result_without_a_state_is_a_result(acme: Any, server: Any) -> None:
    server.on(RESULT, Reply(body={"output": "text"}))
    assert acme.run(acme.client().job("j-1").wait()).output == "text"


@pytest.mark.usefixtures("done")
def test_on_status_is_called_with_each_status(acme: Any, server: Any, clock: Any) -> None:
    server.on(STATUS, state("QUEUED"), Reply(500), state("PROCESSING"), state("COMPLETED"))
    seen: list[str] = []
    acme.run(acme.client(clock=clock).job("j-1").wait(on_status=lambda body: seen.append(body["status"])))
    assert seen == ["QUEUED", "PROCESSING", "COMPLETED"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"request_id": ""},
        {"request_id": None},
        {"request_id": ".."},
        {"request_id": "\ud800"},
        [],
        "<html>",
    ],
)
def test_a_submit_without_an_id_may_have_been_billed(acme: Any, server: Any, body: Any) -> None:
    server.on("/v2/fox-1.5", Reply(body=body))
    with pytest.raises(InvalidResponseError, match=r"(instead of a job's id|there is no request_id).*billed"):
        acme.run(acme.client().fox_1_5.submit(prompt="a"))
    assert len(server.requests) == 1


def test_a_number_is_an_id_too(acme: Any, server: Any) -> None:
    server.on("/v2/fox-1.5", Reply(body={"request_id": 17}))
    assert acme.run(acme.client().fox_1_5.submit(prompt="a")).request_id == "17"


def test_an_error_of_the_submit(acme: Any, server: Any) -> None:
    server.on("/v2/fox-1.5", Reply(400, {"error": "no"}))
    with pytest.raises(BadRequestError, match="400 Bad Request: no"):
        acme.run(acme.client().run("fox-1.5", prompt="a"))


def test_the_options_of_a_submit_apply_to_the_job(acme: Any, server: Any, clock: Any) -> None:
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j-1"}))
    server.on(STATUS, Reply(500))
    job = acme.run(
        acme.client(clock=clock).fox_1_5.submit(prompt="a", max_retries=0, extra_headers={"X-Team": "a"})
    )
    with pytest.raises(InternalServerError):
        acme.run(job.status())
    assert clock.slept == []
    assert [request.headers["x-team"] for request in server.requests] == ["a", "a"]


def test_a_state_may_have_an_error_status(acme: Any, server: Any, clock: Any) -> None:
    states = (JobState("HELD", "waiting", 423), *API.jobs.states)
    server.on(STATUS, Reply(423, {"status": "HELD"}), state("COMPLETED"))
    server.on(RESULT, Reply(body=DONE))
    client = acme.client(api=replace(API, jobs=replace(API.jobs, states=states)), clock=clock)
    assert acme.run(client.job("j-1").wait()) == DONE


def test_the_status_of_an_unknown_job_comes_from_the_spec(acme: Any, server: Any, clock: Any) -> None:
    gone = ErrorStatus(410, "Gone", exception="GoneError", occasions=("unknown_job",))
    server.on(STATUS, Reply(410, {"message": "no such thing"}))
    client = acme.client(api=replace(API, errors=(*API.errors, gone)), clock=clock)
    with pytest.raises(ApiError, match=r"no such thing\. The job does not exist"):
        acme.run(client.job("j-1").status())


def test_every_name_comes_from_the_spec(acme: Any, server: Any, clock: Any) -> None:
    jobs = JobSurface(
        "/queue/{slug}",
        "/jobs/{id}",
        "/jobs/{id}/result",
        (
            JobState("in_progress", "running", 202),
            JobState("done", "succeeded"),
            JobState("cancelled", "failed", 409),
        ),
        deadline=10,
        interval=0.25,
    )
    state_place = {"state": (("state",),)}
    places = Places(
        submit={"id": (("job",),)},
        status=state_place,
        result={**state_place, "output": (("media",),), "cost": (("usage", "price"),)},
        failed={**state_place, "message": (("reason",),)},
    )
    api = replace(API, jobs=jobs, places=places)
    server.on("/queue/unheard-of", Reply(body={"job": "k"}))
    server.on("/jobs/k", Reply(202, {"state": "in_progress"}), Reply(body={"state": "done"}))
    server.on("/jobs/k/result", Reply(body={"media": "m", "usage": {"price": 1}}))
    client = acme.client(api=api, clock=clock)
    result = acme.run(client.run("unheard-of", a=1))
    assert (result.output, result.metrics) == ("m", {"cost": 1})
    assert clock.slept == [0.25]
    server.on("/jobs/k", Reply(409, {"state": "cancelled", "reason": "by hand"}))
    with pytest.raises(JobFailedError, match="by hand"):
        acme.run(client.run("unheard-of"))


def test_an_api_without_jobs_says_so_before_anything_is_sent(acme: Any, server: Any) -> None:
    client = acme.client(api=replace(API, jobs=None))
    with pytest.raises(ConfigurationError, match="Acme has no jobs"):
        acme.run(client.run("fox-1.5", prompt="a"))
    with pytest.raises(ConfigurationError, match="Acme has no jobs"):
        client.job("j-1")
    assert server.requests == []


def test_an_api_without_blocking_calls_says_so_before_anything_is_sent(acme: Any, server: Any) -> None:
    client = acme.client(api=replace(API, sync=None))
    with pytest.raises(ConfigurationError, match="Acme has no blocking calls"):
        acme.run(client.run_sync("unheard-of", prompt="a"))
    assert server.requests == []


@pytest.mark.usefixtures("done")
def test_a_result_is_a_dict(acme: Any) -> None:
    result = acme.run(acme.client().job("j-1").wait())
    assert isinstance(result, dict)
    assert json.loads(json.dumps(result)) == DONE
    again: Any = pickle.loads(pickle.dumps(result))
    assert again.output == DONE["output"]
    assert type(again) is type(result)
    assert again == DONE
    assert {**result, "more": 1}["more"] == 1
    assert repr(result) == repr(DONE)


def test_a_result_can_be_constructed(acme: Any) -> None:
    for kind in (JobResult, AsyncJobResult):
        result = kind({"output": "o"}, metrics=3)
        assert (result.output, result.metrics) == ("o", {})
        assert kind().output is None


def test_the_key_is_checked_for_jobs_too(acme: Any, server: Any) -> None:
    server.on(STATUS, Reply(401, {"error": "no such key"}))
    with pytest.raises(AuthenticationError):
        acme.run(acme.client().job("j-1").wait())
    assert issubclass(AuthenticationError, ApiError)
    assert len(server.requests) == 1


@pytest.mark.usefixtures("done")
def test_an_awaited_on_status_is_awaited(acme: Any, server: Any, clock: Any) -> None:
    server.on(STATUS, state("QUEUED"), state("COMPLETED"))
    seen: list[str] = []

    async def note(seen: list[str], body: Any) -> None:
        await asyncio.sleep(0)
        seen.append(body["status"])

    job = acme.client(clock=clock).job("j-1")
    if acme.is_async:
        acme.run(job.wait(on_status=partial(note, seen)))
        assert seen == ["QUEUED", "COMPLETED"]
    else:
        with pytest.raises(ConfigurationError, match="on_status must not be a coroutine function"):
            job.wait(on_status=partial(note, seen))


@pytest.mark.usefixtures("done")
def test_the_interval_has_a_floor(acme: Any, server: Any, clock: Any) -> None:
    server.on(STATUS, state("QUEUED"), state("COMPLETED"))
    acme.run(acme.client(clock=clock).job("j-1").wait(interval=0))
    assert clock.slept == [0.05]


def states_of(acme: Any, states: Any) -> list[str]:
    async def collect() -> list[str]:
        return [each["status"] async for each in states]

    return acme.run(collect()) if acme.is_async else [each["status"] for each in states]


@pytest.mark.usefixtures("done")
def test_a_job_is_iterated_over_its_states(acme: Any, server: Any, clock: Any) -> None:
    server.on(STATUS, state("QUEUED"), Reply(500), state("PROCESSING"), state("COMPLETED"))
    job = acme.client(clock=clock).job("j-1")
    assert states_of(acme, job) == ["QUEUED", "PROCESSING", "COMPLETED"]
    assert clock.slept == [1.0, 1.0, 1.0]
    assert acme.run(job.result()) == DONE


def test_the_states_of_a_job_end_with_a_failure_or_at_the_deadline(
    acme: Any, server: Any, clock: Any
) -> None:
    server.on(STATUS, state("QUEUED"), Reply(422, {"status": "FAILED"}))
    job = acme.client(clock=clock).with_options(timeout=9).job("j-1")
    assert states_of(acme, job.states(interval=0.5)) == ["QUEUED", "FAILED"]
    server.on(STATUS, state("QUEUED"))
    with pytest.raises(JobTimeoutError) as caught:
        states_of(acme, job.states(timeout=2))
    assert caught.value.job_id == "j-1"
    assert clock.slept == [0.5, 1.0, 1.0]
    with pytest.raises(ParameterError, match="interval"):
        job.states(interval=-1)


@pytest.mark.usefixtures("done")
def test_the_raw_responses_of_a_job(acme: Any, server: Any) -> None:
    server.on("/v2/fox-1.5", Reply(202, {"request_id": "j-1"}, {"x-request-id": "r-1"}))
    job = acme.run(acme.client().fox_1_5.submit(prompt="a"))
    assert (job.raw.status, job.raw.headers["x-request-id"]) == (202, "r-1")
    assert json.loads(job.raw.content) == job.submit_response
    server.on(RESULT, Reply(body=DONE, headers={"X-Cost": "0.5"}))
    result = acme.run(job.wait())
    assert (result.raw.status, result.raw.headers["x-cost"]) == (200, "0.5")
    assert json.loads(result.raw.content) == result
    server.on(STATUS, Reply(422, {"status": "FAILED"}))
    acme.run(job.status())
    assert job.raw.status == 422
    assert acme.client().job("j-1").raw is None
    assert pickle.loads(pickle.dumps(result)).raw is None


@pytest.mark.usefixtures("done")
def test_a_model_may_have_its_own_deadline_and_interval(
    acme: Any, server: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on(STATUS, state("QUEUED"))
    client = acme.client(clock=clock)
    model = type(client).fox_1_5
    monkeypatch.setattr(model, "deadline", 10)
    monkeypatch.setattr(model, "interval", 4.0)
    job = acme.run(client.fox_1_5.submit(prompt="a"))
    for call in (job.wait, partial(client.run, "fox-1.5", prompt="a")):
        clock.slept.clear()
        with pytest.raises(JobTimeoutError, match=r"within 10\.0 s"):
            acme.run(call())
        assert clock.slept == [4.0, 4.0, 2.0]
    clock.slept.clear()
    with pytest.raises(JobTimeoutError, match=r"within 600\.0 s"):
        acme.run(client.job("j-1").wait(interval=300))


@pytest.mark.usefixtures("done")
def test_arguments_and_the_total_timeout_replace_the_deadline_of_a_model(
    acme: Any, server: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on(STATUS, state("QUEUED"))
    client = acme.client(clock=clock)
    monkeypatch.setattr(type(client).fox_1_5, "deadline", 10)
    job = acme.run(client.fox_1_5.submit(prompt="a"))
    with pytest.raises(JobTimeoutError, match=r"within 3\.0 s"):
        acme.run(job.wait(timeout=3))
    with pytest.raises(JobTimeoutError, match=r"within 5\.0 s"):
        acme.run(client.with_options(total_timeout=5).run("fox-1.5", prompt="a"))


def one_end(api: Any) -> Any:
    """Return the API with one state of all jobs that are over; only the status of the result says whether one failed."""
    states = (
        *(each for each in api.jobs.states if each.phase != "failed"),
        JobState("COMPLETED", "failed", 422),
    )
    return replace(api, jobs=replace(api.jobs, states=states))


def test_a_job_may_only_fail_by_the_status_of_its_result(acme: Any, server: Any) -> None:
    server.on(STATUS, state("PROCESSING"), state("COMPLETED"))
    server.on(RESULT, Reply(422, {"detail": "out of memory"}))
    job = acme.client(api=one_end(API)).job("j-1")
    with pytest.raises(JobFailedError, match="out of memory") as caught:
        acme.run(job.wait(interval=0))
    assert caught.value.status == 422
    assert acme.run(job.status())["status"] == "COMPLETED"
    assert acme.run(job.result()) == {"detail": "out of memory"}


@pytest.mark.usefixtures("done")
def test_such_a_job_may_succeed(acme: Any, server: Any) -> None:
    client = acme.client(api=one_end(API))
    assert acme.run(client.job("j-1").wait()) == DONE
    server.on(RESULT, Reply(400, {"detail": "bad id"}))
    with pytest.raises(BadRequestError):
        acme.run(client.job("j-1").wait())
