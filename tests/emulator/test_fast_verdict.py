"""The fast verdict of jsonschema-rs agrees with JSON Schema on exact numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from speccast.emulator.validation import Validation
from speccast.specs.build import build_model

if TYPE_CHECKING:
    from speccast.specs.format import ModelSpec

SMALL = st.integers(-3, 3)
SPEC: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={
            "minimum": SMALL,
            "maximum": SMALL,
            "exclusiveMinimum": SMALL,
            "exclusiveMaximum": SMALL,
            "multipleOf": st.sampled_from([1, 2, 3, 0.1, 0.5]),
            "enum": st.lists(SMALL, min_size=1, max_size=2),
            "required": st.booleans(),
        },
    )
    | st.fixed_dictionaries(
        {"type": st.sampled_from(["string", ["string", "null"]])},
        optional={
            "minLength": st.integers(0, 2),
            "maxLength": st.integers(0, 2),
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
    st.none()
    | st.booleans()
    | SMALL
    | st.sampled_from([Decimal("0.5"), Decimal("0.30000000000000004"), 10**30, Decimal("1e-9")])
    | st.text("ab\ud83d\U0001f600", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=1000, derandomize=True, database=None, deadline=None)
@given(spec=SPEC, value=VALUE, rest=st.dictionaries(st.just("b"), st.integers()))
def test_jsonschema_rs_accepts_exactly_what_has_no_violations(
    spec: dict[str, Any], value: Any, rest: dict[str, int]
) -> None:
    body = {"a": value, **rest}
    # A pattern that matches everything turns the fast verdict off.
    slow = {"a": spec, "p": {"type": "string", "pattern": ""}}
    assert is_accepted({"a": spec}, body) == is_accepted(slow, body)


def is_accepted(parameters: dict[str, Any], body: dict[str, Any]) -> bool:
    model = {
        "speccast": 1,
        "slug": "m",
        "title": "M",
        "surfaces": ["sync"],
        "returns": ["image/png"],
        "parameters": parameters,
    }
    return not Validation(build_model(cast("ModelSpec", model), "m.yaml")).invalid_values(body)
