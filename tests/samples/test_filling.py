"""Samples of answers, filled in as a server does."""

from __future__ import annotations

from typing import Any

import pytest

from speccast.core.answers import Answer
from speccast.core.omit import OMIT
from speccast.samples.filling import fill, fill_headers

A, B = {"output": "a.png", "base64": "QQ=="}, {"output": "b.png", "base64": "Qg=="}


@pytest.mark.parametrize(
    ("sample", "values", "outputs", "expected"),
    [
        ({"a": "{id}", "b": "x{id}y"}, {"id": "7"}, [], {"a": "7", "b": "x7y"}),
        ("{seed}", {"seed": 7}, [], 7),
        ("{parameter}", {"parameter": None}, [], None),
        ({"cost": "{cost}", "metrics": {"cost": "{cost}"}}, {}, [], {"metrics": {}}),
        (["{cost}", 1], {}, [], [None, 1]),
        ("{{id}} {{{id}}}", {"id": "7"}, [], "{id} {7}"),
        ("{nothing} {", {}, [], None),
        ("{ not one", {}, [], "{ not one"),
        ({"created": "{unix}", "object": "list", "n": None, "f": 1.5}, {"unix": 9}, [],
         {"created": 9, "object": "list", "n": None, "f": 1.5}),
        ({"output": "{output}"}, {}, [A], {"output": "a.png"}),
        ({"output": "{output}"}, {}, [A, B], {"output": ["a.png", "b.png"]}),
        ({"output": "{output}"}, {}, [], {}),
        (["{output}"], {}, [A, B], ["a.png", "b.png"]),
        (["{output}"], {}, [], []),
        ({"data": [{"b64": "{base64}", "seed": "{seed}"}]}, {"seed": 3}, [A, B],
         {"data": [{"b64": "QQ==", "seed": 3}, {"b64": "Qg==", "seed": 3}]}),
        ([{"seed": 1, "file": {"url": "{output}"}}], {}, [{**A, "seed": 8}], [{"seed": 1, "file": {"url": "a.png"}}]),
        ({"choices": [{"message": {"content": "{text}"}}]}, {}, [{"text": "Hi"}],
         {"choices": [{"message": {"content": "Hi"}}]}),
    ],
)  # fmt: skip
def test_a_sample_is_filled(sample: Any, values: Any, outputs: Any, expected: Any) -> None:
    assert fill(sample, values, outputs) == expected


def test_an_answer_without_a_body_is_empty() -> None:
    assert fill(OMIT, {"id": "7"}) is None


def test_headers_without_a_value_are_left_out() -> None:
    answer = Answer(headers={"location": "{status_url}", "x-job": "job-{id}", "x-seed": "{seed}"})
    assert fill_headers(answer, {"id": 7, "status_url": "/jobs/7"}) == {
        "location": "/jobs/7",
        "x-job": "job-7",
    }
