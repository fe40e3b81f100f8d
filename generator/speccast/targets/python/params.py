"""Generates the parameter models with datamodel-code-generator, many models per call.

The generator gets types, limits, patterns and enum values, but no name of a spec: objects and fields have placeholder
names, which `speccast.targets.python.params_code` replaces by the real ones. So it does not matter how the generator
treats names that are special in Python or pydantic, and every field has the name that the methods use.
"""

from __future__ import annotations

import json
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from speccast.cache import NO_ENTRIES, key_of
from speccast.errors import SpeccastError
from speccast.targets.python.datamodel import (
    Shape,
    cache_shapes,
    field_code,
    generate_modules,
    generator_version,
    needs_no_object,
    shape_of,
)
from speccast.targets.python.names import forms, member_class_name, python_model
from speccast.targets.python.params_code import NAMES, PlaceholderNames, assemble_source, check_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from speccast.cache import Entries
    from speccast.core.model import Model
    from speccast.core.parameter import Parameter
    from speccast.targets.python.filters import CheckedSource

_KIND = "params"
CHUNK = 50
"""Models per call. It takes half the time of a call per model, and a third of the memory of one call for all."""

_TAKEN = NAMES | frozenset({
    # types in annotations
    "bool", "dict", "float", "int", "list", "str",
    # attributes of every pydantic model and of its class, which hides them from `dir`
    "construct", "copy", "from_orm", "json", "model_computed_fields", "model_config", "model_construct", "model_copy",
    "model_dump", "model_dump_json", "model_extra", "model_fields", "model_fields_set", "model_json_schema",
    "model_parametrized_name", "model_post_init", "model_rebuild", "model_validate", "model_validate_json",
    "model_validate_strings", "mro", "parse_file", "parse_obj", "parse_raw", "register", "schema", "schema_json", "update_forward_refs",
    "validate",
})  # fmt: skip
"""Names that a field cannot have. An underscore is appended."""


def prepare(models: Sequence[Model], entries: Entries) -> None:
    """Generate the fields without objects, which models can share, and store them in `entries`."""
    distinct: dict[tuple[int, bool], Shape] = {}
    for model in models:
        schema: Mapping[str, Any] = model.schema
        required = frozenset(schema.get("required", ()))
        for parameter in model.parameters:
            key = id(parameter), parameter.wire in required
            if key not in distinct:  # the models keep their parameters, so an id is not reused
                simple = simple_schema(parameter, schema["properties"][parameter.wire])
                if simple is not None:
                    distinct[key] = shape_of(simple, is_required=key[1])
    cache_shapes(distinct.values(), entries)


def params_sources(models: Sequence[Model], entries: Entries = NO_ENTRIES) -> dict[str, CheckedSource]:
    """Return the source of the parameter models of each model, by slug, unformatted.

    `entries` caches the output of datamodel-code-generator by types and limits, without names. Cached output is checked as
    fresh output is.

    Raises:
        SpeccastError: datamodel-code-generator returned unexpected code.
    """
    sources: dict[str, CheckedSource] = {}
    for start in range(0, len(models), CHUNK):
        schemas = [_Schemas(model) for model in models[start : start + CHUNK]]
        cache_shapes((shape for schema in schemas for shape in (schema.shapes or {}).values()), entries)
        with_objects: list[_Schemas] = []
        for schema in schemas:
            fields = _fields(schema)
            if fields is None:
                with_objects.append(schema)
            else:
                sources[schema.model.slug] = assemble_source(schema.model.slug, fields, schema.names)
        for schema, text in _texts(with_objects, entries):
            sources[schema.model.slug] = check_source(schema.model.slug, text, schema.names)
    return {model.slug: sources[model.slug] for model in models}


def _texts(schemas: Sequence[_Schemas], entries: Entries) -> Iterator[tuple[_Schemas, str]]:
    """Yield the output of datamodel-code-generator for each model, cached or fresh. Fresh output is cached after its check."""
    cached = {schema.model.slug: _find_cached(schema, entries) for schema in schemas}
    fresh = _generate([schema for schema in schemas if cached[schema.model.slug] is None])
    for schema in schemas:
        slug = schema.model.slug
        text = cached[slug] or fresh.get(slug)
        if text is None:
            raise SpeccastError(f"datamodel-code-generator returned nothing for {slug}")
        yield schema, text
        if slug in fresh:
            entries.put(schema.key, text.encode())


def _find_cached(schema: _Schemas, entries: Entries) -> str | None:
    text = entries.get(schema.key)
    return None if text is None else text.decode()


def _fields(schema: _Schemas) -> Mapping[str, str] | None:
    """Return the code of the fields of a model by placeholder, if it consists of one class and all shapes are cached."""
    found = {}
    for placeholder, shape in (schema.shapes or {}).items():
        code = field_code(shape)
        if code is None:
            return None
        found[placeholder] = code
    return None if schema.shapes is None else found


def _generate(schemas: Sequence[_Schemas]) -> Mapping[str, str]:
    """Return the source of each model, by slug."""
    if not schemas:
        return {}
    modules = {f"m{number}": schema for number, schema in enumerate(schemas)}
    sources = generate_modules(
        {
            name: each
            for module, schema in modules.items()
            for name, each in schema.place_definitions(module).items()
        }
    )
    return {schema.model.slug: sources[module] for module, schema in modules.items() if module in sources}


