"""The check accepts the values that JSON Schema accepts, for random parameters."""

from __future__ import annotations

import json
import math
from typing import Any

import jsonschema
from acme_client._core.parameter import Parameter
from acme_client._runtime.check import Prepared, check_body
from acme_client._runtime.errors import ParameterError
from acme_support.adapter import UNHURRIED
from hypothesis import given, settings
from hypothesis import strategies as st

# Against JSON Schema itself. Multiples are left out: jsonschema computes them in floats.

NUMBERS = (
    st.sampled_from([-3, -2, -1, 0, 1, 2, 3, -0.5, 0.5, 1.0, 1.5, 2.0, 2**53 + 1, 1e300])
    | st.integers()
    | st.floats()
)


TEXTS = st.sampled_from(["", "a", "b", "1", "ba", "ab", "a1", "aab"]) | st.text(max_size=4)


VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=5,
)


BOUND = st.none() | st.sampled_from([-2, -1, 0, 1, 2, 0.5, -0.5])


COUNT = st.none() | st.integers(0, 3)


@st.composite
def parameters(draw: Any, depth: int = 2) -> Parameter:
    containers = ["array", "object"] if depth else []
    kind = draw(st.sampled_from(["string", "integer", "number", "boolean", *containers]))
    limits: dict[str, Any] = {"nullable": draw(st.booleans()), "required": draw(st.booleans())}
    if kind in ("integer", "number"):
        for name in ("minimum", "maximum", "exclusive_minimum", "exclusive_maximum"):
            limits[name] = draw(BOUND)
        limits["choices"] = draw(st.just(()) | st.just((1, 2, 0.5) if kind == "number" else (1, 2)))
    if kind == "string":
        limits |= {"min_length": draw(COUNT), "max_length": draw(COUNT)}
        limits["choices"] = draw(st.just(()) | st.just(("", "a", "1")))
        limits["pattern"] = draw(st.none() | st.sampled_from(["^a", "[0-9]", "b$"]))
    if kind == "array":
        limits |= {"min_items": draw(COUNT), "max_items": draw(COUNT), "items": draw(parameters(depth - 1))}
    if kind == "object":
        members = draw(st.lists(parameters(depth - 1), min_size=1, max_size=2))
        limits["properties"] = tuple(
            Parameter(**{**fields(member), "wire": name, "name": name})
            for member, name in zip(members, "ab", strict=False)
        )
    limits["open"] = bool(limits.get("choices")) and draw(st.booleans())
    return Parameter(name="a", wire="a", flag="--a", type=kind, **limits)


def fields(parameter: Parameter) -> dict[str, Any]:
    return {name: getattr(parameter, name) for name in Parameter.__dataclass_fields__}


def schema(parameter: Parameter) -> dict[str, Any]:
    """Return the parameter in JSON Schema."""
    keywords = {
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "exclusiveMinimum": parameter.exclusive_minimum,
        "exclusiveMaximum": parameter.exclusive_maximum,
        "minLength": parameter.min_length,
        "maxLength": parameter.max_length,
        "pattern": parameter.pattern,
        "minItems": parameter.min_items,
        "maxItems": parameter.max_items,
    }
    result: dict[str, Any] = {name: limit for name, limit in keywords.items() if limit is not None}
    result["type"] = [parameter.type, "null"] if parameter.nullable else parameter.type
    if parameter.choices and not parameter.open:
        result["enum"] = [*parameter.choices, *([None] if parameter.nullable else [])]
    if parameter.items is not None:
        result["items"] = schema(parameter.items)
    if parameter.properties:
        result |= body_schema(parameter.properties)
    return result


def body_schema(members: tuple[Parameter, ...]) -> dict[str, Any]:
    return {
        "properties": {member.wire: schema(member) for member in members},
        "required": [member.wire for member in members if member.required],
        "additionalProperties": False,
    }


def is_finite(value: Any) -> bool:
    if isinstance(value, dict | list):
        return all(is_finite(each) for each in (value.values() if isinstance(value, dict) else value))
    return not isinstance(value, float) or math.isfinite(value)


@st.composite
def values_for(draw: Any, parameter: Parameter) -> Any:
    """Values that often fit."""
    if draw(st.integers(0, 9)) == 0:
        return draw(VALUES)
    if parameter.type == "array" and parameter.items is not None:
        return draw(st.lists(values_for(parameter.items), max_size=3))
    if parameter.type == "object":
        return {
            member.wire: draw(values_for(member))
            for member in parameter.properties
            if member.required or draw(st.booleans())
        }
    plain = {"string": TEXTS, "boolean": st.booleans()}
    return draw(plain.get(parameter.type, NUMBERS))


@settings(UNHURRIED, max_examples=600)
@given(st.data(), parameters())
def test_accepted_values_are_those_that_json_schema_accepts(data: Any, parameter: Parameter) -> None:
    values = {"a": data.draw(values_for(parameter))} if data.draw(st.integers(0, 9)) else {}
    expected = jsonschema.Draft202012Validator({"type": "object", **body_schema((parameter,))})
    try:
        body = check_body("m", Prepared((parameter,)), values)
    except ParameterError:
        assert not is_finite(values) or not expected.is_valid(values)
    else:
        assert is_finite(values)
        assert expected.is_valid(values)
        assert body == values
        assert expected.is_valid(json.loads(json.dumps(body)))
