"""Failures on demand, by request header."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest

if TYPE_CHECKING:
    from tests.emulator.conftest import Start


def fault(client: httpx2.Client, text: str, path: str = "/v1/echo", body: Any = None) -> httpx2.Response:
    return client.post(path, json=body or {}, headers={"X-Speccast-Fault": text})


@pytest.mark.parametrize("status", [400, 402, 429, 500, 502, 503, 504, 599])
def test_any_error_status_can_be_asked_for(studio: httpx2.Client, status: int) -> None:
    answer = fault(studio, f"status={status}")
    assert answer.status_code == status
    assert isinstance(answer.json()["error"], str)
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize(
    ("status", "text"),
    [(429, "Too many requests"), (401, "Unauthorized"), (503, "Service Unavailable"), (599, "Error 599")],
)
def test_the_text_is_the_apis_where_it_documents_the_status(
    studio: httpx2.Client, status: int, text: str
) -> None:
    assert fault(studio, f"status={status}").json() == {"error": text}


@pytest.mark.parametrize("value", ["5", "0.5", "Wed, 21 Oct 2026 07:28:00 GMT", "soon"])
def test_retry_after_is_sent_as_it_is_written(studio: httpx2.Client, value: str) -> None:
    answer = fault(studio, f"status=429; retry-after={value}")
    assert answer.headers["retry-after"] == value


def test_a_status_goes_before_the_body_and_after_everything_else(studio: httpx2.Client) -> None:
    assert fault(studio, "status=500", body={"unknown": 1}).status_code == 500
    assert fault(studio, "status=500", "/v1/nowhere").status_code == 404
    headers = {"X-Speccast-Fault": "status=500"}
    assert studio.put("/v1/echo", headers=headers).status_code == 405
    assert studio.post("/v1/echo", content=b"{}", headers=headers).status_code == 406
    assert httpx2.post(f"{studio.base_url}/v1/echo", json={}, headers=headers).status_code == 401


def test_polls_can_be_answered_with_a_status_too_and_do_not_count(studio: httpx2.Client) -> None:
    job = studio.post("/v2/echo", json={}).json()
    headers = {"X-Speccast-Fault": "status=503"}
    assert studio.get(job["status_url"], headers=headers).status_code == 503
    assert studio.get(job["status_url"]).json()["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("job-failed", "The job failed, as the request asked it to"),
        ("job-failed=", "The job failed, as the request asked it to"),
        ("job-failed=Out of memory", "Out of memory"),
        ("JOB-FAILED = a = b", "a = b"),
        ("job-failed=a%3Bb %C3%BC 100%", "a;b ü 100%"),
    ],
)
def test_a_job_fails_with_the_reason_that_was_given(studio: httpx2.Client, text: str, detail: str) -> None:
    job = fault(studio, text, "/v2/echo").json()
    answer = studio.get(job["status_url"])
    assert (answer.status_code, answer.json()["error"]) == (422, detail)


@pytest.mark.parametrize("text", ["job-failed", "job-stuck"])
def test_faults_of_jobs_do_nothing_elsewhere(studio: httpx2.Client, text: str) -> None:
    assert fault(studio, text).status_code == 200
    job = studio.post("/v2/echo", json={}).json()
    answer = studio.get(job["status_url"], headers={"X-Speccast-Fault": text})
    assert answer.json()["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "unknown fault ''"),
        ("explode", "unknown fault 'explode'; known are status, html, reset, truncate, malformed-json, "),
        ("statsu=500", "unknown fault 'statsu'; did you mean status?"),
        ("status=500;", "unknown fault ''"),
        ("status", "the status of a fault is 400 to 599, not missing"),
        ("status=", "the status of a fault is 400 to 599, not missing"),
        ("status=200", "the status of a fault is 400 to 599, not 200"),
        ("status=4000", "the status of a fault is 400 to 599, not 4000"),
        ("status=abc", "the status of a fault is 400 to 599, not abc"),
        ("status=500;retry-after=", "retry-after is a number of seconds or a date"),
        ("status=500;retry-after=a%0d%0ab", "retry-after is a number of seconds or a date"),
        ("status=500;retry-after=%E2%82%AC", "retry-after is a number of seconds or a date"),
        ("job-failed=a;b", "unknown fault 'b'"),
        ("job-stuck=5", "the fault job-stuck takes no value '5'"),
        ("truncate=1", "the fault truncate takes no value '1'"),
        ("reset=before", "the fault reset takes no value 'before'"),
        ("job-stuck;retry-after=1", "the fault job-stuck takes no 'retry-after'"),
        ("latency=1;retry-after=1", "the fault latency takes no 'retry-after'"),
        ("status=500;status=501", "status is there twice"),
        ("status=500;truncate", "a fault is one failure; truncate is another"),
        ("html=abc", "the status of a fault is 400 to 599, not abc"),
        ("times=2", "it says no failure: status, html"),
        ("latency", "latency is a number from 0 to 600, not missing"),
        ("latency=601", "latency is a number from 0 to 600, not 601"),
        ("latency=-1", "latency is a number from 0 to 600, not -1"),
        ("status=500;times=0", "times is a number of requests from 1, not 0"),
        ("status=500;times", "times is a number of requests from 1, not missing"),
        ("status=500;p=1.1", "p is a number from 0 to 1, not 1.1"),
        ("status=500;model=ecco", "there is no model 'ecco'; did you mean echo?"),
        ("status=500;model=", "model takes a slug"),
        ("status=500;surface=v2", "surface is sync, submit, status, result, not v2"),
        ("job-failed;surface=sync", "job-failed happens on submit only, not on sync"),
        ("content-block;surface=status", "content-block happens on sync and submit only, not on status"),
        ("status=500;when=text", "when takes PARAMETER:VALUE, not text"),
        ("status=500;when=txet:a", "no model that it holds for has a parameter 'txet'"),
        ("status=500;model=echo;when=prompt:a", "no model that it holds for has a parameter 'prompt'"),
        ("status=500;surface=result;when=text:a", "when looks at the body of a request"),
    ],
)
def test_a_fault_that_cannot_be_read_is_answered_400(studio: httpx2.Client, text: str, reason: str) -> None:
    answer = fault(studio, text)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"x-speccast-fault: {reason}")


def test_errors_on_demand_have_the_shape_of_the_api(start: Start, api: dict[str, Any]) -> None:
    api["error_field"] = "message"
    with start(api=api) as client:
        assert fault(client, "status=429").json() == {"message": "Too many requests"}
        assert "message" in fault(client, "explode").json()
