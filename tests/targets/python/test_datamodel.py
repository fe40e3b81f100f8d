"""Fields that models share are generated once, with the same result as generating each model as a whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccast.cache import Entries
from speccast.specs.build import build_api
from speccast.specs.load import load
from speccast.targets.python import datamodel
from speccast.targets.python.datamodel import shape_of
from speccast.targets.python.params import _Schemas, params_sources
from speccast.targets.python.params_code import PlaceholderNames, assemble_source, check_source

ROOT = Path(__file__).parents[3]
FOLDERS = sorted({path.parent for path in [*ROOT.glob("specs/*/api.yaml"), *ROOT.glob("tests/**/api.yaml")]})

bounds = st.fixed_dictionaries(
    {},
    optional={
        "minimum": st.integers(-9, 9) | st.floats(-9, 9),
        "exclusiveMaximum": st.integers(10, 99),
        "multipleOf": st.sampled_from([1, 0.5, 8]),
    },
)
lengths = st.fixed_dictionaries(
    {},
    optional={
        "minLength": st.integers(0, 9),
        "maxLength": st.integers(9, 99),
        "pattern": st.sampled_from(["^a+$", "(?=x)", "['\"\\\\]"]),
    },
)
texts = st.text(max_size=5)


def nullable(kind: str) -> st.SearchStrategy[Any]:
    return st.sampled_from([kind, [kind, "null"]])


scalars = st.one_of(
    st.tuples(nullable("integer") | nullable("number"), bounds).map(
        lambda pair: {"type": pair[0], **pair[1]}
    ),
    st.tuples(nullable("string"), lengths).map(lambda pair: {"type": pair[0], **pair[1]}),
    nullable("boolean").map(lambda kind: {"type": kind}),
    st.lists(texts, min_size=1, max_size=4, unique=True).map(lambda known: {"type": "string", "enum": known}),
    st.tuples(st.lists(texts, min_size=1, max_size=4, unique=True), lengths).map(
        lambda pair: {"anyOf": [{"enum": pair[0]}, {"type": "string", **pair[1]}]}
    ),
)
objects = st.lists(st.tuples(scalars, st.booleans()), max_size=6).map(
    lambda fields: {
        "type": "object",
        "properties": {f"f{number}": schema for number, (schema, _) in enumerate(fields)},
        "required": [f"f{number}" for number, (_, required) in enumerate(fields) if required],
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(objects, min_size=1, max_size=4))
def test_an_object_assembled_from_shapes_is_the_generated_one(schemas: list[dict[str, Any]]) -> None:
    shapes = [
        {
            name: shape_of(field, is_required=name in schema["required"])
            for name, field in schema["properties"].items()
        }
        for schema in schemas
    ]
    datamodel.cache_shapes(shape for each in shapes for shape in each.values())
    for schema, of_fields in zip(schemas, shapes, strict=True):
        names = PlaceholderNames({"O0": "FoxParams"}, {name: (name, name) for name in schema["properties"]})
        codes = {name: datamodel.field_code(shape) for name, shape in of_fields.items()}
        alone = datamodel.generate_modules({"m.O0": schema})["m"]
        known = {name: code for name, code in codes.items() if code is not None}
        if len(known) == len(codes):
            assert assemble_source("fox", known, names) == check_source("fox", alone, names)
        else:
            assert "RootModel" in alone


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ({"type": "integer", "minimum": -3, "maximum": 9}, "Annotated[int | MISSING, Field(ge=-3, le=9)] = MISSING"),
        ({"type": "number", "minimum": 1, "maximum": 0.1}, "Annotated[float | MISSING, Field(ge=1.0, le=0.1)] = MISSING"),
        ({"type": "number", "minimum": 0.5, "maximum": 1}, "Annotated[float | MISSING, Field(ge=0.5, le=1.0)] = MISSING"),
        ({"type": "integer", "minimum": -9, "maximum": -3}, "Annotated[int | MISSING, Field(ge=-9, le=-3)] = MISSING"),
        ({"type": "integer", "minimum": 2.0}, "Annotated[int | MISSING, Field(ge=2)] = MISSING"),
        ({"type": "integer", "minimum": 1.5}, "Annotated[int | MISSING, Field(ge=2)] = MISSING"),
        ({"type": "integer", "maximum": 2**60}, f"Annotated[int | MISSING, Field(le={2**60})] = MISSING"),
        ({"type": "number", "multipleOf": 1e-07}, "Annotated[float | MISSING, Field(multiple_of=1e-07)] = MISSING"),
        ({"type": "string", "pattern": "9007199000", "maxLength": 7}, "Annotated[str | MISSING, Field(max_length=7, pattern='9007199000')] = MISSING"),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 4}, "Annotated[list[str] | MISSING, Field(max_length=4)] = MISSING"),
        ({"type": "array", "items": {"type": "string", "maxLength": 4}}, None),
    ],
)  # fmt: skip
def test_limits_are_written_as_the_generator_writes_them(field: dict[str, Any], code: str | None) -> None:
    datamodel.cache_shapes([shape_of(field, is_required=False)])
    assert datamodel.field_code(shape_of(field, is_required=False)) == code


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_models_are_the_same_as_when_all_are_generated_in_one_call(folder: Path) -> None:
    apis = load(folder).apis
    for schemas in ([_Schemas(model) for model in build_api(api).models[:40]] for api in apis):
        definitions = {
            name: each
            for number, schema in enumerate(schemas)
            for name, each in schema.place_definitions(f"m{number}").items()
        }
        if not definitions:
            continue
        whole = datamodel.generate_modules(definitions)
        made = params_sources([schema.model for schema in schemas])
        for number, schema in enumerate(schemas):
            module = schema.model.slug
            assert made[module] == check_source(module, whole[f"m{number}"], schema.names)


def test_a_field_with_another_limit_is_not_generated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    datamodel.cache_shapes([shape_of({"type": "integer", "minimum": 1, "maximum": 4321}, is_required=False)])
    monkeypatch.setattr(datamodel, "generate_modules", lambda _: pytest.fail("it was generated again"))
    other = shape_of({"type": "integer", "minimum": 1, "maximum": 4322}, is_required=False)
    datamodel.cache_shapes([other, other])
    assert "ge=1, le=4322" in (datamodel.field_code(other) or "")


def test_shapes_that_are_shipped_are_those_of_the_generator(tmp_path: Path) -> None:
    made = tmp_path / "shapes.json"
    script = ROOT / "tools" / "scripts" / "shapes.py"
    subprocess.run([sys.executable, script, made], check=True)
    shipped = Path(datamodel.__file__).with_name("shapes.json")
    assert made.read_text("utf-8") == shipped.read_text("utf-8"), "run tools/scripts/shapes.py"


def test_common_fields_need_no_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datamodel, "_shapes", {})
    monkeypatch.setattr(datamodel, "generate_modules", lambda _: pytest.fail("it was imported"))
    (api,) = load(ROOT / "specs" / "segmind").apis
    assert len(params_sources(build_api(api).models)) == len(api.models)


def test_shapes_are_cached_over_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    shape = shape_of({"type": "string", "maxLength": 5, "pattern": "over runs"}, is_required=True)
    monkeypatch.setattr(datamodel, "_shapes", {})
    with Entries() as entries:
        datamodel.cache_shapes([shape], entries)
    monkeypatch.setattr(datamodel, "_shapes", {})
    monkeypatch.setattr(datamodel, "generate_modules", lambda _: pytest.fail("it was generated again"))
    with Entries() as entries:
        datamodel.cache_shapes([shape], entries)
    assert datamodel.field_code(shape) == "Annotated[str, Field(max_length=5, pattern='over runs')]"