def simple_schema(parameter: Parameter, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the schema from which a field without objects is generated, else None."""
    if parameter.branches:
        return None
    if parameter.is_media:
        text = {"type": "string", "format": "binary"}
        return {"anyOf": [text, {"type": "null"}]} if parameter.nullable else text
    if parameter.properties:
        return None
    if parameter.items is not None:
        items = simple_schema(parameter.items, schema["items"])
        return None if items is None else {**schema, "items": items}
    if parameter.takes_text and "enum" not in schema and "anyOf" not in schema:
        text = {"type": "string", "pattern": schema["pattern"]}
        kinds = [kind for kind in schema["type"] if kind != "string"]
        number = {keyword: value for keyword, value in schema.items() if keyword != "pattern"}
        return {"anyOf": [{**number, "type": kinds}, text]}
    if "anyOf" in schema:
        # Pydantic does not support limits of a union. Those of an open enum apply to its unlisted values.
        known, other = schema["anyOf"]
        limits = {keyword: value for keyword, value in schema.items() if keyword != "anyOf"}
        return {"anyOf": [known, {**other, **limits}]}
    return dict(schema) if needs_no_object(schema) else None


class _Schemas:
    """The schemas of the objects of a model with placeholder names, and the real names.

    Objects are called `O0`, `O1` and so on, members `f0`, `f1` and so on, unique in the model.
    """

    def __init__(self, model: Model) -> None:
        self.model = model = python_model(model)
        self.names = PlaceholderNames()
        self._definitions: dict[str, dict[str, Any]] = {}
        self._references: list[tuple[dict[str, Any], str]] = []
        self._object(model.params_class_name, model.class_name, model.parameters, model.schema)

    @cached_property
    def shapes(self) -> Mapping[str, Shape] | None:
        """The shapes of the fields, by placeholder, of a model without objects."""
        schema = self._definitions["O0"]
        if not all(map(needs_no_object, schema["properties"].values())):
            return None
        required = frozenset(schema["required"])
        return {
            name: shape_of(each, is_required=name in required) for name, each in schema["properties"].items()
        }

    @cached_property
    def key(self) -> str:
        """A digest of the schemas, which contain no name of a spec."""
        return key_of(_KIND, generator_version(), json.dumps(self._definitions))

    def place_definitions(self, module: str) -> dict[str, dict[str, Any]]:
        """Return the definitions with names that make datamodel-code-generator put them into one module."""
        for reference, placeholder in self._references:
            reference["$ref"] = f"#/$defs/{module}.{placeholder}"
        return {
            f"{module}.{placeholder}": definition for placeholder, definition in self._definitions.items()
        }

    def _object(
        self,
        name: str,
        owner: str,
        members: tuple[Parameter, ...],
        schema: Mapping[str, Any],
        keys: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """Define a closed object and return a reference to it. `keys` are placeholders of members, by wire name."""
        placeholder = f"O{len(self.names.classes)}"
        self.names.classes[placeholder] = name
        definition: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        self._definitions[placeholder] = definition
        taken: set[str] = set()
        for member in members:
            key = keys.get(member.wire) or self._new_key()
            field = member.name
            while field in taken or field in _TAKEN:
                field += "_"
            taken.add(field)
            self.names.fields[key] = (field, member.wire)
            self.names.values[key] = member_class_name(owner, member.wire)
            if member.wire in schema.get("required", ()):
                definition["required"].append(key)
            definition["properties"][key] = self._value(member, owner, schema["properties"][member.wire])
        reference = {"$ref": placeholder}
        self._references.append((reference, placeholder))
        return reference

    def _new_key(self) -> str:
        """Return the placeholder of a field, and reserve it."""
        key = f"f{len(self.names.fields)}"
        self.names.fields[key] = ("", "")
        return key

    def _union(self, parameter: Parameter, name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return the schema of a union, with the discriminator of its objects."""
        keys = {parameter.tag: self._new_key()} if parameter.tag else {}
        objects: list[dict[str, Any]] = []
        values: list[dict[str, Any]] = []
        for (form_name, form), branch in zip(forms(name, parameter), schema["anyOf"], strict=True):
            if form.properties:
                objects.append(self._object(f"{form_name}Params", form_name, form.properties, branch, keys))
                if "null" in branch["type"]:
                    values.append({"type": "null"})
            else:
                values.append(self._form(form, form_name, branch))
        if not parameter.tag:
            return {"anyOf": [*values, *objects]}
        tagged = {"oneOf": objects, "discriminator": {"propertyName": keys[parameter.tag]}}
        return {"anyOf": [*values, tagged]} if values else tagged

    def _value(self, parameter: Parameter, owner: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        name = member_class_name(owner, parameter.wire)
        if parameter.branches:
            return self._union(parameter, name, schema)
        return self._form(parameter, name, schema)

    def _form(self, parameter: Parameter, name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return the schema of a value that is not a union; `name` is the class of an object."""
        simple = simple_schema(parameter, schema)
        if simple is not None:
            return dict(simple)
        if parameter.properties:
            reference = self._object(f"{name}Params", name, parameter.properties, schema)
            return {"anyOf": [reference, {"type": "null"}]} if parameter.nullable else reference
        if parameter.items is not None:
            return {**schema, "items": self._value(parameter.items, name, schema["items"])}
        return dict(schema)
