"""The Python types of the spec format match its JSON Schemas."""

from __future__ import annotations

import ast
import json
import typing
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from speccast.specs import format as format_
from speccast.specs.format_types import SCHEMAS, format_types, schema_text
from speccast.targets.python.formatter import format_python

ROOT = Path(__file__).parents[2]


def schemas() -> dict[str, dict[str, Any]]:
    return {name: json.loads(schema_text(name)) for name in SCHEMAS}


def objects() -> dict[str, dict[str, Any]]:
    """Return the schemas of the format's objects, by the names of their types."""
    found: dict[str, dict[str, Any]] = {}

    def walk(schema: Any, key: str) -> None:
        if isinstance(schema, list):
            for item in schema:
                walk(item, key)
        if not isinstance(schema, dict):
            return
        if "object" in schema.get("type", ()) and "properties" in schema:
            found[schema.get("title", key.title().replace("_", ""))] = schema
        for name, inner in schema.items():
            if name in ("properties", "$defs"):
                for member, value in inner.items():
                    walk(value, member)
            else:
                walk(inner, key)

    for schema in schemas().values():
        walk(schema, "")
    return found


def test_committed_types_match_the_schemas() -> None:
    path = ROOT / "generator" / "speccast" / "specs" / "format.py"
    made = format_python({"format.py": format_types()})["format.py"]
    assert path.read_text(encoding="utf-8") == made, "run `make generate`"


def test_the_types_say_where_they_are_from() -> None:
    assert "Generated from specs/schema/*.schema.json by `make generate`; do not edit." in (
        format_.__doc__ or ""
    )


def test_making_them_twice_gives_the_same() -> None:
    assert format_types() == format_types()


@pytest.mark.parametrize("name", sorted(objects()))
def test_every_object_is_a_type_with_the_same_keys(name: str) -> None:
    schema, type_ = objects()[name], getattr(format_, name)
    required = set(schema.get("required", ()))
    assert type_.__annotations__.keys() == schema["properties"].keys()
    hints = get_type_hints(type_, include_extras=True)
    assert {
        key for key, hint in hints.items() if typing.get_origin(hint) is not typing.NotRequired
    } == required


def test_there_are_no_other_types() -> None:
    tree = ast.parse((ROOT / "generator" / "speccast" / "specs" / "format.py").read_text(encoding="utf-8"))
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    aliases = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert classes | aliases == objects().keys()


def test_choices_are_literals() -> None:
    hints = get_type_hints(format_.StateSpec)
    assert hints["phase"] == typing.Literal["waiting", "running", "succeeded", "failed", "canceled"]


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_sound_in_both_dialects(name: str) -> None:
    schema = schemas()[name]
    Draft202012Validator.check_schema(schema)
    # Editors read them as draft-07.
    Draft7Validator.check_schema(schema)


@pytest.mark.parametrize("name", sorted(objects()))
def test_objects_of_the_format_are_closed(name: str) -> None:
    assert objects()[name]["additionalProperties"] is False
