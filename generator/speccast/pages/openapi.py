"""Reads the models of an API from its OpenAPI document (3.0 or 3.1, JSON or YAML).

Each `post` operation with a JSON object as its body is a model; a body that is a choice of objects with a constant `model` is
one model for each. What the spec format cannot say becomes a doubt, so that nothing is lost silently.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from speccast.pages.facts import Fact, Facts, Pointer
from speccast.pages.head import slug_in
from speccast.pages.media import add_media
from speccast.pages.openapi_schemas import KEPT, MAX_DEPTH, Schema, Schemas, as_object, is_file, is_of
from speccast.pages.reader import Page
from speccast.pages.text import MAX_DOCUMENT
from speccast.specs.document import Document, DocumentError, read_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speccast.pages.apis import ApiPaths
    from speccast.pages.text import PageText

BODIES: Final = {
    "application/json": None,
    "multipart/form-data": "multipart",
    "application/x-www-form-urlencoded": "form",
}
"""Media types of bodies, the preferred one first, and the `body` of a spec that describes each."""
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+*-]+")
_FILE_LOSES: Final = ("format", "default", "minLength", "maxLength", "pattern", "enum")
_NAME: Final = re.compile(r"[^a-z0-9._-]+")


def open_document(source: PageText) -> Document:
    """Parse an OpenAPI document.

    Raises:
        ValueError: the text is not valid YAML or JSON, or not an object.
    """
    try:
        document = read_document(source.text.encode(), source.name, limit=MAX_DOCUMENT)
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
    url = str(as_object(servers[0]).get("url", "")) if isinstance(servers, list) and servers else ""
    match = re.match(r"(https?://[^/\s{}]+)((?:/[^/\s{}?#]+)*)", url)
    return (match[1], match[2]) if match else ("", "")


def read_operations(
    source: PageText, document: Document, paths: ApiPaths, chosen: Sequence[str] = ()
) -> Iterator[Page]:
    """Yield each model of a document as a page that was read. `chosen` are operation ids or paths."""
    reader = _Reader(document, paths)
    used: set[str] = set()
    value: Any = document.value
    for path, item in as_object(value.get("paths")).items():
        operation = as_object(as_object(item).get("post"))
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


class _Reader(Schemas):
    def __init__(self, document: Document, paths: ApiPaths) -> None:
        super().__init__(document)
        self._paths = paths
        self._prefix = server(document)[1]

    def models(self, path: str, place: Pointer) -> Iterator[tuple[Facts, list[str]]]:
        """Yield the facts of each model of an operation, and the names of its parameters."""
        path = self._prefix + path
        body_place = self.follow((*place, "requestBody"))
        content = as_object(as_object(self.at(body_place)).get("content"))
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
        schema = self.schema(at)
        variants = [
            (key, index) for key in ("oneOf", "anyOf") for index in range(len(schema.keys.get(key, [])))
        ]
        constants = []
        for key, index in variants:
            variant = self.schema((*schema.places[key], index))
            name = self._constant(variant)
            constants.append((name, variant))
        if constants and all(name for name, _ in constants):
            for name, variant in constants:
                facts, names = self._model(path, place, variant, body, str(name))
                self._send(facts, variant, str(name))
                yield facts, [each for each in names if each != "model"]
        elif schema.members:
            yield self._model(path, place, schema, body, "")

    def _send(self, facts: Facts, variant: Schema, name: str) -> None:
        """Make the constant `model` of a variant a constant of its requests, by which models share a path."""
        for pointer in [each for each in facts.values if each[1:2] == ("model",)]:
            del facts.values[pointer]
        facts.add(("sends", "model"), Fact(name, (self.span(variant.members["model"]),)))

    def _add_body(self, facts: Facts, content: Any, at: Pointer) -> None:
        """Add the encoding of a form, the media types of its files, and a doubt for bodies that are left out."""
        span = self.span(at)
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
        for name, described in as_object(as_object(self.at(at)).get("encoding")).items():
            types = [each.strip() for each in str(as_object(described).get("contentType", "")).split(",")]
            for pointer in [("parameters", name), ("parameters", name, "items")]:
                kind = facts.values.get((*pointer, "type"))
                if kind is not None and kind.value == "file" and all(map(_MEDIA_TYPE.fullmatch, types)):
                    place = self.span((*at, "encoding", name, "contentType"))
                    facts.add((*pointer, "media_types"), Fact(types, (place,)))

    def _constant(self, variant: Schema) -> str | None:
        """Return the constant value of `model` of a variant."""
        return self.only_text(variant.members["model"]) if "model" in variant.members else None

    def _model(
        self, path: str, place: Pointer, schema: Schema, body: Pointer, constant: str
    ) -> tuple[Facts, list[str]]:
        facts = Facts()
        operation = self.at(place)
        at_path = self.key_span(place[:-1])
        slug = slug_in(path, self._paths.sync) or slug_in(path, self._paths.submit)
        named = constant or slug or path.rstrip("/").rsplit("/", 1)[-1]
        clean = _NAME.sub("-", named.lower()).strip("-._") or "model"
        fact = Fact(clean, (at_path,))
        facts.add(("slug",), fact if clean == (constant or slug) else fact.doubted(f"made from {named}"))
        title = operation.get("summary") or schema.keys.get("title") or clean
        facts.add(("title",), Fact(str(title), (self.span((*place, "summary")),)))
        if operation.get("description"):
            facts.add(
                ("description",), Fact(str(operation["description"]), (self.span((*place, "description")),))
            )
        self._add_surfaces(facts, path, place, operation, slug)
        names = self._add_properties(facts, ("parameters",), schema, 0)
        self._add_example(facts, body)
        for lost in dict.fromkeys(schema.lost):
            facts.remarks.append((lost, self.span(schema.place)))
        return facts, names

    def _add_surfaces(
        self, facts: Facts, path: str, place: Pointer, operation: Any, slug: str | None
    ) -> None:
        span = self.key_span(place[:-1])
        responses = as_object(operation.get("responses"))
        status = next((code for code in responses if str(code).startswith("2")), None)
        at = self.follow((*place, "responses", status)) if status is not None else place
        content = as_object(as_object(self.at(at)).get("content"))
        media = [str(each) for each in content if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+*-]+", str(each))]
        is_async = slug is not None and slug_in(path, self._paths.submit) == slug
        surfaces = Fact(["async"] if is_async else ["sync"], (span,))
        if not is_async and self._is_job(content, at):
            reason = "the response describes a job, which is fetched by another operation"
            surfaces = surfaces.doubted(reason, [["async"]])
        facts.add(("surfaces",), surfaces)
        if slug is None or slug != facts.values["slug",].value:
            facts.add(("paths", "sync"), Fact(path, (span,)))
        returns = Fact(media or ["application/json"], (self.span(at),))
        if not media or media == ["application/json"]:
            returns = returns.doubted(
                "the media type of the output is not in the document", [["image/jpeg"], ["video/mp4"]]
            )
        facts.add(("returns",), returns)

    def _is_job(self, content: Any, at: Pointer) -> bool:
        if "application/json" not in content:
            return False
        schema = self.schema((*at, "content", "application/json", "schema"))
        names = set(schema.members)
        for key in ("oneOf", "anyOf"):
            for index in range(len(schema.keys.get(key, []))):
                names |= set(self.schema((*schema.places[key], index)).members)
        return any(name in names for name in ("id", "request_id", "task_id", "taskId")) and any(
            re.search(r"status|poll|state", name) for name in names
        )

    def _add_example(self, facts: Facts, at: Pointer) -> None:
        media = as_object(self.at(at))
        example, where = media.get("example"), (*at, "example")
        examples = as_object(media.get("examples"))
        if example is None and examples:
            name = next(iter(examples))
            example, where = as_object(examples[name]).get("value"), (*at, "examples", name, "value")
        for key, value in as_object(example).items():
            kinds = [facts.values.get(("parameters", str(key), *rest, "type")) for rest in ((), ("items",))]
            if any(kind is not None and kind.value == "file" for kind in kinds):
                continue
            facts.add(("example", str(key)), Fact(value, (self.span((*where, key)),)))

    def _add_properties(self, facts: Facts, base: Pointer, schema: Schema, depth: int) -> list[str]:
        required = schema.keys.get("required", [])
        for name, place in schema.members.items():
            pointer = (*base, str(name))
            self._add_parameter(facts, pointer, self.schema(place), depth)
            if isinstance(required, list) and name in required:
                facts.add((*pointer, "required"), Fact(True, (self.span(schema.places["required"]),)))
        return list(schema.members)

    def _add_parameter(self, facts: Facts, pointer: Pointer, schema: Schema, depth: int) -> None:
        keys = schema.keys
        if schema.branches:
            self._add_union(facts, pointer, schema, depth)
            return
        kind = self.kind_of(schema)
        where = schema.places.get("type", schema.place)
        value: Any = [kind, "null"] if schema.is_nullable else kind
        fact = Fact(value, (self.span(where),))
        for lost in dict.fromkeys(schema.lost):
            fact = fact.doubted(lost)
        facts.add((*pointer, "type"), fact)
        self._add_kept(facts, pointer, schema, kind)
        self._add_examples(facts, pointer, schema)
        if depth >= MAX_DEPTH:
            facts.doubt((*pointer, "type"), "the schema is nested too deeply or contains itself")
            return
        if kind == "array" and isinstance(keys.get("items"), dict) and keys["items"]:
            self._add_parameter(
                facts, (*pointer, "items"), self.schema((*schema.places["items"],)), depth + 1
            )
        if kind == "object":
            if schema.members:
                self._add_properties(facts, (*pointer, "properties"), schema, depth + 1)
            if keys.get("additionalProperties") not in (None, False):
                facts.doubt((*pointer, "type"), "other members are allowed, which a spec cannot say")

    def _add_union(self, facts: Facts, pointer: Pointer, schema: Schema, depth: int) -> None:
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
            fact = fact.doubted(doubt)
        facts.add((*pointer, "anyOf"), fact)
        for key in ("default", "description"):
            if schema.keys.get(key) not in (None, ""):
                facts.add((*pointer, key), Fact(schema.keys[key], (self.span(schema.places[key]),)))
        self._add_examples(facts, pointer, schema)

    def _add_kept(self, facts: Facts, pointer: Pointer, schema: Schema, kind: str) -> None:
        """Add the keys that mean the same in a spec, and the bounds of OpenAPI 3.0."""
        keys = schema.keys
        if kind == "file":
            self._add_file(facts, pointer, schema)
            return
        for key in (*KEPT, "open"):
            is_null = key == "default" and keys.get(key) is None and not schema.is_nullable
            is_empty = key == "description" and not str(keys.get(key, "")).strip()
            if key in keys and not is_null and not is_empty:
                facts.add((*pointer, key), self._kept(schema, key, kind))
        if "const" in keys:
            span = (self.span(schema.places["const"]),)
            facts.add((*pointer, "enum"), Fact([keys["const"]], span))
            facts.add((*pointer, "default"), Fact(keys["const"], span))
        for key, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if keys.get(key) is True and (*pointer, limit) in facts.values:
                facts.add((*pointer, key), facts.values.pop((*pointer, limit)))
            elif isinstance(keys.get(key), int | float) and not isinstance(keys.get(key), bool):
                facts.add((*pointer, key), Fact(_number(keys[key]), (self.span(schema.places[key]),)))

    def _add_file(self, facts: Facts, pointer: Pointer, schema: Schema) -> None:
        keys = schema.keys
        named = str(keys.get("contentMediaType", ""))
        if _MEDIA_TYPE.fullmatch(named) and named != "application/octet-stream":
            place = self.span(schema.places["contentMediaType"])
            facts.add((*pointer, "media_types"), Fact([named], (place,)))
        if str(keys.get("description", "")).strip():
            facts.add((*pointer, "description"), self._kept(schema, "description", "file"))
        for key in _FILE_LOSES[1:]:
            if key in keys:
                facts.doubt((*pointer, "type"), f"`{key}` has no meaning for a file")

    def _kept(self, schema: Schema, key: str, kind: str) -> Fact:
        value = schema.keys[key]
        if key == "enum" and schema.is_nullable and isinstance(value, list) and None not in value:
            value = [*value, None]
        if key == "enum" and isinstance(value, list):
            value = [each for index, each in enumerate(value) if each not in value[:index]]
        fact = Fact(_number(value), (self.span(schema.places[key]),))
        if key == "pattern" and kind == "string":
            return fact
        if key == "default" and not is_of(value, kind) and not (value is None and schema.is_nullable):
            return fact.doubted(f"the default is not of the type {kind}")
        return fact

    def _add_examples(self, facts: Facts, pointer: Pointer, schema: Schema) -> None:
        if is_file(schema.keys):
            return
        for key in ("examples", "example"):
            if key in schema.keys:
                value = schema.keys[key]
                shown = value if key == "examples" and isinstance(value, list) else [value]
                if shown and ("default" not in schema.keys or shown != [schema.keys["default"]]):
                    facts.add((*pointer, "examples"), Fact(shown, (self.span(schema.places[key]),)))
                return


def _files(facts: Facts) -> list[Pointer]:
    """Return the pointers of the types that are files."""
    return [
        pointer for pointer, fact in facts.values.items() if pointer[-1] == "type" and fact.value == "file"
    ]


def _number(value: Any) -> Any:
    """Return an integer for an integral float, as JSON Schema means it."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e16 else value
