"""The plain JSON Schema of a model: omitted keys, resolved keys, and agreement of validators."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from speccast.specs.jsonschema import parameters_schema


def schema_of(**parameters: dict[str, Any]) -> dict[str, Any]:
    return parameters_schema({"slug": "any", "parameters": parameters})


def accepts(parameter: dict[str, Any], value: object) -> bool:
    schema = schema_of(p=parameter)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema).is_valid({"p": value})


def test_a_model_without_parameters_takes_an_empty_object() -> None:
    assert schema_of() == {"type": "object", "properties": {}, "additionalProperties": False}


def test_limits_stay_as_they_are_written() -> None:
    limits = {"type": "number", "minimum": 1.0, "exclusiveMaximum": 3, "multipleOf": 0.1}
    assert schema_of(p=limits)["properties"]["p"] == limits


def test_annotations_are_dropped() -> None:
    parameter = {
        "type": "string",
        "description": "text",
        "default": "a",
        "examples": ["b"],
        "format": "uri",
        "note": "why",
        "name": "other",
        "applies_when": {"q": 1},
        "maxLength": 5,
    }
    assert schema_of(p=parameter)["properties"]["p"] == {"type": "string", "maxLength": 5}


def test_required_is_collected_at_every_depth() -> None:
    inner = {
        "type": "object",
        "properties": {"x": {"type": "integer", "required": True}, "y": {"type": "integer"}},
    }
    schema = schema_of(
        a={"type": "string", "required": True},
        b={"type": "string", "required": False},
        c=inner,
        d={"type": "array", "items": inner},
    )
    assert schema["required"] == ["a"]
    assert schema["properties"]["c"]["required"] == ["x"]
    assert schema["properties"]["d"]["items"]["required"] == ["x"]


def test_a_required_parameter_with_a_default_is_required() -> None:
    assert schema_of(p={"type": "string", "required": True, "default": "a"})["required"] == ["p"]


@pytest.mark.parametrize(("value", "is_valid"), [({"x": 1}, True), ({"x": 1, "z": 2}, False), ({}, True)])
def test_objects_with_members_are_closed(value: object, is_valid: bool) -> None:
    assert accepts({"type": "object", "properties": {"x": {"type": "integer"}}}, value) is is_valid


def test_objects_and_arrays_without_members_or_items_take_any_value() -> None:
    assert accepts({"type": "object"}, {"any": ["thing"]})
    assert accepts({"type": "array"}, [1, "a", None])


@pytest.mark.parametrize(("value", "is_valid"), [("a", True), ("c", False), (1, False), (None, False)])
def test_a_closed_enum_takes_its_values(value: object, is_valid: bool) -> None:
    assert accepts({"type": "string", "enum": ["a", "b"]}, value) is is_valid


@pytest.mark.parametrize("openness", [{"open": True}, {"hidden_values": 3}])
@pytest.mark.parametrize(
    ("value", "is_valid"), [("a", True), ("new", True), ("much too long", False), (1, False)]
)
def test_an_open_enum_takes_any_value_of_the_type_within_the_limits(
    openness: dict[str, Any], value: object, is_valid: bool
) -> None:
    assert accepts({"type": "string", "enum": ["a", "b"], "maxLength": 5, **openness}, value) is is_valid


def test_an_open_enum_names_the_known_values_for_those_who_complete() -> None:
    parameter = {"type": "string", "enum": ["a", "b"], "open": True, "maxLength": 5}
    assert schema_of(p=parameter)["properties"]["p"] == {
        "anyOf": [{"enum": ["a", "b"]}, {"type": "string"}],
        "maxLength": 5,
    }


def test_values_as_the_page_prints_them_are_accepted_beside_the_corrected_ones() -> None:
    parameter = {"type": "string", "enum": ["euler", "heun"], "documented_as": {"euler": "leuler"}}
    assert schema_of(p=parameter)["properties"]["p"]["enum"] == ["euler", "heun", "leuler"]
    assert accepts({**parameter, "hidden_values": 2}, "leuler")


def test_a_scalar_that_the_page_prints_changes_nothing() -> None:
    assert schema_of(p={"type": "string", "documented_as": "sunnset"})["properties"]["p"] == {
        "type": "string"
    }
    assert not accepts({"type": "string", "enum": ["a"], "documented_as": "b"}, "b")


def test_a_documented_value_is_not_listed_twice() -> None:
    parameter = {"type": "integer", "enum": [1, 2], "documented_as": {"1": 2.0}}
    assert schema_of(p=parameter)["properties"]["p"]["enum"] == [1, 2]


@pytest.mark.parametrize("more", [{}, {"enum": ["a"]}, {"enum": ["a", None]}, {"enum": ["a"], "open": True}])
def test_null_is_a_value_of_nullable_parameters_only(more: dict[str, Any]) -> None:
    assert accepts({"type": ["string", "null"], **more}, None)
    assert accepts({"type": ["null", "string"], **more}, "a")
    without = {**more, "enum": ["a"]} if "enum" in more else more
    assert not accepts({"type": "string", **without}, None)


def test_the_spec_is_not_changed() -> None:
    parameter = {"type": ["string", "null"], "enum": ["a"]}
    schema_of(p=parameter)["properties"]["p"]["type"].append("x")
    assert parameter == {"type": ["string", "null"], "enum": ["a"]}
