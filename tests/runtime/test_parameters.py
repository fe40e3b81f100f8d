"""Parameters as data."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from acme_client._core.omit import OMIT
from acme_client._core.parameter import Parameter


def parameter(**limits: Any) -> Parameter:
    return Parameter(name="a", wire="a", flag="--a", type="number", **limits)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({}, ""),
        ({"minimum": 10, "maximum": 100}, "10 to 100"),
        ({"minimum": -1, "maximum": 999999999999999}, "-1 to 999999999999999"),
        ({"minimum": 0}, "at least 0"),
        ({"maximum": 1.5}, "at most 1.5"),
        ({"exclusive_minimum": 0, "maximum": 2.0}, "over 0 and at most 2"),
        ({"minimum": 0, "exclusive_maximum": 1}, "at least 0 and under 1"),
        ({"minimum": 512, "maximum": 2048, "multiple_of": 8}, "512 to 2048, in steps of 8"),
        ({"multiple_of": 0.1}, "in steps of 0.1"),
        ({"minimum": 3, "maximum": 3}, "exactly 3"),
        ({"minimum": 1e300}, "at least 1e+300"),
        ({"min_length": 1}, "at least 1 character"),
        ({"max_length": 1}, "at most 1 character"),
        ({"min_length": 1, "max_length": 20}, "1 to 20 characters"),
        ({"min_items": 1, "max_items": 1}, "exactly 1 item"),
        ({"min_items": 1, "max_items": 4}, "1 to 4 items"),
        ({"max_items": 11}, "at most 11 items"),
    ],
)
def test_the_limits_in_words(limits: dict[str, Any], words: str) -> None:
    assert parameter(**limits).range == words


def test_omitted_is_one_object_with_a_name() -> None:
    assert repr(OMIT) == str(OMIT) == "OMIT"
    assert parameter().default is OMIT
    for again in (copy.copy(OMIT), copy.deepcopy(OMIT), pickle.loads(pickle.dumps(OMIT))):
        assert again is OMIT


def test_a_parameter_can_be_compared_and_pickled() -> None:
    one = parameter(minimum=1, items=parameter(), choices=(1, 2))
    assert pickle.loads(pickle.dumps(one)) == one
    assert one != parameter()
