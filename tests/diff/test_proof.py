"""`speccast diff --prove`: witnesses run with the emulators and clients of both versions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from speccast.diff.change import REFUSED, Effect, Level, Side, Witness
from speccast.diff.proof import prove
from speccast.diff.random_requests import refused_request
from tests.diff.conftest import compare_versions

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = """\
parameters:
  size: {type: integer, maximum: 100, default: 8, required: true}
  mode: {type: string, enum: [a, b]}
  gone: {type: string}
  old: {type: string, name: former}
surfaces: [sync, async]
"""
AFTER = """\
parameters:
  size: {type: integer, maximum: 50, required: true}
  mode: {type: string, enum: [a]}
  old: {type: string}
  seed: {type: integer}
surfaces: [async]
"""


def test_breaks_are_run_with_both_versions(tmp_path: Path) -> None:
    files = {
        "before/fox.yaml": BEFORE,
        "after/fox.yaml": AFTER,
        "before/api.yaml": "errors: [{status: 418, title: Teapot, exception: TeapotError}]",
    }
    before, after, found = compare_versions(files, tmp_path)

    proven = {
        each.change.rule.code: each.change.witness.is_proven
        for each in prove(before, after, found, requests=5)
        if each.change.witness is not None
    }

    assert proven == dict.fromkeys(("V105", "V203", "V206", "V208", "V302", "V303", "V408"), True)


def test_a_break_that_does_not_show_is_another_behavior(tmp_path: Path) -> None:
    sizes = {"before/fox.yaml": "maximum: 100", "after/fox.yaml": "maximum: 200"}
    files = {name: f"parameters: {{size: {{type: integer, {limit}}}}}" for name, limit in sizes.items()}
    before, after, [change] = compare_versions(files, tmp_path)
    harmless = Witness("request", "fox", {"size": 8, "prompt": "x"})
    claimed = replace(change, change=replace(change.change, effects=REFUSED, witness=harmless))

    [judged] = prove(before, after, [claimed], requests=5)

    assert {effect.level for effect in judged.change.effects.values()} == {Level.BEHAVIOR}
    assert judged.change.witness is None
    assert judged.change.message.endswith("(the break does not show)")


@pytest.mark.parametrize(
    ("before", "after", "is_refused"),
    [
        ("{type: string}", '{type: string, pattern: "^.{0,3}$"}', True),
        ("{type: number}", "{type: number, minimum: 0}", True),
        ("{type: integer, minimum: 3}", "{type: number, minimum: 3}", False),
        (
            "{type: string, media: image, forms: [url]}",
            "{type: string, media: [image, video], forms: [url]}",
            False,
        ),
        ("{type: string, maxLength: 3000000}", "{type: string, maxLength: 4000000}", False),
    ],
)
def test_random_requests_find_a_break(before: str, after: str, is_refused: bool, tmp_path: Path) -> None:
    files = {
        f"{side}/fox.yaml": f"parameters: {{x: {text}}}"
        for side, text in (("before", before), ("after", after))
    }
    old, new, _ = compare_versions(files, tmp_path)
    [one], [other] = (version.apis["foxes"].api.models for version in (old, new))

    assert (refused_request(one, other, 50) is not None) is is_refused


def test_files_of_a_form_are_sent_to_both_versions(tmp_path: Path) -> None:
    files = {
        f"{side}/fox.yaml": f"body: multipart\nparameters: {{x: {{type: file, required: true, max_size: {size}}}}}"
        for side, size in (("before", 2000), ("after", 3000))
    }
    before, after, found = compare_versions(files, tmp_path)
    shrunk = {name: text.replace("3000", "1000") for name, text in files.items()}

    assert prove(before, after, found, requests=10) == found
    [change] = prove(*compare_versions(shrunk, tmp_path), requests=10)
    assert change.change.witness is not None
    assert change.change.witness.is_proven


def test_a_request_that_only_the_emulator_refuses_is_a_break(tmp_path: Path) -> None:
    """The API demands another header, which no comparison of parameters shows."""
    fox = "parameters: {size: {type: integer, maximum: 100}}"
    files = {
        "before/fox.yaml": fox,
        "after/fox.yaml": fox.replace("100", "200"),
        "after/api.yaml": "request_headers: {x-version: '1'}",
    }
    before, after, found = compare_versions(files, tmp_path)
    only_model = tuple(each for each in found if each.model)

    [refuted] = prove(before, after, only_model, requests=5)

    assert refuted.change.effects[Side.WIRE] == Effect(Level.BREAKING)
    assert refuted.change.message.endswith("(a random request that was accepted is refused)")
