"""Specs become the model of the API, with every default filled in."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from speccast.core.answers import Answer, Answers, Event
from speccast.core.api import (
    Cancel,
    DropIn,
    ErrorStatus,
    HeaderMeaning,
    JobState,
    JobSurface,
    SyncSurface,
)
from speccast.core.auth import ApiKey, HmacSignature
from speccast.core.model import Deprecation, PageSource
from speccast.core.omit import OMIT
from speccast.core.parameter import Json, Parameter
from speccast.core.places import METRICS
from speccast.core.upload_surface import UploadSurface
from speccast.specs.build import build_api, build_model, build_parameter
from speccast.specs.bundle import specs_json
from speccast.specs.format_types import schema_text
from speccast.specs.load import LoadedApi, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.api import Api
    from speccast.specs.format import ModelSpec, ParameterSpec

ROOT = Path(__file__).parents[2]
EVERYTHING = ROOT / "tests" / "targets" / "everything"
APIS = ROOT / "tests" / "apis"


def loaded(folder: Path) -> LoadedApi:
    (api,) = load(folder, shown_from=ROOT).apis
    return api


def parameter(wire: str = "x", **spec: Any) -> Parameter:
    return build_parameter(wire, cast("ParameterSpec", spec))


def test_everything_that_an_api_says_arrives() -> None:
    api = build_api(loaded(EVERYTHING))
    assert (api.id, api.spec) == ("everything", "tests/targets/everything/api.yaml")
    assert (api.title, api.description) == ("Benign", "Describes the API.")
    assert (api.base_url, api.documentation) == ("https://api.benign.example", "https://docs.benign.example/")
    assert (api.package, api.distribution, api.command) == ("benign_client", "benign-client", "benign")
    assert (api.client, api.async_client, api.version) == ("Benign", "AsyncBenign", "1.2.3")
    assert api.auth == ApiKey(
        "header",
        "Authorization",
        "Bearer",
        "Where the key is found.",
        (HmacSignature("header", "X-Signature", "Signed"), ApiKey("query", "token")),
    )
    assert (api.env_api_key, api.env_base_url, api.env_log) == ("BENIGN_KEY", "BENIGN_URL", "BENIGN_LOG")
    assert api.sync == SyncSurface("/run/{slug}", "form", "https://run.benign.example", "input")
    assert api.jobs == JobSurface(
        submit="/queue/{slug}",
        status="/jobs/{id}",
        result="/jobs/{id}/result",
        states=(
            JobState("pending", "waiting", 202, "Describes a state."),
            JobState("busy", "running", 200, ""),
            JobState("done", "succeeded", 200, ""),
            JobState("broken", "failed", 200, ""),
            JobState("stopped", "canceled", 200, ""),
        ),
        deadline=60,
        interval=0.5,
        retention=3600,
        cancel=Cancel("/jobs/{id}/cancel", "PUT"),
        body="form",
        base_url="https://queue.benign.example",
        wrap="request",
    )
    assert api.upload == UploadSurface(
        path="/assets?kind=input",
        base_url="https://files.benign.example",
        encoding="multipart",
        body={"content": "{file}", "label": "Describes {name}"},
        places={"url": (("links", "get"),)},
        above=1000,
        retention=86400,
        answer=Answer({"links": {"get": "{url}"}}, 201),
        observed=True,
        note="Notes the upload.",
    )
    wrong = ErrorStatus(
        400,
        "Wrong Request",
        "Describes an error.",
        "WrongRequestError",
        rejected_unprocessed=True,
        observed=True,
        media_type="text/html",
        occasions=("invalid_parameters", "missing_key"),
        messages={"missing_key": "There is no key"},
    )
    broken = ErrorStatus(500, "Broken Server", "", "BrokenServerError", False, False)
    assert api.errors == api.exceptions == (wrong, broken)
    assert api.request_headers == {"X-Benign-Version": "Version of the API"}
    job: dict[str, Json]
    usage: dict[str, Json]
    job, links = {"job": "{id}", "state": "{state}"}, {"poll": "{status_url}", "look": "{status_url}"}
    usage = dict(
        zip(("price", "left", "ran", "queued", "took"), (f"{{{name}}}" for name in METRICS), strict=True)
    )
    assert api.answers == Answers(
        sync=(
            Answer(
                {"data": "{base64}", "kind": "picture"},
                201,
                {"x-seed": "{seed}"},
                when=(("inline", (True,)),),
            ),
            Answer(
                events=(Event({"so": "{text}"}, "piece"), Event("That is all", "done")),
                when=(("size", ("streamed",)),),
            ),
            Answer(media="image/*"),
        ),
        submit=(Answer({**job, **links, "fetch": "{result_url}"}),),
        status=(Answer(job),),
        result=(Answer({**job, "media": "{output}", "usage": usage}),),
        cancel=(Answer("Describes what is canceled", 202),),
        failed=(Answer({**job, "reason": "{message}"}),),
        error=(Answer({"message": "{message}"}),),
    )
    assert api.places == api.answers.places
    assert api.headers == (HeaderMeaning("x-price", "price", "number", "Describes a header."),)
    names = (
        "run",
        "run_sync",
        "submit_async",
        "BenignClient",
        "BenignError",
        "BenignFailed",
        "BenignTimeout",
    )
    assert api.drop_in == DropIn("another>=1.0", *names)
    assert api.drop_in.names == names


def test_everything_that_a_model_says_arrives() -> None:
    (model,) = build_api(loaded(EVERYTHING)).models
    assert (model.slug, model.name) == ("everything", "everything_named")
    assert model.spec == "tests/targets/everything/everything.yaml"
    assert (model.title, model.description) == ("Everything", "Describes the model.")
    assert (model.category, model.note) == ("text-to-anything", "Notes the model.")
    assert (model.surfaces, model.is_sync, model.is_async) == (("sync", "async"), True, True)
    assert model.sends == {"fixed": "A constant"}
    assert (model.sync_path, model.submit_path) == ("/other/{slug}", "/other/queue/{slug}")
    assert (model.status_path, model.result_path) == ("/other/jobs?id={id}", "/other/jobs/{id}")
    assert model.cancel_path == "/other/{slug}/jobs/{id}"
    assert model.body == "multipart"
    assert model.auth == HmacSignature("header", "X-Signature", "Signed")
    assert (model.deadline, model.interval) == (90.5, 2)
    assert (model.price, model.latency) == ("$0.03 - $0.08", "~9.59s")
    assert model.returns == ("image/png", "application/json")
    assert model.source == PageSource(
        "everything.txt", "https://docs.benign.example/everything", "2026-01-02"
    )
    assert model.deprecated == Deprecation("2026-01-03", "another-model")
    assert model.example == {
        "prompt": "a benign example",
        "voice": {"pitch": "deep"},
        "free": {"key": "value"},
    }
    assert [parameter.wire for parameter in model.parameters][:3] == ["prompt", "look", "mood"]


def test_everything_that_parameters_say_arrives() -> None:
    (model,) = build_api(loaded(EVERYTHING)).models
    by_wire = {parameter.wire: parameter for parameter in model.parameters}
    assert by_wire["prompt"] == Parameter(
        wire="prompt",
        name="words",
        type="string",
        required=True,
        min_length=1,
        max_length=10000,
        pattern=".",
        format="plain",
        examples=("an example",),
        description="Describes a text.",
        note="Notes a text.",
    )
    assert by_wire["look"] == Parameter(
        wire="look",
        name="look",
        type="string",
        nullable=True,
        default="bright",
        choices=("bright", "dark", None),
        also_accepted=("brigth",),
        open=True,
        hidden_values=3,
        description="Describes a choice.",
    )
    assert by_wire["width"] == Parameter(
        wire="width",
        name="width",
        type="integer",
        renamed_from="breadth",
        renamed_in="1.2.3",
        minimum=8,
        maximum=64,
        multiple_of=8,
        default=16,
        applies_when=(("look", ("dark", "bright")), ("mood", ("wild",))),
    )
    share = by_wire["share"]
    assert (share.exclusive_minimum, share.exclusive_maximum, share.default) == (0, 1, 0.5)
    words = by_wire["words"]
    assert (words.name, words.min_items, words.max_items, words.default) == ("word_list", 0, 3, ["alpha"])
    assert words.items == Parameter(
        wire="",
        name="",
        type="string",
        choices=("alpha", "beta"),
        also_accepted=("alhpa",),
        open=True,
        pattern=".",
        format="word",
        examples=("gamma",),
        description="Describes an item.",
        note="Notes an item.",
    )
    voice = by_wire["voice"]
    assert (voice.default, voice.examples) == ({"pitch": "deep"}, ({"pitch": "high"},))
    assert [(member.wire, member.name) for member in voice.properties] == [
        ("pitch", "tone"),
        ("steps", "steps"),
        ("spare", "spare"),
    ]
    steps = voice.properties[1].items
    assert steps is not None
    assert [(member.wire, member.type, member.required) for member in steps.properties] == [
        ("at", "number", True)
    ]


EMULATED = {
    ("api", "note"),
    ("api", "errors", 0, "note"),
    ("api", "headers", 0, "observed"),
}
"""Keys of the bundle that the emulator needs and templates do not."""


def optional_keys() -> Iterator[tuple[Any, ...]]:
    """Yield every key that is in the specs of `everything/` and need not be there."""
    api = loaded(EVERYTHING)
    values: tuple[tuple[str, Any], ...] = (("api", api.api.value), ("model", api.models[0].value))
    for kind, value in values:
        root = json.loads(schema_text(kind))
        yield from ((kind, *pointer) for pointer in _optional(root, root, value, ()))


def _optional(
    root: dict[str, Any], schema: dict[str, Any], value: Any, pointer: tuple[Any, ...]
) -> Iterator[tuple[Any, ...]]:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if "answer" in str(schema.get("anyOf")):  # one answer, or a list of them
        one, several = schema["anyOf"]
        yield from _optional(root, several if isinstance(value, list) else one, value, pointer)
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _optional(root, schema.get("items", {}), item, (*pointer, index))
    if isinstance(value, dict):
        for key, item in value.items():
            known = schema.get("properties", {}).get(key)
            if known is not None and key not in _required(schema):
                yield (*pointer, key)
            others = schema.get("additionalProperties") or {}
            yield from _optional(root, known if known is not None else others, item, (*pointer, key))


def _required(schema: dict[str, Any]) -> set[str]:
    """Return the keys that must be there, at least if another one is missing: `type` or `anyOf`."""
    places = (schema, schema.get("if", {}), schema.get("else", {}))
    return {key for place in places for key in place.get("required", ())}


@pytest.mark.parametrize("key", list(optional_keys()), ids=lambda key: ".".join(map(str, key)))
def test_no_key_is_overlooked(key: tuple[Any, ...]) -> None:
    """A spec without the key is another API; a key of the format that is read nowhere would make no difference."""
    kind, *path, last = key
    api = loaded(EVERYTHING)
    (model,) = api.models
    value = copy.deepcopy(api.api.value if kind == "api" else model.value)
    at: Any = value
    for step in path:
        at = at[step]
    del at[last]
    without = (
        replace(api, api=replace(api.api, value=value))
        if kind == "api"
        else replace(api, models=(replace(model, value=value),))
    )
    made, whole = build_api(without), build_api(api)
    assert specs_json(made) != specs_json(whole)
    assert (remove_bundles(made) == remove_bundles(whole)) is (key in EMULATED)


def remove_bundles(api: Api) -> Api:
    """Return an API without the text of its specs, that uses every key."""
    return replace(api, bundled="", models=tuple(replace(model, bundled="") for model in api.models))


def test_all_keys_of_the_format_are_in_the_specs_of_the_test() -> None:
    keys = {pointer[-1] for pointer in optional_keys()}
    for kind in ("api", "model"):
        root = json.loads(schema_text(kind))
        for schema in (root, *root["$defs"].values(), *root["properties"].values()):
            inner = schema.get("items", schema) if schema.get("type") == "array" else schema
            assert set(inner.get("properties", {})) - _required(inner) <= keys


@pytest.mark.parametrize(
    ("url", "origin", "path"),
    [
        ("/files", None, "/files"),
        ("/files?a=b", None, "/files?a=b"),
        ("https://api.benign.example/files", None, "/files"),
        ("https://api.benign.example:8443/files", "https://api.benign.example:8443", "/files"),
        ("http://[::1]:80/", "http://[::1]:80", "/"),
    ],
)
def test_the_address_of_an_upload_has_an_origin_or_is_a_path(url: str, origin: str | None, path: str) -> None:
    api = loaded(EVERYTHING)
    value = copy.deepcopy(cast("dict[str, Any]", api.api.value))
    value["upload"] = {"url": url, "body": {"data": "{base64}"}, "answer": {"body": ["{url}", "{put_url}"]}}
    upload = build_api(replace(api, api=replace(api.api, value=value))).upload
    assert upload is not None
    assert (upload.base_url, upload.path) == (origin, path)
    assert (upload.encoding, upload.above, upload.retention) == ("json", 4 * 1024 * 1024, 3600)
    assert upload.places == {"url": ((0,),), "put_url": ((1,),)}


def test_omitted_keys_of_an_api_have_defaults() -> None:
    api = build_api(loaded(APIS / "minimal"))
    assert (api.description, api.documentation, api.auth, api.drop_in) == ("", None, None, None)
    assert (api.env_api_key, api.env_base_url, api.env_log) == (None, None, None)
    assert (api.jobs, api.errors, api.headers, api.answers) == (None, (), (), Answers())
    assert api.upload is None
    assert api.sync == SyncSurface("/{slug}")
    (model,) = api.models
    assert (model.sync_path, model.submit_path, model.example, model.source) == (None, None, None, None)
    assert (model.deprecated, model.description, model.category, model.note) == (None, "", "", "")
    assert (model.is_sync, model.is_async, model.parameters) == (True, False, ())


def test_jobs_have_the_documented_times_by_default() -> None:
    api = loaded(EVERYTHING)
    value = copy.deepcopy(cast("dict[str, Any]", api.api.value))
    for key in ("deadline", "interval", "retention"):
        del value["async"][key]
    jobs = build_api(replace(api, api=replace(api.api, value=value))).jobs
    assert jobs is not None
    assert (jobs.deadline, jobs.interval, jobs.retention) == (600.0, 1.0, None)


def test_answers_of_a_model_replace_those_of_the_api() -> None:
    api = loaded(EVERYTHING)
    model = cast("dict[str, Any]", copy.deepcopy(api.models[0].value))
    model["answers"] = {"result": [{"when": {"{state}": ["done", "busy"]}, "media": "image/*"}, {}]}
    built = build_api(replace(api, models=(replace(api.models[0], value=model),)))
    answers = built.answers_of(built.models[0])
    assert answers.result == (Answer(media="image/*", when=(("{state}", ("done", "busy")),)), Answer())
    assert built.answers is not None
    assert (answers.submit, answers.error) == (built.answers.submit, built.answers.error)


def test_omitted_keys_of_a_parameter_have_defaults() -> None:
    assert parameter(type="string") == Parameter(wire="x", name="x", type="string")


@pytest.mark.parametrize("default", [0, 0.0, False, "", None, [], {}])
def test_a_default_that_looks_like_nothing_is_one(default: Any) -> None:
    made = parameter(type=["string", "null"], required=True, default=default)
    assert made.default == default
    assert made.is_sent_by_default
    assert not made.must_be_given


def test_only_a_required_parameter_without_default_must_be_given() -> None:
    assert parameter(type="string", required=True).must_be_given
    assert not parameter(type="string", required=True, default=None).must_be_given
    assert not parameter(type="string").must_be_given
    assert not parameter(type="string", default="x").is_sent_by_default
    assert parameter(type="string").default is OMIT


@pytest.mark.parametrize(
    ("spec", "is_open", "hidden"),
    [
        ({}, False, 0),
        ({"open": True}, True, 0),
        ({"open": False}, False, 0),
        ({"hidden_values": 16}, True, 16),
        ({"hidden_values": 1, "open": True}, True, 1),
    ],
)
def test_hidden_values_make_an_enum_open(spec: dict[str, Any], is_open: bool, hidden: int) -> None:
    made = parameter(type="string", enum=["a"], **spec)
    assert (made.open, made.hidden_values) == (is_open, hidden)


@pytest.mark.parametrize(
    ("written", "kind", "nullable"),
    [
        ("string", "string", False),
        (["string", "null"], "string", True),
        (["null", "integer"], "integer", True),
        (["object", "null"], "object", True),
    ],
)
def test_null_is_not_a_separate_type(written: Any, kind: str, nullable: bool) -> None:
    made = parameter(type=written)
    assert (made.type, made.nullable) == (kind, nullable)


def test_integral_floats_of_integer_parameters_become_integers() -> None:
    limits: dict[str, Any] = {
        "minimum": 1e3,
        "maximum": 2000.0,
        "exclusiveMinimum": 999.0,
        "exclusiveMaximum": 3e3,
        "multipleOf": 8.0,
    }
    made = parameter(type="integer", enum=[1.0, 2], default=1024.0, examples=[1e3], **limits)
    values = (made.minimum, made.maximum, made.exclusive_minimum, made.exclusive_maximum, made.multiple_of)
    everything = (*values, *made.choices, made.default, *made.examples)
    assert everything == (1000, 2000, 999, 3000, 8, 1, 2, 1024, 1000)
    assert all(type(value) is int for value in everything)


def test_a_large_float_is_the_integer_of_its_text() -> None:
    assert parameter(type="integer", maximum=1e23).maximum == 10**23


def test_values_of_number_parameters_are_unchanged() -> None:
    made = parameter(type="number", minimum=1, maximum=2.0, default=1.0, enum=[1, 1.5])
    assert [type(value) for value in (made.minimum, made.maximum, made.default)] == [int, float, float]
    assert [type(value) for value in made.choices] == [int, float]


def test_a_fraction_stays_one_even_in_an_integer() -> None:
    # The linter speaks of it; nothing is rounded behind anybody's back.
    assert parameter(type="integer", minimum=0.5).minimum == 0.5


def test_printed_values_of_an_enum_are_accepted_and_a_printed_text_is_remembered() -> None:
    assert parameter(type="integer", enum=[1, 2], documented_as={"1": 10.0}).also_accepted == (10,)
    assert parameter(type="integer", enum=[1, 2], documented_as={"1": 10.0}).documented_as is OMIT
    scalar = parameter(type="string", default="sunset", documented_as="sunnset")
    assert (scalar.also_accepted, scalar.documented_as) == ((), "sunnset")


def test_conditions_are_lists_of_values() -> None:
    made = parameter(type="string", applies_when={"a": 1, "b": ["x", None], "c": False})
    assert made.applies_when == (("a", (1,)), ("b", ("x", None)), ("c", (False,)))


def test_a_name_in_the_spec_is_the_name_at_every_depth() -> None:
    made = parameter(
        type="object",
        name="outer",
        properties={"class": {"type": "string"}, "%": {"type": "string", "name": "percent"}},
    )
    assert (made.name, made.flag) == ("outer", "")
    assert [member.name for member in made.properties] == ["class", "percent"]


def test_models_are_sorted_by_slug_independent_of_file_order() -> None:
    api = loaded(APIS / "harmonia")
    forwards = build_api(api)
    backwards = build_api(replace(api, models=api.models[::-1]))
    assert [model.slug for model in forwards.models] == sorted(model.slug for model in forwards.models)
    assert forwards == backwards


def test_surfaces_have_one_order() -> None:
    spec = {
        "speccast": 1,
        "slug": "m",
        "title": "M",
        "surfaces": ["async", "sync"],
        "returns": ["image/png"],
        "parameters": {},
    }
    assert build_model(cast("ModelSpec", spec), "m.yaml").surfaces == ("sync", "async")


def test_schema_of_a_model_is_plain_json_schema_of_its_body() -> None:
    (model,) = build_api(loaded(EVERYTHING)).models
    assert model.schema["additionalProperties"] is False
    assert model.schema["required"] == ["prompt"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Negative prompt.", ""),
        ("The negative prompt", "The negative prompt"),
        ("Negative prompt \U00010d50", "Negative prompt \U00010d50"),  # a letter since Unicode 16
    ],
)
def test_a_description_that_repeats_the_name_is_left_out_on_every_python(text: str, kept: str) -> None:
    assert build_parameter("negative_prompt", {"type": "string", "description": text}).description == kept
