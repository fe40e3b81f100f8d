"""Resolves the schemas of an OpenAPI document: references, `allOf`, choices, and what is lost in them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from speccast.core.values import is_kind
from speccast.specs.jsonschema import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speccast.core.check import Pointer
    from speccast.core.parameter import Kind
    from speccast.specs.document import Document

KINDS: Final[tuple[Kind, ...]] = ("boolean", "integer", "number", "string", "array", "object")
KEPT: Final = (
    *(limit for limit in LIMITS if not limit.startswith("exclusive")),
    *("format", "enum", "default", "description"),
)
_LIMITS: Final = {"pattern", "minLength", "maxLength", "format", "enum", "const"}
"""Keys by which texts differ."""
_ANNOTATIONS: Final = (
    "title", "example", "examples", "deprecated", "readOnly", "writeOnly", "xml", "externalDocs", "discriminator", "$schema",
    "$id", "$comment",
)  # fmt: skip
_HANDLED: Final = (
    *KEPT, "type", "nullable", "const", "items", "properties", "required", "additionalProperties",
    "exclusiveMinimum", "exclusiveMaximum", "$ref", "contentMediaType", "open",
)  # fmt: skip
MAX_DEPTH: Final = 12


@dataclass
class ResolvedSchema:
    """A schema with its references resolved: its keys, the place of each, and what was lost."""

    keys: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Pointer] = field(default_factory=dict)
    members: dict[str, Pointer] = field(default_factory=dict)
    branches: list[ResolvedSchema] = field(default_factory=list)
    """The schemas of a union that a spec can describe."""
    place: Pointer = ()
    is_nullable: bool = False
    lost: list[str] = field(default_factory=list)


class Schemas:
    """The schemas of a document, by pointer."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.span, self.key_span = document.span, document.key_span

    def only_text(self, place: Pointer) -> str | None:
        """Return the only text that a schema allows."""
        keys = self.schema(place).keys
        values = [keys["const"]] if "const" in keys else keys.get("enum", [])
        return values[0] if len(values) == 1 and isinstance(values[0], str) else None

    def outside_parameters(self, place: Pointer) -> Iterator[tuple[str, str, Pointer]]:
        """Yield name, location and place of the parameters of an operation that are not in its body."""
        for at in ((*place[:-1], "parameters"), (*place, "parameters")):
            listed = self.at(at)
            for index in range(len(listed) if isinstance(listed, list) else 0):
                where = self.follow((*at, index))
                parameter = as_object(self.at(where))
                yield str(parameter.get("name")), str(parameter.get("in")), where

    def are_apart(self, branches: Sequence[ResolvedSchema]) -> bool:
        """Return whether branches have different types, and objects a member with one value, another one in each."""
        kinds = [branch.keys.get("type", "object" if branch.members else None) for branch in branches]
        others = ["number" if kind == "integer" else kind for kind in kinds if kind != "object"]
        constants = [
            {name: value for name, place in branch.members.items() if (value := self.only_text(place))}
            for branch, kind in zip(branches, kinds, strict=True)
            if kind == "object"
        ]
        if None in kinds or len(set(others)) < len(others):
            return False
        return len(constants) < 2 or any(
            len({each.get(name) for each in constants} - {None}) == len(constants) for name in constants[0]
        )

    def kind_of(self, schema: ResolvedSchema) -> Kind:
        keys = schema.keys
        if is_file(keys):
            return "file"
        for kind in KINDS:
            if keys.get("type") == kind:
                return kind
        if "properties" in keys:
            return "object"
        if "items" in keys:
            return "array"
        values = [keys["const"]] if "const" in keys else keys.get("enum", [])
        for kind in KINDS[:4]:
            if values and all(is_kind(value, kind) for value in values if value is not None):
                return kind
        schema.lost.append("the document does not say the type")
        return "string"

    def schema(self, place: Pointer, depth: int = 0) -> ResolvedSchema:
        """Resolve references, `allOf`, and choices with null."""
        beside = {key: each for key, each in as_object(self.at(place)).items() if key != "$ref"}
        if "$ref" in as_object(self.at(place)) and beside:
            schema = ResolvedSchema(beside, {str(key): (*place, key) for key in beside}, place=place)
            self._merge(schema, self.schema(self.follow(place), depth + 1))
            return schema
        is_parameter = self._is_parameter(place)
        reference = as_object(self.at(place)).get("$ref")
        place = self.follow(place)
        schema = ResolvedSchema(place=place)
        value = self.at(place)
        if reference is not None and (value is None or "$ref" in as_object(value)):
            schema.lost.append(f"the reference {reference} leads nowhere")
            return schema
        if not isinstance(value, dict) or depth > MAX_DEPTH:
            return schema
        for key, at in self._members(place):
            schema.keys[key] = self.at(at)
            schema.places[key] = at
        schema.members = dict(self._members(schema.places.get("properties", ())))
        if "allOf" in value and isinstance(value["allOf"], list):
            for index in range(len(value["allOf"])):
                self._merge(schema, self.schema((*place, "allOf", index), depth + 1))
            schema.keys.pop("allOf")
        kinds = schema.keys.get("type")
        schema.is_nullable = schema.is_nullable or schema.keys.get("nullable") is True
        if isinstance(kinds, list):
            schema.is_nullable = schema.is_nullable or "null" in kinds
            rest = [kind for kind in kinds if kind != "null"]
            schema.keys["type"] = rest[0] if rest else "string"
            if len(rest) != 1:
                schema.lost.append(f"the types {', '.join(map(str, rest))} are allowed")
        is_parameter = is_parameter or self._is_parameter(place)
        for key in ("anyOf", "oneOf"):
            is_part = is_parameter or ("properties" not in schema.keys and depth > 0)
            if is_part and isinstance(schema.keys.get(key), list):
                self._choose(schema, key, place, depth)
        known = (*_HANDLED, *_ANNOTATIONS, "anyOf", "oneOf")
        unknown = [key for key in schema.keys if key not in known and not key.startswith("x-")]
        schema.lost += [f"`{key}` has no place in a spec" for key in unknown]
        return schema

    def alternatives(self, schema: ResolvedSchema) -> list[ResolvedSchema]:
        """Return the schemas of a choice that is not resolved."""
        return [
            self.schema((*schema.places[key], index))
            for key in ("oneOf", "anyOf")
            for index in range(len(schema.keys.get(key, [])))
        ]

    def _members(self, place: Pointer) -> Iterator[tuple[str, Pointer]]:
        """Yield the members of an object and their places, with those that YAML merges into it (`<<`).

        Of a name in several merged objects, the last one yielded counts: YAML takes the first object.
        """
        value = as_object(self.at(place)) if place else {}
        merged = value.get("<<")
        for index, each in reversed([*enumerate(merged if isinstance(merged, list) else [merged])]):
            if isinstance(each, dict):
                at = (*place, "<<", index) if isinstance(merged, list) else (*place, "<<")
                yield from ((name, where) for name, where in self._members(at) if name not in value)
        yield from (
            (str(name), (*place, name))
            for name in value
            if name != "<<" or not isinstance(merged, dict | list)
        )

    def _is_parameter(self, place: Pointer) -> bool:
        return "properties" in place or "items" in place or "allOf" in place

    def _choose(self, schema: ResolvedSchema, key: str, place: Pointer, depth: int) -> None:
        """Replace a choice with its only branch besides null, or with the first one with a doubt."""
        branches = [
            self.schema((*schema.places[key], index), depth + 1) for index in range(len(schema.keys[key]))
        ]
        schema.keys.pop(key)
        rest = [branch for branch in branches if branch.keys.get("type") != "null"]
        if len(rest) < len(branches):
            schema.is_nullable = True
        if not rest:
            return
        if len(rest) > 1:
            enums = [
                branch.keys.get("enum") or ([branch.keys["const"]] if "const" in branch.keys else None)
                for branch in rest
            ]
            if all(enums):
                listed = [value for values in enums for value in values or []]
                schema.keys["enum"] = list(dict.fromkeys(listed))
                schema.places["enum"] = schema.places[key]
                schema.keys.setdefault("type", rest[0].keys.get("type", "string"))
                return
            rest = [inner for branch in rest for inner in branch.branches or [branch]]
            if self.are_apart(rest):
                schema.branches = rest
                schema.members = {**rest[0].members, **schema.members}  # of a body with several forms
                return
            kinds = ", ".join(str(branch.keys.get("type", "any")) for branch in rest)
            if all(branch.keys.get("type") == "string" for branch in rest):
                self._loosen(schema, rest)
                return
            schema.lost.append(f"one of several schemas is allowed ({kinds}); this is the first one")
        self._merge(schema, rest[0])

    def _loosen(self, schema: ResolvedSchema, branches: Sequence[ResolvedSchema]) -> None:
        """Describe texts of several schemas by what these have in common. Known values beside any text are an open enum."""
        known = [branch for branch in branches if "enum" in branch.keys]
        others = [branch for branch in branches if branch not in known]
        if len(known) == 1 and not any(branch.keys.keys() & _LIMITS for branch in others):
            self._merge(schema, known[0])
            schema.keys["open"], schema.places["open"] = True, schema.places["enum"]
            return
        common = branches[0]
        kept = {
            key: value
            for key, value in common.keys.items()
            if key not in _LIMITS or all(branch.keys.get(key) == value for branch in branches)
        }
        for key, looser in (("minLength", min), ("maxLength", max)):
            limits = [branch.keys[key] for branch in branches if key in branch.keys]
            if len(limits) == len(branches):
                kept[key] = looser(limits)
        self._merge(schema, replace(common, keys=kept))
        kinds = ", ".join(["string"] * len(branches))
        schema.lost.append(
            f"one of several schemas is allowed ({kinds}); limits that they do not share are left out"
        )

    def _merge(self, schema: ResolvedSchema, other: ResolvedSchema) -> None:
        schema.is_nullable = schema.is_nullable or other.is_nullable
        schema.lost += other.lost
        schema.branches = schema.branches or other.branches
        schema.members = {**other.members, **schema.members}
        for key, value in other.keys.items():
            known = schema.keys.get(key)
            if key == "required" and isinstance(known, list) and isinstance(value, list):
                schema.keys[key] = [*known, *value]
            elif key not in schema.keys:
                schema.keys[key] = value
                schema.places[key] = other.places[key]

    def follow(self, place: Pointer) -> Pointer:
        """Return the place that a reference leads to."""
        for _ in range(MAX_DEPTH):
            value = self.at(place)
            reference = value.get("$ref") if isinstance(value, dict) else None
            if not isinstance(reference, str) or not reference.startswith("#/"):
                break
            place = tuple(step.replace("~1", "/").replace("~0", "~") for step in reference[2:].split("/"))
        return place

    def at(self, place: Pointer) -> Any:
        value: Any = self._document.value
        for step in place:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value


def is_file(keys: dict[str, Any]) -> bool:
    """Return whether a schema is the bytes of a file: `format: binary`, or a media type without an encoding as text."""
    if keys.get("type", "string") != "string" or "contentEncoding" in keys:
        return False
    return keys.get("format") == "binary" or "contentMediaType" in keys


def as_object(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}
