"""`speccast.testing.check_answers`: an API that answers otherwise than the samples of its specs is reported."""

from __future__ import annotations

import copy
import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.emulator.faults import parse_fault
from speccast.emulator.server import RunningEmulator, start_emulator
from speccast.emulator.settings import EmulatorSettings, parse_progress
from speccast.specs.bundle import Bundle, read_bundle
from speccast.testing import check_answers

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = Path(__file__).parents[2] / "generated" / "segmind" / "python"
SPECS = PROJECT / "segmind_client" / "_specs.json"
JOBS = "stable-diffusion-3-large-txt2img"


@dataclass(frozen=True)
class Target:
    """An emulator of other specs than those of the client."""

    running: RunningEmulator
    key: str = "any"

    @property
    def url(self) -> str:
        return self.running.url

    def fault(self, fault: str, /) -> None:
        self.running.run(lambda: self.running.state.faults.arm([parse_fault(fault)]))


def check(monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], object], slug: str) -> None:
    """Check a model against an emulator whose answers were changed."""
    monkeypatch.syspath_prepend(PROJECT)
    bundle = read_bundle(SPECS)
    api = copy.deepcopy(dict(bundle.api))
    change(api["answers"])
    settings = EmulatorSettings(progress=parse_progress("polls:2"))
    with start_emulator(Bundle(api, bundle.models), settings) as running:
        client = importlib.import_module("segmind_client").Segmind
        check_answers(client, Target(running), SPECS, slug)


def test_the_answers_of_the_specs_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    check(monkeypatch, lambda answers: None, JOBS)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda answers: body(answers, "submit").pop("status"), id="a submit without a state"),
        pytest.param(lambda answers: body(answers, "failed").pop("error"), id="a failed job without a reason"),
    ],
)  # fmt: skip
def test_answers_of_other_specs_pass(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    monkeypatch.syspath_prepend(PROJECT)
    specs = json.loads(SPECS.read_text(encoding="utf-8"))
    change(specs["api"]["answers"])
    path = tmp_path / SPECS.name
    path.write_text(json.dumps(specs), encoding="utf-8")
    with start_emulator(read_bundle(path), EmulatorSettings(progress=parse_progress("polls:2"))) as running:
        client = importlib.import_module("segmind_client").Segmind
        check_answers(client, Target(running), path, JOBS)


def test_a_model_that_makes_json_answers_with_it_where_the_api_has_base64(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(PROJECT)
    specs = json.loads(SPECS.read_text(encoding="utf-8"))
    slug = "sd2.1-txt2img"
    next(model for model in specs["models"] if model["slug"] == slug)["returns"] = ["application/json"]
    path = tmp_path / SPECS.name
    path.write_text(json.dumps(specs), encoding="utf-8")
    with start_emulator(read_bundle(path), EmulatorSettings()) as running:
        client = importlib.import_module("segmind_client").Segmind
        check_answers(client, Target(running), path, slug)


def body(answers: dict[str, Any], operation: str, index: int = -1) -> dict[str, Any]:
    found = answers[operation]
    sample: dict[str, Any] = (found if isinstance(found, list) else [found])[index]["body"]
    return sample


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda answers: body(answers, "submit").pop("poll_url"), "submit: the body must have the members request_id, status, poll_url"),
        (lambda answers: body(answers, "submit").update(extra=1), "submit: the body must have the members .* .got .*extra"),
        (lambda answers: body(answers, "submit").update(status_url="{result_url}"), "submit: status_url must be an address with the path /v2/requests/.*/status"),
        (lambda answers: body(answers, "status").update(metrics=[]), "status: metrics must be an object"),
        (lambda answers: body(answers, "status").update(status="{seed}"), "status: status must be one of QUEUED, PROCESSING"),
        (lambda answers: body(answers, "result").update(output={"url": "{output}"}), "result: output must be an address"),
        (lambda answers: body(answers, "result").update(request_id="{slug}"), "result: request_id must be [0-9a-f]{32} "),
        (lambda answers: body(answers, "result")["metrics"].update(cost="0.1"), "result: metrics.cost must be {cost} "),
        (lambda answers: body(answers, "failed").update(error=None), "the error must say why|failed: error must be"),
        (lambda answers: answers.update(failed={"status": 200, "body": {**body(answers, "failed"), "status": "{slug}"}}), "the job must be finished after two polls: .*stable-diffusion"),
        (lambda answers: answers.update(submit={**answers["submit"], "status": 207}), "submit: the status must be 200 .got 207."),
        (lambda answers: body(answers, "sync", 0).update(image=["{base64}", 1]), "sync: image must be a list of {base64}"),
        (lambda answers: answers.update(error={"body": {"message": "{message}"}}), "error: the body must have the members error"),
    ],
)  # fmt: skip
def test_another_answer_is_reported_with_its_place(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    slug = "sd2.1-txt2img" if message.startswith("sync") else JOBS
    with pytest.raises(AssertionError, match=f"{slug}: the answer of {message}|{slug}: {message}"):
        check(monkeypatch, change, slug)
