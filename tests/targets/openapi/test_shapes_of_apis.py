"""APIs with other structures: paths of jobs with the model, one path for status and result, keys in other places."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import validate

from speccast.specs.build import build_bundle
from speccast.specs.bundle import Bundle
from speccast.targets.openapi import openapi_document

from .documented import load_documented

if TYPE_CHECKING:
    from collections.abc import Callable

    from .documented import Documented


def change_text(api: Documented, change: Callable[[Any], None]) -> Any:
    """Return the document of an API after a change of its `api.yaml`."""
    spec: Any = copy.deepcopy(dict(api.bundle.api))
    change(spec)
    document = openapi_document(build_bundle(Bundle(spec, api.bundle.models)))
    validate(document)
    return document


def test_a_path_of_jobs_can_name_the_model(harmonia: Documented) -> None:
    status = "/queue/{slug}/requests/{id}/status"
    document = change_text(harmonia, lambda spec: spec["async"].update(status=status))
    parameters = document["paths"][status]["get"]["parameters"]
    by_name = {parameter["name"]: parameter for parameter in parameters if "name" in parameter}
    assert by_name.keys() == {"slug", "id"}
    assert "video-loop" in by_name["slug"]["schema"]["enum"]
    assert "3d-scene" not in by_name["slug"]["schema"]["enum"]
    links = document["paths"]["/queue/ping"]["post"]["responses"]["202"]["links"]
    assert links["status"]["parameters"] == {"slug": "ping", "id": "$response.body#/job/name"}
    assert links["result"]["parameters"] == {"id": "$response.body#/job/name"}


def test_models_at_one_path_are_alternatives_with_their_constants(harmonia: Documented) -> None:
    schemas = harmonia.document["components"]["schemas"]
    operation = harmonia.document["paths"]["/queue/loops"]["post"]
    body = operation["requestBody"]["content"]["application/json"]
    assert operation["operationId"] == "submit_queue_loops"
    assert body["schema"] == {
        "oneOf": [
            {"$ref": "#/components/schemas/VideoLoopNextRequest"},
            {"$ref": "#/components/schemas/VideoLoop2Request"},
        ]
    }
    assert {name: example["value"]["generation"] for name, example in body["examples"].items()} == {
        "video_loop_2": 2,
        "video_loop_next": 1.5,
    }
    request = schemas["VideoLoop2Request"]
    assert request["required"] == ["engine", "generation", "image"]
    assert request["properties"]["generation"]["const"] == 2
    assert request["additionalProperties"] is False


def test_parameters_can_be_members_of_one_object(harmonia: Documented) -> None:
    body = harmonia.document["paths"]["/models/video-loop/run"]["post"]["requestBody"]["content"]
    schema = body["application/json"]["schema"]
    assert schema["required"] == ["engine", "generation", "input"]
    assert schema["properties"]["input"] == {"$ref": "#/components/schemas/VideoLoopNextParams"}
    assert body["application/json"]["examples"]["page"]["value"]["input"].keys() == {"image"}


def test_the_id_of_a_job_can_be_in_the_query_and_paths_be_those_of_one_model(harmonia: Documented) -> None:
    paths = harmonia.document["paths"]
    status = paths["/beta/jobs"]["get"]
    by_name = {parameter["name"]: parameter for parameter in status["parameters"] if "name" in parameter}
    assert {name: parameter["in"] for name, parameter in by_name.items()} == {"view": "query", "job": "query"}
    assert by_name["view"]["schema"]["enum"] == ["status"]
    assert "/beta/jobs/video.loop/{id}" in paths
    links = paths["/beta/queue/video.loop"]["post"]["responses"]["202"]["links"]
    assert links["status"]["operationId"] == status["operationId"] == "job_status_video_loop"
    assert links["status"]["parameters"].keys() == {"job"}


def test_a_surface_can_have_another_origin(harmonia: Documented) -> None:
    origin = "https://queue.harmonia.example"
    paths = change_text(harmonia, lambda spec: spec["async"].update(base_url=origin))["paths"]
    assert paths["/queue/ping"]["servers"][0]["url"] == paths["/jobs/{id}"]["servers"][0]["url"] == origin
    assert "servers" not in paths["/models/ping/run"]


def test_submits_at_the_paths_of_calls_are_in_the_description_only() -> None:
    document = load_documented("twins").document
    assert document["paths"]["/castor"].keys() == {"post"}
    assert document["paths"]["/castor"]["post"]["operationId"] == "generate_castor"
    assert document["paths"]["/pollux"]["post"]["operationId"] == "submit_pollux"
    assert document["paths"]["/pollux"]["servers"][0]["url"] == "https://queue.twins.example:8443"
    description = document["info"]["description"]
    assert description.endswith("\n\n- POST https://queue.twins.example:8443/castor")
    assert "another host" in description
    twins = load_documented("twins").bundle
    alone = openapi_document(build_bundle(Bundle(twins.api, {"castor": twins.models["castor"]})))
    validate(alone)
    assert alone["components"]["schemas"].keys() & {"Job", "JobStatus"} == {"JobStatus"}


def test_status_and_result_can_be_at_one_path(harmonia: Documented) -> None:
    document = change_text(harmonia, lambda spec: spec["async"].update(result=spec["async"]["status"]))
    assert "/jobs/{id}/result" not in document["paths"]
    content = document["paths"]["/jobs/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    schema = document["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[-1]]
    assert {"state", "media", "reason"} <= schema["properties"].keys()
    # A model has a path for the status of its jobs.
    assert "job_status_video_loop" in {
        operation["operationId"]
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "servers"
    }
    assert len(document["paths"]["/queue/ping"]["post"]["responses"]["202"]["links"]) == 1


def test_a_key_can_be_in_the_query_or_after_a_scheme(harmonia: Documented) -> None:
    document = change_text(harmonia, lambda spec: spec.update(auth={"in": "query", "name": "token"}))
    (scheme,) = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "query", "token")
    auth = {"in": "header", "name": "Authorization", "scheme": "Key"}
    document = change_text(harmonia, lambda spec: spec.update(auth=auth))
    (scheme,) = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")
    assert "Key and a space" in scheme["description"]


def test_an_api_without_a_surface_has_none_of_its_operations(harmonia: Documented) -> None:
    document = change_text(harmonia, lambda spec: spec.pop("async"))
    assert not any("job" in path or "queue" in path for path in document["paths"])
    assert not {"Job", "JobStatus", "JobResult"} & document["components"]["schemas"].keys()
    document = change_text(harmonia, lambda spec: spec.pop("sync"))
    assert not any("/run" in path for path in document["paths"])
    assert "M3dSceneParams" not in document["components"]["schemas"]


def test_a_licence_is_that_of_the_spec_or_none(harmonia: Documented) -> None:
    stated = harmonia.document["info"]["license"]
    assert stated["identifier"] == "Apache-2.0 OR BSD-3-Clause"
    assert "license" not in change_text(harmonia, lambda spec: spec.pop("license"))["info"]


def test_an_upload_is_an_operation_at_its_own_origin(harmonia: Documented) -> None:
    item = harmonia.document["paths"]["/assets"]
    assert item["servers"][0]["url"] == "https://files.harmonia.example"
    operation = item["post"]
    assert "Observed, not documented." in operation["description"]
    [keep] = [each for each in operation["parameters"] if each.get("name") == "keep"]
    assert (keep["in"], keep["schema"]["enum"]) == ("query", ["day"])
    schema = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert schema["properties"]["content"] == {
        "type": "string",
        "format": "binary",
        "description": "The file.",
    }
    assert schema["required"] == ["content"]
    answer = operation["responses"]["201"]["content"]["application/json"]
    assert answer["example"]["links"] == {"get": "https://files.example/fox.png"}
    assert answer["schema"]["properties"]["bytes"]["type"] == "integer"
    assert {
        "name": "files",
        "description": "Files that calls contain the addresses of.",
    } in harmonia.document["tags"]


@pytest.mark.parametrize(
    ("upload", "content", "words"),
    [
        (
            {"body": {"data": ["{base64}"], "kind": "input"}, "answer": {"body": "{url}"}},
            "application/json",
            "Uploads a file",
        ),
        ({"encoding": "binary", "answer": {"body": ["{url}"]}}, "application/octet-stream", "Uploads a file"),
        (
            {"body": {"name": "{name}"}, "answer": {"body": {"to": "{put_url}", "url": "{url}"}}},
            "application/json",
            "sent by PUT",
        ),
        (
            {"answer": {"body": {"to": "{post_url}", "with": "{fields}", "url": "{url}"}}},
            "application/json",
            "sent in a form",
        ),
    ],
)
def test_an_upload_is_described_in_its_encoding(
    harmonia: Documented, upload: dict[str, Any], content: str, words: str
) -> None:
    document = change_text(harmonia, lambda spec: spec.update(upload={"url": "/files", **upload}))
    operation = document["paths"]["/files"]["post"]
    assert list(operation["requestBody"]["content"]) == [content]
    assert words in operation["description"]


def test_an_upload_at_the_path_of_a_call_is_left_out(harmonia: Documented) -> None:
    url = "https://files.harmonia.example/queue/ping"
    document = change_text(harmonia, lambda spec: spec["upload"].update(url=url))
    assert document["paths"]["/queue/ping"]["post"]["operationId"] == "submit_ping"
    assert "files" not in {tag["name"] for tag in document["tags"]}


def test_a_streamed_answer_has_another_media_type(harmonia: Documented) -> None:
    content = harmonia.document["paths"]["/models/duet-chat/run"]["post"]["responses"]["201"]["content"]
    assert list(content) == ["application/json", "text/event-stream"]
    # Schemathesis compares the schema with each event, not with their text, which a type would describe.
    assert content["text/event-stream"]["schema"] == {
        "description": 'Server-sent events, if reply is "pieces" or "words".',
    }
    blocks = content["text/event-stream"]["example"].split("\n\n")
    assert [block.split("\n")[0] for block in blocks if block] == [
        "event: opened",
        "event: piece",
        "event: counted",
        "event: closed",
    ]
    assert blocks[1].endswith(
        'data: {"type": "piece", "voices": [{"index": 0, "delta": {"said": "A short answer."}}]}'
    )
