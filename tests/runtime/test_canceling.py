"""Canceling jobs: by a call, and at a deadline."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import pytest
from acme_client._api import API
from acme_client._runtime.errors import (
    APIConnectionError,
    APIStatusError,
    ConfigurationError,
    InvalidResponseError,
    JobCanceledError,
    JobFailedError,
    JobTimeoutError,
)
from acme_client.errors import BadRequestError, NotFoundError
from acme_support.server import Reply

STATUS = "/v2/requests/j-1/status"
CANCEL = "/v2/requests/j-1/cancel"
CANCELED = {"request_id": "j-1", "status": "CANCELED"}


@pytest.fixture(autouse=True)
def _queued(server: Any) -> None:
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j-1", "status": "QUEUED"}))
    server.on(STATUS, Reply(body={"status": "QUEUED"}))
    server.on(CANCEL, Reply(body=CANCELED))


def test_a_job_is_canceled_as_the_api_documents(acme: Any, server: Any) -> None:
    job = acme.client().job("j-1")
    assert acme.run(job.cancel()) == CANCELED
    [request] = server.requests
    assert (request.method, request.path, request.body) == ("PUT", CANCEL, b"")
    assert request.headers["x-acme-key"]
    assert job.raw.status == 200


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (Reply(204), None),
        (Reply(202, b""), None),
        (Reply(200, "OK"), None),
        (Reply(200, {"status": "CANCELLATION_REQUESTED"}), {"status": "CANCELLATION_REQUESTED"}),
        (Reply(202, {"status": "PROCESSING"}), {"status": "PROCESSING"}),
        (Reply(409, CANCELED), CANCELED),
    ],
    ids=["204", "empty", "text", "undocumented state", "still running", "the status of an error"],
)
def test_what_counts_as_canceled(acme: Any, server: Any, reply: Reply, found: object) -> None:
    server.on(CANCEL, reply)
    assert acme.run(acme.client().job("j-1").cancel()) == found


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (Reply(400, {"status": "COMPLETED", "error": "it is finished"}), BadRequestError, "it is finished"),
        (Reply(422, {"status": "FAILED", "error": "it failed before"}), APIStatusError, "it failed before"),
        (Reply(404, {"error": "no such job"}), NotFoundError, "no such job"),
        (Reply(200, {"error": "not now"}), InvalidResponseError, "not now"),
        (Reply(200, "<html><title>Down</title></html>"), InvalidResponseError, "a web page"),
    ],
    ids=["finished", "failed", "unknown", "an error with a success", "a page"],
)
def test_what_does_not(acme: Any, server: Any, reply: Reply, kind: type[Exception], text: str) -> None:
    server.on(CANCEL, reply)
    with pytest.raises(kind, match=text) as caught:
        acme.run(acme.client().job("j-1").cancel())
    assert caught.value.job_id == "j-1"  # type: ignore[attr-defined] # added to the exception of a caller
    assert len(server.requests) == 1


@pytest.mark.parametrize("reply", [Reply(503, {"error": "busy"}), Reply(429), Reply(reset=True)])
def test_temporary_errors_are_retried(acme: Any, server: Any, clock: Any, reply: Reply) -> None:
    server.on(CANCEL, reply, reply, Reply(204))
    assert acme.run(acme.client(clock=clock).job("j-1").cancel()) is None
    assert len(server.requests) == 3
    assert len(clock.slept) == 2


def test_retries_are_limited(acme: Any, server: Any, clock: Any) -> None:
    server.on(CANCEL, Reply(reset=True))
    with pytest.raises(APIConnectionError):
        acme.run(acme.client(clock=clock, max_retries=1).job("j-1").cancel())
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("body", "text", "detail"),
    [
        ({"status": "CANCELED"}, "job j-1 was canceled", None),
        (
            {"status": "canceled", "error": "by the owner"},
            "job j-1 was canceled: by the owner",
            "by the owner",
        ),
    ],
)
def test_waiting_for_a_canceled_job_raises_its_own_error(
    acme: Any, server: Any, body: Any, text: str, detail: str | None
) -> None:
    server.on(STATUS, Reply(body={"status": "QUEUED"}), Reply(body=body))
    with pytest.raises(JobCanceledError) as caught:
        acme.run(acme.client().job("j-1").wait(interval=0))
    error = caught.value
    assert isinstance(error, JobFailedError)
    assert (str(error), error.detail, error.status_body) == (text, detail, body)
    assert str(pickle.loads(pickle.dumps(error))) == text


def test_a_job_may_be_canceled_between_status_and_result(acme: Any, server: Any) -> None:
    server.on(STATUS, Reply(body={"status": "COMPLETED"}))
    server.on("/v2/requests/j-1", Reply(body=CANCELED))
    with pytest.raises(JobCanceledError):
        acme.run(acme.client().job("j-1").wait())


def test_a_canceled_job_ends_its_states(server: Any, acme: Any) -> None:
    server.on(STATUS, Reply(body={"status": "QUEUED"}), Reply(body=CANCELED))

    async def collect(states: Any) -> list[Any]:
        return [status["status"] async for status in states]

    job = acme.client().job("j-1")
    found = (
        acme.run(collect(job.states(interval=0)))
        if acme.is_async
        else [status["status"] for status in job.states(interval=0)]
    )
    assert found == ["QUEUED", "CANCELED"]


def test_a_timeout_cancels_only_if_asked_to(acme: Any, server: Any, clock: Any) -> None:
    client = acme.client(clock=clock)
    with pytest.raises(JobTimeoutError, match="may still be running") as caught:
        acme.run(client.job("j-1").wait(timeout=2))
    assert not caught.value.is_canceled
    assert CANCEL not in server.paths()
    with pytest.raises(JobTimeoutError, match=r"did not finish within 2\.0 s, and was canceled") as caught:
        acme.run(client.job("j-1").wait(timeout=2, cancel_on_timeout=True))
    assert caught.value.is_canceled
    assert (caught.value.request_id, caught.value.elapsed_s) == ("j-1", 2.0)
    assert server.paths().count(CANCEL) == 1


def test_run_cancels_at_its_deadline(acme: Any, server: Any, clock: Any) -> None:
    client = acme.client(clock=clock, total_timeout=3)
    with pytest.raises(JobTimeoutError, match="was canceled"):
        acme.run(client.run("fox-1.5", prompt="a", cancel_on_timeout=True))
    assert "cancel_on_timeout" not in server.requests[0].json
    assert server.paths()[-1] == CANCEL


def test_a_job_that_finishes_in_time_is_not_canceled(acme: Any, server: Any) -> None:
    server.on(STATUS, Reply(body={"status": "COMPLETED"}))
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": "x"}))
    assert acme.run(acme.client().run("fox-1.5", prompt="a", cancel_on_timeout=True)).output == "x"
    assert CANCEL not in server.paths()


def test_a_timeout_says_why_the_job_could_not_be_canceled(acme: Any, server: Any, clock: Any) -> None:
    server.on(CANCEL, Reply(400, {"error": "it is finished"}))
    with pytest.raises(JobTimeoutError, match="may still be running") as caught:
        acme.run(acme.client(clock=clock).job("j-1").wait(timeout=1, cancel_on_timeout=True))
    assert not caught.value.is_canceled
    assert "could not be canceled: 400 Bad Request: it is finished" in caught.value.__notes__[0]


def test_canceling_at_a_deadline_takes_five_seconds_at_most(acme: Any, server: Any, clock: Any) -> None:
    server.on(CANCEL, Reply(503, headers={"retry-after": "4"}))
    with pytest.raises(JobTimeoutError):
        acme.run(acme.client(clock=clock).job("j-1").wait(timeout=1, cancel_on_timeout=True))
    assert clock.slept == [1.0, 4.0]


def test_an_api_without_cancel(acme: Any) -> None:
    assert API.jobs is not None
    api = replace(API, jobs=replace(API.jobs, cancel=None))
    with pytest.raises(ConfigurationError, match="Acme cannot cancel jobs"):
        acme.run(acme.client(api=api).job("j-1").cancel())
