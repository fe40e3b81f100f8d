"""Uploads of OpenAPI documents: written where they are certain, else a doubt of the API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from speccast.cli.draft import command as draft
from speccast.cli.lint import command as lint

if TYPE_CHECKING:
    from pathlib import Path

FILE = {"type": "string", "format": "binary"}
TEXT = {"type": "string"}
URI = {"type": "string", "format": "uri"}
MODEL = {
    "requestBody": {
        "content": {"application/json": {"schema": {"type": "object", "properties": {"prompt": TEXT}}}}
    },
    "responses": {"200": {"content": {"image/png": {}}}},
}


def schema(*required: str, **members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(required)}


def operation(
    body: dict[str, Any], answer: Any, *, media: str = "application/json", status: str = "200"
) -> Any:
    return {
        "post": {
            "requestBody": {"content": {media: {"schema": body}}},
            "responses": {status: {"content": {"application/json": {"schema": answer}}}},
        }
    }


FORM = operation(
    schema("content", content=FILE, filename=TEXT),
    schema("id", id=TEXT, urls=schema("get", get=URI)),
    media="multipart/form-data",
    status="201",
)
PRESIGNED = operation(
    schema("filename", "type", filename=TEXT, type={"type": "string", "enum": ["ephemeral"]}),
    schema(uploadUrl=URI, fields={"type": "object"}, birdUri=TEXT),
)
PUT = operation(
    schema("file_name", "content_type", file_name=TEXT, content_type=TEXT),
    schema(upload_url=TEXT, file_url=TEXT),
)
DATA = operation(schema("data_urls", data_urls={"type": "array", "items": TEXT}), schema(url=URI))
BYTES = operation({"type": "string", "format": "binary"}, schema(url=URI), media="application/octet-stream")
CERTAIN = {
    "form": (
        FORM,
        {
            "url": "/v2/files",
            "encoding": "multipart",
            "body": {"content": "{file}"},
            "answer": {"status": 201, "body": {"urls": {"get": "{url}"}}},
        },
    ),
    "presigned": (
        PRESIGNED,
        {
            "url": "/v2/files",
            "body": {"filename": "{name}", "type": "ephemeral"},
            "answer": {"body": {"uploadUrl": "{post_url}", "fields": "{fields}", "birdUri": "{url}"}},
        },
    ),
    "put": (
        PUT,
        {
            "url": "/v2/files",
            "body": {"file_name": "{name}", "content_type": "{media_type}"},
            "answer": {"body": {"upload_url": "{put_url}", "file_url": "{url}"}},
        },
    ),
    "data": (
        DATA,
        {"url": "/v2/files", "body": {"data_urls": ["{data_uri}"]}, "answer": {"body": {"url": "{url}"}}},
    ),
    "bytes": (BYTES, {"url": "/v2/files", "encoding": "binary", "answer": {"body": {"url": "{url}"}}}),
}
DOUBTFUL = {
    "unknown member": operation(schema("file", "project", file=FILE, project=TEXT), schema(url=URI), media="multipart/form-data"),
    "two addresses": operation(schema("file", file=FILE), schema(url=URI, thumbnail_url=URI), media="multipart/form-data"),
    "no address": operation(schema("file", file=FILE), schema(id=TEXT), media="multipart/form-data"),
    "fields as text": operation(schema("extension", extension=TEXT), schema(uploadUrl=URI, fields=TEXT, fileUrl=URI)),
    "no answer": {"post": {"responses": {}}},
}  # fmt: skip


def api_of(project: Path, run: Any, **paths: Any) -> str:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Bird", "version": "1"},
        "servers": [{"url": "https://api.bird.example/v2"}],
        "paths": {"/owl": {"post": MODEL}, **{f"/{name}": item for name, item in paths.items()}},
    }
    (project / "bird.json").write_text(json.dumps(document), encoding="utf-8")
    ran = run(draft, "bird.json", "--api", "bird", "--operation", "/owl")
    assert ran.code == 1
    assert "specs/bird/api.yaml:2: drafted from bird.json; compare it with the documentation\n" in ran.out
    return (project / "specs/bird/api.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CERTAIN)
def test_certain_upload_is_written(project: Path, run: Any, name: str) -> None:
    item, upload = CERTAIN[name]
    text = api_of(project, run, files=item)
    assert yaml.safe_load(text)["upload"] == upload
    assert "# draft: add `above` and `retention`" in text
    assert "error[" not in run(lint).out


@pytest.mark.parametrize("name", DOUBTFUL)
def test_other_uploads_are_a_doubt_of_the_api(project: Path, run: Any, name: str) -> None:
    text = api_of(project, run, files=DOUBTFUL[name])
    assert "upload" not in yaml.safe_load(text)
    assert "# draft: uploads are not drafted: describe POST /files as `upload`\n" in text


def test_several_uploads_are_a_doubt(project: Path, run: Any) -> None:
    text = api_of(project, run, files=FORM, uploads=PUT)
    assert "# draft: uploads are not drafted: describe POST /files or POST /uploads as `upload`\n" in text
