"""Every spec in the repository is valid, and every example and default is valid for its parameters.

That holds of the specs that ship and of the invented APIs of the tests, which other tests take for granted.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from speccast.specs.document import read_document
from speccast.specs.jsonschema import parameters_schema

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "generator" / "speccast" / "specs" / "schema"
FILES = sorted([*ROOT.glob("specs/*/*.yaml"), *ROOT.glob("tests/apis/*/*.yaml")])
MODELS = [path for path in FILES if path.name != "api.yaml"]
MODELINE = "# yaml-language-server: $schema="
HARMONIA = ROOT / "tests" / "apis" / "harmonia"


def short(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@cache
def value(path: Path) -> Any:
    return read_document(path.read_bytes(), path.name).value


def schema(path: Path) -> dict[str, Any]:
    kind = "api" if path.name == "api.yaml" else "model"
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("path", FILES, ids=short)
def test_file_fits_the_schema_in_both_dialects(path: Path) -> None:
    Draft202012Validator(schema(path)).validate(value(path))
    # Editors read the schemas as draft-07.
    Draft7Validator({**schema(path), "$schema": "http://json-schema.org/draft-07/schema#"}).validate(
        value(path)
    )


@pytest.mark.parametrize("path", FILES, ids=short)
def test_modeline_leads_editors_to_the_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    # A spec may do without it.
    if first.startswith(MODELINE):
        schema_file = "api.schema.json" if path.name == "api.yaml" else "model.schema.json"
        assert (path.parent / first.removeprefix(MODELINE)).samefile(SCHEMAS / schema_file)


@pytest.mark.parametrize("path", MODELS, ids=short)
def test_example_fits_the_parameters(path: Path) -> None:
    model = value(path)
    if "example" in model:
        added_by_the_client = {
            wire: parameter["default"]
            for wire, parameter in model["parameters"].items()
            if parameter.get("required") and "default" in parameter
        }
        # An example is data, in which there are no files.
        files = {
            wire: {"filename": "x", "media_type": parameter.get("media_types", ["image/png"])[0], "size": 1}
            for wire, parameter in model["parameters"].items()
            if parameter.get("type") == "file" and parameter.get("required")
        }
        body = {**files, **added_by_the_client, **model["example"]}
        # This validator divides floats, which is wrong for multiples of 0.05.
        errors = list(Draft202012Validator(parameters_schema(model)).iter_errors(body))
        assert [error.message for error in errors if error.validator != "multipleOf"] == []


def parameters(spec: Any) -> list[dict[str, Any]]:
    """Return all parameters of a model, at every depth."""
    found: list[dict[str, Any]] = []
    waiting = list(spec["parameters"].values())
    while waiting:
        parameter = waiting.pop()
        found.append(parameter)
        waiting += parameter.get("properties", {}).values()
        waiting += [parameter["items"]] if "items" in parameter else []
        waiting += parameter.get("anyOf", [])
    return found


def test_harmonia_uses_every_key_and_every_type_of_the_format() -> None:
    models = [value(path) for path in sorted(HARMONIA.glob("*.yaml")) if path.name != "api.yaml"]
    everything = [parameter for model in models for parameter in parameters(model)]
    form = schema(HARMONIA / "ping.yaml")

    assert {key for model in models for key in model} == form["properties"].keys()
    assert {key for parameter in everything for key in parameter} == form["$defs"]["parameter"][
        "properties"
    ].keys()
    types = form["$defs"]["scalar_type"]["enum"]
    assert {json.dumps(parameter["type"]) for parameter in everything if "anyOf" not in parameter} == {
        json.dumps(written) for name in types for written in (name, [name, "null"])
    } - {json.dumps(["file", "null"])}  # a form has no null


def test_harmonia_has_every_section_of_an_api_but_names_of_another_sdk() -> None:
    api, form = value(HARMONIA / "api.yaml"), schema(HARMONIA / "api.yaml")
    assert form["properties"].keys() - api.keys() == {"drop_in", "note"}
    # Bodies of jobs are plain JSON, in contrast to those of calls.
    assert form["properties"]["async"]["properties"].keys() - api["async"].keys() == {
        "wrap",
        "body",
        "base_url",
    }
    assert form["$defs"]["answers"]["properties"].keys() == api["answers"].keys()
    error = form["properties"]["errors"]["items"]["properties"]
    assert {key for status in api["errors"] for key in status} == error.keys()


def test_values_that_yaml_1_1_misreads_are_what_they_look_like() -> None:
    values = value(HARMONIA / "yaml-values.yaml")
    assert (values["title"], values["description"], values["category"]) == ("12:30", "on", "no")
    written = values["parameters"]
    assert written["no"]["enum"] == ["no", "yes", "on", "off", "y", "n", "No", "OFF"]
    assert written["on"]["enum"] == ["16:9", "1:1", "9:16", "190:20:30"]
    assert written["y"]["enum"] == ["2024-01-01", "2024-01-01T12:00:00Z", "12:30:45"]
    assert written["="]["enum"] == ["=", "1_000", "0b1", "0x_1", "+.e", "1.2.3", "nan", "inf", "null ish"]
    assert written["count"]["enum"] == [7, 31, 12, 5, 1000]
    assert written["share"]["enum"] == [0.5, 1, 0.25, -0.5, 1000]
    assert written["flag"]["default"] is True
    assert written["nothing"]["enum"] == ["some", None]
    assert written["absent"]["default"] is None


def test_minimal_has_the_required_keys_and_one_surface() -> None:
    folder = ROOT / "tests" / "apis" / "minimal"
    api, model = folder / "api.yaml", folder / "only.yaml"
    assert value(api).keys() == {*schema(api)["required"], "sync"}
    assert value(model).keys() == set(schema(model)["required"])
