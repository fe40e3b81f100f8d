"""Fields that models share are generated once, with the same result as generating each model as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccast.specs.build import build_api
from speccast.specs.load import load
from speccast.targets.python import datamodel
from speccast.targets.python.params import _generate, _Schemas
from speccast.targets.python.params_code import checked_source

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
def test_object_assembled_from_cached_fields_is_the_generated_one(
    schemas: list[dict[str, Any]],
) -> None:
    from speccast.targets.python.params_code import PlaceholderNames

    datamodel.cache_fields(schemas)
    for schema in schemas:
        names = PlaceholderNames({"O0": "FoxParams"}, {name: (name, name) for name in schema["properties"]})
        plain = datamodel.plain_class("O0", schema)
        alone = datamodel.generate_modules({"m.O0": schema})["m"]
        if plain is not None:
            assert checked_source("fox", plain, names) == checked_source("fox", alone, names)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_models_are_the_same_as_when_all_are_generated_in_one_call(folder: Path) -> None:
    apis = load(folder).apis
    for schemas in ([_Schemas(model) for model in build_api(api).models[:40]] for api in apis):
        definitions = {
            name: each
            for number, schema in enumerate(schemas)
            for name, each in schema.placed(f"m{number}").items()
        }
        if not definitions:
            continue
        whole, made = datamodel.generate_modules(definitions), _generate(schemas)
        for number, schema in enumerate(schemas):
            module = schema.model.slug
            assert checked_source(module, made[module], schema.names) == checked_source(
                module, whole[f"m{number}"], schema.names
            )


def test_cached_fields_are_not_generated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = {"type": "object", "properties": {"f0": {"type": "integer", "minimum": 4321}}, "required": []}
    datamodel.cache_fields([schema])
    monkeypatch.setattr(datamodel, "generate_modules", lambda _: pytest.fail("it was generated again"))
    datamodel.cache_fields([schema, schema])
    assert "ge=4321" in (datamodel.plain_class("O0", schema) or "")
