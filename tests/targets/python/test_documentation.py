"""What the generated documentation says about models: docstrings, the reference and its sample."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from speccast.core.answers import Answer, Answers
from speccast.specs.build import build_parameter
from speccast.targets.openapi import openapi_document
from speccast.targets.python.declarations import model_classes
from speccast.targets.python.documentation import (
    answer_rows,
    media_note,
    method_documentation,
    python_words,
    reference_rows,
    upload_note,
)
from speccast.targets.python.filters import quick_start
from speccast.targets.python.names import python_model
from speccast.targets.python.package import first_model, package_documentation
from speccast.targets.rendering import draft
from tests.targets.support import EVERYTHING, NO_OVERLAY, api_of

API = api_of(EVERYTHING)
MODEL = python_model(API.models[0])
TEXTS = draft(API, "python", NO_OVERLAY).texts
MODULE = TEXTS["benign_client/models/everything_named.py"]
REFERENCE = TEXTS["docs/everything_named.md"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None"),
        (False, "False"),
        (1, "1"),
        (0.5, "0.5"),
        ('say "x"', '"say \\"x\\""'),
        ([], "()"),
        (["a"], '("a",)'),
        ([True, [None]], "(True, (None,))"),
        ({"a": [1, 2]}, '{"a": (1, 2)}'),
    ],
)
def test_values_are_written_as_in_python(value: Any, words: str) -> None:
    assert python_words(value) == words


def test_docstrings_describe_nested_members() -> None:
    for line in (
        'look: Describes a choice. Known values: "bright", "dark", None and 3 more.',
        "voice: Describes an object.",
        '- pitch (str): Describes a member. Matching . Default: "deep" (sent when left out).',
        "- steps (list of dict)",
        "  - at (float): Required.",
        "inline: Default: False.",
    ):
        assert f"            {line}" in MODULE or f"                {line}" in MODULE
    assert '    pitch: NotRequired[str]\n    """Describes a member.' in MODULE


def test_docstrings_and_reference_show_every_branch_of_a_union() -> None:
    for line in (
        'content: Describes a union. Default: "plain".',
        '- str: Describes a branch. Known values: "plain", among others.',
        "- list of dict",
        '  - dict with kind "said": Describes an object with a tag.',
        "    - said (str)",
        '  - dict with kind "seen"',
        '    - kind (str): Required. One of "seen".',
    ):
        assert f"            {line}\n" in MODULE or f"                {line}\n" in MODULE, line
    rows = {row.name: row for row in reference_rows(MODEL)}
    assert rows["content"].type == "str or list of dict"
    assert rows["content"].limits == 'str: Known values: "plain", among others'
    assert rows["content"].meaning == "Describes a union. str: Describes a branch."
    assert rows["content[kind=said].said"].type == "str"
    assert rows["content[kind=seen].kind"].is_required


def test_the_reference_lists_nested_members() -> None:
    rows = {row.name: row for row in reference_rows(MODEL)}
    assert rows["voice.pitch"].meaning == "Describes a member."
    assert rows["voice.steps[].at"].type == "float"
    assert rows["voice.steps[].at"].is_required
    assert (rows["word_list"].type, rows["word_list"].default) == ("list of str", '("alpha",)')
    assert "Describes an item." in rows["word_list"].meaning


def test_conditions_name_other_parameters_as_python_does() -> None:
    condition = build_parameter("x", {"type": "string", "applies_when": {"prompt": [None, "a"]}})
    row = reference_rows(replace(MODEL, parameters=(*MODEL.parameters, condition)))[-1]
    assert row.meaning == 'Applies when words is None or "a".'


def test_price_latency_and_times_of_jobs_are_wherever_a_model_is_described() -> None:
    said = "Price: $0.03 - $0.08. Latency: ~9.59s. Deadline of a job: 90.5 s. Interval between polls: 2 s."
    assert MODULE.count(said) == 2  # the synchronous and the asynchronous class
    assert said.replace("~", "\\~").replace("$", "\\$") in REFERENCE
    assert "price='$0.03 - $0.08'," in TEXTS["benign_client/_index.py"]
    operation = openapi_document(API)["paths"]["/other/everything"]["post"]
    assert (operation["x-price"], operation["x-latency"]) == ("$0.03 - $0.08", "~9.59s")


def test_notes_are_in_the_reference_only() -> None:
    about = REFERENCE.partition("## About this page")[2]
    assert "Notes the model." in about
    for line in ("`words`: Notes a text.", "`word_list`: Notes an item.", "`voice.pitch`: Notes a member."):
        assert f"- {line}" in about
    others = {path for path, text in TEXTS.items() if "Notes a" in text or "Notes the model" in text}
    assert others == {"docs/everything_named.md", "benign_client/_specs.json"}
    assert REFERENCE.count("Notes a text.") == 1
    assert "Notes a" not in str(openapi_document(API))


