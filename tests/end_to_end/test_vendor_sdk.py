"""The vendor's SDK works with the emulator, and our client gives the same results for the same calls.

Both clients are created the same way, with the base URL that the vendor's SDK takes. The tests compare what a caller
gets: the result, or the error with its status and the detail from the API.
"""

from __future__ import annotations

import importlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import segmind as theirs
from PIL import Image

from speccast.testing import Emulator, emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

SYNC = "sd2.1-txt2img"
JOBS = "stable-diffusion-3-large-txt2img"
PROMPT = {"prompt": "a red fox in the snow"}
ERRORS = (400, 401, 403, 404, 405, 406, 410, 418, 422, 429, 500, 502, 503, 504)
"""Every status of the pages and of other sources, and two that no source has."""

INVALID_KEY = (401, "Unauthorized. API key is invalid or may have expired")
UNKNOWN = (404, "Unknown model or endpoint")


@dataclass(frozen=True)
class Outcome:
    """The outcome of a call, without what differs between two calls: request ids, and so URLs of outputs."""

    kind: str
    status: int | None = None
    detail: str | None = None
    content: Any = None


@pytest.fixture(scope="module")
def ours(repository: Path) -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(repository / "generated" / "segmind" / "python")
        yield importlib.import_module("segmind_client")


@pytest.fixture(scope="module")
def server(repository: Path) -> Iterator[Emulator]:
    with emulator(repository / "specs" / "segmind", key="the-right-key") as api:
        yield api


@pytest.fixture
def api(server: Emulator) -> Emulator:
    server.reset()
    return server


@pytest.fixture
def both(api: Emulator, ours: ModuleType) -> Callable[..., tuple[Outcome, Outcome]]:
    """Make the same call with either SDK, each on a reset emulator with the same faults, and return both outcomes.

    Our client sends each request once and unchecked, as theirs does.
    """

    def done(
        call: Callable[[Any], Any], *faults: str, key: str = api.key, timeout: float = 30
    ) -> tuple[Outcome, Outcome]:
        address = f"{api.url}/v1"
        their_client = theirs.SegmindClient(key, base_url=address, timeout=timeout)
        api.reset()
        api.fault(*faults)
        found = _outcome(theirs, lambda: call(their_client))
        asked = [(request.method, request.surface, request.status) for request in api.journal()]
        api.reset()
        api.fault(*faults)
        with ours.SegmindClient(key, base_url=address, timeout=timeout) as client:
            own = _outcome(ours, lambda: call(client.with_options(max_retries=0, validate=False)))
        assert [(request.method, request.surface, request.status) for request in api.journal()] == asked
        return found, own

    return done


def _outcome(sdk: ModuleType, call: Callable[[], Any]) -> Outcome:
    try:
        result = call()
    except sdk.InferenceFailed as error:
        return Outcome("failed", None, error.detail, _plain(error.status_body))
    except sdk.InferenceTimeout as error:
        assert error.elapsed_s >= 0
        return Outcome("timeout", None, None, _plain(error.request_id))
    except (httpx.TimeoutException, TimeoutError):
        return Outcome("timeout of a response")
    except httpx.TransportError:
        return Outcome("no connection")
    except sdk.SegmindError as error:
        if sdk is theirs or hasattr(error, "body"):
            return Outcome("error", error.status, error.detail)
        return Outcome("timeout of a response" if "time" in type(error).__name__.lower() else "no connection")
    if isinstance(result, dict):
        return Outcome("job", content=_plain(result))
    return Outcome("result", content=result.content)


