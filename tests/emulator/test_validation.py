"""Every limit over HTTP, at its bound and one step beyond."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from speccast.emulator.server import start_emulator
from speccast.errors import SpeccastError
from speccast.specs.bundle import Bundle
from tests.emulator.conftest import violations_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx2

    from tests.emulator.conftest import Start

WEIGHTS = {
    "type": "array",
    "minItems": 1,
    "maxItems": 2,
    "items": {
        "type": "object",
        "properties": {
            "url": {"type": "string", "required": True},
            "weight": {"type": "number", "minimum": 0, "maximum": 2},
        },
    },
}
BLOCK = {
    "anyOf": [
        {
            "type": "object",
            "properties": {
                "text": {"type": "string", "required": True, "maxLength": 3},
                "type": {"type": "string", "enum": ["text"]},
                "size": {"type": "integer", "required": True, "enum": [1]},
            },
        },
        {
            "type": "object",
            "properties": {
                "type": {"type": "string", "enum": ["image"]},
                "size": {"type": "integer", "required": True, "enum": [2]},
                "text": {"type": "string"},
            },
        },
    ]
}
PARAMETERS: dict[str, Any] = {
    "content": {
        "anyOf": [
            {"type": ["string", "null"], "enum": ["a"], "open": True, "maxLength": 2},
            {"type": "array", "items": BLOCK, "maxItems": 2},
            {"type": "number", "maximum": 5},
        ]
    },
    "count": {"type": "integer", "minimum": 1, "maximum": 10},
    "ratio": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 2},
    "eighth": {"type": "integer", "multipleOf": 8},
    "tenth": {"type": "number", "multipleOf": 0.1},
    "tiny": {"type": "number", "multipleOf": 1e-7},
    "level": {"type": "number", "minimum": 0.1, "maximum": 0.3},
    "name": {"type": "string", "minLength": 2, "maxLength": 4},
    "code": {"type": "string", "pattern": "^[a-z]{2}-[0-9$]+$"},
    "word": {"type": "string", "pattern": "fox"},
    "flag": {"type": "boolean"},
    "mode": {"type": "string", "enum": ["draft", "final"]},
    "rate": {"type": "integer", "enum": [1, 24000]},
    "share": {"type": "number", "enum": [0.5, 1]},
    "known": {
        "type": "string",
        "enum": ["euler", "heun"],
        "hidden_values": 3,
        "documented_as": {"euler": "leuler"},
    },
    "note": {"type": ["string", "null"], "maxLength": 4},
    "loras": WEIGHTS,
    "free": {"type": "object"},
    "any": {"type": "array"},
}


@pytest.fixture(scope="module")
def limits(start: Start, spec_of: Callable[..., Any]) -> Iterator[httpx2.Client]:
    model = spec_of("limits", PARAMETERS, returns=["application/json"])
    both = {"prompt": {"type": "string", "required": True, "default": "x"}, "count": {"type": "integer"}}
    must = spec_of("must", both)
    with start(model, must) as client:
        yield client


def send(client: httpx2.Client, body: str, path: str = "/v1/limits") -> httpx2.Response:
    return client.post(path, content=body.encode(), headers={"content-type": "application/json"})


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"content": "a"}',
        '{"content": "xy"}',
        '{"content": null}',
        '{"content": 4.5}',
        '{"content": [{"type": "text", "text": "abc", "size": 1}, {"type": "image", "size": 2}]}',
        '{"count": 1}',
        '{"count": 10}',
        '{"count": 10.0}',
        '{"count": 1e1}',
        '{"count": 100e-1}',
        '{"ratio": 0.0000001}',
        '{"ratio": 1.9999999999999999999}',
        '{"ratio": 1}',
        '{"eighth": 0}',
        '{"eighth": -16}',
        '{"eighth": 16.0}',
        '{"eighth": 80000000000000000000000000000000000000008}',
        '{"tenth": 0.3}',
        '{"tenth": 0.30}',
        '{"tenth": 3e-1}',
        '{"tenth": -0.7}',
        '{"tenth": 123456789012345678901234567890.1}',
        '{"tenth": 1e300}',
        '{"tiny": 3e-7}',
        '{"tiny": 0.0000003}',
        '{"level": 0.1}',
        '{"level": 0.3}',
        '{"name": "ab"}',
        '{"name": "abcd"}',
        '{"name": "\\ud83e\\udd8a\\ud83e\\udd8a"}',
        '{"code": "ab-1"}',
        '{"code": "ab-$"}',
        '{"word": "a red fox runs"}',
        '{"flag": false}',
        '{"mode": "draft"}',
        '{"rate": 1}',
        '{"rate": 1.0}',
        '{"rate": 24e3}',
        '{"share": 0.5}',
        '{"share": 5e-1}',
        '{"share": 1.0}',
        '{"known": "euler"}',
        '{"known": "leuler"}',
        '{"known": "anything"}',
        '{"note": null}',
        '{"note": "abcd"}',
        '{"loras": [{"url": "a", "weight": 2}, {"url": "b"}]}',
        '{"free": {"any": [1, {"thing": null}]}}',
        '{"any": [1, "a", null, []]}',
    ],
)
def test_values_within_the_limits_are_accepted(limits: httpx2.Client, body: str) -> None:
    response = send(limits, body)
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(
    ("body", "parameter", "limit"),
    [
        ('{"count": 0}', "count", {"minimum": 1}),
        ('{"count": 11}', "count", {"maximum": 10}),
        ('{"count": 1.5}', "count", {"type": "integer"}),
        ('{"count": "1"}', "count", {"type": "integer"}),
        ('{"count": true}', "count", {"type": "integer"}),
        ('{"count": null}', "count", {"type": "integer"}),
        ('{"count": 1e400}', "count", {"maximum": 10}),
        ('{"ratio": 0}', "ratio", {"exclusiveMinimum": 0}),
        ('{"ratio": -0.0}', "ratio", {"exclusiveMinimum": 0}),
        ('{"ratio": 2.0}', "ratio", {"exclusiveMaximum": 2}),
        ('{"ratio": false}', "ratio", {"type": "number"}),
        ('{"eighth": 12}', "eighth", {"multipleOf": 8}),
        ('{"eighth": 80000000000000000000000000000000000000001}', "eighth", {"multipleOf": 8}),
        ('{"tenth": 0.30000000000000004}', "tenth", {"multipleOf": 0.1}),
        ('{"tenth": 0.35}', "tenth", {"multipleOf": 0.1}),
        ('{"tenth": 123456789012345678901234567890.15}', "tenth", {"multipleOf": 0.1}),
        ('{"tenth": 1' + "0" * 400 + ".15}", "tenth", {"multipleOf": 0.1}),
        ('{"tiny": 3.5e-7}', "tiny", {"multipleOf": 1e-7}),
        ('{"tiny": 1e-4000}', "tiny", {"multipleOf": 1e-7}),
        ('{"level": 0.09999999999999999999}', "level", {"minimum": 0.1}),
        ('{"level": 0.30000000000000000001}', "level", {"maximum": 0.3}),
        ('{"name": "a"}', "name", {"minLength": 2}),
        ('{"name": "abcde"}', "name", {"maxLength": 4}),
        ('{"name": "\\ud83e\\udd8a"}', "name", {"minLength": 2}),
        ('{"name": 12}', "name", {"type": "string"}),
        ('{"code": "ab-1\\n"}', "code", {"pattern": "^[a-z]{2}-[0-9$]+$"}),
        ('{"code": "xab-1"}', "code", {"pattern": "^[a-z]{2}-[0-9$]+$"}),
        ('{"word": "wolf"}', "word", {"pattern": "fox"}),
        ('{"flag": 0}', "flag", {"type": "boolean"}),
        ('{"flag": "true"}', "flag", {"type": "boolean"}),
        ('{"mode": "Draft"}', "mode", {"enum": ["draft", "final"]}),
        ('{"mode": 1}', "mode", {"type": "string"}),
        ('{"rate": 2}', "rate", {"enum": [1, 24000]}),
        ('{"rate": true}', "rate", {"type": "integer"}),
        ('{"share": 0.50000000000000000001}', "share", {"enum": [0.5, 1]}),
        ('{"share": true}', "share", {"type": "number"}),
        ('{"content": "abc"}', "content", {"maxLength": 2}),
        ('{"content": 5.5}', "content", {"maximum": 5}),
        ('{"content": [[]]}', "content[0]", {"type": "object"}),
        ('{"content": {}}', "content", {"type": ["string", "null", "array", "number"]}),
        ('{"content": [{"type": "text", "text": "abcd", "size": 1}]}', "content[0].text", {"maxLength": 3}),
        ('{"content": [{"type": "text", "size": 1}]}', "content[0].text", {"required": True}),
        ('{"content": [{"type": "image", "size": 1}]}', "content[0].size", {"enum": [2]}),
        ('{"content": [{"type": "sound", "size": 1}]}', "content[0].type", {"enum": ["text", "image"]}),
        ('{"content": [{"text": 5}]}', "content[0].type", {"required": True}),
        ('{"content": [{"type": null}]}', "content[0].type", {"type": "string"}),
        ('{"known": 1}', "known", {"type": "string"}),
        ('{"known": null}', "known", {"type": "string"}),
        ('{"note": 5}', "note", {"type": ["string", "null"]}),
        ('{"note": "abcde"}', "note", {"maxLength": 4}),
        ('{"loras": []}', "loras", {"minItems": 1}),
        ('{"loras": [{"url": "a"}, {"url": "b"}, {"url": "c"}]}', "loras", {"maxItems": 2}),
        ('{"loras": {}}', "loras", {"type": "array"}),
        ('{"loras": [{"url": "a"}, 5]}', "loras[1]", {"type": "object"}),
        ('{"loras": [{"url": "a", "weight": 2.5}]}', "loras[0].weight", {"maximum": 2}),
        ('{"loras": [{"weight": 1}]}', "loras[0].url", {"required": True}),
        ('{"loras": [{"url": "a", "wait": 1}]}', "loras[0].wait", {"additionalProperties": False}),
        ('{"free": []}', "free", {"type": "object"}),
        ('{"any": "a"}', "any", {"type": "array"}),
        ('{"other": 1}', "other", {"additionalProperties": False}),
        ('{"Count": 1}', "Count", {"additionalProperties": False}),
    ],
)
def test_values_beyond_a_limit_are_reported_with_the_limit(
    limits: httpx2.Client, body: str, parameter: str, limit: dict[str, Any]
) -> None:
    response = send(limits, body)
    assert response.status_code == 400
    violations = violations_of(limits)
    assert [(found["parameter"], found["limit"]) for found in violations] == [(parameter, limit)]
    assert violations[0]["message"].startswith(f"{parameter} ")
    assert response.json()["error"] == f"Invalid parameters: {violations[0]['message']}"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"count": 0}', "count must be at least 1 (got 0)"),
        ('{"count": 11}', "count must be at most 10 (got 11)"),
        ('{"count": 1.5}', "count must be an integer, not a number"),
        ('{"ratio": 0}', "ratio must be over 0 (got 0)"),
        ('{"ratio": 2}', "ratio must be under 2 (got 2)"),
        ('{"tenth": 0.35}', "tenth must be a multiple of 0.1 (got 0.35)"),
        ('{"name": "a"}', "name must have at least 2 characters (got 1)"),
        ('{"loras": []}', "loras must have at least 1 item (got 0)"),
        ('{"mode": "a"}', 'mode must be one of "draft", "final" (got "a")'),
        ('{"share": 0.25}', "share must be one of 0.5, 1 (got 0.25)"),
        ('{"word": "wolf"}', 'word must match the pattern fox (got "wolf")'),
        ('{"note": 5}', "note must be a string or null, not an integer"),
        ('{"coutn": 5}', "coutn is not a parameter; did you mean count?"),
        ('{"xyz": 5}', "xyz is not a parameter"),
        ('{"loras": [{}]}', "loras[0].url is required"),
    ],
)
def test_messages_say_what_is_allowed(limits: httpx2.Client, body: str, message: str) -> None:
    send(limits, body)
    assert [found["message"] for found in violations_of(limits)] == [message]


def test_all_violations_are_reported_in_the_order_of_the_page(limits: httpx2.Client) -> None:
    body = {"zzz": 1, "mode": "x", "loras": [{"weight": 3}, {"url": 1}], "count": 0, "ratio": "a"}
    response = limits.post("/v1/limits", json=body).json()
    violations = violations_of(limits)
    assert [found["parameter"] for found in violations] == [
        "count",
        "ratio",
        "mode",
        "loras[0].weight",
        "loras[0].url",
        "loras[1].url",
        "zzz",
    ]
    assert all(found["message"] in response["error"] for found in violations)


def test_a_missing_parameter_is_reported_in_the_order_of_the_page(limits: httpx2.Client) -> None:
    send(limits, '{"count": "a"}', "/v1/must")
    assert [found["parameter"] for found in violations_of(limits)] == ["prompt", "count"]


def test_a_value_of_the_wrong_type_has_one_violation(limits: httpx2.Client) -> None:
    limits.post("/v1/limits", json={"mode": 5, "rate": "x", "share": None})
    assert len(violations_of(limits)) == 3


def test_a_violation_contains_the_value_as_sent(limits: httpx2.Client) -> None:
    body = '{"count": 11.0, "tenth": 0.35, "tiny": 0.12345678901234567890123, "flag": {"a": [1]}}'
    send(limits, body)
    found = {each["parameter"]: each["value"] for each in violations_of(limits)}
    assert found == {"count": 11, "tenth": 0.35, "tiny": "0.12345678901234567890123", "flag": {"a": [1]}}


def test_a_missing_parameter_has_no_value(limits: httpx2.Client) -> None:
    send(limits, "{}", "/v1/must")
    assert violations_of(limits) == [
        {"parameter": "prompt", "limit": {"required": True}, "message": "prompt is required"}
    ]


def test_long_values_and_names_are_cut(limits: httpx2.Client) -> None:
    body = {"name": "x" * 100_000, "n" * 100_000: 1, "count": ["y" * 100_000]}
    response = limits.post("/v1/limits", json=body)
    assert response.status_code == 400
    assert len(response.content) < 5000


def test_a_long_list_of_invalid_items_is_refused_in_time(limits: httpx2.Client) -> None:
    response = limits.post("/v1/limits", json={"loras": [1] * 50_000})
    assert response.status_code == 400
    assert response.json()["error"].count("loras[") == 999
    assert len(violations_of(limits)) == 100


@pytest.mark.parametrize("path", ["/v1/limits", "/v2/limits"])
def test_both_surfaces_validate(limits: httpx2.Client, path: str) -> None:
    assert send(limits, '{"count": 0}', path).status_code == 400


def test_a_required_parameter_with_a_default_is_required(limits: httpx2.Client) -> None:
    assert send(limits, "{}", "/v1/must").status_code == 400


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"^a$|^b$", ["a", "b"], ["a\n", "ab"]),
        (r"^[$]\$$", ["$$"], ["$$\n", "$"]),
        (r"^[]$]+$", ["]$"], ["]$\n"]),
        (r"^[^\]$]$", ["a"], ["$", "]", "a\n"]),
        (r"^.\\$", ["a\\"], ["a\\\n"]),
        (r"", ["", "\n"], []),
    ],
)
def test_the_end_of_a_pattern_is_the_end_of_the_text(
    start: Start, spec_of: Callable[..., Any], pattern: str, good: list[str], bad: list[str]
) -> None:
    model = spec_of("p", {"p": {"type": "string", "pattern": pattern}}, returns=["application/json"])
    with start(model) as client:
        statuses = [client.post("/v1/p", json={"p": text}).status_code for text in (*good, *bad)]
    assert statuses == [200] * len(good) + [400] * len(bad)


def test_an_invalid_pattern_is_an_error_that_names_the_model(
    api: dict[str, Any], spec_of: Callable[..., Any]
) -> None:
    nested = {
        "type": "array",
        "items": {"type": "object", "properties": {"q": {"type": "string", "pattern": "(a"}}},
    }
    bundle = Bundle(api, {"broken": spec_of("broken", {"p": nested})})
    with pytest.raises(SpeccastError, match=r"broken: invalid pattern '\(a'"), start_emulator(bundle):
        pass


def test_names_with_a_meaning_in_json_schema_are_plain_names(
    start: Start, spec_of: Callable[..., Any]
) -> None:
    names = ["$ref", "type", "pattern", "items", "required", "properties", "enum", "__proto__", "a.b", "a[0]"]
    model = spec_of("n", {name: {"type": "integer"} for name in names}, returns=["application/json"])
    with start(model) as client:
        assert client.post("/v1/n", json=dict.fromkeys(names, 1)).status_code == 200
        client.post("/v1/n", json=dict.fromkeys(names, "x"))
        assert [found["parameter"] for found in violations_of(client)] == names


@pytest.mark.parametrize(("pattern", "text"), [(r"\s+$", " " * 1800 + "x"), ("a.*b.*c", "ab" * 70)])
def test_many_texts_that_are_slow_to_search_are_refused_in_time(
    start: Start, spec_of: Callable[..., Any], pattern: str, text: str
) -> None:
    items = {"type": "string", "pattern": pattern}
    with start(spec_of("slow", {"texts": {"type": "array", "items": items}})) as client:
        before = time.process_time()
        refused = client.post("/v1/slow", json={"texts": [text] * 5000})
        assert time.process_time() - before < 10  # without a limit for the whole request: minutes
        assert 1 <= refused.json()["error"].count("must match") < 1000
        few = client.post("/v1/slow", json={"texts": ["a"] * 500})
        assert few.json()["error"].count("must match") == 500
