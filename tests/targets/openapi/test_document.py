"""The document matches the specs: every model on each surface, with all responses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import validate

from speccast.emulator.routes import Routes, paths_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .documented import Documented


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "servers":
                yield path, method, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_it_is_valid(documented_api: Documented) -> None:
    validate(documented_api.document)
    assert documented_api.document["openapi"].startswith("3.1.")


def test_the_document_names_its_sources(segmind: Documented) -> None:
    assert "Speccast from specs/segmind/api.yaml; do not edit" in segmind.document["x-generated-by"]


def test_a_text_cannot_hide_in_it(documented_api: Documented) -> None:
    assert documented_api.text.endswith("}\n")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]", documented_api.text)


def test_every_path_is_one_of_the_emulator(documented_api: Documented) -> None:
    routes = Routes(documented_api.api)
    for path, method, operation in operations(documented_api.document):
        slugs = [
            slug
            for parameter in operation.get("parameters", [])
            if parameter.get("name") == "slug"
            for slug in parameter["schema"]["enum"]
        ]
        for slug in slugs or [""]:
            query = "&".join(
                f"{parameter['name']}={parameter['schema'].get('enum', ['1'])[0]}"
                for parameter in operation.get("parameters", [])
                if parameter.get("in") == "query"
            )
            found = routes.find(path.replace("{slug}", slug).replace("{id}", "1"), query)
            assert method.upper() in {allowed for endpoint in found for allowed in endpoint.methods}, path


def test_every_path_of_the_emulator_is_in_it(documented_api: Documented) -> None:
    jobs = documented_api.api.jobs
    routes = Routes(documented_api.api)
    served = {
        (path, "post") for slug in documented_api.bundle.models for path in routes.of_model(slug).values()
    }
    if jobs is not None and any("async" in model.surfaces for model in documented_api.api.models):
        for model in (model for model in documented_api.api.models if model.is_async):
            paths = paths_of(jobs, model)
            served |= {(paths.status.partition("?")[0], "get"), (paths.result, "get")}
            if jobs.cancel is not None and paths.cancel is not None:
                served.add((paths.cancel, jobs.cancel.method.lower()))
    if (upload := documented_api.api.upload) is not None:
        served.add((upload.path.partition("?")[0], "post"))
    assert served == {(path, method) for path, method, _ in operations(documented_api.document)}


def test_everything_that_is_referred_to_is_there_and_used(documented_api: Documented) -> None:
    document = documented_api.document
    used = set(references(document))
    there = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "parameters", "responses", "headers")
        for name in document["components"].get(kind, {})
    }
    assert used == there


def test_every_operation_can_answer_with_every_documented_error(documented_api: Documented) -> None:
    listed = {str(error.status) for error in documented_api.api.errors}
    for path, _, operation in operations(documented_api.document):
        assert listed | {"400", "404"} <= operation["responses"].keys(), path
        assert any(status.startswith("2") for status in operation["responses"]), path
        assert operation["summary"]
        assert operation["operationId"].isidentifier()


@pytest.mark.parametrize("name", ["status", "result"])
def test_a_submit_leads_to_its_job(segmind: Documented, name: str) -> None:
    document = segmind.document
    link = document["paths"]["/v2/stable-diffusion-3-large-txt2img"]["post"]["responses"]["200"]["links"][
        name
    ]
    ids = {operation["operationId"]: path for path, _, operation in operations(document)}
    assert segmind.api.jobs is not None
    template = segmind.api.jobs.status if name == "status" else segmind.api.jobs.result
    assert ids[link["operationId"]] == template
    assert link["parameters"] == {"id": "$response.body#/request_id"}


def test_a_failed_job_has_the_status_that_the_page_names(segmind: Documented, harmonia: Documented) -> None:
    responses = segmind.document["paths"]["/v2/requests/{id}"]["get"]["responses"]
    assert "FAILED" in responses["422"]["description"]
    others = harmonia.document["paths"]["/jobs/{id}"]["get"]["responses"]
    assert "in_progress" in others["202"]["description"]
    assert "cancelled" in others["409"]["description"]


def test_the_key_goes_where_the_api_wants_it(segmind: Documented, harmonia: Documented) -> None:
    scheme, alternative = segmind.document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "x-api-key")
    assert (alternative["type"], alternative["scheme"]) == ("http", "bearer")
    scheme, _ = harmonia.document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for document in (segmind.document, harmonia.document):
        assert document["security"] == [{name: []} for name in document["components"]["securitySchemes"]]


def test_a_model_with_its_own_place_for_the_key_says_so(harmonia: Documented) -> None:
    schemes = harmonia.document["components"]["securitySchemes"]
    assert schemes["key2"] == {"type": "apiKey", "in": "query", "name": "token"}
    found = {
        path: operation["security"]
        for path, _, operation in operations(harmonia.document)
        if "security" in operation
    }
    assert found == {path: [{"key2": []}] for path in ("/models/voice-clone/run", "/queue/voice-clone")}


def test_every_page_has_its_own_request_as_an_example(segmind: Documented) -> None:
    for path, method, operation in operations(segmind.document):
        if method == "post" and operation["operationId"] != "upload_file":
            shown = operation["requestBody"]["content"]["application/json"]["examples"]["page"]["value"]
            model = segmind.bundle.models[path.rsplit("/", 1)[-1]]
            assert shown.items() >= model["example"].items()


def test_an_open_enum_takes_other_values_and_shows_the_known_ones(segmind: Documented) -> None:
    schema = segmind.document["components"]["schemas"]["Sd21Txt2imgParams"]["properties"]["scheduler"]
    known, other = schema["anyOf"]
    assert "DPM2 a Karras" in known["enum"]
    assert other == {"type": "string"}
    assert "2 more" in schema["description"]


def test_a_default_outside_the_enum_is_only_described(harmonia: Documented) -> None:
    schema = harmonia.document["components"]["schemas"]["EmptyDefaultsParams"]["properties"]["look"]
    assert "default" not in schema
    assert 'The documented default is "auto".' in schema["description"]


def test_a_value_that_binary_fractions_misjudge_is_only_described(harmonia: Documented) -> None:
    schema = harmonia.document["components"]["schemas"]["M3dSceneParams"]["properties"]["speed"]
    assert schema["multipleOf"] == 0.05
    assert "default" not in schema
    assert "0.3" in schema["description"]


def test_a_format_is_not_a_limit(segmind: Documented) -> None:
    schema = segmind.document["components"]["schemas"]["Sd3MedImg2imgParams"]["properties"]["image"]
    forms = schema.get("anyOf", [schema])
    assert forms[0]["x-format"] == "uri"
    assert not [form for form in (schema, *forms) if "format" in form]


def test_integral_numbers_are_written_as_integers(harmonia: Documented) -> None:
    schema = harmonia.document["components"]["schemas"]["M3dSceneParams"]["properties"]["faces"]
    assert json.dumps(schema["maximum"]) == "1000000"


def test_a_model_that_ends_says_so(harmonia: Documented) -> None:
    operation = harmonia.document["paths"]["/beta/queue/video.loop"]["post"]
    assert operation["deprecated"] is True
    assert "video-loop-2" in operation["description"]


def test_an_api_without_a_key_asks_for_none(documented_api: Documented) -> None:
    if documented_api.api.auth is None:
        assert documented_api.document["security"] == []
        assert "securitySchemes" not in documented_api.document["components"]


def test_headers_are_on_every_answer(segmind: Documented) -> None:
    names = {header.name for header in segmind.api.headers}
    responses = segmind.document["components"]["responses"]
    assert all(response["headers"].keys() == names for response in responses.values())
    assert segmind.document["components"]["headers"]["x-seed-value"]["schema"] == {"type": "integer"}
