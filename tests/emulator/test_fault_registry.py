"""Which requests armed faults and faults of a header apply to, and how often."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from speccast.emulator.faults import parse_fault
from speccast.emulator.server import start_emulator
from speccast.emulator.settings import EmulatorSettings, JobProgress
from speccast.errors import SpeccastError
from speccast.specs.bundle import Bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

    from tests.emulator.conftest import Start


@pytest.fixture
def client(studio: httpx2.Client) -> Iterator[httpx2.Client]:
    """An emulator in its initial state."""
    studio.post("/_emulator/reset").raise_for_status()
    yield studio
    studio.post("/_emulator/reset").raise_for_status()


def arm(client: httpx2.Client, *faults: str) -> None:
    client.post("/_emulator/faults", json=list(faults)).raise_for_status()


def statuses(client: httpx2.Client, number: int, path: str = "/v1/echo", **options: Any) -> list[int]:
    options.setdefault("json", {})
    return [client.post(path, **options).status_code for _ in range(number)]


def test_a_fault_applies_times_requests(client: httpx2.Client) -> None:
    arm(client, "status=503;retry-after=2;times=2")
    response = client.post("/v1/echo", json={})
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert statuses(client, 3) == [503, 200, 200]


def test_times_counts_requests_with_the_same_header(client: httpx2.Client) -> None:
    headers = {"x-speccast-fault": "status=503;times=2"}
    assert statuses(client, 3, headers=headers) == [503, 503, 200]
    assert statuses(client, 2, headers={"x-speccast-fault": "status=502;times=1"}) == [502, 200]
    client.delete("/_emulator/faults")
    assert statuses(client, 1, headers=headers) == [503]


def test_failures_are_applied_one_after_the_other(client: httpx2.Client) -> None:
    arm(client, "status=500;times=1", "html=502;times=1", "status=429")
    assert statuses(client, 4) == [500, 502, 429, 429]


def test_the_fault_of_the_header_is_applied_first(client: httpx2.Client) -> None:
    arm(client, "status=500;times=1")
    assert statuses(client, 1, headers={"x-speccast-fault": "status=418"}) == [418]
    assert statuses(client, 2) == [500, 200]


def test_several_headers_are_several_faults(client: httpx2.Client) -> None:
    headers = [("x-speccast-fault", "status=500;times=1"), ("x-speccast-fault", "status=501;times=1")]
    assert statuses(client, 3, headers=headers) == [500, 501, 200]


def test_a_fault_can_be_limited_to_a_model(client: httpx2.Client) -> None:
    arm(client, "status=500;model=echo;times=1")
    assert statuses(client, 1, "/v1/sync-only") == [200]
    assert statuses(client, 2) == [500, 200]


def test_a_poll_belongs_to_the_model_of_its_job(client: httpx2.Client) -> None:
    jobs = [client.post(path, json={}).json() for path in ("/v2/echo", "/beta/async-only/jobs")]
    arm(client, "status=500;model=echo")
    assert [client.get(job["status_url"]).status_code for job in jobs] == [500, 200]


@pytest.mark.parametrize("surface", ["sync", "submit", "status", "result"])
def test_a_fault_can_be_limited_to_a_surface(client: httpx2.Client, surface: str) -> None:
    job = client.post("/v2/echo", json={}).json()
    arm(client, f"status=500;surface={surface}")
    found = {
        "sync": client.post("/v1/echo", json={}).status_code,
        "submit": client.post("/v2/echo", json={}).status_code,
        "status": client.get(job["status_url"]).status_code,
        "result": client.get(job["response_url"]).status_code,
    }
    assert [name for name, status in found.items() if status == 500] == [surface]


@pytest.mark.parametrize(
    ("when", "body", "holds"),
    [
        ("prompt:a fox", {"prompt": "a fox"}, True),
        ("prompt:a fox", {"prompt": "a foxx"}, False),
        ("prompt:1", {"prompt": "1"}, True),
        ("prompt:a%3Bb:c", {"prompt": "a;b:c"}, True),
        ("prompt:", {"prompt": ""}, True),
        ("width:96", {"prompt": "a", "width": 96}, True),
        ("width:96", {"prompt": "a", "width": 96.0}, True),
        ("width:96", {"prompt": "a", "width": 97}, False),
        ("width:96", {"prompt": "a"}, False),
        ("base64:true", {"prompt": "a", "base64": True}, True),
        ("base64:1", {"prompt": "a", "base64": True}, False),
        ("base64:yes", {"prompt": "a", "base64": True}, False),
        ("prompt:a;when=width:96", {"prompt": "a", "width": 96}, True),
        ("prompt:a;when=width:96", {"prompt": "b", "width": 96}, False),
    ],
)
def test_a_fault_can_be_limited_to_the_value_of_a_parameter(
    client: httpx2.Client, when: str, body: dict[str, Any], holds: bool
) -> None:
    arm(client, f"status=500;when={when}")
    assert statuses(client, 1, "/v2/painter-1.5", json=body) == [500 if holds else 200]


def test_an_invalid_body_has_no_values(client: httpx2.Client) -> None:
    arm(client, "status=500;when=text:a")
    headers = {"content-type": "application/json"}
    assert client.post("/v1/echo", content=b'{"text":"a"', headers=headers).status_code == 400


def test_a_fault_that_does_not_apply_is_not_used_up(client: httpx2.Client) -> None:
    arm(client, "job-failed=once;times=1")
    assert statuses(client, 1) == [200]
    failed, done = (client.post("/v2/echo", json={}).json()["status_url"] for _ in range(2))
    assert client.get(failed).json()["error"] == "once"
    assert client.get(done).json()["status"] == "COMPLETED"


def test_probabilities_are_drawn_from_the_seed(start: Start) -> None:
    def drawn(seed: int) -> list[int]:
        settings = EmulatorSettings(seed=seed, faults=(parse_fault("status=500;p=0.3"),))
        with start(settings=settings) as client:
            first = statuses(client, 60)
            client.post("/_emulator/reset")
            assert statuses(client, 60) == first
            return first

    found = drawn(1)
    assert 8 <= found.count(500) <= 30
    assert found == drawn(1)
    assert found != drawn(2)


@pytest.mark.parametrize(("p", "expected"), [("0", 200), ("0.0", 200), ("1", 500), ("1.0", 500)])
def test_a_probability_can_be_zero_or_one(client: httpx2.Client, p: str, expected: int) -> None:
    assert statuses(client, 5, headers={"x-speccast-fault": f"status=500;p={p}"}) == [expected] * 5


def test_delays_add_up_and_precede_a_failure(client: httpx2.Client) -> None:
    arm(client, "latency=0.2;times=1", "latency=0.2;status=500;times=1")
    before = time.monotonic()
    assert statuses(client, 1) == [500]
    assert time.monotonic() - before >= 0.4
    before = time.monotonic()
    assert statuses(client, 1) == [200]
    assert time.monotonic() - before < 0.4


def test_a_delay_does_not_affect_other_requests(client: httpx2.Client) -> None:
    arm(client, "latency=1;model=echo")
    before = time.monotonic()
    assert statuses(client, 1, "/v1/sync-only") == [200]
    assert time.monotonic() - before < 0.9


def test_blocked_content_fails_the_job_and_the_call(client: httpx2.Client) -> None:
    arm(client, "content-block")
    call = client.post("/v1/echo", json={})
    assert (call.status_code, call.json()) == (422, {"error": "The content was blocked"})
    look = client.get(client.post("/v2/echo", json={}).json()["status_url"])
    assert (look.status_code, look.json()["status"]) == (422, "FAILED")
    assert look.json()["error"] == "The content was blocked"
    blocked = client.post("/v1/echo", json={}, headers={"x-speccast-fault": "content-block=Too red"})
    assert blocked.json() == {"error": "Too red"}


def test_a_stuck_job_stays_stuck(start: Start) -> None:
    settings = EmulatorSettings(progress=JobProgress(seconds=10), faults=(parse_fault("job-stuck;times=1"),))
    with start(settings=settings) as client:
        stuck, other = (client.post("/v2/echo", json={}).json()["status_url"] for _ in range(2))
        client.post("/_emulator/clock", json={"advance": 3000})
        assert client.get(stuck).json()["status"] == "PROCESSING"
        assert client.get(other).json()["status"] == "COMPLETED"


def test_armed_faults_are_listed_with_their_remaining_times(client: httpx2.Client) -> None:
    arm(client, "status=503;times=2", "latency=0;model=echo")
    statuses(client, 1)
    assert client.get("/_emulator/faults").json() == {
        "faults": [
            {"fault": "status=503;times=2", "left": 1, "struck": 1},
            {"fault": "latency=0;model=echo", "left": None, "struck": 1},
        ]
    }
    assert client.delete("/_emulator/faults").json() == {"faults": []}
    assert statuses(client, 1) == [200]


@pytest.mark.parametrize("content_type", ["text/plain", ""])
def test_faults_can_be_armed_as_a_text(client: httpx2.Client, content_type: str) -> None:
    text = "status=500;times=1\r\n\n  status=501;times=1\n"
    armed = client.post("/_emulator/faults", content=text, headers={"content-type": content_type})
    assert [fault["fault"] for fault in armed.json()["faults"]] == [
        "status=500;times=1",
        "status=501;times=1",
    ]
    assert statuses(client, 3) == [500, 501, 200]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "the body contains no fault"),
        ("[]", "the body contains no fault"),
        ("[1]", "the body must be a JSON list of texts"),
        ("[", "the body is not JSON"),
        ("status=500\nexplode", "unknown fault 'explode'"),
        ('["status=500", "explode"]', "unknown fault 'explode'"),
        ('["status=500", "status=500;model=nothing"]', "unknown model 'nothing'"),
        (b"\xff", "the body is not UTF-8"),
        ("x" * 2_000_000, "the body is larger than"),
    ],
)
def test_an_invalid_fault_gets_400_and_arms_nothing(
    client: httpx2.Client, content: str | bytes, reason: str
) -> None:
    response = client.post("/_emulator/faults", content=content)
    assert response.status_code == 400
    assert response.json()["error"].startswith(reason)
    assert client.get("/_emulator/faults").json() == {"faults": []}


def test_faults_from_the_start_are_armed_again_by_a_reset(start: Start) -> None:
    with start(settings=EmulatorSettings(faults=(parse_fault("status=500;times=1"),))) as client:
        assert statuses(client, 2) == [500, 200]
        client.post("/_emulator/reset")
        assert statuses(client, 2) == [500, 200]


def test_an_impossible_fault_from_the_start_is_an_error(api: dict[str, Any]) -> None:
    settings = EmulatorSettings(faults=(parse_fault("status=500;model=echo"),))
    with (
        pytest.raises(SpeccastError, match="unknown model 'echo'"),
        start_emulator(Bundle(api, {}), settings),
    ):
        pass


@pytest.mark.parametrize("fault", ["job-failed", "job-stuck"])
def test_a_fault_of_jobs_needs_an_api_with_such_states(start: Start, api: dict[str, Any], fault: str) -> None:
    api["async"]["states"] = [{"name": "DONE", "phase": "succeeded"}]
    with start(api=api) as client:
        response = client.post("/_emulator/faults", json=[fault])
        assert (response.status_code, response.json()["error"]) == (
            400,
            f"{fault}: the API has no job state for it",
        )
