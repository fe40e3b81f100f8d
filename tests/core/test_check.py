"""The check of values: it agrees with JSON Schema, and is exact about numbers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from speccast.core.check import match_pattern, mismatches
from speccast.core.omit import OMIT
from speccast.core.values import exact, is_equal, is_kind, is_multiple, kind_of
from speccast.specs.build import build_parameter
from speccast.specs.jsonschema import parameters_schema
from speccast.specs.wording import advise, describe


def keywords(value: Any, **spec: Any) -> list[str]:
    return [mismatch.keyword for mismatch in mismatches(build_parameter("x", spec), value)]  # type: ignore[arg-type]  # specs are dicts here


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from([0.0, 1.0, 2.5, -1.5])
    | st.sampled_from(["", "a", "ab"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)
bounds = st.integers(-4, 4) | st.sampled_from([0.5, 1.0])
counts = st.integers(0, 3)


def optional(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keys)


def of_type(kind: str, keywords: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    types = st.sampled_from([kind, [kind, "null"]])
    return st.builds(lambda written, rest: {"type": written, **rest}, types, keywords)


numbers = optional(
    minimum=bounds,
    maximum=bounds,
    exclusiveMinimum=bounds,
    exclusiveMaximum=bounds,
    multipleOf=st.sampled_from([1, 2, 0.5]),
)
texts = st.lists(st.sampled_from(["", "a", "ab"]), min_size=1, max_size=3)
integers = st.lists(st.integers(-5, 5) | st.just(1.0), min_size=1, max_size=3)
leaves = st.one_of(
    of_type("integer", numbers),
    of_type("number", numbers),
    of_type(
        "string",
        optional(
            minLength=counts,
            maxLength=counts,
            pattern=st.sampled_from(["a", "^b"]),
            enum=texts,
            open=st.booleans(),
        ),
    ),
    of_type("integer", optional(enum=integers, hidden_values=st.just(2))),
    of_type("boolean", st.just({})),
)


def unions(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Branches of different types, or objects with a tag."""

    def spec(branches: list[dict[str, Any]], members: list[dict[str, Any]]) -> dict[str, Any]:
        by_kind: dict[str, dict[str, Any]] = {}
        for branch in branches:
            kind = branch["type"] if isinstance(branch.get("type"), str) else (branch.get("type") or [""])[0]
            by_kind.setdefault("number" if kind == "integer" else kind, branch)
        by_kind.pop("", None)
        tagged = []
        for tag, member in zip("ab", members, strict=False):
            tagged.append(
                {"type": "object", "properties": {"a": {"type": "string", "enum": [tag]}, "b": member}}
            )
        if tagged:
            by_kind.pop("object", None)
        return {"anyOf": [*by_kind.values(), *tagged]}

    return st.builds(spec, st.lists(inner, min_size=1, max_size=3), st.lists(inner, max_size=2)).filter(
        lambda made: made["anyOf"]
    )


parameters = st.recursive(
    leaves,
    lambda inner: st.one_of(
        of_type("array", optional(items=inner, minItems=counts, maxItems=counts)),
        unions(inner),
        of_type(
            "object",
            st.dictionaries(
                st.sampled_from("ab"),
                st.builds(lambda member, required: {**member, "required": required}, inner, st.booleans()),
                min_size=1,
                max_size=2,
            ).map(lambda members: {"properties": members}),
        ),
    ),
    max_leaves=4,
)


@given(spec=parameters, value=values)
def test_a_value_matches_if_json_schema_says_that_it_is_valid(spec: dict[str, Any], value: Any) -> None:
    schema = parameters_schema({"parameters": {"x": spec}})

    matches = not keywords(value, **spec)

    assert matches == Draft202012Validator(schema).is_valid({"x": value})


