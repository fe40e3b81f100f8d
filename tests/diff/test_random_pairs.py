"""Random pairs of specs: a break has a witness that works, and what is said to be compatible survives random requests."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

import jsonschema_rs
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from speccast.core.omit import Omit
from speccast.diff.change import Level, Side
from speccast.diff.proof import prove
from speccast.diff.witnesses import request
from speccast.samples.probes import probes
from speccast.samples.values import is_valid, sample
from tests.diff.conftest import compare_versions
from tests.diff.test_corpus import written
from tests.thorough import cases, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from speccast.core.model import Model
    from speccast.core.parameter import Parameter
    from speccast.diff.change import PlacedChange

PAIRS = cases(100, 200)
REQUESTS = cases(100, 1000)
REAL_REQUESTS = cases(2, 5)
"""Requests to the emulator for each pair; the rest goes to the JSON Schema, which `tests/end_to_end/test_four_way_oracle.py` compares with it."""
TRIES = 5 * REQUESTS

NUMBERS = st.integers(-20, 20)


def limits(*names: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, values))


def combine(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda found: {key: value for part in found for key, value in part.items()})


BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
INTEGERS = combine(
    st.just({"type": "integer"}),
    limits(*BOUNDS, values=NUMBERS),
    limits("multipleOf", values=st.integers(1, 6)),
)
DECIMALS = combine(
    st.just({"type": "number"}),
    limits(*BOUNDS, values=NUMBERS.map(lambda number: number / 2)),
    limits("multipleOf", values=st.sampled_from([0.1, 0.25, 0.5, 1, 2])),
)
TEXTS = combine(st.just({"type": "string"}), limits("minLength", "maxLength", values=st.integers(0, 6)))
CHOICES = st.builds(
    lambda values, is_open: {"type": "string", "enum": values, "open": is_open},
    st.lists(st.sampled_from("abcde"), min_size=1, unique=True),
    st.booleans(),
)
SCALARS = INTEGERS | DECIMALS | TEXTS | CHOICES | st.just({"type": "boolean"})
ARRAYS = combine(
    st.builds(lambda items: {"type": "array", "items": items}, SCALARS),
    limits("minItems", "maxItems", values=st.integers(0, 4)),
)
OBJECTS = st.builds(
    lambda members: {"type": "object", "properties": members},
    st.dictionaries(
        st.sampled_from("xyz"), combine(SCALARS, limits("required", values=st.booleans())), min_size=1
    ),
)
PARAMETERS = combine(SCALARS | ARRAYS | OBJECTS, limits("required", values=st.booleans()))


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


class Requests:
    """Random requests that a version accepts. Hypothesis would take minutes for as many."""

    def __init__(self, model: Model, seed: str) -> None:
        self._model = model
        self._random = random.Random(seed)
        self._known: dict[int, list[Any]] = {}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        is_accepted = validator(self._model)
        bodies = (self._members(self._model.parameters) for _ in range(TRIES))
        return islice(filter(is_accepted, bodies), REQUESTS)

    def _members(self, members: Sequence[Parameter]) -> dict[str, Any]:
        given = [each for each in members if each.required or self._random.random() < 0.7]
        return {each.wire: self._value(each) for each in given}

    def _value(self, parameter: Parameter) -> Any:
        """Return one of the values at the limits, or a random one."""
        if id(parameter) not in self._known:
            values = [probe.value for probe in probes(parameter) if is_valid(parameter, probe.value)]
            example = sample(parameter)
            self._known[id(parameter)] = values + ([] if isinstance(example, Omit) else [example])
        if self._known[id(parameter)] and self._random.random() < 0.3:
            return self._random.choice(self._known[id(parameter)])
        match parameter.type:
            case "integer" | "number":
                return self._number(parameter)
            case "boolean":
                return self._random.random() < 0.5
            case "string" if parameter.choices and not (parameter.open and self._random.random() < 0.5):
                return self._random.choice(parameter.choices)
            case "string":
                longest = 9 if parameter.max_length is None else parameter.max_length
                count = self._random.randint(min(parameter.min_length or 0, longest), longest)
                return "".join(self._random.choices("abcé \U0001f98a", k=count))
            case "array" if parameter.items is not None:
                most = 5 if parameter.max_items is None else parameter.max_items
                count = self._random.randint(min(parameter.min_items or 0, most), most)
                return [self._value(parameter.items) for _ in range(count)]
        return self._members(parameter.properties)

    def _number(self, parameter: Parameter) -> float:
        low = max(
            -100,
            *(each for each in (parameter.minimum, parameter.exclusive_minimum, -100) if each is not None),
        )
        high = min(
            100, *(each for each in (parameter.maximum, parameter.exclusive_maximum, 100) if each is not None)
        )
        value = self._random.uniform(low, high)
        step = parameter.multiple_of or (1 if parameter.type == "integer" else None)
        if step is None:
            return value
        return (
            float(Decimal(str(step)) * round(value / step))
            if isinstance(step, float)
            else step * round(value / step)
        )


def validator(model: Model) -> Callable[[object], bool]:
    return jsonschema_rs.Draft202012Validator(dict(model.schema)).is_valid


def show(found: Sequence[tuple[dict[str, Any], dict[str, Any]]], folder: Path) -> None:
    """Run the witnesses of pairs, as models of one API, with the emulators and the clients of both versions."""
    files = {
        f"{label}/fox-{number}.yaml": json.dumps({"parameters": parameters})
        for number, pair in enumerate(found)
        for label, parameters in zip(("before", "after"), pair, strict=True)
    }
    before, after, derived = compare_versions(files, folder)

    proven = prove(before, after, derived, requests=REAL_REQUESTS)

    assert sorted({*map(summary, proven)} ^ {*map(summary, derived)}) == []
    breaks = [each.change for each in proven if each.change.level is Level.BREAKING]
    assert all(change.witness is not None and change.witness.is_proven for change in breaks)


def summary(each: PlacedChange) -> tuple[str, ...]:
    change = each.change
    return each.model, change.rule.code, change.message, written(change.effects)


def test_breaks_are_shown_and_the_rest_is_compatible(tmp_path: Path) -> None:
    sent: list[int] = []
    pairs_seen: list[tuple[dict[str, Any], dict[str, Any]]] = []

    @settings(
        max_examples=PAIRS,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(pair=pairs())
    def check(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
        texts = {
            f"{label}/fox.yaml": json.dumps({"parameters": parameters})
            for label, parameters in zip(("before", "after"), pair, strict=True)
        }
        before, after, found = compare_versions(texts, tmp_path)
        [old], [new] = before.apis["foxes"].api.models, after.apis["foxes"].api.models
        is_accepted_before, is_accepted_after = validator(old), validator(new)
        assume(is_accepted_before(request(old)))
        pairs_seen.append(pair)
        breaks = [
            each.change
            for each in found
            if Side.WIRE in each.change.effects and each.change.effects[Side.WIRE].level is Level.BREAKING
        ]
        for change in breaks:
            assert change.witness is not None
            assert is_accepted_before(change.witness.value)
            assert not is_accepted_after(change.witness.value)
        if not breaks:
            bodies = list(Requests(old, repr(pair)))
            sent.append(len(bodies))
            for body in bodies:
                assert is_accepted_after(body), body

    check()

    show(some(4, pairs_seen), tmp_path)
    assert len(sent) >= PAIRS * 0.15, "too few pairs are compatible"
    assert sum(sent) >= 0.9 * REQUESTS * len(sent), "too few random requests are valid"
