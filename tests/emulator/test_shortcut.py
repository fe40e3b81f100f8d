"""The quick word on usual requests is never said of what JSON Schema refuses, and it is said of what is usual."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from speccast.emulator.shortcut import plainly_allowed
from speccast.specs.jsonschema import parameters_schema

SMALL = st.integers(-3, 3)
SPEC: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={
            "minimum": SMALL,
            "maximum": SMALL,
            "exclusiveMinimum": SMALL,
            "exclusiveMaximum": SMALL,
            "multipleOf": st.integers(1, 3),
            "enum": st.lists(SMALL, min_size=1, max_size=2),
            "required": st.booleans(),
        },
    )
    | st.fixed_dictionaries(
        {"type": st.sampled_from(["string", ["string", "null"]])},
        optional={
            "minLength": st.integers(0, 2),
            "maxLength": st.integers(0, 2),
            "pattern": st.sampled_from(["^a", "b"]),
            "enum": st.lists(st.text("ab", max_size=2), min_size=1, max_size=2),
            "open": st.booleans(),
        },
    )
    | st.just({"type": "boolean"}),
    lambda inner: (
        st.fixed_dictionaries(
            {"type": st.just("array")},
            optional={"items": inner, "minItems": SMALL.map(abs), "maxItems": SMALL.map(abs)},
        )
        | st.fixed_dictionaries(
            {"type": st.just("object")},
            optional={"properties": st.dictionaries(st.sampled_from("xy"), inner, min_size=1)},
        )
    ),
    max_leaves=4,
)
VALUE = st.recursive(
    st.none() | st.booleans() | SMALL | st.just(Decimal("0.5")) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=1500, derandomize=True, database=None, deadline=None)
@given(spec=SPEC, value=VALUE, rest=st.dictionaries(st.just("b"), st.integers()))
def test_it_is_never_said_of_what_json_schema_refuses(
    spec: dict[str, Any], value: Any, rest: dict[str, int]
) -> None:
    schema = parameters_schema({"parameters": {"a": spec}})
    body = {"a": value, **rest}
    if plainly_allowed(schema)(body):
        assert Draft202012Validator(schema).is_valid(body)


@pytest.mark.parametrize(
    ("spec", "right", "wrong"),
    [
        ({"type": "string"}, ["", "fox"], [1, None]),
        ({"type": "string", "minLength": 2, "maxLength": 3}, ["ab", "abc"], ["a", "abcd"]),
        ({"type": "string", "enum": ["a", "b"]}, ["a", "b"], ["c", ""]),
        ({"type": "string", "enum": ["a"], "open": True}, ["a", "z"], [1]),
        ({"type": "integer", "minimum": 8, "maximum": 24, "multipleOf": 8}, [8, 24], [0, 12, 32, True, "8"]),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, [1, Decimal("0.5")], [0, 2, True]),
        ({"type": "boolean"}, [True, False], [0, 1, "true"]),
        (
            {"type": "array", "items": {"type": "integer"}, "maxItems": 2},
            [[], [1, 2]],
            [[1, 2, 3], ["a"], {}],
        ),
        (
            {"type": "object", "properties": {"x": {"type": "integer", "required": True}}},
            [{"x": 1}],
            [{}, {"x": "a"}, {"x": 1, "y": 2}],
        ),
        # What takes more than a few comparisons is left to JSON Schema.
        ({"type": "string", "pattern": "a"}, [], ["a", "b"]),
        ({"type": "number", "multipleOf": 0.1}, [], [Decimal("0.3"), Decimal("0.35")]),
        ({"type": ["string", "null"]}, [], ["a", None]),
    ],
)
def test_it_is_said_of_what_is_usual(spec: dict[str, Any], right: list[Any], wrong: list[Any]) -> None:
    check = plainly_allowed(parameters_schema({"parameters": {"a": spec}}))
    assert [check({"a": value}) for value in right] == [True] * len(right)
    assert [check({"a": value}) for value in wrong] == [False] * len(wrong)
    assert check({}) is True
    assert not check({"b": 1})
