"""Failures on demand, by request header."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest

if TYPE_CHECKING:
    from conftest import Start


def fault(client: httpx2.Client, text: str, path: str = "/v1/echo", body: Any = None) -> httpx2.Response:
    return client.post(path, json=body or {}, headers={"X-Specwright-Fault": text})


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
    headers = {"X-Specwright-Fault": "status=500"}
    assert studio.put("/v1/echo", headers=headers).status_code == 405
    assert studio.post("/v1/echo", content=b"{}", headers=headers).status_code == 406
    assert httpx2.post(f"{studio.base_url}/v1/echo", json={}, headers=headers).status_code == 401


def test_polls_can_be_answered_with_a_status_too_and_do_not_count(studio: httpx2.Client) -> None:
    job = studio.post("/v2/echo", json={}).json()
    headers = {"X-Specwright-Fault": "status=503"}
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
    answer = studio.get(job["status_url"], headers={"X-Specwright-Fault": text})
    assert answer.json()["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "unknown fault ''"),
        ("explode", "unknown fault 'explode'; known are status=NNN, job-failed and job-stuck"),
        ("status", "the status of a fault is 400 to 599, not missing"),
        ("status=", "the status of a fault is 400 to 599, not missing"),
        ("status=200", "the status of a fault is 400 to 599, not 200"),
        ("status=4000", "the status of a fault is 400 to 599, not 4000"),
        ("status=abc", "the status of a fault is 400 to 599, not abc"),
        ("status=500;retry-after=", "retry-after is a number of seconds or a date"),
        ("status=500;retry-after=a%0d%0ab", "retry-after is a number of seconds or a date"),
        ("status=500;retry-after=%E2%82%AC", "retry-after is a number of seconds or a date"),
        ("status=500;times=2", "the fault status takes no 'times'"),
        ("job-failed=a;b", "the fault job-failed takes no 'b'"),
        ("job-stuck=5", "the fault job-stuck takes no 'a value'"),
        ("job-stuck;p=1", "the fault job-stuck takes no 'p'"),
    ],
)
def test_a_fault_that_cannot_be_read_is_answered_400(studio: httpx2.Client, text: str, reason: str) -> None:
    answer = fault(studio, text)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"x-specwright-fault: {reason}")


def test_errors_on_demand_have_the_shape_of_the_api(start: Start, api: dict[str, Any]) -> None:
    api["error_field"] = "message"
    with start(api=api) as client:
        assert fault(client, "status=429").json() == {"message": "Too many requests"}
        assert "message" in fault(client, "explode").json()
