"""Reads the models of an API from its OpenAPI document (3.0 or 3.1, JSON or YAML).

Each `post` operation with a JSON object as its body is a model; a body that is a choice of objects with a constant `model` is
one model for each. What the spec format cannot say becomes a doubt, so that nothing is lost silently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from speccast.pages.facts import Fact, Facts, Pointer, Span
from speccast.pages.head import slug_in
from speccast.pages.media import add_media
from speccast.pages.reader import Page
from speccast.specs.document import Document, DocumentError, read_document
from speccast.specs.positions import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speccast.pages.apis import ApiPaths
    from speccast.pages.text import PageText

KINDS: Final = ("string", "integer", "number", "boolean", "array", "object")
_KEPT: Final = (
    "minimum",
    "maximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "enum",
    "default",
    "description",
)
_ANNOTATIONS: Final = (
    "title",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "xml",
    "externalDocs",
    "discriminator",
)
_HANDLED: Final = (
    *_KEPT, "type", "nullable", "const", "items", "properties", "required", "additionalProperties",
    "exclusiveMinimum", "exclusiveMaximum", "$ref", "contentMediaType",
)  # fmt: skip
BODIES: Final = {
    "application/json": None,
    "multipart/form-data": "multipart",
    "application/x-www-form-urlencoded": "form",
}
"""Media types of bodies, the preferred one first, and the `body` of a spec that describes each."""
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+*-]+")
_FILE_LOSES: Final = ("format", "default", "minLength", "maxLength", "pattern", "enum")
_NAME: Final = re.compile(r"[^a-z0-9._-]+")
_MAX_DEPTH: Final = 12


def is_openapi(source: PageText) -> bool:
    """Return whether a text is an OpenAPI document, from the version that it names."""
    return bool(re.search(r"""(?:^|[{,\s])(?:"openapi"|openapi)\s*:\s*["']?3\.\d""", source.text))


def open_document(source: PageText) -> Document:
    """Parse an OpenAPI document.

    Raises:
        ValueError: the text is not valid YAML or JSON, or not an object.
    """
    try:
        document = read_document(source.text.encode(), source.name)
    except DocumentError as error:
        document = _without_limits(source, error)
    if not isinstance(document.value, dict):
        raise ValueError("the document is not an object")
    return document


def _without_limits(source: PageText, error: DocumentError) -> Document:
    """Return a document that the reader of specs refuses only for what OpenAPI allows, such as equal keys."""
    if error.document is None:
        raise ValueError(error.findings[0].render()) from None
    return error.document


def server(document: Document) -> tuple[str, str]:
    """Return the address of the first server, and the path below it that all operations share."""
    value: Any = document.value
    servers = value.get("servers")
    url = str(_dict(servers[0]).get("url", "")) if isinstance(servers, list) and servers else ""
    match = re.match(r"(https?://[^/\s{}]+)((?:/[^/\s{}?#]+)*)", url)
    return (match[1], match[2]) if match else ("", "")


def read_operations(
    source: PageText, document: Document, paths: ApiPaths, chosen: Sequence[str] = ()
) -> Iterator[Page]:
    """Yield each model of a document as a page that was read. `chosen` are operation ids or paths."""
    reader = _Reader(document, paths)
    used: set[str] = set()
    value: Any = document.value
    for path, item in _dict(value.get("paths")).items():
        operation = _dict(_dict(item).get("post"))
        if not operation or "{" in str(path):
            continue
        if chosen and operation.get("operationId") not in chosen and path not in chosen:
            continue
        for facts, names in reader.models(str(path), ("paths", path, "post")):
            slug = facts.values["slug",]
            if _same_names(slug.value) in used:
                longer = _NAME.sub("-", f"{slug.value}{path}".lower())
                while _same_names(longer) in used:
                    longer = f"{longer}-2"
                facts.values["slug",] = Fact(longer, slug.spans).doubted(
                    "another operation has the same model"
                )
            used.add(_same_names(facts.values["slug",].value))
            add_media(facts)
            yield Page(source, facts, frozenset({"openapi"}), is_cut=False, documented=frozenset(names))


