"""`speccast diff --prove`: witnesses run with the emulators and clients of both versions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from speccast.diff.change import Effect, Level, Side, Witness
from speccast.diff.proof import prove
from speccast.diff.random_requests import random_requests
from tests.diff.conftest import compared

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
    before, after, found = compared(files, tmp_path)

    proven = {
        each.change.rule.code: each.change.witness.is_proven
        for each in prove(before, after, found, requests=5)
        if each.change.witness is not None
    }

    assert proven == dict.fromkeys(("V105", "V203", "V206", "V208", "V302", "V303", "V408"), True)


STREAMED = """\
parameters: {live: {type: boolean}, now: {type: boolean}}
answers: {sync: [{when: {live: true}, events: [{data: {text: '{text}'}}]}, {body: {text: '{text}'}}]}
"""
ON_THE_WIRE = {
    "V107": ("", "paths: {sync: /v9/fox}"),
    "V111": ("sends: {model: fox-1}", "sends: {model: fox-2}"),
    "V124": (STREAMED, STREAMED.replace("data: {text: ", "data: {words: ")),
    "V202": ("", "parameters: {size: {type: integer, required: true}}"),
    "V303": ("parameters: {size: {type: integer, maximum: 9}}", "parameters: {size: {type: integer, maximum: 8}}"),
}  # fmt: skip


def test_what_breaks_on_the_wire_shows_there(tmp_path: Path) -> None:
    files = {
        f"{side}/{code.lower()}.yaml": text
        for code, pair in ON_THE_WIRE.items()
        for side, text in zip(("before", "after"), pair, strict=True)
    }
    before, after, found = compared(files, tmp_path)

    proven = {each.change.rule.code: each.change for each in prove(before, after, found, requests=1)}

    assert {code: change.effects for code, change in proven.items()} == {
        each.change.rule.code: each.change.effects for each in found
    }
    assert all(change.witness and change.witness.is_proven for change in proven.values())
    assert proven.keys() == ON_THE_WIRE.keys()


def test_a_break_that_does_not_show_is_another_behavior(tmp_path: Path) -> None:
    files = {"before/fox.yaml": BEFORE, "after/fox.yaml": AFTER.replace("[async]", "[sync, async]")}
    before, after, found = compared(files, tmp_path)
    [change] = [each for each in found if each.change.rule.code == "V303"]
    harmless = Witness("request", "fox", {"size": 8, "prompt": "x"})
    claimed = replace(change, change=replace(change.change, witness=harmless))

    judged, *_ = (each for each in prove(before, after, [claimed], requests=5) if each.change.witness is None)

    assert judged.change.effects[Side.WIRE] == Effect(Level.BEHAVIOR)
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
    old, new, _ = compared(files, tmp_path)
    [one], [other] = (version.apis["foxes"].api.models for version in (old, new))

    assert (random_requests(one, other, 50) is not None) is is_refused
