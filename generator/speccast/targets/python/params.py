"""Generates the parameter models with datamodel-code-generator, many models per call.

The generator gets types, limits, patterns and enum values, but no name of a spec: objects and fields have placeholder
names, which `speccast.targets.python.params_code` replaces by the real ones. So it does not matter how the generator
treats names that are special in Python or pydantic, and every field has the name that the methods use.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from speccast.cache import NO_ENTRIES, key_of
from speccast.errors import SpeccastError
from speccast.targets.python import declarations
from speccast.targets.python.datamodel import ask, generator_version, is_scalar, learn, plain_class
from speccast.targets.python.names import python_model
from speccast.targets.python.params_code import NAMES, MadeUpNames, checked_source

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
    # attributes of every pydantic model
    "construct", "copy", "from_orm", "json", "model_computed_fields", "model_config", "model_construct", "model_copy",
    "model_dump", "model_dump_json", "model_extra", "model_fields", "model_fields_set", "model_json_schema",
    "model_parametrized_name", "model_post_init", "model_rebuild", "model_validate", "model_validate_json",
    "model_validate_strings", "parse_file", "parse_obj", "parse_raw", "schema", "schema_json", "update_forward_refs",
    "validate",
})  # fmt: skip
"""Names that a field cannot have. An underscore is appended."""


def params_sources(models: Sequence[Model], entries: Entries = NO_ENTRIES) -> dict[str, CheckedSource]:
    """The source of each model's parameter models, by slug, unformatted.

    `entries` keeps what datamodel-code-generator gives for some types and limits, under whatever names; it is checked like
    what has just been made.

    Raises:
        SpeccastError: datamodel-code-generator gave something that parameter models do not consist of.
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
    """The source for each model, by slug."""
    plain = [schema for schema in schemas if schema.plain is not None]
    learn([schema.plain for schema in plain if schema.plain is not None])
    made = {
        schema.model.slug: source
        for schema in plain
        if schema.plain is not None and (source := plain_class("O0", schema.plain)) is not None
    }
    rest = {f"m{number}": schema for number, schema in enumerate(schemas) if schema.model.slug not in made}
    if rest:
        sources = ask(
            {name: each for module, schema in rest.items() for name, each in schema.placed(module).items()}
        )
        made |= {schema.model.slug: sources[module] for module, schema in rest.items() if module in sources}
    return made


class _Schemas:
    """The schemas of a model's objects as datamodel-code-generator is given them, and what the names in them stand for.

    An object is `O0`, `O1` and so on, its members are `f0`, `f1` and so on, which differ throughout the model. `key` is a
    digest of what is told, so that no name of a spec is in it.
    """

    def __init__(self, model: Model) -> None:
        self.model = model = python_model(model)
        self.names = MadeUpNames()
        self._definitions: dict[str, dict[str, Any]] = {}
        self._references: list[tuple[dict[str, Any], str]] = []
        self._object(model.params_class_name, model.class_name, model.parameters, model.schema)
        self.key = key_of(_KIND, generator_version(), json.dumps(self._definitions))

    @property
    def plain(self) -> dict[str, Any] | None:
        """The schema of a model that is all scalars."""
        schema = self._definitions["O0"]
        return schema if all(map(is_scalar, schema["properties"].values())) else None

    def placed(self, module: str) -> dict[str, dict[str, Any]]:
        """The definitions under names that make datamodel-code-generator put them into a module of their own."""
        for reference, made_up in self._references:
            reference["$ref"] = f"#/$defs/{module}.{made_up}"
        return {f"{module}.{made_up}": definition for made_up, definition in self._definitions.items()}

    def _object(
        self, name: str, owner: str, members: tuple[Parameter, ...], schema: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Defines a closed object; answers the reference to it."""
        made_up = f"O{len(self.names.classes)}"
        self.names.classes[made_up] = name
        definition: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        self._definitions[made_up] = definition
        taken: set[str] = set()
        for member in members:
            key = f"f{len(self.names.fields)}"
            field = member.name
            while field in taken or field in _TAKEN:
                field += "_"
            taken.add(field)
            self.names.fields[key] = (field, member.wire)
            self.names.values[key] = declarations.member_class(owner, member)
            if member.wire in schema.get("required", ()):
                definition["required"].append(key)
            definition["properties"][key] = self._value(member, owner, schema["properties"][member.wire])
        reference = {"$ref": made_up}
        self._references.append((reference, made_up))
        return reference

    def _value(self, parameter: Parameter, owner: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        name = declarations.member_class(owner, parameter)
        if parameter.properties:
            reference = self._object(f"{name}Params", name, parameter.properties, schema)
            return {"anyOf": [reference, {"type": "null"}]} if parameter.nullable else reference
        if parameter.items is not None:
            return {**schema, "items": self._value(parameter.items, name, schema["items"])}
        if "anyOf" in schema:
            # Pydantic has no limits of a union; those of an open enum matter for the values that it does not list.
            known, other = schema["anyOf"]
            limits = {keyword: value for keyword, value in schema.items() if keyword != "anyOf"}
            return {"anyOf": [known, {**other, **limits}]}
        return dict(schema)