def _same_names(slug: Any) -> str:
    """Return what slugs have in common whose names in Python are the same."""
    return re.sub(r"[^a-z0-9]+", "_", str(slug).lower())


@dataclass
class _Schema:
    """A schema with its references resolved: its keys, where each stands, and what was lost."""

    keys: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Pointer] = field(default_factory=dict)
    members: dict[str, Pointer] = field(default_factory=dict)
    branches: list[_Schema] = field(default_factory=list)
    """The schemas of a union that a spec can describe."""
    place: Pointer = ()
    is_nullable: bool = False
    lost: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, document: Document, paths: ApiPaths) -> None:
        self._document = document
        self._lines = Lines(document.text)
        self._paths = paths
        self._prefix = server(document)[1]

    def models(self, path: str, place: Pointer) -> Iterator[tuple[Facts, list[str]]]:
        """Yield the facts of each model of an operation, and the names of its parameters."""
        path = self._prefix + path
        body_place = self._follow((*place, "requestBody"))
        content = _dict(_dict(self._at(body_place)).get("content"))
        found: list[tuple[Facts, list[str]]] = []
        at: Pointer = ()
        for media in (each for each in BODIES if each in content):
            if found and not any(map(_files, (facts for facts, _ in found))):
                break  # else JSON cannot contain the files
            at = (*body_place, "content", media)
            found = list(self._variants(path, place, at))
        for facts, names in found:
            self._add_body(facts, content, at)
            yield facts, names

    def _variants(self, path: str, place: Pointer, body: Pointer) -> Iterator[tuple[Facts, list[str]]]:
        at = (*body, "schema")
        schema = self._schema(at)
        variants = [
            (key, index) for key in ("oneOf", "anyOf") for index in range(len(schema.keys.get(key, [])))
        ]
        constants = []
        for key, index in variants:
            variant = self._schema((*schema.places[key], index))
            name = self._constant(variant)
            constants.append((name, variant))
        if constants and all(name for name, _ in constants):
            for name, variant in constants:
                facts, names = self._model(path, place, variant, body, str(name))
                self._send(facts, variant, str(name))
                yield facts, [each for each in names if each != "model"]
        elif schema.members:
            yield self._model(path, place, schema, body, "")

    def _send(self, facts: Facts, variant: _Schema, name: str) -> None:
        """Make the constant `model` of a variant a constant of its requests, by which models share a path."""
        for pointer in [each for each in facts.values if each[1:2] == ("model",)]:
            del facts.values[pointer]
        facts.add(("sends", "model"), Fact(name, (self._span(variant.members["model"]),)))

    def _add_body(self, facts: Facts, content: Any, at: Pointer) -> None:
        """Add the encoding of a form, the media types of its files, and a doubt for bodies that are left out."""
        span = self._span(at)
        others = [str(each) for each in content if each != at[-1]]
        if others:
            shown = " and ".join(others)
            facts.remarks.append((f"the operation also takes {shown}, which the spec leaves out", span))
        if (encoding := BODIES[str(at[-1])]) is None:
            for pointer in _files(facts):
                text = Fact("string", facts.values[pointer].spans)
                facts.values[pointer] = text.doubted("the document says binary, which JSON cannot contain")
            return
        facts.add(("body",), Fact(encoding, (span,)))
        for name, described in _dict(_dict(self._at(at)).get("encoding")).items():
            types = [each.strip() for each in str(_dict(described).get("contentType", "")).split(",")]
            for pointer in [("parameters", name), ("parameters", name, "items")]:
                kind = facts.values.get((*pointer, "type"))
                if kind is not None and kind.value == "file" and all(map(_MEDIA_TYPE.fullmatch, types)):
                    place = self._span((*at, "encoding", name, "contentType"))
                    facts.add((*pointer, "media_types"), Fact(types, (place,)))

    def _constant(self, variant: _Schema) -> str | None:
        """Return the constant value of `model` of a variant."""
        return self._only_text(variant.members["model"]) if "model" in variant.members else None

    def _only_text(self, place: Pointer) -> str | None:
        """Return the only text that a schema allows."""
        keys = self._schema(place).keys
        values = [keys["const"]] if "const" in keys else keys.get("enum", [])
        return values[0] if len(values) == 1 and isinstance(values[0], str) else None

    def _model(
        self, path: str, place: Pointer, schema: _Schema, body: Pointer, constant: str
    ) -> tuple[Facts, list[str]]:
        facts = Facts()
        operation = self._at(place)
        at_path = self._key_span(place[:-1])
        slug = slug_in(path, self._paths.sync) or slug_in(path, self._paths.submit)
        named = constant or slug or path.rstrip("/").rsplit("/", 1)[-1]
        clean = _NAME.sub("-", named.lower()).strip("-._") or "model"
        fact = Fact(clean, (at_path,))
        facts.add(("slug",), fact if clean == (constant or slug) else fact.doubted(f"made from {named}"))
        title = operation.get("summary") or schema.keys.get("title") or clean
        facts.add(("title",), Fact(str(title), (self._span((*place, "summary")),)))
        if operation.get("description"):
            facts.add(
                ("description",), Fact(str(operation["description"]), (self._span((*place, "description")),))
            )
        self._add_surfaces(facts, path, place, operation, slug)
        names = self._add_properties(facts, ("parameters",), schema, 0)
        self._add_example(facts, body)
        for lost in dict.fromkeys(schema.lost):
            facts.remarks.append((lost, self._span(schema.place)))
        return facts, names

    def _add_surfaces(
        self, facts: Facts, path: str, place: Pointer, operation: Any, slug: str | None
    ) -> None:
        span = self._key_span(place[:-1])
        responses = _dict(operation.get("responses"))
        status = next((code for code in responses if str(code).startswith("2")), None)
        at = self._follow((*place, "responses", status)) if status is not None else place
        content = _dict(_dict(self._at(at)).get("content"))
        media = [str(each) for each in content if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+*-]+", str(each))]
        is_async = slug is not None and slug_in(path, self._paths.submit) == slug
        surfaces = Fact(["async"] if is_async else ["sync"], (span,))
        if not is_async and self._is_job(content, at):
            reason = "the response describes a job, which is fetched by another operation"
            surfaces = surfaces.doubted(reason, [["async"]])
        facts.add(("surfaces",), surfaces)
        if slug is None or slug != facts.values["slug",].value:
            facts.add(("paths", "sync"), Fact(path, (span,)))
        returns = Fact(media or ["application/json"], (self._span(at),))
        if not media or media == ["application/json"]:
            returns = returns.doubted(
                "the media type of the output is not in the document", [["image/jpeg"], ["video/mp4"]]
            )
        facts.add(("returns",), returns)

    def _is_job(self, content: Any, at: Pointer) -> bool:
        if "application/json" not in content:
            return False
        schema = self._schema((*at, "content", "application/json", "schema"))
        names = set(schema.members)
        for key in ("oneOf", "anyOf"):
            for index in range(len(schema.keys.get(key, []))):
                names |= set(self._schema((*schema.places[key], index)).members)
        return any(name in names for name in ("id", "request_id", "task_id", "taskId")) and any(
            re.search(r"status|poll|state", name) for name in names
        )

    def _add_example(self, facts: Facts, at: Pointer) -> None:
        media = _dict(self._at(at))
        example, where = media.get("example"), (*at, "example")
        examples = _dict(media.get("examples"))
        if example is None and examples:
            name = next(iter(examples))
            example, where = _dict(examples[name]).get("value"), (*at, "examples", name, "value")
        for key, value in _dict(example).items():
            kinds = [facts.values.get(("parameters", str(key), *rest, "type")) for rest in ((), ("items",))]
            if any(kind is not None and kind.value == "file" for kind in kinds):
                continue
            facts.add(("example", str(key)), Fact(value, (self._span((*where, key)),)))

    def _add_properties(self, facts: Facts, base: Pointer, schema: _Schema, depth: int) -> list[str]:
        required = schema.keys.get("required", [])
        for name, place in schema.members.items():
            pointer = (*base, str(name))
            self._add_parameter(facts, pointer, self._schema(place), depth)
            if isinstance(required, list) and name in required:
                facts.add((*pointer, "required"), Fact(True, (self._span(schema.places["required"]),)))
        return list(schema.members)

    def _add_parameter(self, facts: Facts, pointer: Pointer, schema: _Schema, depth: int) -> None:
        keys = schema.keys
        if schema.branches:
            self._add_union(facts, pointer, schema, depth)
            return
        kind = self._kind(schema)
        where = schema.places.get("type", schema.place)
        value: Any = [kind, "null"] if schema.is_nullable else kind
        fact = Fact(value, (self._span(where),))
        for lost in dict.fromkeys(schema.lost):
            fact = fact.doubted(lost)
        facts.add((*pointer, "type"), fact)
        self._add_kept(facts, pointer, schema, kind)
        self._add_examples(facts, pointer, schema)
        if depth >= _MAX_DEPTH:
            facts.doubt((*pointer, "type"), "the schema is nested too deeply or contains itself")
            return
        if kind == "array" and isinstance(keys.get("items"), dict) and keys["items"]:
            self._add_parameter(
                facts, (*pointer, "items"), self._schema((*schema.places["items"],)), depth + 1
            )
        if kind == "object":
            if schema.members:
                self._add_properties(facts, (*pointer, "properties"), schema, depth + 1)
            if keys.get("additionalProperties") not in (None, False):
                facts.doubt((*pointer, "type"), "other members are allowed, which a spec cannot say")

    def _add_union(self, facts: Facts, pointer: Pointer, schema: _Schema, depth: int) -> None:
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
        fact = Fact(branches, (self._span(schema.place),))
        for doubt in dict.fromkeys(doubts):
            fact = fact.doubted(doubt)
        facts.add((*pointer, "anyOf"), fact)
        for key in ("default", "description"):
            if schema.keys.get(key) not in (None, ""):
                facts.add((*pointer, key), Fact(schema.keys[key], (self._span(schema.places[key]),)))
        self._add_examples(facts, pointer, schema)

    def _are_apart(self, branches: Sequence[_Schema]) -> bool:
        """Return whether branches have different types, and objects a member with one value, another one in each."""
        kinds = [branch.keys.get("type", "object" if branch.members else None) for branch in branches]
        others = ["number" if kind == "integer" else kind for kind in kinds if kind != "object"]
        constants = [
            {name: value for name, place in branch.members.items() if (value := self._only_text(place))}
            for branch, kind in zip(branches, kinds, strict=True)
            if kind == "object"
        ]
        if None in kinds or len(set(others)) < len(others):
            return False
        return len(constants) < 2 or any(
            len({each.get(name) for each in constants} - {None}) == len(constants) for name in constants[0]
        )

    def _add_kept(self, facts: Facts, pointer: Pointer, schema: _Schema, kind: str) -> None:
        """Add the keys that mean the same in a spec, and the bounds of OpenAPI 3.0."""
        keys = schema.keys
        if kind == "file":
            self._add_file(facts, pointer, schema)
            return
        for key in _KEPT:
            is_null = key == "default" and keys.get(key) is None and not schema.is_nullable
            is_empty = key == "description" and not str(keys.get(key, "")).strip()
            if key in keys and not is_null and not is_empty:
                facts.add((*pointer, key), self._kept(schema, key, kind))
        if "const" in keys:
            span = (self._span(schema.places["const"]),)
            facts.add((*pointer, "enum"), Fact([keys["const"]], span))
            facts.add((*pointer, "default"), Fact(keys["const"], span))
        for key, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if keys.get(key) is True and (*pointer, limit) in facts.values:
                facts.add((*pointer, key), facts.values.pop((*pointer, limit)))
            elif isinstance(keys.get(key), int | float) and not isinstance(keys.get(key), bool):
                facts.add((*pointer, key), Fact(_number(keys[key]), (self._span(schema.places[key]),)))

    def _add_file(self, facts: Facts, pointer: Pointer, schema: _Schema) -> None:
        keys = schema.keys
        named = str(keys.get("contentMediaType", ""))
        if _MEDIA_TYPE.fullmatch(named) and named != "application/octet-stream":
            place = self._span(schema.places["contentMediaType"])
            facts.add((*pointer, "media_types"), Fact([named], (place,)))
        if str(keys.get("description", "")).strip():
            facts.add((*pointer, "description"), self._kept(schema, "description", "file"))
        for key in _FILE_LOSES[1:]:
            if key in keys:
                facts.doubt((*pointer, "type"), f"`{key}` has no meaning for a file")

    def _kept(self, schema: _Schema, key: str, kind: str) -> Fact:
        value = schema.keys[key]
        if key == "enum" and schema.is_nullable and isinstance(value, list) and None not in value:
            value = [*value, None]
        if key == "enum" and isinstance(value, list):
            value = [each for index, each in enumerate(value) if each not in value[:index]]
        fact = Fact(_number(value), (self._span(schema.places[key]),))
        if key == "pattern" and kind == "string":
            return fact
        if key == "default" and not _is_of(value, kind) and not (value is None and schema.is_nullable):
            return fact.doubted(f"the default is not of the type {kind}")
        return fact

    def _add_examples(self, facts: Facts, pointer: Pointer, schema: _Schema) -> None:
        if _is_file(schema.keys):
            return
        for key in ("examples", "example"):
            if key in schema.keys:
                value = schema.keys[key]
                shown = value if key == "examples" and isinstance(value, list) else [value]
                if shown and ("default" not in schema.keys or shown != [schema.keys["default"]]):
                    facts.add((*pointer, "examples"), Fact(shown, (self._span(schema.places[key]),)))
                return

    def _kind(self, schema: _Schema) -> str:
        keys = schema.keys
        if _is_file(keys):
            return "file"
        if keys.get("type") in KINDS:
            return str(keys["type"])
        if "properties" in keys:
            return "object"
        if "items" in keys:
            return "array"
        values = [keys["const"]] if "const" in keys else keys.get("enum", [])
        for kind in ("boolean", "integer", "number", "string"):
            if values and all(_is_of(value, kind) for value in values if value is not None):
                return kind
        schema.lost.append("the document does not say the type")
        return "string"

    def _schema(self, place: Pointer, depth: int = 0) -> _Schema:
        """Resolve references, `allOf`, and choices with null."""
        beside = {key: each for key, each in _dict(self._at(place)).items() if key != "$ref"}
        if "$ref" in _dict(self._at(place)) and beside:
            schema = _Schema(beside, {str(key): (*place, key) for key in beside}, place=place)
            self._merge(schema, self._schema(self._follow(place), depth + 1))
            return schema
        is_parameter = self._is_parameter(place)
        place = self._follow(place)
        schema = _Schema(place=place)
        value = self._at(place)
        if not isinstance(value, dict) or depth > _MAX_DEPTH:
            return schema
        for key, inner in value.items():
            schema.keys[str(key)] = inner
            schema.places[str(key)] = (*place, key)
        for name in _dict(value.get("properties")):
            schema.members[str(name)] = (*place, "properties", name)
        if "allOf" in value and isinstance(value["allOf"], list):
            for index in range(len(value["allOf"])):
                self._merge(schema, self._schema((*place, "allOf", index), depth + 1))
            schema.keys.pop("allOf")
        kinds = schema.keys.get("type")
        if isinstance(kinds, list):
            schema.is_nullable = "null" in kinds
            rest = [kind for kind in kinds if kind != "null"]
            schema.keys["type"] = rest[0] if rest else "string"
            if len(rest) != 1:
                schema.lost.append(f"the types {', '.join(map(str, rest))} are allowed")
        if schema.keys.get("nullable") is True:
            schema.is_nullable = True
        for key in ("anyOf", "oneOf"):
            if ("properties" not in schema.keys and isinstance(schema.keys.get(key), list) and depth > 0) or (
                isinstance(schema.keys.get(key), list) and (is_parameter or self._is_parameter(place))
            ):
                self._choose(schema, key, place, depth)
        unknown = [
            key
            for key in schema.keys
            if key not in _HANDLED
            and key not in _ANNOTATIONS
            and not key.startswith("x-")
            and key not in ("anyOf", "oneOf")
        ]
        schema.lost += [f"`{key}` has no place in a spec" for key in unknown]
        return schema

    def _is_parameter(self, place: Pointer) -> bool:
        return "properties" in place or "items" in place or "allOf" in place

    def _choose(self, schema: _Schema, key: str, place: Pointer, depth: int) -> None:
        """Replace a choice by its only branch besides null, or by the first one with a doubt."""
        branches = [
            self._schema((*schema.places[key], index), depth + 1) for index in range(len(schema.keys[key]))
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
            if self._are_apart(rest):
                schema.branches = rest
                schema.members = {**rest[0].members, **schema.members}  # of a body with several forms
                return
            kinds = ", ".join(str(branch.keys.get("type", "any")) for branch in rest)
            schema.lost.append(f"one of several schemas is allowed ({kinds}); this is the first one")
        self._merge(schema, rest[0])

    def _merge(self, schema: _Schema, other: _Schema) -> None:
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

    def _follow(self, place: Pointer) -> Pointer:
        """Return the place that a reference leads to."""
        for _ in range(_MAX_DEPTH):
            value = self._at(place)
            reference = value.get("$ref") if isinstance(value, dict) else None
            if not isinstance(reference, str) or not reference.startswith("#/"):
                break
            place = tuple(step.replace("~1", "/").replace("~0", "~") for step in reference[2:].split("/"))
        return place

    def _at(self, place: Pointer) -> Any:
        value: Any = self._document.value
        for step in place:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def _span(self, place: Pointer) -> Span:
        position = self._document.position(place)
        return Span(
            self._lines.offset(position.line, position.column),
            self._lines.offset(position.end_line, position.end_column),
        )

    def _key_span(self, place: Pointer) -> Span:
        position = self._document.key_position(place)
        return Span(
            self._lines.offset(position.line, position.column),
            self._lines.offset(position.end_line, position.end_column),
        )


def _files(facts: Facts) -> list[Pointer]:
    """Return the pointers of the types that are files."""
    return [
        pointer for pointer, fact in facts.values.items() if pointer[-1] == "type" and fact.value == "file"
    ]


def _is_file(keys: dict[str, Any]) -> bool:
    """Return whether a schema is the bytes of a file: `format: binary`, or a media type without an encoding as text."""
    if keys.get("type", "string") != "string" or "contentEncoding" in keys:
        return False
    return keys.get("format") == "binary" or "contentMediaType" in keys


def _dict(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> Any:
    """Return an integer for an integral float, as JSON Schema means it."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e16 else value


def _is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, int | float):
        return kind == "number" or (kind == "integer" and float(value).is_integer())
    types: dict[str, type] = {"string": str, "array": list, "object": dict}
    return kind in types and isinstance(value, types[kind])