@pytest.mark.parametrize(
    ("wire", "description", "kept"),
    [
        ("prompt", "prompt", ""),
        ("negative_prompt", "Negative prompt.", ""),
        ("topP", "top p", ""),
        ("prompt", "The prompt", "The prompt"),
        ("seed", "Seed of the image", "Seed of the image"),
        ("x", "", ""),
    ],
)
def test_a_description_that_repeats_the_name_is_dropped(wire: str, description: str, kept: str) -> None:
    assert build_parameter(wire, {"type": "string", "description": description}).description == kept


@pytest.mark.parametrize(
    ("surfaces", "returns", "lines"),
    [
        (("sync",), ("image/png", "application/json"), ["result = client.everything_named.generate(", "print(result.save())"]),
        (("sync",), ("text/plain",), ["print(result.text)"]),
        (("sync",), ("application/json",), ["print(result.json())"]),
        (("async",), ("video/mp4",), ["job = client.everything_named.submit(", "result = job.wait()", "print(result.save())"]),
        (("async",), ("text/plain",), ["job = client.everything_named.submit(", "print(result.output)"]),
        (("sync", "async"), ("audio/mpeg",), [".generate(", ".submit(", "print(result.save())"]),
    ],
)  # fmt: skip
def test_the_sample_uses_every_surface_and_ends_in_the_output(
    surfaces: Any, returns: tuple[str, ...], lines: list[str]
) -> None:
    sample = quick_start(API, replace(MODEL, surfaces=surfaces, returns=returns))
    for line in lines:
        assert line in sample
    assert ("generate(" in sample, "submit(" in sample) == ("sync" in surfaces, "async" in surfaces)
    assert ("save()" in sample) == returns[0].startswith(("image", "video", "audio"))


def test_the_sample_sends_the_example_of_the_page() -> None:
    assert "words='a benign example', voice={'pitch': 'deep'}, free={'key': 'value'}" in quick_start(
        API, MODEL
    )
    without = quick_start(API, replace(MODEL, example=None))
    assert "generate(words='an example')" in without


def test_the_api_chooses_the_model_of_the_samples() -> None:
    other = replace(API.models[0], slug="a-model", name=None, returns=("text/plain",))
    api = replace(API, models=(other, API.models[0]))
    assert first_model(api) is API.models[0]
    assert first_model(replace(api, sample=None)) is other
    assert first_model(replace(api, sample="not-in-a-copy")) is other
    only_jobs = replace(other, surfaces=("async",))
    assert first_model(replace(api, models=(only_jobs, API.models[0]), sample=None)) is API.models[0]
    assert first_model(replace(api, models=())) is None
    assert "generate(words=…)\n    result.save()" in package_documentation(api)
    documentation = package_documentation(replace(api, models=(only_jobs,)))
    assert "submit(words=…).wait()\n    result.output" in documentation


def test_the_reference_shows_the_answers_that_the_model_can_get() -> None:
    answers = Answers(
        sync=(
            Answer({"url": "{output}"}, when=(("words", ("a", "b")),), status=201),
            Answer({"b64": "{base64}"}, when=(("unknown", (True,)),)),
            Answer({"track": "{output}"}, when=(("{media_type}", ("audio/mpeg",)),)),
            Answer(media="image/*"),
        ),
        error=(Answer(["`{message}`"]),),
    )
    api = replace(API, answers=answers, jobs=None)
    model = replace(MODEL, answers={}, surfaces=("sync",), returns=("image/png",))
    assert answer_rows(api, model) == (
        ('blocking call, words: "a" or "b", status 201', '{"url": "{output}"}'),
        ("blocking call", "the bytes of the file: image/*"),
        ("error", '["`{message}`"]'),
    )
    assert "| submit |" in REFERENCE or "| submit, status" in REFERENCE


@pytest.mark.parametrize(
    ("parameter", "has_note"),
    [
        ({"type": "string", "media": "image", "forms": ["url"]}, True),
        ({"type": "string", "media": "image", "forms": ["base64"]}, False),
        ({"type": "string"}, False),
        (
            {"type": "array", "items": {"type": "string", "media": "audio", "forms": ["data_uri", "url"]}},
            True,
        ),
        ({"anyOf": [{"type": "integer"}, {"type": "string", "media": "image", "forms": ["url"]}]}, True),
        (
            {
                "type": "object",
                "properties": {"face": {"type": "string", "media": "image", "forms": ["url"]}},
            },
            True,
        ),
    ],
)
def test_the_reference_says_when_files_are_uploaded(parameter: Any, has_note: bool) -> None:
    model = replace(MODEL, parameters=(build_parameter("media", parameter),))
    note = upload_note(API, model)
    assert note.startswith("Files over 1 kB, and those for parameters that take addresses only") == has_note
    assert bool(note) == has_note
    assert upload_note(replace(API, upload=None), model) == ""