@pytest.mark.parametrize(
    ("value", "step", "multiple"),
    [
        (0.3, 0.1, True),
        (0.7, 0.1, True),
        (1.1, 0.05, True),
        (1e300, 1e-9, True),
        (9007199254740993, 2, False),
        (9007199254740993, 3, True),
        (0.35, 0.1, False),
        (3, 0.5, True),
        (3.0, 2, False),
        (0, 7, True),
        (-64, 64.0, True),
        (5e-324, 1, False),
    ],
)
def test_steps_are_measured_on_the_decimal_text(value: float, step: float, multiple: bool) -> None:
    assert is_multiple(value, step) is multiple


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_exact_is_the_number_that_its_text_says(value: float) -> None:
    assert exact(value) == Fraction(Decimal(repr(value)))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ("1", 1, False),
        (None, False, False),
        ([1, [2.0]], [1.0, [2]], True),
        ([1], [True], False),
        ([1], [1, 1], False),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"b": 1}, False),
        (9007199254740993, 9007199254740992.0, False),
    ],
)
def test_values_are_equal_where_json_says_so(one: Any, other: Any, equal: bool) -> None:
    assert is_equal(one, other) is equal
    assert is_equal(other, one) is equal


def test_integral_floats_are_integers_and_booleans_are_not_numbers() -> None:
    one_of_each: list[Any] = [True, 1.0, 1.5, "", [], {}, None]

    assert is_kind(1.0, "integer")
    assert not is_kind(1.5, "integer")
    assert not is_kind(True, "integer")
    assert not is_kind(True, "number")
    assert [kind_of(value) for value in one_of_each] == [
        "boolean", "integer", "number", "string", "array", "object", None,
    ]  # fmt: skip


BLOCKS: Any = {
    "anyOf": [
        {"type": "string", "minLength": 2},
        {"type": ["integer", "null"], "maximum": 5},
        {
            "type": "array",
            "items": {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {
                            "type": {"type": "string", "enum": ["text"]},
                            "text": {"type": "string", "required": True, "maxLength": 3},
                        },
                    },
                    {
                        "type": "object",
                        "properties": {
                            "type": {"type": "string", "enum": ["image"]},
                            "url": {"type": "string", "required": True},
                        },
                    },
                ]
            },
        },
    ]
}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("ab", []),
        (5, []),
        (5.0, []),
        (None, []),
        ([], []),
        ([{"type": "text", "text": "abc"}, {"type": "image", "url": ""}], []),
        ("a", ["has 1 character, fewer than 2 at []"]),
        (6, ["is above the maximum 5 at []"]),
        (1.5, ["is a number, but must be a string or an integer or an array at []"]),
        ({}, ["is an object, but must be a string or an integer or an array at []"]),
        (["x"], ["is a string, but must be an object at [0]"]),
        ([{"type": "text", "text": "abcd"}], ["has 4 characters, more than 3 at [0, 'text']"]),
        (
            [{"type": "text", "url": "x"}],
            ["is not a known name at [0, 'url']", "lacks `text`, which is required at [0]"],
        ),
        ([{"type": "sound", "url": "x"}], ["is not one of the enum's values at [0, 'type']"]),
        ([{"type": 1}], ["is an integer, but must be a string at [0, 'type']"]),
        ([{"text": "abc"}], ["lacks `type`, which is required at [0]"]),
        ([{"type": OMIT}], ["lacks `type`, which is required at [0]"]),
    ],
)
def test_errors_of_a_union_are_those_of_the_branch_that_was_meant(value: Any, found: list[str]) -> None:
    parameter = build_parameter("x", BLOCKS)

    assert [f"{describe(each)} at {[*each.pointer]}" for each in mismatches(parameter, value)] == found


def test_advice_on_a_union_names_its_types_and_tags() -> None:
    parameter = build_parameter("x", BLOCKS)

    [kind] = mismatches(parameter, 1.5)
    [tag] = mismatches(parameter, [{"type": "imagge"}])
    assert advise(kind) == "if it is meant as text, put it in quotes"
    assert advise(tag) == 'did you mean "image"?'


def test_lengths_count_code_points() -> None:
    assert keywords("🦊🦊", type="string", maxLength=2) == []
    assert keywords("e\u0301e", type="string", maxLength=2) == ["maxLength"]


def test_printed_values_are_accepted_beside_the_corrected_ones() -> None:
    spec = {"type": "string", "enum": ["brushed"], "documented_as": {"brushed": "brusched"}}

    assert keywords("brusched", **spec) == []
    assert keywords("brused", **spec) == ["enum"]


