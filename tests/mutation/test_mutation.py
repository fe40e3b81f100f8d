"""Mutants are what their descriptions say, and the tests kill a sample of them. `make mutation` tries all."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.pages.keys import MEDIA_KEYS
from speccast.specs.bundle import Bundle
from speccast.specs.jsonschema import parameters_schema
from tests.thorough import cases
from tools.mutation.answers import answer_mutants
from tools.mutation.mutants import mutants_of
from tools.mutation.retries import STATUSES, rule_mutants

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
EVERY = 150


def changes(**parameters: Any) -> list[str]:
    return [mutant.change for mutant in mutants_of({"slug": "m", "parameters": parameters})]


def test_a_bound_is_moved_removed_and_made_exclusive() -> None:
    assert changes(steps={"type": "integer", "minimum": 1}) == [
        "steps is gone",
        "steps must be given",
        "steps may be null",
        "steps number for integer",
        "steps minimum 1 loosened to 0",
        "steps minimum 1 tightened to 2",
        "steps minimum removed",
        "steps minimum turned into exclusiveMinimum",
    ]


def test_every_enum_value_is_removed_once() -> None:
    found = changes(mode={"type": ["string", "null"], "enum": ["a", "b", None], "documented_as": {"a": "c"}})
    assert found == [
        "mode is gone",
        "mode must be given",
        "mode may not be null",
        "mode enum opened",
        "mode enum without 'a'",
        "mode enum without 'b'",
        "mode 'c' is not accepted as 'a'",
    ]


def test_branches_and_tags_are_mutated() -> None:
    block = {"type": "object", "properties": {"kind": {"type": "string", "enum": ["a"]}}}
    found = changes(content={"anyOf": [{"type": "string", "maxLength": 3}, block]})
    assert "content.|0 is gone" in found
    assert "content.|0 maxLength 3 tightened to 2" in found
    assert "content.|1.kind enum opened" in found
    assert "content.|1 must be given" not in found
    assert "content.|1.kind must be given" not in found  # a tag is always required


def test_limits_of_files_are_mutated() -> None:
    spec = {"type": "file", "media_types": ["image/png", "image/*"], "max_size": 5}
    model = {"slug": "m", "body": "multipart", "parameters": {"image": spec}}
    assert [mutant.change for mutant in mutants_of(model)] == [
        "image is gone",
        "image must be given",
        "image max_size 5 loosened to 6",
        "image max_size 5 tightened to 4",
        "image max_size removed",
        "image media_types removed",
        "image media_types without image/png",
        "image media_types without image/*",
    ]


def test_kinds_forms_and_limits_of_media_are_mutated() -> None:
    image = {
        "type": "string",
        "media": "image",
        "forms": ["base64", "url"],
        "max_width": 9,
        "min_duration": 1.5,
    }
    assert changes(image=image)[3:] == [
        "image media removed",
        "image forms without url",
        "image forms without base64",
        "image forms with data_uri",
        "image max_width 9 loosened to 10",
        "image max_width 9 tightened to 8",
        "image max_width removed",
        "image min_duration 1.5 loosened to 1.4",
        "image min_duration 1.5 tightened to 1.6",
        "image min_duration removed",
        "image media with video",
        "image media with audio",
        "image media with document",
    ]
    # No request shows the content at an address.
    address = {"type": "string", "media": ["image", "video"], "format": "uri", "max_width": 9}
    assert changes(image=address)[3:] == [
        "image media removed",
        "image forms with base64",
        "image forms with data_uri",
    ]
    typed = {"type": "file", "media": "image", "media_types": ["image/png"]}
    assert changes(image=typed)[3:] == ["image media_types removed"]


def test_members_and_items_are_mutated() -> None:
    member = {"type": "number", "multipleOf": 0.1, "exclusiveMaximum": 1}
    items = {"type": "object", "properties": {"weight": member}}
    found = changes(loras={"type": "array", "maxItems": 2, "items": items})
    assert "loras maxItems 2 tightened to 1" in found
    assert "loras.[] is open to any member" in found
    assert "loras.[].weight exclusiveMaximum turned into maximum" in found
    assert "loras.[].weight multipleOf doubled" in found


def _join_judged(model: Any) -> str:
    """Return what decides about requests: JSON Schema, and what it does not have."""
    media = [{key: each[key] for key in MEDIA_KEYS if key in each} for each in model["parameters"].values()]
    return json.dumps([parameters_schema(model), media])


@pytest.mark.parametrize("folder", ["generated/segmind/python/segmind_client"])
def test_each_mutant_has_another_schema_and_the_spec_is_unchanged(folder: str) -> None:
    text = (ROOT / folder / "_specs.json").read_text(encoding="utf-8")
    for model in json.loads(text)["models"]:
        mutants = list(mutants_of(model))
        seen = {_join_judged(each) for each in (model, *(mutant.model for mutant in mutants))}
        assert len(seen) == len(mutants) + 1
    assert json.loads(text)["models"][-1] == model


def test_rules_about_retries_are_mutated() -> None:
    source = """
