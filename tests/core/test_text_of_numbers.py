"""Parameters that also take the text of a number: checked as the number, sent as it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from speccast.core.check import mismatches
from speccast.core.values import read_text
from speccast.emulator.validation import Validation
from speccast.specs.build import build_model, build_parameter
from speccast.specs.jsonschema import TEXTS
from speccast.testing.table import case_table

if TYPE_CHECKING:
    from speccast.specs.format import ModelSpec


def model_of(parameter: dict[str, Any], **more: Any) -> Any:
    spec = {"speccast": 1, "slug": "m", "title": "M", "surfaces": ["sync"], "returns": ["image/png"]}
    return build_model(cast("ModelSpec", {**spec, "parameters": {"x": parameter}, **more}), "m.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [("2", 2), ("-0.5", -0.5), ("2.0", 2.0), ("true", True), ("false", False), ("0", 0)]
    + [(text, text) for text in ("", " 2", "2 ", "02", "+2", "2.", ".5", "1e3", "NaN", "True", "٢", "2\n", "9" * 301)],
)  # fmt: skip
def test_text_is_read_as_json_writes_numbers(text: str, value: Any) -> None:
    read = read_text(text)
    assert (type(read), read) == (type(value), value)


LIMITED: list[tuple[dict[str, Any], Any, list[str]]] = [
    ({"type": "integer", "minimum": 1, "maximum": 4}, "2", []),
    ({"type": "integer", "minimum": 1, "maximum": 4}, 2, []),
    ({"type": "integer", "minimum": 1, "maximum": 4}, "5", ["maximum"]),
    ({"type": "integer", "minimum": 1, "maximum": 4}, "2.5", ["type"]),
    ({"type": "integer", "minimum": 1, "maximum": 4}, "two", ["type"]),
    ({"type": "number", "multipleOf": 0.1}, "0.3", []),
    ({"type": "number", "multipleOf": 0.1}, "0.35", ["multipleOf"]),
    ({"type": "integer", "enum": [1, 2]}, "2", []),
    ({"type": "integer", "enum": [1, 2]}, "3", ["enum"]),
    ({"type": "integer", "enum": [1, 2], "open": True}, "3", []),
    ({"type": ["integer", "null"]}, None, []),
    ({"type": ["integer", "null"]}, "null", ["type"]),
    ({"type": "boolean"}, "true", []),
    ({"type": "boolean"}, "yes", ["type"]),
    ({"type": "array", "items": {"type": "integer", "maximum": 4, "also_accepts": "string"}}, ["2", 3, "5"], ["maximum"]),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "value", "keywords"), LIMITED)
def test_client_and_emulator_check_the_number(spec: Any, value: Any, keywords: list[str]) -> None:
    spec = spec if "items" in spec else {**spec, "also_accepts": "string"}
    found = list(mismatches(build_parameter("x", spec), value))
    assert [mismatch.keyword for mismatch in found] == keywords
    assert bool(Validation(model_of(spec)).invalid_values({"x": value})) is bool(keywords)
    if found and not found[0].pointer:
        assert found[0].value == value  # as it was given


def test_the_emulator_makes_its_output_from_the_number() -> None:
    validation = Validation(model_of({"type": "integer", "also_accepts": "string"}))
    assert validation.read_texts({"x": "64", "y": "64"}) == {"x": 64, "y": "64"}
    assert validation.read_texts({"x": "wide"}) == {"x": "wide"}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_sample_that_sends_a_number_as_text_is_a_test(kind: str) -> None:
    text = "true" if kind == "boolean" else "2"
    refused = model_of({"type": kind}, example={"x": text})
    assert [case.reason for case in case_table(refused) if case.id == "example"] != [""]
    taken = model_of({"type": kind, "also_accepts": "string"}, example={"x": text})
    accepted = {case.id: case.arguments for case in case_table(taken) if case.expected == "accepted"}
    assert accepted["example"] == {"x": text}