def _plain(value: Any) -> Any:
    """Return the value with each request id replaced by a word."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    return re.sub(r"[0-9a-f]{32}", "ID", value) if isinstance(value, str) else value


CALLS: dict[str, Callable[[Any], Any]] = {
    "run": lambda client: client.run(JOBS, **PROMPT, aspect_ratio="16:9"),
    "run, required parameters": lambda client: client.run(JOBS, **PROMPT),
    "run, every parameter": lambda client: client.run(
        JOBS,
        prompt="a red fox",
        negative_prompt="blurry",
        mode="text-to-image",
        aspect_ratio="16:9",
        output_format="png",
        base64=False,
    ),
    "run_sync": lambda client: client.run_sync(SYNC, **PROMPT, seed=7),
    "run_sync, random seed": lambda client: client.run_sync(SYNC, **PROMPT),
    "run_sync, base64": lambda client: client.run_sync(SYNC, **PROMPT, seed=7, base64=True, samples=2),
    "submit and wait": lambda client: client.submit_async(JOBS, **PROMPT).wait(timeout=60, interval=0.01),
    "submit and status": lambda client: client.submit_async(JOBS, **PROMPT).status(),
    "submit and result": lambda client: client.submit_async(JOBS, **PROMPT).result(),
}


@pytest.mark.parametrize("name", CALLS)
def test_results_agree(both: Callable[..., tuple[Outcome, Outcome]], name: str) -> None:
    found, own = both(CALLS[name])
    assert found.kind in ("result", "job")
    assert own == found


def test_run_returns_the_url_of_a_picture(api: Emulator) -> None:
    client = theirs.SegmindClient(api.key, base_url=f"{api.url}/v1")
    result = client.run(JOBS, **PROMPT, aspect_ratio="1:1")
    assert result["status"] == "COMPLETED"
    assert result["metrics"]["cost"] > 0
    assert Image.open(io.BytesIO(httpx.get(result["output"]).content)).format == "JPEG"


def test_run_sync_returns_a_picture_and_the_documented_headers(api: Emulator) -> None:
    client = theirs.SegmindClient(api.key, base_url=f"{api.url}/v1")
    responses = [client.run_sync(SYNC, **PROMPT, img_width=320, img_height=192) for _ in range(2)]
    assert Image.open(io.BytesIO(responses[0].content)).size == (320, 192)
    expected = {"x-request-id", "x-cost", "x-remaining-credits", "x-generation-time", "x-seed-value"}
    assert expected <= set(responses[0].headers)
    left = [float(response.headers["x-remaining-credits"]) for response in responses]
    assert left[1] < left[0]


def test_the_functions_of_the_module_work(api: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their default client takes no base URL, so the test replaces it."""
    client = theirs.SegmindClient(api.key, base_url=f"{api.url}/v1")
    monkeypatch.setattr(theirs, "_default_client", client)
    assert theirs.run(JOBS, **PROMPT)["status"] == "COMPLETED"
    assert theirs.run_sync(SYNC, **PROMPT).content[:2] == b"\xff\xd8"
    assert theirs.submit_async(JOBS, **PROMPT).wait(interval=0.01)["status"] == "COMPLETED"


def test_jobs_pass_through_the_same_states(api: Emulator, repository: Path, ours: ModuleType) -> None:
    with emulator(repository / "specs" / "segmind", progress="polls:3") as slow:
        for sdk in (theirs, ours):
            slow.reset()
            job = sdk.SegmindClient(slow.key, base_url=f"{slow.url}/v1").submit_async(JOBS, **PROMPT)
            states = [job.status()["status"] for _ in range(2)]
            assert states == ["QUEUED", "PROCESSING"]
            assert job.wait(timeout=60, interval=0.01)["status"] == "COMPLETED"
            surfaces = [request.surface for request in slow.journal()]
            assert surfaces == ["submit", *["status"] * 4, "result"]


@pytest.mark.parametrize("reason", ["job-failed=Out of memory", "content-block=Too many foxes"])
def test_failed_jobs_agree(both: Callable[..., tuple[Outcome, Outcome]], reason: str) -> None:
    found, own = both(CALLS["submit and wait"], reason)
    assert (found.kind, found.detail) == ("failed", reason.partition("=")[2])
    assert own == found
    again, own = both(CALLS["submit and result"], reason)
    assert again.content["status"] == "FAILED"
    assert own == again


def test_job_timeouts_agree(
    both: Callable[..., tuple[Outcome, Outcome]],
) -> None:
    found, own = both(lambda client: client.submit_async(JOBS, **PROMPT).wait(timeout=0), "job-stuck")
    assert found == Outcome("timeout", content="ID")
    assert own == found


