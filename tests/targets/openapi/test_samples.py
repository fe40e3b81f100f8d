"""Schemas of answers, inferred from the samples of the spec."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from speccast.targets.openapi.samples import sample_schema

TEXT = {"type": "string", "description": "What is wrong, for people."}


@pytest.mark.parametrize(
    ("samples", "schema"),
    [
        (["{message}"], TEXT),
        (["{message}", [{"msg": "{message}"}]], {"anyOf": [{"type": "array", "items": {"type": "object", "properties": {"msg": TEXT}, "required": ["msg"]}}, TEXT]}),
        ([{"a": "b"}, ["c"]], {"anyOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}, {"type": "array", "items": {"type": "string"}}]}),
        ([{"a": "b"}, None], {"anyOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}, {"type": "null"}]}),
        ([{"a": 1, "b": None}, {"a": 0.5, "b": "x"}], {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": ["string", "null"]}}, "required": ["a", "b"]}),
        ([{"a": True}, {"a": "{seed}", "c": []}], {"type": "object", "properties": {"a": {"type": ["boolean", "integer"]}, "c": {"type": "array", "items": {}}}, "required": ["a"]}),
        ([{"a": "{output}"}, {"a": "x"}], {"type": "object", "properties": {"a": {}}, "required": ["a"]}),
        ([None], {}),
    ],
)  # fmt: skip
def test_samples_of_several_kinds_are_alternatives(samples: list[Any], schema: Any) -> None:
    assert sample_schema(samples) == schema


def test_every_sample_satisfies_the_schema_of_all() -> None:
    samples: list[Any] = [
        {"detail": "{message}"},
        {"detail": [{"loc": ["body", "{parameter}"], "msg": "{message}"}]},
        {"error": {"message": "{message}", "param": None}},
    ]
    for sample in samples:
        jsonschema.validate(sample, sample_schema(samples))
