"""Reads the parameters of a model from the schemas of an OpenAPI document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from speccast.core.values import is_equal, is_kind
from speccast.pages.facts import Fact, Facts
from speccast.pages.openapi_schemas import KEPT, MAX_DEPTH, ResolvedSchema, Schemas, is_file

if TYPE_CHECKING:
    from speccast.core.check import Pointer
    from speccast.core.parameter import Kind
    from speccast.specs.document import Document

MEDIA_TYPE: Final = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+*-]+")
_FILE_LOSES: Final = ("format", "default", "minLength", "maxLength", "pattern", "enum")


class ParameterReader(Schemas):
    """Adds the parameters that schemas describe to facts."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._open: list[Pointer] = []
        """Places of the schemas that are being read."""

    def add_properties(self, facts: Facts, base: Pointer, schema: ResolvedSchema, depth: int) -> list[str]:
        """Add the members of an object, and return their names."""
        required = schema.keys.get("required", [])
        for name, place in schema.members.items():
            pointer = (*base, str(name))
            self._add_parameter(facts, pointer, self.schema(place), depth)
            if isinstance(required, list) and name in required:
                facts.add((*pointer, "required"), Fact(True, (self.span(schema.places["required"]),)))
        return list(schema.members)

    def _add_parameter(self, facts: Facts, pointer: Pointer, schema: ResolvedSchema, depth: int) -> None:
        if schema.branches:
            self._add_union(facts, pointer, schema, depth)
            return
        kind = self.kind_of(schema)
        where = schema.places.get("type", schema.place)
        value: Any = [kind, "null"] if schema.is_nullable else kind
        fact = Fact(value, (self.span(where),))
        for lost in dict.fromkeys(schema.lost):
            fact = fact.with_doubt(lost)
        facts.add((*pointer, "type"), fact)
        self._add_kept(facts, pointer, schema, kind)
        self._add_examples(facts, pointer, schema)
        if depth >= MAX_DEPTH or schema.place in self._open:
            facts.doubt((*pointer, "type"), "the schema is nested too deeply or contains itself")
            return
        self._open.append(schema.place)
        self._add_inner(facts, pointer, schema, depth)
        self._open.pop()

    def _add_inner(self, facts: Facts, pointer: Pointer, schema: ResolvedSchema, depth: int) -> None:
        """Add the items of an array, or the members of an object."""
        keys, kind = schema.keys, self.kind_of(schema)
        if kind == "array" and isinstance(keys.get("items"), dict) and keys["items"]:
            self._add_parameter(
                facts, (*pointer, "items"), self.schema((*schema.places["items"],)), depth + 1
            )
        if kind == "object":
            if schema.members:
                self.add_properties(facts, (*pointer, "properties"), schema, depth + 1)
            if keys.get("additionalProperties") not in (None, False):
                facts.doubt((*pointer, "type"), "other members are allowed, which a spec cannot say")

    def _add_union(self, facts: Facts, pointer: Pointer, schema: ResolvedSchema, depth: int) -> None:
        """Add the branches of a union as one fact, which has the doubts about their parts."""
        branches: list[dict[str, Any]] = []
        doubts: list[str] = [*schema.lost]
        for branch in schema.branches:
            alone = Facts()
            self._add_parameter(alone, (), branch, depth + 1)
            doubts += [fact.reason for fact in alone.values.values() if fact.reason]
            tree = alone.tree()
            if "const" not in branch.keys and "default" in tree:
                doubts.append("the default of one of several schemas has no place in a spec")
            tree.pop("default", None)
            branches.append(tree)
        if schema.is_nullable and isinstance(kind := branches[0].get("type"), str):
            branches[0]["type"] = [kind, "null"]
        fact = Fact(branches, (self.span(schema.place),))
        for doubt in dict.fromkeys(doubts):
            fact = fact.with_doubt(doubt)
        facts.add((*pointer, "anyOf"), fact)
        for key in ("default", "description"):
            if schema.keys.get(key) not in (None, ""):
                facts.add((*pointer, key), Fact(schema.keys[key], (self.span(schema.places[key]),)))
        self._add_examples(facts, pointer, schema)

    def _add_kept(self, facts: Facts, pointer: Pointer, schema: ResolvedSchema, kind: Kind) -> None:
        """Add the keys that mean the same in a spec, and the bounds of OpenAPI 3.0."""
        keys = schema.keys
        if kind == "file":
            self._add_file(facts, pointer, schema)
            return
        for key in (*KEPT, "open"):
            is_null = key == "default" and keys.get(key) is None and not schema.is_nullable
            is_empty = key == "description" and not str(keys.get(key, "")).strip()
            if key in keys and not is_null and not is_empty:
                facts.add((*pointer, key), self._keep(schema, key, kind))
        if "const" in keys:
            span = (self.span(schema.places["const"]),)
            facts.add((*pointer, "enum"), Fact([keys["const"]], span))
            facts.add((*pointer, "default"), Fact(keys["const"], span))
        for key, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if keys.get(key) is True and (*pointer, limit) in facts.values:
                facts.add((*pointer, key), facts.values.pop((*pointer, limit)))
            elif isinstance(keys.get(key), int | float) and not isinstance(keys.get(key), bool):
                facts.add((*pointer, key), Fact(_number(keys[key]), (self.span(schema.places[key]),)))

    def _add_file(self, facts: Facts, pointer: Pointer, schema: ResolvedSchema) -> None:
        keys = schema.keys
        named = str(keys.get("contentMediaType", ""))
        if MEDIA_TYPE.fullmatch(named) and named != "application/octet-stream":
            place = self.span(schema.places["contentMediaType"])
            facts.add((*pointer, "media_types"), Fact([named], (place,)))
        if str(keys.get("description", "")).strip():
            facts.add((*pointer, "description"), self._keep(schema, "description", "file"))
        for key in _FILE_LOSES[1:]:
            if key in keys:
                facts.doubt((*pointer, "type"), f"`{key}` has no meaning for a file")

    def _keep(self, schema: ResolvedSchema, key: str, kind: Kind) -> Fact:
        value = schema.keys[key]
        if key == "enum" and schema.is_nullable and isinstance(value, list) and None not in value:
            value = [*value, None]
        if key == "enum" and isinstance(value, list):
            value = [
                each
                for index, each in enumerate(value)
                if not any(is_equal(each, other) for other in value[:index])
            ]
        fact = Fact(_number(value), (self.span(schema.places[key]),))
        if key == "pattern" and kind == "string":
            return fact
        if key == "default" and not is_kind(value, kind) and not (value is None and schema.is_nullable):
            return fact.with_doubt(f"the default is not of the type {kind}")
        return fact

    def _add_examples(self, facts: Facts, pointer: Pointer, schema: ResolvedSchema) -> None:
        if is_file(schema.keys):
            return
        key = next((key for key in ("examples", "example") if key in schema.keys), None)
        if key is not None:
            value = schema.keys[key]
            shown = value if key == "examples" and isinstance(value, list) else [value]
            if shown and ("default" not in schema.keys or shown != [schema.keys["default"]]):
                facts.add((*pointer, "examples"), Fact(shown, (self.span(schema.places[key]),)))


def _number(value: Any) -> Any:
    """Return an integer for an integral float, as JSON Schema means it."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e16 else value