def test_response_timeouts_agree(both: Callable[..., tuple[Outcome, Outcome]]) -> None:
    found, own = both(CALLS["run_sync"], "latency=2", timeout=0.2)
    assert found == Outcome("timeout of a response")
    assert own == found


@pytest.mark.parametrize("fault", ["reset", "reset=after"])
def test_connection_errors_agree(both: Callable[..., tuple[Outcome, Outcome]], fault: str) -> None:
    found, own = both(CALLS["run_sync"], fault)
    assert found == Outcome("no connection")
    assert own == found


@pytest.mark.parametrize("status", ERRORS)
@pytest.mark.parametrize(
    ("name", "surface"),
    [
        ("run_sync", "sync"),
        ("submit and status", "submit"),
        ("submit and status", "status"),
        ("submit and result", "result"),
    ],
)
def test_error_statuses_agree(
    both: Callable[..., tuple[Outcome, Outcome]], name: str, surface: str, status: int
) -> None:
    found, own = both(CALLS[name], f"status={status};surface={surface}")
    assert (found.kind, found.status) == ("error", status)
    assert found.detail
    assert own == found


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_transient_error_ends_their_wait_and_not_ours(api: Emulator, ours: ModuleType, status: int) -> None:
    """The one intended difference: polls are free, so our client repeats them until the deadline."""
    address = f"{api.url}/v1"
    api.fault(f"status={status};surface=status;times=1")
    with pytest.raises(theirs.SegmindError) as caught:
        CALLS["submit and wait"](theirs.SegmindClient(api.key, base_url=address))
    assert caught.value.status == status
    api.fault(f"status={status};surface=status;times=1")
    assert CALLS["submit and wait"](ours.SegmindClient(api.key, base_url=address))["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("call", "key", "expected"),
    [
        (CALLS["run_sync"], "a-wrong-key", INVALID_KEY),
        (CALLS["run"], "a-wrong-key", INVALID_KEY),
        (lambda client: client.run_sync("no-such-model"), None, UNKNOWN),
        (lambda client: client.run(SYNC, **PROMPT), None, UNKNOWN),
        (
            lambda client: client.run_sync(SYNC, samples=0, base64="yes"),
            None,
            (
                400,
                "Invalid parameters: base64 must be a boolean, not a string; samples must be at least 1 (got 0)",
            ),
        ),
    ],
)
def test_refusals_agree(
    both: Callable[..., tuple[Outcome, Outcome]],
    server: Emulator,
    call: Callable[[Any], Any],
    key: str | None,
    expected: tuple[int, str],
) -> None:
    found, own = both(call, key=key or server.key)
    assert found == Outcome("error", *expected)
    assert own == found


def test_without_a_key_their_request_is_refused(api: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our client does not send such a request."""
    monkeypatch.delenv("SEGMIND_API_KEY", raising=False)
    with pytest.raises(theirs.SegmindError) as caught:
        theirs.SegmindClient(base_url=f"{api.url}/v1").run_sync(SYNC, **PROMPT)
    assert (caught.value.status, caught.value.detail) == (
        401,
        "Missing Authorization or x-api-key in header",
    )


@pytest.mark.parametrize("status", [405, 502])
def test_an_html_page_is_an_error_with_its_status(
    both: Callable[..., tuple[Outcome, Outcome]], status: int
) -> None:
    """Their error has no detail, ours has."""
    found, own = both(CALLS["run_sync"], f"html={status}")
    assert found == Outcome("error", status, None)
    assert (own.kind, own.status) == ("error", status)
    assert own.detail


def test_rate_limits_agree(
    repository: Path, ours: ModuleType, both: Callable[..., tuple[Outcome, Outcome]]
) -> None:
    with emulator(repository / "specs" / "segmind", rate="1/60s") as limited:
        errors = []
        for sdk in (theirs, ours):
            limited.reset()
            client = sdk.SegmindClient(limited.key, base_url=f"{limited.url}/v1")
            client = client if sdk is theirs else client.with_options(max_retries=0)
            client.run_sync(SYNC, **PROMPT)
            with pytest.raises(sdk.SegmindError) as caught:
                client.run_sync(SYNC, **PROMPT)
            errors.append((caught.value.status, caught.value.detail))
    assert errors == [(429, "Too many requests")] * 2
