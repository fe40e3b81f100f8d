"""Whether a value fits a parameter: in agreement with JSON Schema, and exact where JSON Schema is about numbers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from speccast.specs.build import build_parameter
from speccast.specs.fit import misfits
from speccast.specs.jsonschema import parameters_schema
from speccast.specs.values import exact, is_kind, is_multiple, kind_of, same


def reasons(value: Any, **spec: Any) -> list[str]:
    return [misfit.reason for misfit in misfits(value, build_parameter("x", spec))]  # type: ignore[arg-type]  # specs are dicts here


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
enums = st.lists(scalars, min_size=1, max_size=3)
leaves = st.one_of(
    of_type("integer", numbers),
    of_type("number", numbers),
    of_type(
        "string",
        optional(
            minLength=counts,
            maxLength=counts,
            pattern=st.sampled_from(["a", "^b"]),
            enum=enums,
            open=st.booleans(),
        ),
    ),
    of_type("integer", optional(enum=enums, hidden_values=st.just(2))),
    of_type("boolean", st.just({})),
)
parameters = st.recursive(
    leaves,
    lambda inner: st.one_of(
        of_type("array", optional(items=inner, minItems=counts, maxItems=counts)),
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
def test_a_value_fits_where_json_schema_says_that_it_is_valid(spec: dict[str, Any], value: Any) -> None:
    schema = parameters_schema({"parameters": {"x": spec}})

    fits = not [*misfits(value, build_parameter("x", spec))]  # type: ignore[arg-type]  # specs are dicts here

    assert fits == Draft202012Validator(schema).is_valid({"x": value})


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
    assert same(one, other) is equal
    assert same(other, one) is equal


def test_integral_floats_are_integers_and_booleans_are_no_numbers() -> None:
    one_of_each: list[Any] = [True, 1.0, 1.5, "", [], {}, None]

    assert is_kind(1.0, "integer")
    assert not is_kind(1.5, "integer")
    assert not is_kind(True, "integer")
    assert not is_kind(True, "number")
    assert [kind_of(value) for value in one_of_each] == [
        "boolean", "integer", "number", "string", "array", "object", "null",
    ]  # fmt: skip


def test_lengths_count_code_points() -> None:
    assert reasons("🦊🦊", type="string", maxLength=2) == []
    assert reasons("e\u0301e", type="string", maxLength=2) == ["limit"]


def test_printed_values_fit_beside_the_corrected_ones() -> None:
    spec = {"type": "string", "enum": ["brushed"], "documented_as": {"brushed": "brusched"}}

    assert reasons("brusched", **spec) == []
    assert reasons("brused", **spec) == ["choice"]


def test_every_misfit_of_a_nested_value_is_told_with_its_place() -> None:
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
        (misfit.pointer, misfit.reason) for misfit in misfits({"pauses": [31, "x", 1], "speed": 2}, parameter)
    ]

    assert found == [
        (("pauses",), "limit"),
        (("pauses", 0), "limit"),
        (("pauses", 1), "type"),
        (("speed",), "unknown"),
        ((), "missing"),
    ]


@pytest.mark.parametrize(
    ("value", "kind", "told"),
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
    value: Any, kind: str, told: str
) -> None:
    [misfit] = misfits(value, build_parameter("x", {"type": kind}))  # type: ignore[typeddict-item]  # any text

    assert told in misfit.help
