"""Drafts the `api.yaml` of an API from its OpenAPI document: address, authentication, paths and errors."""

from __future__ import annotations

import re
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from speccast.pages.openapi import server
from speccast.pages.openapi_schemas import Schemas, as_object
from speccast.pages.openapi_uploads import read_upload
from speccast.pages.writing import COMMENT, entry_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.specs.document import Document

_EXCEPTIONS: Final = {
    400: "BadRequestError",
    401: "AuthenticationError",
    402: "InsufficientCreditsError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
    500: "InternalServerError",
    502: "BadGatewayError",
    503: "ServiceUnavailableError",
    504: "GatewayTimeoutError",
}


def api_text(document: Document, names: Mapping[str, str], *, modeline: str) -> str:
    """Return the text of an `api.yaml`. `names` are its package, distribution, command, client and environment."""
    value: Any = document.value
    info = as_object(value.get("info"))
    address, prefix = server(document)
    lines = [modeline, f"{COMMENT} drafted from {document.path}; compare it with the documentation"]
    tree: dict[str, Any] = {"speccast": 1, "title": str(info.get("title") or names["package"])}
    if info.get("description"):
        tree["description"] = str(info["description"]).strip().split("\n\n")[0]
    tree["base_url"] = address or "https://api.example.com"
    auth, doubt = _auth(value)
    tree["auth"] = auth
    tree["environment"] = {
        "api_key": f"{names['environment']}_API_KEY",
        "base_url": f"{names['environment']}_BASE_URL",
    }
    tree |= {key: names[key] for key in ("package", "distribution", "command", "client")}
    tree |= {"version": "0.1.0", "sync": {"path": _template(document)}}
    if headers := _request_headers(document):
        tree["request_headers"] = headers
    if errors := list(_errors(value)):
        tree["errors"] = errors
    comments = {
        "base_url": "" if address else "the document names no server",
        "auth": doubt,
        "sync": "jobs are not drafted: if the API has them, add `async` with its paths and states",
    }
    upload, comments["version"] = read_upload(document, prefix)
    if upload:
        tree["upload"] = upload
        comments["upload"] = (
            "add `above` and `retention` if the documentation has other limits than the defaults"
        )
    for key, part in tree.items():
        if comments.get(key):
            lines += entry_lines("", None, 0, comment=comments[key])
        lines += entry_lines(key, part, 0)
    return "\n".join(lines) + "\n"


def _request_headers(document: Document) -> dict[str, str]:
    """Return the headers of operations that have to have one value, such as the version of the API."""
    schemas = Schemas(document)
    value: Any = document.value
    places = [("paths", path, "post") for path in as_object(value.get("paths"))]
    found = [each for place in places for each in schemas.outside_parameters(place)]
    return {
        name: text
        for name, where, at in found
        if where == "header" and (text := schemas.only_text((*at, "schema"))) is not None
    }


def _template(document: Document) -> str:
    """Return the path that most operations share, with the last part as the slug."""
    value: Any = document.value
    prefix = server(document)[1]
    parents = Counter(
        prefix + str(path).rsplit("/", 1)[0]
        for path, item in as_object(value.get("paths")).items()
        if isinstance(item, dict) and "post" in item and "{" not in str(path)
    )
    return (parents.most_common(1)[0][0] if parents else "") + "/{slug}"


def _auth(value: Any) -> tuple[dict[str, str], str]:
    """Return where the key goes, and what a person has to decide about it."""
    schemes = as_object(as_object(value.get("components")).get("securitySchemes"))
    bearer = {"in": "header", "name": "Authorization", "scheme": "Bearer"}
    found: list[tuple[str, dict[str, str]]] = []
    for name, scheme in ((name, as_object(scheme)) for name, scheme in schemes.items()):
        if scheme.get("type") == "apiKey" and scheme.get("in") in ("header", "query"):
            found.append((str(name), {"in": scheme["in"], "name": str(scheme.get("name"))}))
        elif scheme.get("type") == "http" and str(scheme.get("scheme")).lower() == "bearer":
            found.append((str(name), bearer))
    if not found:
        return bearer, "the document has no key that a spec can have"
    if len({tuple(auth.items()) for _, auth in found}) == 1:
        return found[0][1], ""
    return found[0][1], f"the document has several kinds of keys: {', '.join(name for name, _ in found)}"


def _errors(value: Any) -> Iterator[dict[str, Any]]:
    described: dict[int, str] = {}
    for item in as_object(value.get("paths")).values():
        for status, response in as_object(as_object(as_object(item).get("post")).get("responses")).items():
            if re.fullmatch(r"[45]\d\d", str(status)):
                described.setdefault(int(status), str(as_object(response).get("description") or ""))
    for status in sorted(described):
        title = HTTPStatus(status).phrase if status in list(HTTPStatus) else f"Status {status}"
        entry: dict[str, Any] = {"status": status, "title": title}
        if described[status] and described[status] != title:
            entry["description"] = described[status].strip().split("\n\n")[0]
        entry["exception"] = _EXCEPTIONS.get(status, f"Status{status}Error")
        if status == 422 and 400 not in described:
            entry["occasions"] = ["invalid_body", "invalid_parameters"]
        yield entry
