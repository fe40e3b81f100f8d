"""Reads the models of an API from its OpenAPI document (3.0 or 3.1, JSON or YAML).

Each `post` operation with a JSON object as its body is a model; a body that is a choice of objects with a constant `model` is
one model for each. What the spec format cannot say becomes a doubt, so that nothing is lost silently.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from speccast.pages.facts import Fact, Facts
from speccast.pages.head import slug_in
from speccast.pages.media import add_media
from speccast.pages.openapi_parameters import MEDIA_TYPE, ParameterReader
from speccast.pages.openapi_schemas import ResolvedSchema, as_object
from speccast.pages.reader import Page
from speccast.pages.text import MAX_DOCUMENT
from speccast.specs.document import Document, DocumentError, read_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speccast.core.check import Pointer
    from speccast.pages.apis import ApiPaths
    from speccast.pages.text import PageText

BODIES: Final = {
    "application/json": None,
    "multipart/form-data": "multipart",
    "application/x-www-form-urlencoded": "form",
}
"""Media types of bodies, the preferred one first, and the `body` of a spec that describes each."""
_USUAL_HEADERS: Final = ("authorization", "accept", "content-type", "x-api-key", "api-key")
_NAME: Final = re.compile(r"[^a-z0-9._-]+")


def open_document(source: PageText) -> Document:
    """Parse an OpenAPI document.

    Raises:
        ValueError: the text is not valid YAML or JSON, or not an object.
    """
    try:
        document = read_document(source.text.encode(), source.name, limit=MAX_DOCUMENT)
    except DocumentError as error:
        if error.document is None:
            raise ValueError(error.findings[0].render()) from None
        document = error.document  # the reader of specs refuses what OpenAPI allows, such as equal keys
    if not isinstance(document.value, dict):
        raise ValueError("the document is not an object")
    return document


def server(document: Document) -> tuple[str, str]:
    """Return the address of the first server, and the path below it that all operations share."""
    value: Any = document.value
    servers = value.get("servers")
    url = str(as_object(servers[0]).get("url", "")) if isinstance(servers, list) and servers else ""
    match = re.match(r"(https?://[^/\s{}]+)((?:/[^/\s{}?#]+)*)", url)
    return (match[1], match[2]) if match else ("", "")


def read_operations(
    source: PageText, document: Document, paths: ApiPaths, chosen: Sequence[str] = ()
) -> tuple[list[Page], list[str]]:
    """Return each model of a document as a page that was read, and which operations are left out.

    Args:
        chosen: operation ids or paths; by default all.
    """
    reader = _DocumentReader(document, paths)
    pages: list[Page] = []
    left_out: list[str] = []
    used: set[str] = set()
    value: Any = document.value
    for path, item in as_object(value.get("paths")).items():
        operation = as_object(as_object(item).get("post"))
        if not operation or "{" in str(path):
            continue
        if chosen and operation.get("operationId") not in chosen and path not in chosen:
            continue
        place = ("paths", path, "post")
        found = list(reader.models(str(path), place))
        if not found and "requestBody" in operation:
            line, column = source.place(reader.key_span(place[:-1]).start)
            reason = reader.reason(place)
            left_out.append(f"{source.name}:{line}:{column}: POST {path} is left out: {reason}")
        for facts, names in found:
            slug = facts.values["slug",]
            if _same_names(slug.value) in used:
                longer = _NAME.sub("-", f"{slug.value}{path}".lower())
                while _same_names(longer) in used:
                    longer = f"{longer}-2"
                doubtful = Fact(longer, slug.spans).with_doubt("another operation has the same model")
                facts.values["slug",] = doubtful
            used.add(_same_names(facts.values["slug",].value))
            add_media(facts)
            layouts = frozenset({"openapi"})
            pages.append(Page(source, facts, layouts, is_cut=False, documented=frozenset(names)))
    return pages, left_out


def _same_names(slug: Any) -> str:
    """Return what slugs have in common whose names in Python are the same."""
    return re.sub(r"[^a-z0-9]+", "_", str(slug).lower())


class _DocumentReader(ParameterReader):
    def __init__(self, document: Document, paths: ApiPaths) -> None:
        super().__init__(document)
        self._paths = paths
        self._prefix = server(document)[1]

    def reason(self, place: Pointer) -> str:
        """Return why an operation has no model."""
        at = self.follow((*place, "requestBody"))
        body = as_object(self.at(at))
        content = as_object(body.get("content"))
        media = next((each for each in BODIES if each in content), None)
        if "$ref" in as_object(self.at((*place, "requestBody"))) and not content:
            return f"the reference {self.at((*place, 'requestBody'))['$ref']} leads nowhere"
        if media is None:
            return f"its body is {' or '.join(map(str, content)) or 'empty'}"
        schema = self.schema((*at, "content", media, "schema"))
        if any("leads nowhere" in lost for lost in schema.lost):
            return schema.lost[0]
        if "oneOf" in schema.keys or "anyOf" in schema.keys:
            return "its body is one of several objects without a constant `model`"
        return "its body is not an object with members"

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
        variants = self.alternatives(schema)
        constants = [self._constant(variant) for variant in variants]
        if constants and all(constants):
            for name, variant in zip(constants, variants, strict=True):
                facts, names = self._model(path, place, variant, body, str(name))
                self._send(facts, variant, str(name))
                yield facts, [each for each in names if each != "model"]
        elif schema.members:
            yield self._model(path, place, schema, body, "")

    def _send(self, facts: Facts, variant: ResolvedSchema, name: str) -> None:
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
                facts.values[pointer] = text.with_doubt("the document says binary, which JSON cannot contain")
            return
        facts.add(("body",), Fact(encoding, (span,)))
        for name, described in as_object(as_object(self.at(at)).get("encoding")).items():
            types = [each.strip() for each in str(as_object(described).get("contentType", "")).split(",")]
            for pointer in [("parameters", name), ("parameters", name, "items")]:
                kind = facts.values.get((*pointer, "type"))
                if kind is not None and kind.value == "file" and all(map(MEDIA_TYPE.fullmatch, types)):
                    place = self.span((*at, "encoding", name, "contentType"))
                    facts.add((*pointer, "media_types"), Fact(types, (place,)))

    def _constant(self, variant: ResolvedSchema) -> str | None:
        """Return the constant value of `model` of a variant."""
        return self.only_text(variant.members["model"]) if "model" in variant.members else None

    def _model(
        self, path: str, place: Pointer, schema: ResolvedSchema, body: Pointer, constant: str
    ) -> tuple[Facts, list[str]]:
        facts = Facts()
        operation = self.at(place)
        at_path = self.key_span(place[:-1])
        slug = slug_in(path, self._paths.sync) or slug_in(path, self._paths.submit)
        named = constant or slug or path.rstrip("/").rsplit("/", 1)[-1]
        clean = _NAME.sub("-", named.lower()).strip("-._") or "model"
        fact = Fact(clean, (at_path,))
        facts.add(("slug",), fact if clean == (constant or slug) else fact.with_doubt(f"made from {named}"))
        title = operation.get("summary") or schema.keys.get("title") or clean
        facts.add(("title",), Fact(str(title), (self.span((*place, "summary")),)))
        if described := operation.get("description"):
            facts.add(("description",), Fact(str(described), (self.span((*place, "description")),)))
        self._add_surfaces(facts, path, place, operation, slug)
        names = self.add_properties(facts, ("parameters",), schema, 0)
        self._add_example(facts, body)
        for lost in dict.fromkeys(schema.lost):
            facts.remarks.append((lost, self.span(schema.place)))
        self._add_other_parameters(facts, place)
        return facts, names

    def _add_other_parameters(self, facts: Facts, place: Pointer) -> None:
        """Doubt parameters of an operation that are not in its body."""
        for name, where, at in self.outside_parameters(place):
            is_constant = where == "header" and self.only_text((*at, "schema")) is not None
            is_usual = is_constant or name.lower() in _USUAL_HEADERS
            if where in ("query", "header", "cookie") and not is_usual:
                text = f"the operation also takes `{name}` in the {where}, which the spec leaves out"
                facts.remarks.append((text, self.span(at)))

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
            surfaces = surfaces.with_doubt(reason, [["async"]])
        facts.add(("surfaces",), surfaces)
        if slug is None or slug != facts.values["slug",].value:
            facts.add(("paths", "sync"), Fact(path, (span,)))
        returns = Fact(media or ["application/json"], (self.span(at),))
        if not media or media == ["application/json"]:
            returns = returns.with_doubt(
                "the media type of the output is not in the document", [["image/jpeg"], ["video/mp4"]]
            )
        facts.add(("returns",), returns)

    def _is_job(self, content: Any, at: Pointer) -> bool:
        if "application/json" not in content:
            return False
        schema = self.schema((*at, "content", "application/json", "schema"))
        names = {name for each in (schema, *self.alternatives(schema)) for name in each.members}
        return bool(names & {"id", "request_id", "task_id", "taskId"}) and any(
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


def _files(facts: Facts) -> list[Pointer]:
    """Return the pointers of the types that are files."""
    return [
        pointer for pointer, fact in facts.values.items() if pointer[-1] == "type" and fact.value == "file"
    ]
