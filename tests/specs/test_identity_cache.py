"""Identical parameters are one object, and different ones are not."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from speccast.specs.build import build_parameter
from speccast.specs.identity_cache import MAX_OBJECTS, cached_by_identity

if TYPE_CHECKING:
    from speccast.core.parameter import Parameter


def test_identical_parameters_are_built_once() -> None:
    spec: Any = {"type": "array", "items": {"type": "string", "enum": ["é"]}, "default": []}
    built = build_parameter("tags", spec)
    assert build_parameter("tags", copy.deepcopy(spec)) is built
    assert build_parameter("words", spec) is not built


@pytest.mark.parametrize("other", [True, 1.0, "1", None])
def test_a_value_that_python_takes_for_equal_makes_another_parameter(other: object) -> None:
    one: Any = {"type": "number", "default": 1}
    another: Any = {"type": "number", "default": other}
    assert build_parameter("n", one).default is not other
    assert type(build_parameter("n", another).default) is type(other)


def test_results_are_cached_by_identity() -> None:
    called: list[str] = []

    @cached_by_identity
    def name(parameter: Parameter) -> str:
        called.append(parameter.name)
        return parameter.name

    first = build_parameter("first", {"type": "string"})
    assert [name(first), name(first)] == ["first", "first"]
    assert called == ["first"]
    # Far more than are kept, most of which are gone before the next one takes their place in memory.
    for number in range(3 * MAX_OBJECTS):
        assert name(build_parameter(f"p{number}", {"type": "string"})) == f"p{number}"
    assert name(first) == "first"
