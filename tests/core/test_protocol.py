"""Jobs: what the emulator writes is what the client reads and what OpenAPI describes."""

from __future__ import annotations

import jsonschema
import pytest

from speccast.core.api import JobFields, JobMetrics, JobSurface, State
from speccast.core.protocol import JobProtocol, JobReport

QUEUED, DONE, FAILED = State("QUEUED", "waiting"), State("DONE", "succeeded"), State("BAD", "failed", 422)
JOBS = JobSurface("/s", "/jobs/{id}", "/jobs/{id}/result", states=(QUEUED, DONE, FAILED))
OTHER_NAMES = JobFields("job", "state", "poll", "fetch", "media", "reason", "usage", "look")
PROTOCOLS = {
    "default names": JobProtocol(JOBS),
    "other names": JobProtocol(
        JobSurface("/s", "/a", "/b", OTHER_NAMES, JOBS.states, metrics=JobMetrics(cost="price"))
    ),
}


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_a_client_reads_what_a_server_writes(protocol: JobProtocol) -> None:
    submitted = protocol.accepted("j-1", QUEUED, status_url="https://x.test/s", result_url="https://x.test/r")
    assert protocol.job_id(submitted) == "j-1"
    assert protocol.state(submitted, 200) is QUEUED
    done = protocol.report(JobReport("j-1", DONE, output=["a"], metrics={"cost": 0.5, "queue_time": 1}))
    assert (protocol.state(done, 200), protocol.output(done)) == (DONE, ["a"])
    failed = protocol.report(JobReport("j-1", FAILED, error="blocked"))
    assert (protocol.state(failed, 422), protocol.error(failed)) == (FAILED, "blocked")
    for schema, body in zip(protocol.schemas(), (submitted, failed, done), strict=True):
        jsonschema.validate(body, schema)
        assert set(body) - set(schema["properties"]) <= {
            protocol.jobs.fields.id,
            protocol.jobs.fields.poll_url,
        }


def test_metrics_have_the_names_of_the_spec_and_no_others() -> None:
    metrics = {"cost": 0.5, "queue_time": 1.0}
    for name, expected in (("default names", {}), ("other names", {"price": 0.5})):
        protocol = PROTOCOLS[name]
        assert protocol.metrics(protocol.report(JobReport("j", DONE, metrics=metrics))) == expected


def test_only_a_documented_second_name_of_the_status_url_is_written() -> None:
    for name, expected in (("default names", False), ("other names", True)):
        body = PROTOCOLS[name].accepted("j", QUEUED, status_url="s", result_url="r")
        assert (body.get("look") == "s") is expected


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
def test_a_state_is_read_from_any_response(body: object, status: int, state: State | None) -> None:
    assert JobProtocol(JOBS).state(body, status) is state


@pytest.mark.parametrize(
    ("value", "job_id"), [("j", "j"), (7, "7"), ("", None), (True, None), (None, None), ({}, None)]
)
def test_an_id_is_a_text_or_a_number(value: object, job_id: str | None) -> None:
    assert JobProtocol(JOBS).job_id({"request_id": value}) == job_id
