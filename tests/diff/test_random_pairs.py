"""Random pairs of specs: a break has a witness that works, and what is said to be compatible survives random requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from speccast.diff.change import Level, Side
from speccast.diff.random_requests import bodies
from speccast.diff.rules.models import request
from tests.diff.conftest import compared

if TYPE_CHECKING:
    from pathlib import Path

    from speccast.core.model import Model

PAIRS = 200
REQUESTS = 10

NUMBERS = st.integers(-20, 20)


def limits(*names: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, values))


def combined(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda found: {key: value for part in found for key, value in part.items()})


BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
INTEGERS = combined(
    st.just({"type": "integer"}),
    limits(*BOUNDS, values=NUMBERS),
    limits("multipleOf", values=st.integers(1, 6)),
)
DECIMALS = combined(
    st.just({"type": "number"}),
    limits(*BOUNDS, values=NUMBERS.map(lambda number: number / 2)),
    limits("multipleOf", values=st.sampled_from([0.1, 0.25, 0.5, 1, 2])),
)
TEXTS = combined(st.just({"type": "string"}), limits("minLength", "maxLength", values=st.integers(0, 6)))
CHOICES = st.builds(
    lambda values, is_open: {"type": "string", "enum": values, "open": is_open},
    st.lists(st.sampled_from("abcde"), min_size=1, unique=True),
    st.booleans(),
)
SCALARS = INTEGERS | DECIMALS | TEXTS | CHOICES | st.just({"type": "boolean"})
ARRAYS = combined(
    st.builds(lambda items: {"type": "array", "items": items}, SCALARS),
    limits("minItems", "maxItems", values=st.integers(0, 4)),
)
OBJECTS = st.builds(
    lambda members: {"type": "object", "properties": members},
    st.dictionaries(
        st.sampled_from("xyz"), combined(SCALARS, limits("required", values=st.booleans())), min_size=1
    ),
)
PARAMETERS = combined(SCALARS | ARRAYS | OBJECTS, limits("required", values=st.booleans()))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two sets of parameters, of which most are equal or differ in one limit."""
    old = draw(st.dictionaries(st.sampled_from("pq"), PARAMETERS, min_size=1))
    new = json.loads(json.dumps(old))
    name = draw(st.sampled_from(sorted(old)))
    other = draw(PARAMETERS)
    if other["type"] == old[name]["type"] and draw(st.booleans()):
        for key in draw(st.sets(st.sampled_from(sorted(other)), min_size=1)):
            new[name][key] = other[key]
    else:
        new[name] = other
    return old, new


def accepts(model: Model, body: object) -> bool:
    return bool(jsonschema_rs.Draft202012Validator(dict(model.schema)).is_valid(body))


@settings(
    max_examples=PAIRS,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(pair=pairs(), data=st.data())
def test_breaks_are_shown_and_the_rest_is_compatible(
    pair: tuple[dict[str, Any], dict[str, Any]], data: st.DataObject, tmp_path: Path
) -> None:
    texts = {
        f"{label}/fox.yaml": json.dumps({"parameters": parameters})
        for label, parameters in zip(("before", "after"), pair, strict=True)
    }
    before, after, found = compared(texts, tmp_path)
    [old], [new] = before.apis["foxes"].api.models, after.apis["foxes"].api.models
    assume(accepts(old, request(old)))
    breaks = [
        each.change
        for each in found
        if Side.WIRE in each.change.effects and each.change.effects[Side.WIRE].level is Level.BREAKING
    ]

    for change in breaks:
        assert change.witness is not None
        assert accepts(old, change.witness.value)
        assert not accepts(new, change.witness.value)
    if not breaks:
        for body in data.draw(st.lists(bodies(old), min_size=REQUESTS, max_size=REQUESTS)):
            assert accepts(new, body) or not accepts(old, body), body
