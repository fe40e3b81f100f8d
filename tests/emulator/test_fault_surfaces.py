"""Every failure has the same effect in a header, in `/_emulator/faults` and in `--fault`."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from speccast.emulator.failures import FAILURES, SURFACES
from speccast.specs.bundle import bundle_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FAULTS = {
    "status=503": ["503 with no Retry-After", "200", "200"],
    "status=429;retry-after=7": ["429 with Retry-After 7", "200", "200"],
    "html=502": ["502 text/html; charset=utf-8", "200", "200"],
    "reset": ["the connection broke", "200", "200"],
    "reset=after": ["the connection broke", "200", "200"],
    "truncate": ["the connection broke", "200", "200"],
    "malformed-json": ["no JSON", "200", "200"],
    "job-failed=Out of memory": ["200", "422 Out of memory", "422 Out of memory"],
    "job-stuck": ["200", "200", "200 and unfinished"],
    "content-block=Too many foxes": ["200", "422 Too many foxes", "422 Too many foxes"],
    "error-event": ["200", "200", "200"],
    "latency=0.01": ["200", "200", "200"],
    "status=500;when=text:a fox": ["500 with no Retry-After", "200", "200"],
    "status=500;when=text:an owl": ["200", "200", "200"],
    "status=500;model=other": ["200", "200", "200"],
    "status=500;surface=status": ["200", "500 with no Retry-After", "200"],
    "status=500;surface=result": ["200", "200", "500 with no Retry-After"],
    "status=500;surface=sync": ["200", "200", "200"],
    "status=500;surface=output": ["200", "200", "200"],
    "status=500;surface=cancel": ["200", "200", "200"],
    "status=500;surface=upload": ["200", "200", "200"],
    "status=500;p=0": ["200", "200", "200"],
    "status=500;p=1": ["500 with no Retry-After", "200", "200"],
    "status=500;surface=submit;times=1": ["500 with no Retry-After", "200", "200"],
}
"""By fault: the response to a submit and, if there is a job, to its status and its result."""

SLUGS = {fault: f"model-{number}" for number, fault in enumerate(FAULTS)}
"""One model for each fault, so that one server can have all of them."""


@pytest.fixture(scope="module")
def specs(
    tmp_path_factory: pytest.TempPathFactory,
    studio_api: dict[str, Any],
    spec_of: Callable[..., dict[str, Any]],
) -> Path:
    path = tmp_path_factory.mktemp("specs") / "_specs.json"
    parameters = {"text": {"type": "string"}}
    models = [
        spec_of(slug, parameters, returns=["application/json"]) for slug in ("echo", "other", *SLUGS.values())
    ]
    path.write_text(bundle_text(studio_api, models), encoding="utf-8")
    return path


def serving(specs: Path, *options: str) -> Iterator[str]:
    command = [
        sys.executable,
        "-m",
        "speccast",
        "serve",
        "--port",
        "0",
        "--progress",
        "immediate",
        *options,
    ]
    with subprocess.Popen([*command, str(specs)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:[0-9]+", process.stdout.readline())
            assert found is not None
            yield found[0]
        finally:
            process.kill()


@pytest.fixture(scope="module")
def url(specs: Path) -> Iterator[str]:
    yield from serving(specs)


def outcome(send: Callable[[], httpx2.Response]) -> str:
    """Return how a client sees a response."""
    try:
        response = send()
    except httpx2.TransportError:
        return "the connection broke"
    kind = response.headers["content-type"]
    if kind != "application/json":
        return f"{response.status_code} {kind}"
    try:
        body = response.json()
    except ValueError:
        return "no JSON"
    if response.status_code in (200, 422):
        detail = f" {body['error']}" if response.status_code == 422 else ""
        is_unfinished = response.url.path.count("/") == 3 and body["status"] in ("QUEUED", "PROCESSING")
        return f"{response.status_code}{detail}{' and unfinished' if is_unfinished else ''}"
    retry_after = response.headers.get("retry-after")
    return f"{response.status_code} with {f'Retry-After {retry_after}' if retry_after else 'no Retry-After'}"


def what_happens(url: str, slug: str = "echo", **headers: str) -> list[str]:
    """Return the outcomes of a submit with the fault, and of the job's status and result."""
    with httpx2.Client(base_url=url, headers={"x-studio-key": "any", **headers}, timeout=20) as client:
        responses: list[httpx2.Response] = []

        def submit() -> httpx2.Response:
            responses.append(client.post(f"/v2/{slug}", json={"text": "a fox"}))
            return responses[0]

        found = [outcome(submit)]
        if found != ["200"]:
            # A job that was refused is unknown to the client.
            return [*found, "200", "200"]
        job = responses[0].json()
        return [
            *found,
            outcome(lambda: client.get(job["status_url"])),
            outcome(lambda: client.get(job["response_url"])),
        ]


@pytest.mark.parametrize("fault", FAULTS)
def test_in_the_header(url: str, fault: str) -> None:
    httpx2.post(f"{url}/_emulator/reset").raise_for_status()
    assert what_happens(url, **{"x-speccast-fault": fault}) == FAULTS[fault]


@pytest.mark.parametrize("fault", FAULTS)
def test_over_http(url: str, fault: str) -> None:
    httpx2.post(f"{url}/_emulator/reset").raise_for_status()
    httpx2.post(f"{url}/_emulator/faults", content=fault.encode()).raise_for_status()
    assert what_happens(url) == FAULTS[fault]


def test_on_the_command_line(specs: Path) -> None:
    options = [fault if "model=" in fault else f"{fault};model={slug}" for fault, slug in SLUGS.items()]
    for url in serving(specs, *(word for option in options for word in ("--fault", option))):
        assert {fault: what_happens(url, slug) for fault, slug in SLUGS.items()} == FAULTS


def test_all_failures_and_surfaces_are_covered() -> None:
    words = {part.partition("=")[0] for fault in FAULTS for part in fault.split(";")}
    assert {*FAILURES, "latency", "retry-after", "times", "p", "model", "surface", "when"} == words
    assert {f"surface={surface}" for surface in SURFACES} <= {
        part for fault in FAULTS for part in fault.split(";")
    }