_REPEATED = frozenset({429, 503})

def is_repeated(status: int, sent: bool) -> bool:
    return status in _REPEATED and not sent
"""
    mutants = dict(rule_mutants(source))
    assert "frozenset([429, 502, 503])" in mutants["502 added to _REPEATED"]
    assert "frozenset([503])" in mutants["429 removed from _REPEATED"]
    assert len(mutants) == len(STATUSES) + 5
    assert [mutants[change].splitlines()[-1].strip() for change in mutants][-5:] == [
        "return status in _REPEATED or not sent",
        "return not sent",
        "return status in _REPEATED",
        "return status not in _REPEATED and (not sent)",
        "return status in _REPEATED and +sent",
    ]


def test_a_sample_of_mutants_is_killed(run: Callable[..., Any]) -> None:
    apis = cases(["segmind"], ["segmind", "harmonia"])
    options = ["--every", str(EVERY), *(word for api in apis for word in ("--api", api))]
    ran = run([sys.executable, "-m", "tools.mutation", *options], cwd=ROOT)
    assert ran.code == 0, ran.out + ran.err
    rows = [line.split("|") for line in ran.lines if "%" in line]
    assert {row[1].strip() for row in rows} == {*apis, "runtime"}
    assert len(rows) > 5 * len(apis)


def test_members_and_placeholders_of_answers_are_mutated() -> None:
    api = {
        "id": "a",
        "title": "A",
        "base_url": "https://a.example",
        "package": "a",
        "distribution": "a",
        "command": "a",
        "client": "A",
        "version": "1",
        "sync": {"path": "/{slug}"},
        "answers": {"sync": {"body": {"seed": "{seed}", "at": ["{output}"]}}},
    }
    model = {
        "slug": "m",
        "title": "M",
        "surfaces": ["sync"],
        "returns": ["image/png"],
        "parameters": {"seed": {"type": "integer"}},
    }
    mutants = {mutant.change: mutant.model for mutant in answer_mutants(Bundle(api, {"m": model}), "m")}
    of_calls = {
        change: found["answers"]["sync"][0].get("body")
        for change, found in mutants.items()
        if "sync 1" in change
    }
    assert of_calls == {
        "sync 1: another status": {"seed": "{seed}", "at": ["{output}"]},
        "sync 1: in a list": [{"seed": "{seed}", "at": ["{output}"]}],
        "sync 1: body with another member": {"seed": "{seed}", "at": ["{output}"], "another": 1},
        "sync 1: seed dropped": {"at": ["{output}"]},
        "sync 1: seed renamed": {"seed_": "{seed}", "at": ["{output}"]},
        "sync 1: seed moved into an object": {"seed": {"seed": "{seed}"}, "at": ["{output}"]},
        "sync 1: seed moved to the end": {"at": ["{output}"], "seed": "{seed}"},
        "sync 1: seed unix for seed": {"seed": "{unix}", "at": ["{output}"]},
        "sync 1: seed null": {"seed": None, "at": ["{output}"]},
        "sync 1: at dropped": {"seed": "{seed}"},
        "sync 1: at renamed": {"seed": "{seed}", "at_": ["{output}"]},
        "sync 1: at moved into an object": {"seed": "{seed}", "at": {"at": ["{output}"]}},
        "sync 1: at[0] null": {"seed": "{seed}", "at": [None]},
        "sync 1: at with another item": {"seed": "{seed}", "at": ["{output}", None]},
    }  # fmt: skip
    assert any(change.startswith("error 1: error renamed") for change in mutants)


def test_samples_for_parameters_of_other_models_are_not_mutated() -> None:
    api = {
        "id": "a",
        "title": "A",
        "base_url": "https://a.example",
        "package": "a",
        "distribution": "a",
        "command": "a",
        "client": "A",
        "version": "1",
        "sync": {"path": "/{slug}"},
        "answers": {"sync": [{"when": {"inline": True}, "body": {"data": "{base64}"}}, {"media": "*/*"}]},
    }
    shared = {"title": "M", "surfaces": ["sync"], "returns": ["image/png"]}
    models = {
        "with": {**shared, "slug": "with", "parameters": {"inline": {"type": "boolean"}}},
        "without": {**shared, "slug": "without", "parameters": {"seed": {"type": "integer"}}},
    }
    mutated = {
        slug: {
            mutant.change.partition(":")[0]
            for mutant in answer_mutants(Bundle(api, models), slug)
            if mutant.change.startswith("sync")
        }
        for slug in models
    }
    assert mutated == {"with": {"sync 1", "sync 2"}, "without": {"sync 2"}}
