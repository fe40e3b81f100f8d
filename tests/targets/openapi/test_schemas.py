"""A model's schema in the document accepts the same values as the plain JSON Schema of its spec and as its tests."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from speccast.samples.size import describe_media, expand
from speccast.specs.build import build_model
from speccast.specs.jsonschema import parameters_schema
from speccast.targets.openapi import openapi_document
from speccast.targets.openapi.bodies import request_name
from speccast.targets.openapi.media import ADDRESS, BASE64, DATA_URI, text_schema
from speccast.targets.openapi.names import names_of_models, schema_name
from speccast.targets.openapi.parameters import parameters_schema as openapi_parameters
from speccast.testing.table import case_table
from tests.media import content_of, wrong_media

from .documented import FOLDERS, load_documented

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speccast.core.model import Model
    from speccast.core.parameter import Parameter

MODELS = [(name, slug) for name in FOLDERS for slug in load_documented(name).bundle.models]
ANNOTATIONS = {"title", "description", "default", "examples", "x-format"}


def _multiple_of(_: Any, step: float, instance: Any, __: Any) -> Iterator[ValidationError]:
    """As the spec format says it: exact on the decimal text."""
    if isinstance(instance, bool) or not isinstance(instance, int | float):
        return
    if (Fraction(repr(instance)) / Fraction(repr(step))).denominator != 1:
        yield ValidationError(f"{instance} is not a multiple of {step}")


Exact: Any = extend(Draft202012Validator, {"multipleOf": _multiple_of})  # type: ignore[no-untyped-call] # unlike the rest


def schema_of(name: str, slug: str) -> Any:
    api = load_documented(name)
    name = names_of_models(api.api.models)[slug]
    schemas = api.document["components"]["schemas"]
    if schema_name(name) in schemas:
        return inline(schemas[schema_name(name)], schemas)
    # Constants are beside the parameters in every body of the model.
    body = inline(schemas[request_name(name)], schemas)
    constants = [wire for wire, member in body["properties"].items() if "const" in member]
    for wire in constants:
        del body["properties"][wire]
        body["required"].remove(wire)
    return body


def inline(schema: Any, schemas: Any) -> Any:
    """Return the schema with the named objects in place of the references to them."""
    if "$ref" in schema:
        reference = schema["$ref"].removeprefix("#/components/schemas/")
        schema = {**schemas[reference], **{word: value for word, value in schema.items() if word != "$ref"}}
    if "properties" in schema:
        members = {wire: inline(member, schemas) for wire, member in schema["properties"].items()}
        schema = {**schema, "properties": members}
    if "discriminator" in schema:
        others = {word: value for word, value in schema.items() if word not in ("oneOf", "discriminator")}
        schema = {**others, "anyOf": schema["oneOf"]}
    if "anyOf" in schema:
        branches: list[Any] = []
        for branch in schema["anyOf"]:
            whole = inline(branch, schemas)
            branches += whole["anyOf"] if "discriminator" in branch else [whole]
        schema = {**schema, "anyOf": branches}
    return {**schema, "items": inline(schema["items"], schemas)} if "items" in schema else schema


def without_annotations(schema: Any) -> Any:
    """Return the schema's own words; names of parameters are none."""
    plain = {
        word: value
        for word, value in schema.items()
        if word not in ANNOTATIONS and not word.startswith(("x-max-", "x-min-", "x-media", "x-forms"))
    }
    if "properties" in plain:
        plain["properties"] = {
            wire: without_annotations(member) for wire, member in plain["properties"].items()
        }
    if "anyOf" in plain:
        plain["anyOf"] = [without_annotations(branch) for branch in plain["anyOf"]]
    if "items" in plain:
        plain["items"] = without_annotations(plain["items"])
    return plain


def with_files(schema: Any, parameters: Sequence[Parameter]) -> Any:
    """Return the schema of a body with files and media as OpenAPI writes them, without the limits of their content."""
    members = {each.wire: _with_file(schema["properties"][each.wire], each) for each in parameters}
    return {**schema, "properties": members}


