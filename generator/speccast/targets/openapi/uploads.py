"""The request that uploads a file before a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from speccast.core.answers import parse_text, placeholders_in
from speccast.core.encoding import ENCODINGS
from speccast.core.omit import OMIT
from speccast.core.upload_surface import CONTENTS
from speccast.core.values import kind_of
from speccast.samples.filling import fill
from speccast.targets.openapi.headers import constant_query, header_references
from speccast.targets.openapi.responses import EXAMPLE_ID, JSON, errors_of, success
from speccast.targets.openapi.samples import sample_schema

if TYPE_CHECKING:
    from speccast.core.api import Api
    from speccast.core.upload_surface import UploadSurface

FILES: Final = "files"
"""Tag of the upload."""

_PICTURE: Final = "iVBORw0KGgo="
_VALUES: Final[dict[str, Any]] = {
    "data_uri": f"data:image/png;base64,{_PICTURE}",
    "base64": _PICTURE,
    "file": "the content of the file",
    "name": "fox.png",
    "extension": "png",
    "media_type": "image/png",
    "size": 8,
    "url": "https://files.example/fox.png",
    "put_url": "https://files.example/fox.png?signature=1",
    "post_url": "https://files.example/",
    "fields": {"key": "fox.png"},
    "id": EXAMPLE_ID,
    "now": "2026-01-31T12:00:00.000Z",
    "unix": 1769860800,
}
_BASE64: Final = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})"
_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "data_uri": {
        "type": "string",
        "pattern": f"^data:[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+;base64,{_BASE64}$",
        "description": "The file as a data URI.",
    },
    "base64": {"type": "string", "pattern": f"^{_BASE64}$", "description": "The file as base64."},
    "file": {"type": "string", "format": "binary", "description": "The file."},
    "name": {"type": "string", "description": "Name of the file."},
    "extension": {"type": "string", "description": "Extension of the name, without a dot."},
    "media_type": {"type": "string", "description": "Media type of the file."},
    "size": {"type": "integer", "description": "Number of bytes."},
}


def upload_path(surface: UploadSurface) -> str:
    """Return the path of an upload without its query."""
    return surface.path.partition("?")[0]


def upload_operation(api: Api, surface: UploadSurface) -> dict[str, Any]:
    """Return the Operation Object of an upload."""
    second = "put_url" if "put_url" in surface.places else "post_url"
    sentences = ["Uploads a file, whose address calls then contain. It costs nothing."]
    if surface.has_second_request:
        how = "by PUT" if second == "put_url" else "in a form, with the fields of the answer, as `file`"
        sentences = [
            f"Announces a file. It is then sent {how} to the address in the answer, without the key."
        ]
    if surface.observed:
        sentences.append("Observed, not documented.")
    operation: dict[str, Any] = {
        "operationId": "upload_file",
        "summary": "Upload a file",
        "description": " ".join(sentences),
        "tags": [FILES],
    }
    query = parse_qsl(surface.path.partition("?")[2], keep_blank_values=True)
    if parameters := [*(constant_query(*part) for part in query), *header_references(api)]:
        operation["parameters"] = parameters
    operation["requestBody"] = {"required": True, "content": _content(surface)}
    body = surface.answer.body
    content = {JSON: {"schema": sample_schema([body]), "example": fill(body, _VALUES)}}
    operation["responses"] = {
        str(surface.answer.status or 200): success(api, "What calls contain instead of the file.", content),
        **errors_of(api),
    }
    return operation


def _content(surface: UploadSurface) -> dict[str, Any]:
    if surface.encoding == "binary":
        return {"application/octet-stream": {}}
    sample = {} if surface.body is OMIT else surface.body
    media: dict[str, Any] = {"schema": _schema(sample)}
    if surface.encoding == "json":
        media["example"] = fill(sample, _VALUES)
    return {ENCODINGS[surface.encoding].media_type: media}


def _schema(sample: Any) -> dict[str, Any]:
    """Return the schema of a body that is like a sample. What only describes the file may be missing."""
    if isinstance(sample, dict):
        required = [name for name, member in sample.items() if not _describes(member)]
        return {
            "type": "object",
            "properties": {name: _schema(member) for name, member in sample.items()},
            **({"required": required} if required else {}),
        }
    if isinstance(sample, list):
        if len(sample) == 1:
            return {"type": "array", "items": _schema(sample[0]), "minItems": 1}
        return {
            "type": "array",
            "prefixItems": [_schema(item) for item in sample],
            "minItems": len(sample),
            "maxItems": len(sample),
        }
    if isinstance(sample, str) and any(part.name for part in parse_text(sample)):
        parts = parse_text(sample)
        return dict(_SCHEMAS[parts[0].name]) if len(parts) == 1 else {"type": "string"}
    return {"type": kind_of(sample) or "null", "enum": [sample]}


def _describes(sample: Any) -> bool:
    names = [name for _, name, _ in placeholders_in(sample)]
    return bool(names) and not any(name in CONTENTS for name in names)
