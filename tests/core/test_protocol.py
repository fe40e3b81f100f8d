"""Jobs: what a client reads from responses."""

from __future__ import annotations

import pytest

from speccast.core.answers import Answer, Answers
from speccast.core.api import JobState, JobSurface
from speccast.core.protocol import JobProtocol
from speccast.samples.filling import fill

QUEUED, DONE, FAILED = (
    JobState("QUEUED", "waiting"),
    JobState("DONE", "succeeded"),
    JobState("BAD", "failed", 422),
)
JOBS = JobSurface("/s", "/jobs/{id}", "/jobs/{id}/result", states=(QUEUED, DONE, FAILED))
OTHER = Answers(
    submit=(Answer({"job": {"name": "{id}"}, "state": "{state}"}),),
    result=(Answer({"data": {"state": "{state}", "media": ["{output}"], "usage": {"price": "{cost}"}}}),),
    failed=(Answer({"state": "{state}", "reasons": [{"text": "{message}"}]}),),
)


@pytest.mark.parametrize("answers", [Answers(), OTHER], ids=["default", "other"])
def test_a_client_reads_what_a_server_writes(answers: Answers) -> None:
    protocol = JobProtocol(JOBS, answers.places)
    submitted = fill(answers.submit[0].body, {"id": "j-1", "state": "QUEUED"})
    assert protocol.job_id(submitted) == "j-1"
    assert protocol.state(submitted, 200) is QUEUED
    done = fill(answers.result[0].body, {"id": "j-1", "state": "DONE"}, [{"output": "a"}, {"output": "b"}])
    assert (protocol.state(done, 200), protocol.output(done)) == (DONE, ["a", "b"])
    failed = fill(answers.failed[0].body, {"id": "j-1", "state": "BAD", "message": "blocked"})
    assert (protocol.state(failed, 422), protocol.error(failed)) == (FAILED, "blocked")


def test_metrics_have_the_names_of_their_placeholders() -> None:
    values = {"id": "j", "state": "DONE", "cost": 0.5, "queue_time": 1.0}
    for answers, expected in ((Answers(), {}), (OTHER, {"cost": 0.5})):
        done = fill(answers.result[0].body, values, [{"output": "a"}])
        assert JobProtocol(JOBS, answers.places).metrics(done) == expected


@pytest.mark.parametrize(
    ("body", "status", "state"),
    [
        ({"status": "queued"}, 200, QUEUED),
        ({"status": "BAD"}, 500, FAILED),
        ({"status": "BAD"}, 404, None),
        ({"status": "QUEUED"}, 500, None),
        ({"status": "NEW"}, 200, None),
        ({"status": 7}, 200, None),
        ([], 200, None),
        ("QUEUED", 200, None),
    ],
)
def test_a_state_is_read_from_any_response(body: object, status: int, state: JobState | None) -> None:
    assert JobProtocol(JOBS).state(body, status) is state


@pytest.mark.parametrize(
    ("value", "job_id"), [("j", "j"), (7, "7"), ("", None), (True, None), (None, None), ({}, None)]
)
def test_an_id_is_a_text_or_a_number(value: object, job_id: str | None) -> None:
    assert JobProtocol(JOBS).job_id({"request_id": value}) == job_id
