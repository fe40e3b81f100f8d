"""Faults in the header of a request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.conftest import Start


def fault(client: httpx2.Client, text: str, path: str = "/v1/echo", body: Any = None) -> httpx2.Response:
    return client.post(path, json=body or {}, headers={"X-Speccast-Fault": text})


@pytest.mark.parametrize("status", [400, 402, 429, 500, 502, 503, 504, 599])
def test_any_error_status_can_be_requested(studio: httpx2.Client, status: int) -> None:
    response = fault(studio, f"status={status}")
    assert response.status_code == status
    assert isinstance(response.json()["error"], str)
    assert "retry-after" not in response.headers


@pytest.mark.parametrize(
    ("status", "text"),
    [(429, "Too many requests"), (401, "Unauthorized"), (503, "Service Unavailable"), (599, "Error 599")],
)
def test_the_text_is_that_of_the_spec_if_it_documents_the_status(
    studio: httpx2.Client, status: int, text: str
) -> None:
    assert fault(studio, f"status={status}").json() == {"error": text}


@pytest.mark.parametrize("value", ["5", "0.5", "Wed, 21 Oct 2026 07:28:00 GMT", "soon"])
def test_retry_after_is_sent_as_written(studio: httpx2.Client, value: str) -> None:
    response = fault(studio, f"status=429; retry-after={value}")
    assert response.headers["retry-after"] == value


def test_a_status_is_applied_after_all_checks_but_the_body(studio: httpx2.Client) -> None:
    assert fault(studio, "status=500", body={"unknown": 1}).status_code == 500
    assert fault(studio, "status=500", "/v1/nowhere").status_code == 404
    headers = {"X-Speccast-Fault": "status=500"}
    assert studio.put("/v1/echo", headers=headers).status_code == 405
    assert studio.post("/v1/echo", content=b"{}", headers=headers).status_code == 406
    assert httpx2.post(f"{studio.base_url}/v1/echo", json={}, headers=headers).status_code == 401


def test_a_poll_that_fails_does_not_advance_the_job(studio: httpx2.Client) -> None:
    job = studio.post("/v2/echo", json={}).json()
    headers = {"X-Speccast-Fault": "status=503"}
    assert studio.get(job["status_url"], headers=headers).status_code == 503
    assert studio.get(job["status_url"]).json()["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("job-failed", "The job failed because of a fault"),
        ("job-failed=", "The job failed because of a fault"),
        ("job-failed=Out of memory", "Out of memory"),
        ("JOB-FAILED = a = b", "a = b"),
        ("job-failed=a%3Bb %C3%BC 100%", "a;b ü 100%"),
    ],
)
def test_a_job_fails_with_the_given_reason(studio: httpx2.Client, text: str, detail: str) -> None:
    job = fault(studio, text, "/v2/echo").json()
    response = studio.get(job["status_url"])
    assert (response.status_code, response.json()["error"]) == (422, detail)


@pytest.mark.parametrize(
    "text", ["job-failed=no", "job-stuck", "content-block=no", "job-failed=no;p=1;latency=0"]
)
@pytest.mark.parametrize("body", ['{"text": 1}', "{}", "[]", "{"])
def test_an_invalid_submit_does_not_use_up_a_fault_of_jobs(
    start: Start, spec_of: Callable[..., Any], text: str, body: str
) -> None:
    with start(spec_of("needs-text", {"text": {"type": "string", "required": True}})) as client:
        client.post("/_emulator/faults", json=[f"{text};times=1"])
        headers = {"content-type": "application/json"}
        paths = ["/v2/needs-text", *(["/v1/needs-text"] if text.startswith("content") else [])]
        for path in paths:
            refused = client.post(path, content=body, headers=headers)
            assert refused.status_code == 400
            assert refused.json()["error"] != "no"
        [armed] = client.get("/_emulator/faults").json()["faults"]
        assert (armed["left"], armed["struck"]) == (1, 0)
        job = client.post("/v2/needs-text", json={"text": "a"}).json()
        assert client.get(job["status_url"]).json()["status"] != "COMPLETED"
        again = client.post("/v2/needs-text", json={"text": "a"}).json()
        assert client.get(again["status_url"]).json()["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("text", "seconds"), [("status=429", 1), ("status=429;retry-after=5", 5), ("html=429", 1)]
)
@pytest.mark.parametrize("path", ["/v1/echo", "/v2/echo"])
def test_a_rate_limit_as_a_fault_has_the_reset_header_of_a_real_one(
    start: Start, api: dict[str, Any], text: str, seconds: int, path: str
) -> None:
    api["headers"].append({"name": "x-reset", "meaning": "rate_limit_reset"})
    with start(api=api) as client:
        before = datetime.now(UTC)
        ends = datetime.fromisoformat(fault(client, text, path).headers["x-reset"])
        assert before - timedelta(seconds=0.01) <= ends - timedelta(seconds=seconds) <= datetime.now(UTC)
        assert "x-reset" not in fault(client, "status=503", path).headers


@pytest.mark.parametrize("text", ["job-failed", "job-stuck"])
def test_faults_of_jobs_do_nothing_elsewhere(studio: httpx2.Client, text: str) -> None:
    assert fault(studio, text).status_code == 200
    job = studio.post("/v2/echo", json={}).json()
    response = studio.get(job["status_url"], headers={"X-Speccast-Fault": text})
    assert response.json()["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "unknown fault ''"),
        ("explode", "unknown fault 'explode'; known: status, html, reset, truncate, malformed-json, "),
        ("statsu=500", "unknown fault 'statsu'; did you mean status?"),
        ("status=500;", "unknown fault ''"),
        ("status", "status must be 400 to 599 (got nothing)"),
        ("status=", "status must be 400 to 599 (got nothing)"),
        ("status=200", "status must be 400 to 599 (got 200)"),
        ("status=4000", "status must be 400 to 599 (got 4000)"),
        ("status=abc", "status must be 400 to 599 (got abc)"),
        ("status=500;retry-after=", "retry-after must be a number of seconds or a date"),
        ("status=500;retry-after=a%0d%0ab", "retry-after must be a number of seconds or a date"),
        ("status=500;retry-after=%E2%82%AC", "retry-after must be a number of seconds or a date"),
        ("job-failed=a;b", "unknown fault 'b'"),
        ("job-stuck=5", "job-stuck does not take the value '5'"),
        ("truncate=1", "truncate does not take the value '1'"),
        ("reset=before", "reset does not take the value 'before'"),
        ("job-stuck;retry-after=1", "retry-after is not allowed with job-stuck"),
        ("latency=1;retry-after=1", "retry-after is not allowed with latency"),
        ("status=500;status=501", "status is given twice"),
        ("status=500;truncate", "a fault has one failure; write truncate as"),
        ("html=abc", "html must be 400 to 599 (got abc)"),
        ("times=2", "missing failure: write status, html"),
        ("latency", "latency must be a number from 0 to 600 (got nothing)"),
        ("latency=601", "latency must be a number from 0 to 600 (got 601)"),
        ("latency=-1", "latency must be a number from 0 to 600 (got -1)"),
        ("status=500;times=0", "times must be an integer, at least 1 (got 0)"),
        ("status=500;times", "times must be an integer, at least 1 (got nothing)"),
        ("status=500;p=1.1", "p must be a number from 0 to 1 (got 1.1)"),
        ("status=500;model=ecco", "unknown model 'ecco'; did you mean echo?"),
        ("status=500;model=", "model must be a slug (got nothing)"),
        (
            "status=500;surface=v2",
            "surface must be one of sync, submit, status, result, cancel, output, upload (got v2)",
        ),
        ("job-failed;surface=sync", "job-failed is possible on submit only (got surface=sync)"),
        (
            "content-block;surface=status",
            "content-block is possible on sync and submit only (got surface=status)",
        ),
        ("status=500;when=text", "when must be PARAMETER:VALUE (got text)"),
        ("status=500;when=txet:a", "unknown parameter 'txet' in when"),
        ("status=500;model=echo;when=prompt:a", "unknown parameter 'prompt' in when"),
        ("status=500;surface=result;when=text:a", "when needs a request with a body"),
    ],
)
def test_an_invalid_fault_gets_400(studio: httpx2.Client, text: str, reason: str) -> None:
    response = fault(studio, text)
    assert response.status_code == 400
    assert response.json()["error"].startswith(f"x-speccast-fault: {reason}")


def test_requested_errors_have_the_form_of_the_api(start: Start, api: dict[str, Any]) -> None:
    api["answers"]["error"] = {"body": {"message": "{message}"}}
    with start(api=api) as client:
        assert fault(client, "status=429").json() == {"message": "Too many requests"}
        assert "message" in fault(client, "explode").json()