def _with_file(schema: Any, parameter: Parameter) -> Any:
    if parameter.type == "file":
        return {"type": "string", "format": "binary"}
    made = without_annotations(text_schema(schema, parameter)) if parameter.is_media else dict(schema)
    if parameter.properties:
        return with_files(made, parameter.properties)
    if parameter.items is not None:
        made["items"] = _with_file(made["items"], parameter.items)
    if parameter.branches:
        made["anyOf"] = list(map(_with_file, made["anyOf"], parameter.branches))
    return made


@pytest.mark.parametrize(("name", "slug"), MODELS)
def test_it_only_adds_annotations(name: str, slug: str) -> None:
    spec: Any = load_documented(name).bundle.models[slug]
    plain = parameters_schema(spec)
    assert without_annotations(schema_of(name, slug)) == with_files(plain, build_model(spec, "").parameters)


@pytest.mark.parametrize(
    ("spec", "schema"),
    [
        ({"format": "uri"}, {"x-format": "uri", "pattern": ADDRESS}),
        ({"forms": ["data_uri"], "max_size": 9}, {"pattern": DATA_URI, "x-max-size": 9}),
        (
            {"forms": ["base64", "url"], "max_width": 8, "min_duration": 1.5},
            {
                "anyOf": [
                    {"contentEncoding": "base64", "contentMediaType": "image/*", "pattern": BASE64},
                    {"x-format": "uri", "pattern": ADDRESS},
                ],
                "x-max-width": 8,
                "x-min-duration": 1.5,
            },
        ),
        (
            {"forms": ["base64"], "media": ["image", "video"], "type": ["string", "null"]},
            {"type": ["string", "null"], "contentEncoding": "base64", "pattern": BASE64},
        ),
        (
            {"forms": ["base64"], "media_types": ["image/webp"]},
            {"contentEncoding": "base64", "contentMediaType": "image/webp", "pattern": BASE64},
        ),
        (
            {"default": "", "format": "uri"},
            {"anyOf": [{"enum": [""]}, {"x-format": "uri", "pattern": ADDRESS}], "default": ""},
        ),
        (
            {"enum": ["none"], "open": True, "format": "uri"},
            {"anyOf": [{"enum": ["none"]}, {"x-format": "uri", "pattern": ADDRESS}]},
        ),
        ({"enum": ["none"], "format": "uri"}, {"enum": ["none"]}),
    ],
)
def test_a_text_with_media_has_its_forms(spec: dict[str, Any], schema: dict[str, Any]) -> None:
    parameters = {"image": {"type": "string", "media": "image", **spec}}
    more = {"speccast": 1, "slug": "m", "title": "M", "surfaces": ["sync"], "returns": ["image/png"]}
    written: Any = {**more, "parameters": parameters}
    made = openapi_parameters(build_model(written, "m.yaml"))["properties"]["image"]
    described = made.pop("description", "")
    [parameter] = build_model(written, "m.yaml").parameters
    kinds = {"x-media": [*parameter.media], "x-forms": [*parameter.forms]}
    types = {"x-media-types": spec["media_types"]} if "media_types" in spec else {}
    assert made == {"type": "string", **schema, **kinds, **types}
    assert "n image" in described


def test_the_patterns_of_forms_match_them() -> None:
    texts = {
        ADDRESS: (
            ["https://example.com", "HTTP://e/a b", "https://\u72d0.example"],
            ["ftp://e", "https://", "https:///a", "x", "https://\x1ea", "https://\x85a"],
        ),
        DATA_URI: (
            ["data:;base64,AAAA", "DATA:image/png;base64,AA=="],
            ["data:;base64,", "data:,x", " data:"],
        ),
        BASE64: (["AAAA", "AAA=", "aA==", "+/aZ09AA"], ["", "A", "AA", "A===", "a.bb", "AAAA="]),
    }
    for pattern, (good, bad) in texts.items():
        assert [text for text in good if not re.search(pattern, text)] == []
        assert [text for text in bad if re.search(pattern, text)] == []


