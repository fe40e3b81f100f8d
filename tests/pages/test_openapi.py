"""Specs from OpenAPI documents: one model per operation or constant `model`, losses as doubts, a new `api.yaml`."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from speccast.cli.draft import command as draft
from speccast.cli.drift import command as drift
from speccast.cli.lint import command as lint

if TYPE_CHECKING:
    from pathlib import Path

NULL = {"type": "null"}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Bird API", "version": "1", "description": "Draws birds.\n\nMore about it."},
    "servers": [{"url": "https://api.bird.example/rest/v2"}],
    "paths": {
        "/owl-1": {
            "post": {
                "operationId": "owl",
                "summary": "Draw an owl",
                "description": "Draws one owl.",
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Owl"},
                            "example": {"prompt": "an owl", "size": 512},
                        }
                    }
                },
                "responses": {
                    "200": {"content": {"image/png": {}}},
                    "422": {"description": "Validation Error"},
                    "429": {"description": "Too many"},
                },
            }
        },
        "/birds/{id}": {"post": {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}},
        "/speak": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "oneOf": [
                                    {"$ref": "#/components/schemas/Tit"},
                                    {"type": "object", "properties": {"model": {"enum": ["Wren 2"]}, "text": {"type": "string"}}},
                                ]
                            }
                        }
                    }
                },
                "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}}},
            }
        },
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-bird"}},
        "schemas": {
            "Size": {"type": "integer", "enum": [256, 512]},
            "Base": {"properties": {"seed": {"anyOf": [{"type": "integer", "minimum": 0.0}, NULL], "description": "Seed"}}},
            "Owl": {
                "allOf": [{"$ref": "#/components/schemas/Base"}],
                "type": "object",
                "required": ["prompt"],
                "properties": {
                    "prompt": {"type": "string", "minLength": 1, "maxLength": 100, "description": "What to draw"},
                    "size": {"$ref": "#/components/schemas/Size", "default": 512},
                    "scale": {"type": "number", "exclusiveMinimum": 0, "maximum": 1.0, "multipleOf": 0.25},
                    "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3, "uniqueItems": True},
                    "style": {"oneOf": [{"const": "ink"}, {"const": "oil"}]},
                    "image": {"anyOf": [{"type": "string", "format": "uri"}, {"type": "object"}]},
                    "paint": {"anyOf": [{"type": "string", "maxLength": 9}, {"type": "string", "format": "uri"}]},
                    "parts": {
                        "description": "Text or parts",
                        "anyOf": [
                            {"type": "string"},
                            {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
                            NULL,
                        ],
                    },
                    "mix": {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]},
                },
            },
            "Part": {
                "oneOf": [
                    {"type": "object", "properties": {"kind": {"const": "text"}}, "required": ["kind"]},
                    {"$ref": "#/components/schemas/Picture"},
                ]
            },
            "Picture": {"type": "object", "properties": {"kind": {"enum": ["picture"]}, "url": {"type": "string"}}},
            "Tit": {
                "type": "object",
                "required": ["model"],
                "properties": {"model": {"const": "tit-1"}, "tree": {"$ref": "#/components/schemas/Tree"}},
            },
            "Tree": {"type": "object", "properties": {"left": {"$ref": "#/components/schemas/Tree"}}},
            "Job": {"properties": {"id": {"type": "string"}, "status": {"type": "string"}}},
        },
    },
}  # fmt: skip


@pytest.fixture
def bird(project: Path) -> Path:
    path = project / "bird.json"
    path.write_text(json.dumps(DOCUMENT, indent=1), encoding="utf-8")
    return path


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_models_and_api_are_drafted_and_lint(project: Path, bird: Path, run: Any) -> None:
    ran = run(draft, "bird.json", "--api", "bird")
    assert ran.code == 1
    folder = project / "specs/bird"
    assert sorted(path.name for path in folder.iterdir()) == [
        "api.yaml",
        "owl-1.yaml",
        "tit-1.yaml",
        "wren-2.yaml",
    ]
    api = read(folder / "api.yaml")
    assert api["base_url"] == "https://api.bird.example"
    assert api["auth"] == {"in": "header", "name": "x-bird"}
    assert api["sync"] == {"path": "/rest/v2/{slug}"}
    assert [error["status"] for error in api["errors"]] == [422, 429]
    assert api["errors"][0]["occasions"] == ["invalid_body", "invalid_parameters"]
    owl = read(folder / "owl-1.yaml")
    assert owl["parameters"]["seed"] == {"type": ["integer", "null"], "minimum": 0, "description": "Seed"}
    assert owl["parameters"]["prompt"] == {
        "type": "string", "required": True, "minLength": 1, "maxLength": 100, "description": "What to draw",
    }  # fmt: skip
    assert owl["parameters"]["size"] == {"type": "integer", "default": 512, "enum": [256, 512]}
    assert owl["parameters"]["scale"] == {
        "type": "number",
        "maximum": 1,
        "exclusiveMinimum": 0,
        "multipleOf": 0.25,
    }
    assert owl["parameters"]["style"] == {"type": "string", "enum": ["ink", "oil"]}
    assert owl["parameters"]["image"] == {
        "anyOf": [{"type": "string", "format": "uri", "media": "image"}, {"type": "object"}]
    }
    assert owl["parameters"]["parts"] == {
        "anyOf": [
            {"type": ["string", "null"]},
            {
                "type": "array",
                "items": {
                    "anyOf": [
                        {
                            "type": "object",
                            "properties": {
                                "kind": {
                                    "type": "string",
                                    "enum": ["text"],
                                    "default": "text",
                                    "required": True,
                                }
                            },
                        },
                        {
                            "type": "object",
                            "properties": {
                                "kind": {"type": "string", "enum": ["picture"]},
                                "url": {"type": "string"},
                            },
                        },
                    ]
                },
            },
        ],
        "description": "Text or parts",
    }
    assert owl["parameters"]["mix"]["properties"] == {"a": {"type": "boolean", "required": True}}
    assert owl["returns"] == ["image/png"]
    assert owl["example"] == {"prompt": "an owl", "size": 512}
    tit = read(folder / "tit-1.yaml")
    assert "model" not in tit["parameters"] and "model" not in tit.get("example", {})
    assert tit["sends"] == {"model": "tit-1"}
    assert tit["paths"] == {"sync": "/rest/v2/speak"}
    assert re.findall(r"error\[\w+\].*", run(lint).out) == []
    assert run(drift, "bird.json").out == "3 pages and specs agree.\n"


def test_what_a_spec_cannot_say_is_a_doubt(project: Path, bird: Path, run: Any) -> None:
    [found, *_] = json.loads(run(draft, "bird.json", "--api", "bird", "--format", "json").out)["pages"]
    reasons = {fact["pointer"]: fact["reason"] for fact in found["facts"] if "reason" in fact}
    assert reasons == {
        "/parameters/tags/type": "`uniqueItems` has no place in a spec",
        "/parameters/paint/type": "one of several schemas is allowed (string, string); limits that they do not share are left out",
    }
    text = bird.read_text(encoding="utf-8").splitlines()
    for fact in found["facts"]:
        [region, *_] = fact["page"]
        assert region["text"].split("\n")[0] in text[region["line"] - 1]


def test_one_operation_can_be_chosen(bird: Path, run: Any) -> None:
    assert run(draft, "bird.json", "--stdout", "--operation", "owl").out.count("speccast: 1\n") == 1
    assert run(draft, "bird.json", "--stdout", "--operation", "/speak").out.count("speccast: 1\n") == 2
    ran = run(draft, "bird.json", "--stdout", "--operation", "crow")
    assert (ran.code, "name an operation with --operation" in ran.err) == (2, True)


def test_models_of_one_name_get_different_slugs(project: Path, bird: Path, run: Any) -> None:
    document = deepcopy(DOCUMENT)
    for path in ("/a/owl-1", "/b/owl-1", "/b-owl-1"):
        document["paths"][path] = document["paths"]["/owl-1"]
    bird.write_text(json.dumps(document), encoding="utf-8")
    assert run(draft, "bird.json", "--api", "bird").code == 1
    slugs = sorted(path.stem for path in (project / "specs/bird").glob("*owl*"))
    assert slugs == ["b-owl-1", "owl-1", "owl-1-a-owl-1", "owl-1-b-owl-1"]


def test_names_that_clients_have_and_defaults_of_branches_are_doubts(
    project: Path, bird: Path, run: Any
) -> None:
    document = deepcopy(DOCUMENT)
    branches = [{"type": "string", "default": "end"}, {"type": "array", "items": {"type": "string"}}]
    schema = {"type": "object", "properties": {"stop": {"anyOf": branches}}}
    body = {"content": {"application/json": {"schema": schema}}}
    for path in ("/owl.1", "/models", "/exception"):
        document["paths"][path] = {"post": {"requestBody": body, "responses": {}}}
    bird.write_text(json.dumps(document), encoding="utf-8")
    run(draft, "bird.json", "--api", "bird")
    folder = project / "specs/bird"
    assert {slug: read(folder / f"{slug}.yaml")["name"] for slug in ("models", "exception")} == {
        "models": "models_model",
        "exception": "exception_model",
    }
    text = (folder / "models.yaml").read_text(encoding="utf-8")
    assert "# draft: name: `models` is the name of something else in clients\n" in text
    assert "the default of one of several schemas has no place in a spec" in text
    assert re.findall(r"error\[\w+\].*", run(lint).out) == []


def test_new_api_needs_a_name(bird: Path, run: Any) -> None:
    ran = run(draft, "bird.json")
    assert ran.code == 2
    assert "to draft a new API, use --api NAME" in ran.err


def test_changed_document_is_drift(project: Path, bird: Path, run: Any) -> None:
    run(draft, "bird.json", "--api", "bird")
    changed = deepcopy(DOCUMENT)
    changed["components"]["schemas"]["Owl"]["properties"]["scale"]["maximum"] = 2
    bird.write_text(json.dumps(changed), encoding="utf-8")
    ran = run(drift, "bird.json", "--update")
    assert "the page has 2 as `scale.maximum`; the spec has 1" in ran.out
    assert read(project / "specs/bird/owl-1.yaml")["parameters"]["scale"]["maximum"] == 2


def test_document_of_openapi_3_0_in_yaml(project: Path, run: Any) -> None:
    document = {
        "openapi": "3.0.3",
        "paths": {
            "/v1/jay": {
                "post": {
                    "requestBody": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "properties": {
                                        "seed": {
                                            "type": "integer",
                                            "nullable": True,
                                            "minimum": 0,
                                            "exclusiveMinimum": True,
                                        }
                                    }
                                }
                            }
                        }
                    },
                    "responses": {},
                }
            }
        },
        "components": {"securitySchemes": {"b": {"type": "http", "scheme": "bearer"}}},
    }
    (project / "jay.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    assert run(draft, "jay.yaml", "--api", "jay").code == 1
    assert read(project / "specs/jay/jay.yaml")["parameters"] == {
        "seed": {"type": ["integer", "null"], "exclusiveMinimum": 0}
    }
    api = (project / "specs/jay/api.yaml").read_text(encoding="utf-8")
    assert "# draft: the document names no server\nbase_url: https://api.example.com\n" in api
    assert read(project / "specs/jay/api.yaml")["auth"]["scheme"] == "Bearer"


IMAGE = {"type": "string", "format": "binary", "description": "Picture", "maxLength": 9}
FORM = {
    "type": "object",
    "required": ["image"],
    "properties": {
        "image": IMAGE,
        "mask": {"type": "string", "contentMediaType": "image/png"},
        "others": {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": 2},
        "code": {"type": "string", "contentMediaType": "image/png", "contentEncoding": "base64"},
        "seed": {"type": "integer", "default": 1},
    },
}
TEXT = {"type": "object", "properties": {"url": {"type": "string"}}}
MEDIA = {
    "json": "application/json",
    "multipart": "multipart/form-data",
    "form": "application/x-www-form-urlencoded",
}
BINARY = {"type": "object", "properties": {"image": IMAGE}}


def draft_bodies(project: Path, run: Any, **schemas: Any) -> Any:
    document = deepcopy(DOCUMENT)
    content = {MEDIA[kind]: {"schema": each} for kind, each in schemas.items()}
    for media in content.values():
        media["example"] = {"image": "fox.png", "seed": 2}
    if "multipart/form-data" in content:
        content["multipart/form-data"]["encoding"] = {"image": {"contentType": "image/png, image/jpeg"}}
    document["paths"] = {"/owl-1": {"post": {"requestBody": {"content": content}, "responses": {}}}}
    (project / "bird.json").write_text(json.dumps(document), encoding="utf-8")
    assert run(draft, "bird.json", "--api", "bird").code == 1
    assert run(lint, "--select", "default").code == 0
    return (project / "specs/bird/owl-1.yaml").read_text(encoding="utf-8")


def test_forms_have_files(project: Path, run: Any) -> None:
    text = draft_bodies(project, run, multipart=FORM)
    spec = yaml.safe_load(text)
    assert spec["body"] == "multipart"
    assert spec["parameters"]["image"] == {
        "type": "file",
        "media": "image",
        "media_types": ["image/png", "image/jpeg"],
        "required": True,
        "description": "Picture",
    }
    assert spec["parameters"]["mask"] == {"type": "file", "media_types": ["image/png"]}
    assert spec["parameters"]["others"] == {"type": "array", "maxItems": 2, "items": {"type": "file"}}
    assert spec["parameters"]["code"]["type"] == "string"
    assert spec["example"] == {"seed": 2}
    assert "# draft: type: `maxLength` has no meaning for a file" in text


@pytest.mark.parametrize(
    ("schemas", "body", "kinds", "doubt"),
    [
        ({"json": TEXT, "multipart": FORM}, None, {"url": "string"}, "the operation also takes multipart/form-data"),
        ({"json": BINARY, "multipart": BINARY}, "multipart", {"image": "file"}, "the operation also takes application/json"),
        ({"json": BINARY}, None, {"image": "string"}, "the document says binary, which JSON cannot contain"),
        ({"form": TEXT}, "form", {"url": "string"}, ""),
    ],
)  # fmt: skip
def test_body_is_the_one_that_can_contain_the_files(
    project: Path, run: Any, *, schemas: Any, body: str | None, kinds: dict[str, str], doubt: str
) -> None:
    text = draft_bodies(project, run, **schemas)
    spec = yaml.safe_load(text)
    assert spec.get("body") == body
    assert {name: each["type"] for name, each in spec["parameters"].items()} == kinds
    assert doubt in text


@pytest.mark.parametrize(
    "text", ['{"openapi": "3.1.0"', "openapi: 3.1.0\n- x", 'openapi: "3.0.0"\npaths: []\n', "openapi: 3.0.0"]
)
def test_broken_documents_are_errors(project: Path, run: Any, text: str) -> None:
    (project / "broken.json").write_text(text, encoding="utf-8")
    ran = run(draft, "broken.json", "--api", "bird")
    assert ran.code == 2
    assert "broken.json" in ran.err


def test_long_document_is_read_to_its_end(project: Path, bird: Path, run: Any) -> None:
    document = deepcopy(DOCUMENT)
    document["info"]["description"] = "Draws &quot;birds&quot;.\n\n" + "A long text. " * 90_000
    bird.write_text(json.dumps(document), encoding="utf-8")
    ran = run(draft, "bird.json", "--api", "bird")
    assert ran.code == 1, ran.err
    assert "Draws &quot;birds&quot;." in (project / "specs/bird/api.yaml").read_text(encoding="utf-8")


def test_swagger_is_an_error_with_advice(project: Path, run: Any) -> None:
    for name, text in {
        "a.json": '{"swagger": "2.0", "paths": {}}',
        "b.yaml": "swagger: '2.0'\npaths: {}\n",
    }.items():
        (project / name).write_text(text, encoding="utf-8")
        ran = run(draft, name, "--api", "bird")
        assert ran.code == 2
        assert f"{name}: Swagger 2.0 is not supported\n" in ran.err
        assert "convert the document to OpenAPI" in ran.err


ODD = """openapi: 3.1.0
info: { title: Odd, version: "1" }
x-props: &props { prompt: { type: string, maxLength: 100 } }
x-size: &size { type: integer, minimum: 64 }
x-ratio: &ratio { type: number, minimum: 1, maximum: 9 }
paths:
  /gone: { post: { requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Gone" } } } } } }
  /pick:
    post:
      requestBody:
        content:
          application/json: { schema: { oneOf: [{ $ref: "#/components/schemas/Loop" }, { type: object, properties: { b: {} } }] } }
  /text: { post: { requestBody: { content: { text/plain: {} } } } }
  /stop: { post: {} }
  /draw:
    post:
      parameters: [{ name: dry, in: query }, { name: Authorization, in: header }, { name: X-Version, in: header }, { name: X-Date, in: header, schema: { const: "2024-11-06" } }]
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                <<: *props
                width: { <<: *size, maximum: 512 }
                depth: { <<: [*size, *ratio] }
                mode: { type: [boolean, integer], enum: [1, true, 1.0, 2] }
                loop: { $ref: "#/components/schemas/Loop" }
                lost: { $ref: "#/components/schemas/Ping" }
components:
  schemas:
    Loop: { type: object, properties: { inner: { $ref: "#/components/schemas/Loop" }, n: { type: integer } } }
    Ping: { $ref: "#/components/schemas/Pong" }
    Pong: { $ref: "#/components/schemas/Ping" }
"""


def test_what_a_document_loses_is_reported(project: Path, run: Any) -> None:
    (project / "odd.yaml").write_text(ODD, encoding="utf-8")
    ran = run(draft, "odd.yaml", "--api", "odd")
    assert ran.code == 1
    left_out = [line for line in ran.out.splitlines() if "is left out" in line]
    assert left_out == [
        "odd.yaml:7:3: POST /gone is left out: the reference #/components/schemas/Gone leads nowhere",
        "odd.yaml:8:3: POST /pick is left out: its body is one of several objects without a constant `model`",
        "odd.yaml:13:3: POST /text is left out: its body is text/plain",
    ]
    assert "the operation also takes `dry` in the query" in ran.out
    assert "the operation also takes `X-Version` in the header" in ran.out
    assert "Authorization" not in ran.out
    assert "X-Date" not in ran.out
    api = yaml.safe_load((project / "specs/odd/api.yaml").read_text(encoding="utf-8"))
    assert api["request_headers"] == {"X-Date": "2024-11-06"}
    parameters = yaml.safe_load((project / "specs/odd/draw.yaml").read_text(encoding="utf-8"))["parameters"]
    assert parameters["prompt"] == {"type": "string", "maxLength": 100}
    assert parameters["width"] == {"type": "integer", "minimum": 64, "maximum": 512}
    assert repr(parameters["mode"]["enum"]) == "[1, True, 2]"
    # Of several mappings, the first one with a key has its value.
    assert parameters["depth"] == {"type": "integer", "minimum": 64, "maximum": 9}
    assert parameters["loop"]["properties"] == {"inner": {"type": "object"}, "n": {"type": "integer"}}
    assert "the reference #/components/schemas/Ping leads nowhere" in ran.out


def test_document_without_models_writes_nothing(project: Path, run: Any) -> None:
    documents: list[Any] = [{}, [1, 2], {"/x": {"get": {}}}]
    for paths in documents:
        (project / "none.json").write_text(json.dumps({"openapi": "3.0.3", "paths": paths}), encoding="utf-8")
        assert run(draft, "none.json", "--api", "none").code == 2
        assert not (project / "specs/none").exists()
