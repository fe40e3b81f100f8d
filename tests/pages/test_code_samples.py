"""What is read from the code samples of pages."""

from __future__ import annotations

from typing import Any

import pytest

from speccast.pages.reader import read_page
from speccast.pages.text import PageText
from tests.pages.single_pages import HEADED, PATHS, headed, older


@pytest.mark.parametrize(
    "call",
    [
        'requests.post("https://api.acme.example/v1/fox", headers={"x": 1}, json={"seed": 7})',
        'client.post("/v1/fox", json={"seed": 7}, timeout=60)',
        'print("seed", end="")\njson = {"seed": 7}',
        'os.environ.get("KEY", default="x")\njson = {"seed": 7}',
        'acme.run("fox", seed=7)',
        'axios.post("https://api.acme.example/v1/fox", {"seed": 7}, {headers: {"x": "y"}})',
        'payload = json.dumps({"seed": 7})',
    ],
)
def test_only_calls_with_the_name_of_the_model_send_their_arguments(call: str) -> None:
    text = f'Fox\nDraws.\nurl = "https://api.acme.example/v1/fox"\n{call}\n'
    facts = read_page(PageText("page.txt", text), PATHS).facts.values
    assert {pointer[1]: each.value for pointer, each in facts.items() if pointer[0] == "example"} == {
        "seed": 7
    }


@pytest.mark.parametrize(
    "sample",
    [
        '{"a": 1, "b": [true, null], "c": "x, {y}"}',
        "{'a': 1, 'b': [True, None], 'c': 'x, {y}',}",
        '{ a: 1, // first\n "b": [true, null], c: "x, {y}" }',
    ],
)
def test_samples_of_several_languages(sample: str) -> None:
    facts = headed("", sample)
    assert {pointer[1]: each.value for pointer, each in facts.values.items() if pointer[0] == "example"} == {
        "a": 1,
        "b": [True, None],
        "c": "x, {y}",
    }


@pytest.mark.parametrize(
    ("sample", "example", "doubtful"),
    [
        ("curl -d '{\"a\": \"it'\\''s\", \"n\": 1}'", {"a": "it's", "n": 1}, set()),
        (
            'curl --data "{\\"a\\": \\"say \\\\\\"hi\\\\\\"\\\\nto it\\", \\"n\\": [1, \\"x\\"]}"',
            {"a": 'say "hi"\nto it', "n": [1, "x"]},
            set(),
        ),
        ("const data = { a: `b`, 'top-k': 5 /* , c: 1 */, class: true };", {"a": "b", "top-k": 5, "class": True}, set()),
        ("const data = { a: () => 3, b, new: 'x', c: fs.read('a').toString('b64') };", {"a": None, "b": None, "new": "x", "c": None}, {"a", "b", "c"}),
        ('data = {\n "a": to_b64("https://b.example/c.png"),  # don\'t\n "n": 1,\n}', {"a": "https://b.example/c.png", "n": 1}, {"a"}),
        ('const data = { "a": "b // c", "image": "toB64(\'https://b.example/c.png\')", "n": [1, 2, ], };', {"a": "b // c", "image": "https://b.example/c.png", "n": [1, 2]}, {"image"}),
        ('const data = { a: `b ${c} d`, n: 1 };', {"a": None, "n": 1}, {"a"}),
    ],
)  # fmt: skip
def test_samples_that_are_not_json(sample: str, example: dict[str, Any], doubtful: set[str]) -> None:
    facts = read_page(PageText("page.txt", HEADED.replace("data = {sample}", sample)), PATHS).facts
    found = {str(pointer[1]): each for pointer, each in facts.values.items() if pointer[0] == "example"}
    assert {name: each.value for name, each in found.items()} == example
    assert {name for name, each in found.items() if not each.is_certain} == doubtful


def test_member_of_a_sample_is_not_a_sample() -> None:
    facts = headed("", '{"input": {"a": 1}, "data": {"b": 2}}')
    assert facts.values["example", "input"].is_certain
    assert facts.values["example", "data"].value == {"b": 2}


def test_code_on_the_line_of_the_text_before_it_ends_that_text() -> None:
    for head, found in {
        "Fox\nDraws foxes.": (None, None),
        "Fox\nDraws foxes.\n~$0.03": (None, "~$0.03"),
        "Fox\nDraws foxes.\n$0.04 per generation\n~14.2s": ("~14.2s", "$0.04 per generation"),
    }.items():
        text = f'{head} 1import requests\n 2\n 3url = "https://api.acme.example/v1/fox"\n 4data = {{"seed": 7}}\n'
        values = read_page(PageText("page.txt", text), PATHS).facts.values
        assert values["description",].value == "Draws foxes."
        shown = tuple(None if (key,) not in values else values[key,].value for key in ("latency", "price"))
        assert shown == found


def test_comments_of_code_without_line_ends_hide_no_members() -> None:
    sample = '{ "image": read("https://acme.example/a.png"), # Or use load("PATH") "seed": 7, # not this "mode": "a", "b": 1 }'
    example = {
        pointer[1]: found
        for pointer, found in older("seedint\n\nSeed\n\n\n", sample).values.items()
        if pointer[0] == "example"
    }
    assert {name: each.value for name, each in example.items()} == {
        "image": "https://acme.example/a.png",
        "seed": 7,
        "mode": "a",
        "b": 1,
    }
    assert {name for name, each in example.items() if each.is_certain} == {"seed", "b"}


@pytest.mark.parametrize("line_end", [" ", "\n"])
def test_members_that_are_assigned_one_by_one(line_end: str) -> None:
    statements = [
        "{}",
        "files = {}",
        "data['seed'] = 42",
        'data["prompt"] = "a \'red\' fox"',
        "# files['image'] = open('PATH', 'rb')",
        "# data['image'] = 'ADDRESS'",
        "data['tags'] = [\"a\", 'b']",
        "data['scale'] = 0.5 * 2",
        "data['file'] = load('https://acme.example/a.png')",
        "data['on'] = True",
        "send(data)",
    ]
    facts = older("seedint\n\nSeed\n\n\n", line_end.join(statements)).values
    example = {pointer[1]: found for pointer, found in facts.items() if pointer[0] == "example"}
    assert {name: each.value for name, each in example.items() if each.is_certain} == {
        "seed": 42,
        "prompt": "a 'red' fox",
        "tags": ["a", "b"],
        "on": True,
    }
    assert {name: each.value for name, each in example.items() if not each.is_certain} == {
        "scale": None,
        "file": "https://acme.example/a.png",
    }