@pytest.mark.parametrize(("name", "slug"), MODELS)
def test_it_judges_as_the_generated_tests_do(name: str, slug: str) -> None:
    api = load_documented(name)
    parameters: Any = api.bundle.models[slug]["parameters"]
    (model,) = (model for model in api.api.models if model.slug == slug)
    schema = schema_of(name, slug)
    Draft202012Validator.check_schema(schema)
    in_document, plain = Exact(schema), Exact(parameters_schema(api.bundle.models[slug]))
    # The client adds to a request what is required and has a default.
    added = {
        parameter.wire: parameter.default for parameter in model.parameters if parameter.is_sent_by_default
    }
    for case in case_table(model):
        if case.expected == "skipped":
            continue
        arguments = expand(dict(case.request), describe_media)
        sent = {**added, **arguments} if case.expected != "completed" else arguments
        if case.expected == "refused-by-client":
            continue
        is_accepted = case.expected == "accepted"
        is_content_wrong = bool(wrong_media(parameters, expand(dict(case.request), content_of)))
        assert (plain.is_valid(sent) and not is_content_wrong) == is_accepted, case.id
        text = expand(dict(case.request), lambda media: media.text() if media.sent != "file" else "x")
        sent = {**added, **text} if case.expected != "completed" else text
        # JSON Schema has no words for the limits of content, and OpenAPI no limits of files.
        is_file = any(words in case.id for words in ("media-type", "max-size", "is-url", "another-kind"))
        assert is_content_wrong or is_file or in_document.is_valid(sent) == is_accepted, case.id


@pytest.mark.parametrize(("name", "slug"), MODELS)
def test_what_it_offers_it_accepts(name: str, slug: str) -> None:
    def check(schema: Any) -> None:
        for value in (*schema.get("examples", []), *([schema["default"]] if "default" in schema else [])):
            assert Exact(schema).is_valid(value)
        items = [schema["items"]] if "items" in schema else []
        for inner in (*schema.get("properties", {}).values(), *items, *schema.get("anyOf", ())):
            check(inner)

    check(schema_of(name, slug))


def test_objects_of_a_union_are_components_with_a_discriminator() -> None:
    schemas = load_documented("everything").document["components"]["schemas"]
    content = schemas["EverythingNamedRequest"]["properties"]["content"]
    places = {
        tag: f"#/components/schemas/EverythingNamedContentItem{tag.title()}" for tag in ("said", "seen")
    }
    assert content["anyOf"][1]["items"] == {
        "oneOf": [{"$ref": place} for place in places.values()],
        "discriminator": {"propertyName": "kind", "mapping": places},
    }
    assert schemas["EverythingNamedContentItemSaid"]["required"] == ["kind"]


def test_nested_objects_are_named_components_with_descriptions() -> None:
    schemas = load_documented("everything").document["components"]["schemas"]
    voice = schemas["EverythingNamedRequest"]["properties"]["voice"]
    assert voice == {
        "$ref": "#/components/schemas/EverythingNamedVoice",
        "default": {"pitch": "deep"},
        "examples": [{"pitch": "high"}],
    }
    assert schemas["EverythingNamedVoice"]["description"] == "Describes an object."
    members = schemas["EverythingNamedVoice"]["properties"]
    assert members["pitch"]["description"].startswith("Describes a member.")
    assert members["steps"]["items"] == {"$ref": "#/components/schemas/EverythingNamedVoiceStepsItem"}
    assert schemas["EverythingNamedVoiceStepsItem"]["required"] == ["at"]


def test_names_of_nested_objects_differ() -> None:
    api = load_documented("everything").api
    members: Any = {"type": "object", "properties": {"x": {"type": "string"}}}

    def model(slug: str, *wires: str) -> Model:
        spec: Any = {"slug": slug, "title": "T", "surfaces": ["sync"], "returns": ["image/png"]}
        spec["parameters"] = dict.fromkeys(wires, members)
        return build_model(spec, f"{slug}.yaml")

    first, second = model("a", "b-c", "bC", "\u30fb"), model("a-b", "c", "params")
    schemas = openapi_document(replace(api, models=(first, second)))["components"]["schemas"]
    assert {"AParams", "ABC", "ABC2", "AMember", "ABParams", "ABC3", "ABParams2"} <= schemas.keys()