AUDIO = {"type": "string", "media": "audio", "required": True}


@pytest.mark.parametrize(
    ("parameter", "value", "words"),
    [
        (AUDIO, "Path('media.mp3')", "MediaInput"),
        ({**AUDIO, "media_types": ["audio/wav"]}, "Path('media.wav')", "MediaInput"),
        ({"type": "file", "required": True, "media_types": ["image/jpeg"]}, "Path('media.jpg')", "MediaInput"),
        ({"type": "array", "required": True, "items": {"type": "file"}}, "[Path('media.png')]", "list of MediaInput"),
        ({**AUDIO, "examples": ["https://example.com/a.mp3"]}, "'https://example.com/a.mp3'", "MediaInput"),
    ],
)  # fmt: skip
def test_the_reference_shows_how_content_is_passed(parameter: Any, value: str, words: str) -> None:
    model = replace(MODEL, parameters=(build_parameter("media", parameter),), example=None)
    lines = quick_start(API, model).splitlines()
    assert ("from pathlib import Path" in lines) == ("Path(" in value)
    assert f"result = client.everything_named.generate(media={value})" in lines
    assert [row.type for row in reference_rows(model)] == [words]
    assert media_note(model).startswith("MediaInput: a path (Path), bytes")
    assert media_note(replace(model, parameters=())) == ""


def test_the_quick_start_of_a_text_model_prints_the_text_and_streams_it() -> None:
    built = api_of(EVERYTHING.parents[1] / "apis" / "harmonia")
    model = next(each for each in built.models if each.slug == "duet-chat")
    assert quick_start(built, model).splitlines()[3:] == [
        "result = client.duet_chat.generate(prompt='Who sings higher?')",
        "print(result.text)",
        "",
        "with client.duet_chat.stream(prompt='Who sings higher?') as stream:",
        "    for piece in stream:",
        "        print(piece, end='', flush=True)",
        "",
        "job = client.duet_chat.submit(prompt='Who sings higher?')",
        "result = job.wait()",
        "print(result.text)",
    ]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ({"type": "string"}, "'…'"),
        ({"type": "string", "minLength": 5}, "'xxxxxxxx'"),
        ({"type": "integer", "minimum": 4}, "4"),
        ({"type": "integer"}, "1"),
        ({"type": "number", "exclusiveMaximum": 1}, "0.9"),
        ({"type": "boolean"}, "True"),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, "[1, 1]"),
        ({"type": "array", "items": {"type": "string", "media": "image"}}, "[Path('x.png')]"),
        (
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "role": {"type": "string", "enum": ["user", "system"], "required": True},
                        "content": {"type": "string", "required": True},
                        "name": {"type": "string"},
                    },
                },
            },
            "[{'role': 'user', 'content': '…'}]",
        ),
        ({"type": "object"}, "{}"),
        ({"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}, "['…']"),
    ],
)
def test_the_sample_has_a_valid_value_for_each_required_parameter(parameter: Any, value: str) -> None:
    spec: Any = {**parameter, "required": True}
    built = build_parameter("x", spec)
    sample = quick_start(API, replace(MODEL, parameters=(built,), example=None))
    assert f"generate(x={value})" in sample


def test_the_parameter_that_asks_for_events_is_explained() -> None:
    built = api_of(EVERYTHING.parents[1] / "apis" / "harmonia")
    model = next(each for each in built.models if each.slug == "duet-chat")
    events = built.event_places(model)
    row = next(each for each in reference_rows(model, events) if each.name == "reply")
    expected = 'How the reply is sent. stream() sets it to "pieces"; generate() refuses "pieces" and "words".'
    assert row.meaning == expected
    sync, asynchronous = model_classes(python_model(model), events)
    texts = {
        (kind.is_async, kind.name): method_documentation(model, kind, events)
        for kind in (*sync.methods, *asynchronous.methods)
    }
    assert expected.partition(". ")[2] in texts[False, "generate"]
    assert "reply" not in texts[False, "stream"]
    assert "in a `with` block" in texts[False, "stream"]
    assert "in an `async with` block" in texts[True, "stream"]
    assert "`async for`, with text, events(), close() (awaited)." in texts[True, "stream"]
    assert "generate() refuses" not in texts[True, "submit"]
