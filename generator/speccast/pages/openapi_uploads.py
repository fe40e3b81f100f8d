"""Finds how an API takes a file before a request, from its OpenAPI document: `upload` of an `api.yaml`.

An upload is certain if one operation is an upload by its path, each required member of its body is the file, a property of the
file, or a constant, and only one member of its response can be the address that requests then contain:

    POST /files, a form with `content` (binary)         201, { urls: { get: URI } }
    POST /uploads, { filename, type: ephemeral }        200, { uploadUrl: URI, fields: object, uri: URI }
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from speccast.pages.facts import with_value
from speccast.pages.openapi_schemas import MAX_DEPTH, Schemas, as_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.check import Pointer
    from speccast.pages.openapi_schemas import ResolvedSchema
    from speccast.specs.document import Document

_PATH: Final = re.compile(r"(?i)(?:^|[/_-])(?:uploads?|files|assets|init-image)(?:/|\Z)")
_KNOWN: Final = {
    "{name}": re.compile(r"(?i)(?:file_?)?name"),
    "{extension}": re.compile(r"(?i)(?:file_?)?ext(?:ension)?"),
    "{media_type}": re.compile(r"(?i)(?:content|mime|media|file)_?type"),
    "{size}": re.compile(r"(?i)(?:file_?|content_?)?(?:size|length)"),
    "{data_uri}": re.compile(r"(?i)data_?ur[il]"),
    "{base64}": re.compile(r"(?i)\w*base64"),
}
"""Names of members of a body, and the placeholders of what they contain."""
_CONTENT: Final = ("{file}", "{base64}", "{data_uri}")
_TARGET: Final = re.compile(r"(?i)(?:upload|put|presigned|signed)_?ur[il]")
"""Names of members with the address that the file is sent to."""


def read_upload(document: Document, prefix: str) -> tuple[dict[str, Any], str]:
    """Return the upload of an API, or nothing and what a person has to describe."""
    reader = _UploadReader(document)
    value: Any = document.value
    paths = [
        str(path)
        for path, item in as_object(value.get("paths")).items()
        if "post" in as_object(item) and "{" not in str(path) and _PATH.search(str(path))
    ]
    if not paths:
        return {}, ""
    upload = reader.upload(paths[0], prefix) if len(paths) == 1 else {}
    if upload:
        return upload, ""
    return {}, f"uploads are not drafted: describe POST {' or POST '.join(paths)} as `upload`"


class _UploadReader(Schemas):
    def upload(self, path: str, prefix: str) -> dict[str, Any]:
        place: Pointer = ("paths", path, "post")
        sent = self._body(self.follow((*place, "requestBody")))
        answers = as_object(as_object(self.at(place)).get("responses"))
        status = next((each for each in answers if re.fullmatch(r"2\d\d", str(each))), None)
        if sent is None or status is None:
            return {}
        encoding, body = sent
        answer = self._answer(
            self.follow((*place, "responses", status)), has_content=_has_content(encoding, body)
        )
        if answer is None:
            return {}
        upload: dict[str, Any] = {"url": prefix + path}
        if encoding != "json":
            upload["encoding"] = encoding
        if body:
            upload["body"] = body
        upload["answer"] = {"body": answer}
        if str(status) != "200":
            upload["answer"] = {"status": int(status), "body": answer}
        return upload

    def _body(self, place: Pointer) -> tuple[str, dict[str, Any]] | None:
        """Return the encoding and the body of an upload with placeholders, or None if a member is not known."""
        content = as_object(as_object(self.at(place)).get("content"))
        if len(content) != 1:
            return None
        media = str(next(iter(content)))
        if media == "application/octet-stream" or media.endswith("/*"):
            return "binary", {}
        encoding = {"application/json": "json", "multipart/form-data": "multipart"}.get(media)
        schema = self.schema((*place, "content", media, "schema"))
        required = schema.keys.get("required", [])
        body: dict[str, Any] = {}
        for name, at in schema.members.items():
            value = self._sent(name, self.schema(at), encoding or "")
            if value is None and name in required:
                return None
            if value is not None and (name in required or value in _CONTENT):
                body[name] = value
        return (encoding, body) if encoding and body else None

    def _sent(self, name: str, schema: ResolvedSchema, encoding: str) -> Any:
        """Return what a member of the body contains: a placeholder, or the constant that it has to be."""
        kind = self.kind_of(schema)
        if kind == "array" and "items" in schema.places:
            item = self._sent(name.rstrip("s"), self.schema(schema.places["items"]), encoding)
            return [item] if item in _CONTENT else None
        if kind == "file":
            return "{file}" if encoding == "multipart" else None
        if (constant := self.only_text(schema.place)) is not None:
            return constant
        if schema.keys.get("format") in ("byte", "base64"):
            return "{base64}"
        return next((placeholder for placeholder, names in _KNOWN.items() if names.fullmatch(name)), None)

    def _answer(self, place: Pointer, *, has_content: bool) -> Any:
        """Return the answer with placeholders, or None if it is not certain which member is the address."""
        if "application/json" not in as_object(as_object(self.at(place)).get("content")):
            return None
        schema = (*place, "content", "application/json", "schema")
        found = list(self._addresses(schema, (), 0))
        targets = [pointer for pointer in found if _TARGET.fullmatch(str(pointer[-1]))]
        addresses = [pointer for pointer in found if pointer not in targets]
        if has_content:
            return with_value({}, found[0], "{url}") if len(found) == 1 else None
        if len(targets) != 1 or len(addresses) != 1:
            return None
        fields = self.schema(schema).members.get("fields")
        is_form = fields is not None and self.kind_of(self.schema(fields)) == "object"
        if fields is not None and not is_form:
            return None
        answer = with_value({}, targets[0], "{post_url}" if is_form else "{put_url}")
        answer = with_value(answer, ("fields",), "{fields}") if is_form else answer
        return with_value(answer, addresses[0], "{url}")

    def _addresses(self, place: Pointer, pointer: Pointer, depth: int) -> Iterator[Pointer]:
        """Yield the members that are addresses by their format or their names."""
        if depth > MAX_DEPTH:
            return
        schema = self.schema(place, 1)
        for name, at in schema.members.items():
            member = self.schema(at, 1)
            kind = member.keys.get("type")
            is_named = re.search(r"(?i)ur[il]\Z", name) is not None
            if kind == "string" and (member.keys.get("format") in ("uri", "url") or is_named):
                yield *pointer, name
            elif member.members:
                yield from self._addresses(at, (*pointer, name), depth + 1)


def _has_content(encoding: str, body: dict[str, Any]) -> bool:
    values = [each[0] if isinstance(each, list) else each for each in body.values()]
    return encoding == "binary" or any(each in _CONTENT for each in values)
