"""The schemas of models as named components: one for the parameters, and one for each nested object.

Generators of code make a class of each component, and viewers show it under its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from speccast.specs.jsonschema import tag_name
from speccast.targets.openapi.bodies import constants_beside_parameters, is_wrapped, request_name
from speccast.targets.openapi.names import schema_name
from speccast.targets.openapi.parameters import parameters_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from speccast.core.api import Api
    from speccast.core.model import Model

_OF_PLACE = ("default", "examples")
"""Keywords that belong to the place where an object is used; the others belong to the object."""


def model_schemas(
    api: Api, models: Iterable[Model], names: Mapping[str, str], taken: Iterable[str]
) -> dict[str, Any]:
    """Return the schemas of the parameters of models, each followed by those of its objects; `taken` are other names."""
    roots = {model.slug: schema_name(names[model.slug]) for model in models}
    schemas: dict[str, Any] = {}
    used = {*taken, *roots.values(), *(request_name(name) for name in names.values())}
    for model in models:
        name = roots[model.slug]
        objects: dict[str, Any] = {}
        root = parameters_schema(model)
        constants = constants_beside_parameters(api, model)
        root = {**root, "properties": _name_members(root, name.removesuffix("Params"), objects, used)}
        if constants:
            required = [*constants, *root.get("required", ())]
            members = {**constants, **root["properties"]}
            schemas[request_name(names[model.slug])] = {**root, "properties": members, "required": required}
        if not constants or is_wrapped(api, model):
            schemas[name] = root
        schemas |= objects
    return schemas


def _name_members(
    schema: Mapping[str, Any], owner: str, objects: dict[str, Any], used: set[str]
) -> dict[str, Any]:
    return {
        wire: _name_objects(member, owner + _words(wire), objects, used)
        for wire, member in schema["properties"].items()
    }


def _name_objects(
    schema: dict[str, Any], name: str, objects: dict[str, Any], used: set[str]
) -> dict[str, Any]:
    """Return a schema with a reference instead of each object in it, which is added to `objects`."""
    if "items" in schema:
        return {**schema, "items": _name_objects(schema["items"], f"{name}Item", objects, used)}
    if "anyOf" in schema:
        return _name_union(schema, name, objects, used)
    if "properties" not in schema:
        return schema
    name = _free(name, used)
    used.add(name)
    objects[name] = {}  # before the objects in it
    own = {keyword: value for keyword, value in schema.items() if keyword not in _OF_PLACE}
    objects[name] = {**own, "properties": _name_members(schema, name, objects, used)}
    place = {keyword: schema[keyword] for keyword in _OF_PLACE if keyword in schema}
    return {"$ref": f"#/components/schemas/{name}", **place}


def _name_union(schema: dict[str, Any], name: str, objects: dict[str, Any], used: set[str]) -> dict[str, Any]:
    """Return the schema of a union with references to its objects, whose tag is the discriminator."""
    tag = tag_name(schema["anyOf"])
    others = {keyword: value for keyword, value in schema.items() if keyword != "anyOf"}
    references: list[dict[str, Any]] = []
    mapping: dict[str, str] = {}
    tagged = {"oneOf": references, "discriminator": {"propertyName": tag, "mapping": mapping}}
    branches: list[dict[str, Any]] = []
    for branch in schema["anyOf"]:
        if tag not in branch.get("properties", {}):
            branches.append(_name_objects(branch, name, objects, used))
            continue
        if not references:
            branches.append(tagged)
        [value] = branch["properties"][tag]["enum"]
        references.append(_name_objects(branch, name + _words(value), objects, used))
        mapping[value] = references[-1]["$ref"]
    return {**others, **tagged} if branches == [tagged] else {**others, "anyOf": branches}


def _words(wire: str) -> str:
    words = re.findall("[A-Za-z0-9]+", wire)
    return "".join(word[:1].upper() + word[1:] for word in words) or "Member"


def _free(name: str, used: set[str]) -> str:
    number = 1
    free = name
    while free in used:
        number += 1
        free = f"{name}{number}"
    return free
