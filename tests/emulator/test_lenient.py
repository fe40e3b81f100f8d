"""`--lenient`: values of other types are converted and unknown names ignored; limits still apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from speccast.emulator.settings import EmulatorSettings
from tests.emulator.conftest import violations_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx2

    from tests.emulator.conftest import Start

MEMBERS: dict[str, Any] = {"name": {"type": "string"}, "weight": {"type": "number", "maximum": 2}}
PARAMETERS: dict[str, Any] = {
    "text": {"type": "string", "maxLength": 10},
    "steps": {"type": "integer", "minimum": 1, "maximum": 50},
    "scale": {"type": "number"},
    "inline": {"type": "boolean"},
    "seeds": {"type": "array", "items": {"type": "integer"}},
    "loras": {"type": "array", "items": {"type": "object", "properties": MEMBERS}},
    "size": {"type": "integer", "enum": [1, 2]},
    "anything": {"type": "object"},
    "stop": {
        "anyOf": [
            {"type": "integer", "maximum": 9},
            {"type": "boolean"},
            {"type": "object", "properties": {"kind": {"type": "string", "enum": ["a"]}, **MEMBERS}},
            {"type": "object", "properties": {"kind": {"type": "string", "enum": ["b"]}}},
        ]
    },
}


@pytest.fixture(scope="module")
def lenient(start: Start, spec_of: Callable[..., Any]) -> Iterator[httpx2.Client]:
    with start(
        spec_of("all", PARAMETERS, returns=["application/json"]), settings=EmulatorSettings(is_lenient=True)
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"steps": "20"}, {"steps": 20}),
        ({"steps": " 20 "}, {"steps": 20}),
        ({"steps": "20.0"}, {"steps": 20}),
        ({"steps": "2e1"}, {"steps": 20}),
        ({"scale": "7.5"}, {"scale": 7.5}),
        ({"scale": "-1"}, {"scale": -1}),
        ({"inline": "true"}, {"inline": True}),
        ({"inline": "False"}, {"inline": False}),
        ({"inline": 1}, {"inline": True}),
        ({"text": 5}, {"text": "5"}),
        ({"text": 0.5}, {"text": "0.5"}),
        ({"text": True}, {"text": "true"}),
        ({"text": "20"}, {"text": "20"}),
        ({"seeds": ["1", 2]}, {"seeds": [1, 2]}),
        ({"loras": [{"weight": "1.5", "unheard": 1}]}, {"loras": [{"weight": 1.5}]}),
        ({"size": "2"}, {"size": 2}),
        ({"unheard": {"of": "it"}, "steps": 3}, {"steps": 3}),
        ({"stop": "5"}, {"stop": 5}),
        ({"stop": "true"}, {"stop": True}),
        ({"stop": {"kind": "a", "weight": "1"}}, {"stop": {"kind": "a", "weight": 1}}),
        ({"stop": {"kind": "b", "weight": "1"}}, {"stop": {"kind": "b"}}),
        ({"anything": {"a": "1"}}, {"anything": {"a": "1"}}),
    ],
)
def test_a_value_of_another_type_is_converted(
    lenient: httpx2.Client, sent: dict[str, Any], read: dict[str, Any]
) -> None:
    assert lenient.post("/v1/all", json=sent).json()["parameters"] == read


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"steps": "51"}, "steps must be at most 50 (got 51)"),
        ({"stop": "10"}, "stop must be at most 9 (got 10)"),
        ({"stop": "x"}, "stop must be an integer or a boolean or an object, not a string"),
        ({"steps": "many"}, "steps must be an integer, not a string"),
        ({"steps": ""}, "steps must be an integer, not a string"),
        ({"steps": "0x10"}, "steps must be an integer, not a string"),
        ({"steps": "1" * 5000}, "steps must be an integer, not a string"),
        ({"steps": "2.5"}, "steps must be an integer, not a number"),
        ({"inline": "maybe"}, "inline must be a boolean, not a string"),
        ({"inline": 2}, "inline must be a boolean, not an integer"),
        ({"text": [1]}, "text must be a string, not an array"),
        ({"text": 12345678901}, "text must have at most 10 characters (got 11)"),
        ({"loras": [{"weight": "3"}]}, "loras[0].weight must be at most 2 (got 3)"),
        ({"seeds": "1"}, "seeds must be an array, not a string"),
    ],
)
def test_limits_still_apply(lenient: httpx2.Client, sent: dict[str, Any], message: str) -> None:
    refused = lenient.post("/v1/all", json=sent)
    assert (refused.status_code, violations_of(lenient)[0]["message"]) == (400, message)


def test_by_default_other_types_and_unknown_names_are_refused(
    start: Start, spec_of: Callable[..., Any]
) -> None:
    with start(spec_of("all", PARAMETERS, returns=["application/json"])) as client:
        for sent in ({"steps": "20"}, {"unheard": 1}):
            assert client.post("/v1/all", json=sent).status_code == 400
