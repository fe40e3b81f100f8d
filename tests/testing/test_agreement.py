"""`check_case` fails if client and API disagree, and says which of them is wrong."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import SkipTest

import pytest

from speccast.testing import cases, check_case, emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parents[2] / "generated" / "segmind" / "python"
SPECS = PROJECT / "segmind_client" / "_specs.json"
SLUG = "sd2.1-txt2img"
CASES = {case.id: case for case in cases(SPECS, SLUG)}


@pytest.fixture(scope="module")
def segmind() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(PROJECT), *sys.path])
        yield import_module("segmind_client").Segmind


@pytest.fixture(scope="module")
def client(segmind: Any) -> Iterator[Any]:
    with emulator(SPECS) as api, segmind(api.key, base_url=api.url) as client:
        yield client


@pytest.fixture
def other(segmind: Any, tmp_path: Path) -> Iterator[Any]:
    """A client of an API that accepts 2 to 11 samples instead of 1 to 10."""
    specs = json.loads(SPECS.read_bytes())
    [model] = (model for model in specs["models"] if model["slug"] == SLUG)
    model["parameters"]["samples"] |= {"minimum": 2, "maximum": 11}
    (tmp_path / "_specs.json").write_text(json.dumps(specs), encoding="utf-8")
    with emulator(tmp_path / "_specs.json") as api, segmind(api.key, base_url=api.url) as client:
        yield client


@pytest.mark.parametrize("id_", ["minimal", "example", "samples-at-maximum", "samples-null", "all-invalid"])
def test_client_and_api_agree(client: Any, id_: str) -> None:
    check_case(client, CASES[id_])


def test_what_cannot_be_shown_is_skipped_with_its_reason(client: Any) -> None:
    case = replace(CASES["example"], expected="skipped", reason="the parameters refuse it")
    with pytest.raises(SkipTest, match=r"^the parameters refuse it$"):
        check_case(client, case)


def test_the_api_refuses_a_valid_request(other: Any) -> None:
    check_case(other, CASES["samples-at-maximum"])
    with pytest.raises(AssertionError, match=r"^samples-at-minimum must be accepted: .*400.*samples"):
        check_case(other, CASES["samples-at-minimum"])


def test_the_api_accepts_an_invalid_request(other: Any) -> None:
    check_case(other, CASES["samples-beyond-minimum"])
    expected = "samples-beyond-maximum must be refused by the API with 400, but was accepted"
    with pytest.raises(AssertionError, match=expected):
        check_case(other, CASES["samples-beyond-maximum"])


def test_the_api_refuses_with_another_status(client: Any) -> None:
    with pytest.raises(AssertionError, match=r"samples-null must be refused with 422: .*400"):
        check_case(client, replace(CASES["samples-null"], status=422))


def test_the_client_does_not_check(client: Any) -> None:
    unchecked = client.with_options(validate=False)
    with pytest.raises(AssertionError, match=r"must be refused by the client before it is sent: .*400"):
        check_case(unchecked, CASES["samples-null"])


def test_the_client_accepts_an_invalid_request(other: Any) -> None:
    unchecked = other.with_options(validate=False)
    with pytest.raises(AssertionError, match="must be refused by the client, but was accepted"):
        check_case(unchecked, CASES["samples-beyond-maximum"])


def test_the_client_names_another_parameter(client: Any) -> None:
    case = replace(CASES["samples-null"], parameters=("samples", "prompt"))
    with pytest.raises(AssertionError, match="samples-null: the client's error must name prompt: "):
        check_case(client, case)


def test_a_job_is_finished_before_it_is_waited_for(segmind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model whose only surface is that of jobs has hundreds of cases; a pause in each would take most of their time."""
    pauses: list[float] = []
    monkeypatch.setattr(segmind, "_clock", replace(segmind._clock, sleep=pauses.append))
    case = next(case for case in cases(SPECS, "stable-diffusion-3-large-txt2img") if case.surface == "async")
    with emulator(SPECS, progress="polls:2") as api, segmind(api.key, base_url=api.url) as client:
        check_case(client, case)
    assert pauses == []