def test_every_mismatch_of_a_nested_value_has_its_pointer() -> None:
    parameter = build_parameter(
        "voice",
        {
            "type": "object",
            "properties": {
                "id": {"type": "string", "required": True},
                "pauses": {"type": "array", "items": {"type": "number", "maximum": 30}, "maxItems": 2},
            },
        },
    )

    found = [
        (mismatch.pointer, mismatch.keyword)
        for mismatch in mismatches(parameter, {"pauses": [31, "x", 1], "speed": 2})
    ]

    assert found == [
        (("pauses",), "maxItems"),
        (("pauses", 0), "maximum"),
        (("pauses", 1), "type"),
        (("speed",), "additionalProperties"),
        ((), "required"),
    ]


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("30", "integer", "without quotes: 30"),
        ("1e3", "number", "without quotes: 1e3"),
        ("true", "boolean", "without quotes: true"),
        ("no", "boolean", "write a boolean"),
        (2024, "string", 'quote it: "2024"'),
        (True, "string", 'quote it: "true"'),
        ([], "string", "write a string"),
        ("1e999", "integer", "write an integer"),
    ],
)
def test_a_value_of_the_wrong_type_comes_with_the_right_way_to_write_it(
    value: Any, kind: str, expected: str
) -> None:
    [mismatch] = mismatches(build_parameter("x", {"type": kind}), value)  # type: ignore[typeddict-item]  # any text

    assert expected in advise(mismatch)


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (None, {"type": "integer"}, "is not allowed here"),
        (1.5, {"type": "integer"}, "is a number, but must be an integer"),
        (float("nan"), {"type": "number"}, "is not a finite number, but must be a number"),
        ("c", {"type": "string", "enum": ["a", "b"]}, "is not one of the enum's values"),
        (1, {"type": "integer", "minimum": 2}, "is below the minimum 2"),
        (2, {"type": "integer", "exclusiveMinimum": 2}, "is not above the exclusive minimum 2"),
        (3, {"type": "integer", "maximum": 2}, "is above the maximum 2"),
        (2, {"type": "integer", "exclusiveMaximum": 2}, "is not below the exclusive maximum 2"),
        (0.35, {"type": "number", "multipleOf": 0.1}, "is not a multiple of 0.1"),
        ("a", {"type": "string", "pattern": "b"}, 'does not match the pattern "b"'),
        ("a", {"type": "string", "minLength": 2}, "has 1 character, fewer than 2"),
        ("aa", {"type": "string", "maxLength": 1}, "has 2 characters, more than 1"),
        ([], {"type": "array", "minItems": 1}, "has 0 items, fewer than 1"),
        ([1], {"type": "array", "maxItems": 0}, "has 1 item, more than 0"),
        ({"b": 1}, {"type": "object", "properties": {"a": {"type": "integer"}}}, "is not a known name"),
        (
            {},
            {"type": "object", "properties": {"a": {"type": "integer", "required": True}}},
            "lacks `a`, which is required",
        ),
    ],
)
def test_every_mismatch_is_described_to_authors(value: Any, spec: Any, text: str) -> None:
    [mismatch] = mismatches(build_parameter("x", spec), value)

    assert describe(mismatch) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_nan_and_infinities_are_not_numbers(value: float) -> None:
    assert keywords(value, type="number") == keywords(value, type="integer") == ["type"]
    assert kind_of(value) is None


def test_omitted_values_are_skipped() -> None:
    parameter = build_parameter("x", {"type": "array", "items": {"type": "string"}, "minItems": 3})

    assert not list(mismatches(parameter, OMIT))
    found = mismatches(parameter, [OMIT, 1])  # type: ignore[list-item]  # what the client could not convert
    assert [(mismatch.pointer, mismatch.keyword) for mismatch in found] == [((), "minItems"), ((1,), "type")]


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        ("^[a-z]$", "a", True),
        ("^[a-z]$", "a\n", False),
        ("(", "invalid patterns are not checked", None),
        ("^(a+)+$", "a" * 40 + "b", None),
        ("^a+$", "a" * 40 + "b", False),
    ],
)
def test_what_cannot_be_decided_is_not_a_mismatch(pattern: str, text: str, matched: bool | None) -> None:
    assert match_pattern(pattern, text) is matched
    assert keywords(text, type="string", pattern=pattern) == (["pattern"] if matched is False else [])
