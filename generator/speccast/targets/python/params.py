"""Generates the parameter models with datamodel-code-generator, many models per call.

The generator gets types, limits, patterns and enum values, but no name of a spec: objects and fields have placeholder
names, which `speccast.targets.python.params_code` replaces by the real ones. So it does not matter how the generator
treats names that are special in Python or pydantic, and every field has the name that the methods use.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from speccast.cache import NO_ENTRIES, key_of
from speccast.errors import SpeccastError
from speccast.targets.python import declarations
from speccast.targets.python.datamodel import (
    cache_fields,
    generate_modules,
    generator_version,
    is_scalar,
    plain_class,
)
from speccast.targets.python.names import forms, python_model
from speccast.targets.python.params_code import NAMES, PlaceholderNames, checked_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.cache import Entries
    from speccast.core.model import Model
    from speccast.core.parameter import Parameter
    from speccast.targets.python.filters import CheckedSource

_KIND = "params"
CHUNK = 50
"""Models per call: half the time of one per call, and a third of the memory of one call for all."""

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
        known = {schema.model.slug: _recalled(schema, entries) for schema in schemas}
        made = _generate([schema for schema in schemas if known[schema.model.slug] is None])
        for schema in schemas:
            slug = schema.model.slug
            text = known[slug] or made.get(slug)
            if text is None:
                raise SpeccastError(f"datamodel-code-generator returned nothing for {slug}")
            sources[slug] = checked_source(slug, text, schema.names)
            if slug in made:
                entries.put(schema.key, text.encode())
    return sources


def _recalled(schema: _Schemas, entries: Entries) -> str | None:
    text = entries.get(schema.key)
    return None if text is None else text.decode()


def _generate(schemas: Sequence[_Schemas]) -> Mapping[str, str]:
    """Return the source of each model, by slug."""
    plain = [schema for schema in schemas if schema.plain is not None]
    cache_fields([schema.plain for schema in plain if schema.plain is not None])
    made = {
        schema.model.slug: source
        for schema in plain
        if schema.plain is not None and (source := plain_class("O0", schema.plain)) is not None
    }
    rest = {f"m{number}": schema for number, schema in enumerate(schemas) if schema.model.slug not in made}
    if rest:
        sources = generate_modules(
            {name: each for module, schema in rest.items() for name, each in schema.placed(module).items()}
        )
        made |= {schema.model.slug: sources[module] for module, schema in rest.items() if module in sources}
    return made


class _Schemas:
    """The schemas of the objects of a model with placeholder names, and the real names.

    Objects are called `O0`, `O1` and so on, members `f0`, `f1` and so on, unique in the model. `key` is a digest of the
    schemas, which contain no name of a spec.
    """

    def __init__(self, model: Model) -> None:
        self.model = model = python_model(model)
        self.names = PlaceholderNames()
        self._definitions: dict[str, dict[str, Any]] = {}
        self._references: list[tuple[dict[str, Any], str]] = []
        self._object(model.params_class_name, model.class_name, model.parameters, model.schema)
        self.key = key_of(_KIND, generator_version(), json.dumps(self._definitions))

    @property
    def plain(self) -> dict[str, Any] | None:
        """The schema of a model whose parameters are all scalars, else None."""
        schema = self._definitions["O0"]
        return schema if all(map(is_scalar, schema["properties"].values())) else None

    def placed(self, module: str) -> dict[str, dict[str, Any]]:
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
            self.names.values[key] = declarations.member_class(owner, member)
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
        name = declarations.member_class(owner, parameter)
        if parameter.branches:
            return self._union(parameter, name, schema)
        return self._form(parameter, name, schema)

    def _form(self, parameter: Parameter, name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return the schema of a value that is not a union; `name` is the class of an object."""
        if parameter.is_media:
            text = {"type": "string", "format": "binary"}
            return {"anyOf": [text, {"type": "null"}]} if parameter.nullable else text
        if parameter.properties:
            reference = self._object(f"{name}Params", name, parameter.properties, schema)
            return {"anyOf": [reference, {"type": "null"}]} if parameter.nullable else reference
        if parameter.items is not None:
            return {**schema, "items": self._value(parameter.items, name, schema["items"])}
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
        return dict(schema)
