"""The meaning of a response: its JSON, the error in it in any shape, and the exception to raise."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from .._core.places import find_first, read
from .errors import (
    APIConnectionError,
    ApiError,
    APIStatusError,
    APITimeoutError,
    ClientStatusError,
    ConfigurationError,
    InvalidResponseError,
    ServerStatusError,
)
from .media import family, is_text, media_type, sniff, starts_as_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .._core.api import Api
    from .._core.places import Paths
    from .settings import Settings
    from .steps import RequestFailure, Response

__all__ = [
    "NOT_JSON",
    "as_object",
    "connection_error",
    "detail_of",
    "error_text",
    "invalid_response",
    "is_web_page",
    "metadata",
    "parse_json",
    "request_id_of",
    "status_error",
    "text_of",
]

NOT_JSON = object()
"""Returned by `parse_json` for everything that is not JSON."""

MAY_BE_BILLED = "The request was sent: it may have been processed and billed."
_LONGEST_DETAIL = 2000
_NESTED_TEXTS = ("message", "detail", "error", "msg", "description", "title", "reason")
_LOCATIONS = ("loc", "path", "param", "parameter", "field")
"""Members beside a text that name the parameter that it is about."""
_LONGEST_START = 200
_DEEPEST = 8
_MOST_TEXTS = 20
_LONGEST_PAGE = 8000
"""Characters of a web page that are read, because the patterns take quadratic time."""


def parse_json(content: bytes | str) -> Any:
    """Return the JSON value, or NOT_JSON. A byte order mark and control characters in texts are accepted."""
    try:
        return json.loads(
            content.removeprefix("\ufeff") if isinstance(content, str) else content, strict=False
        )
    except (ValueError, RecursionError):
        return NOT_JSON


def as_object(value: object) -> dict[str, Any] | None:
    """Return the value if it is a JSON object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def text_of(response: Response) -> str:
    """Return the body as text:

    UTF-16 and UTF-32 as detected, else in the server's character set if Python has it, else in UTF-8.
    """
    found = re.search(r"charset=[\"']?([\w.:-]+)", response.headers.get("content-type", ""), re.IGNORECASE)
    detected = json.detect_encoding(response.content)
    is_wide = detected.startswith(("utf-16", "utf-32"))
    try:
        text = response.content.decode(found[1] if found and not is_wide else detected, errors="replace")
    except (LookupError, ValueError):
        text = response.content.decode(errors="replace")
    return text.removeprefix("\ufeff")


def is_web_page(response: Response) -> bool:
    """Return whether the body is HTML, as proxies send it."""
    is_declared = response.content_type in ("text/html", "application/xhtml+xml")
    return (is_declared and not sniff(response.content)) or starts_as_page(response.content)


def detail_of(text: str, *, paths: Paths, reason: str) -> str:
    """Return the text of an error's body: from the documented place, JSON of any shape, the title of a page, or plain text."""
    value = parse_json(text)
    if value is NOT_JSON:
        found = _plain(text)
    else:
        found = _documented_text(paths, value) or error_text(value) or _dump(value)
    found = " ".join(found.split()) if found else ""
    if len(found) > _LONGEST_DETAIL:
        found = found[: _LONGEST_DETAIL - 1] + "…"
    return found or reason


def _documented_text(paths: Paths, value: object) -> str:
    """Return the text at the first documented place, with what it is about; those of all items, if the place is in a list."""
    path = find_first(paths, value)
    if not path:
        return "" if path is None else error_text(value)
    in_list = next((index for index, step in enumerate(path) if not isinstance(step, str)), len(path) - 1)
    names = (str(path[-1]), *_NESTED_TEXTS)
    return error_text(read(path[:in_list], value), names) or error_text(read(path, value))


def error_text(value: object, names: tuple[str, ...] = _NESTED_TEXTS, depth: int = 0) -> str:
    """Return the text of an error in JSON: the first text under one of the names; texts in a list are joined."""
    if isinstance(value, str):
        return value.strip()
    if depth == _DEEPEST:
        return ""
    if isinstance(value, list):
        items = cast("list[object]", value)[:_MOST_TEXTS]
        texts = [error_text(item, names, depth + 1) for item in items]
        return "; ".join(text for text in texts if text)
    members = as_object(value) or {}
    found = (error_text(members[name], depth=depth + 1) for name in names if name in members)
    text = next((text for text in found if text), "")
    location = _location(members) if text else ""
    return f"{location}: {text}" if location and location.rpartition(".")[2] not in text else text


def _location(members: Mapping[str, Any]) -> str:
    """Return the parameter that an error is about: `["body", "steps"]` and `steps` are steps."""
    value = next((members[name] for name in _LOCATIONS if members.get(name)), "")
    steps = [str(step) for step in cast("list[object]", value if isinstance(value, list) else [value])]
    return ".".join(steps[1:] if steps[0] == "body" else steps)[:_LONGEST_START]


def request_id_of(response: Response | RequestFailure, api: Api, body: object = None) -> str | None:
    """Return the request's id, from the documented header or from the body."""
    for header in api.headers:
        if header.meaning == "request_id" and (value := response.headers.get(header.name.lower())):
            return value
    if body is None:
        return None
    return api.protocol.job_id(body)


def metadata(headers: Mapping[str, str], api: Api) -> dict[str, str | int | float]:
    """Return the documented headers of a response by their meaning; a value of another type stays a text."""
    return {
        header.meaning: _parse_typed(headers[name], header.type)
        for header in api.headers
        if (name := header.name.lower()) in headers
    }


def status_error(settings: Settings, response: Response, *, hints: tuple[str, ...] = ()) -> ApiError:
    """Return the exception for a response that is not a success, without the key if the server repeats it."""
    redactor = settings.redactor
    redact, text = redactor.text, text_of(response)
    body = redactor.json(parse_json(text))
    text = redact(text)
    request_id = request_id_of(response, settings.api, body)
    request_id = redact(request_id) if request_id else None
    if response.status < 400:
        return _unexpected_status(response, redact, request_id)
    documented = next((error for error in settings.api.errors if error.status == response.status), None)
    title = documented.title if documented else redact(response.reason)
    reason = redact(response.reason) or title or f"HTTP {response.status}"
    detail = redact(detail_of(text, paths=settings.api.places.error.get("message", ()), reason=reason))
    parts = [f"{response.status} {title}".strip() + (f": {detail}" if detail and detail != title else "")]
    parts += [f"(request {request_id})"] if request_id else []
    message = " ".join(parts)
    if hints:
        message = " ".join([message if message.endswith((".", "!", "?")) else f"{message}.", *hints])
    kind = settings.status_errors.get(response.status) or (
        ClientStatusError if response.status < 500 else ServerStatusError
    )
    error: APIStatusError = kind(
        message,
        status=response.status,
        detail=detail,
        request_id=request_id,
        body=redact(text) if body is NOT_JSON else body,
        headers={name: redact(value) for name, value in response.headers.items()},
    )
    return error


def connection_error(
    settings: Settings, failure: RequestFailure, *, billed: bool, hints: tuple[str, ...] = ()
) -> ApiError:
    """Return the exception for a request without a response; `billed` means that the request runs a model."""
    text = settings.redactor.text(failure.text)
    if failure.sent and billed:
        text = f"{text}. {MAY_BE_BILLED} The client did not repeat it."
    elif hints:
        text = f"{text}. {' '.join(hints)}"
    kinds: dict[str, type[ApiError]] = {
        "request": ConfigurationError,
        "timeout": APITimeoutError,
        "too_large": InvalidResponseError,
    }
    request_id = request_id_of(failure, settings.api)
    kind = kinds.get(failure.kind, APIConnectionError)
    error = kind(text, request_id=settings.redactor.text(request_id) if request_id else None)
    error.may_be_billed = failure.sent and billed
    return error


def invalid_response(
    settings: Settings,
    response: Response,
    expected: str,
    *,
    billed: bool,
    error: str | None = None,
    missing: str = "",
) -> InvalidResponseError:
    """Return the exception for an unexpected body of a success.

    `error` is the text of the error that the body reports; `missing` is the place at which there should be something.
    """
    redact = settings.redactor.text
    text = text_of(response) if is_text(response.content) else ""
    body = settings.redactor.json(parse_json(text))
    request_id = request_id_of(response, settings.api, body)
    detail = redact(detail_of(error or text, paths=settings.api.places.error.get("message", ()), reason=""))
    message = f"the server responded with status {response.status} and {_kind(response, error)} instead of {expected}"
    if missing:
        message = f"there is no {missing} in the response with status {response.status}"
    if detail:
        message += f": {detail[:_LONGEST_START]}"
    if billed:
        message += f". {MAY_BE_BILLED}"
    invalid = InvalidResponseError(
        message,
        status=response.status,
        detail=detail or None,
        request_id=redact(request_id) if request_id else None,
        body=redact(text) if body is NOT_JSON else body,
        headers={name: redact(value) for name, value in response.headers.items()},
    )
    invalid.may_be_billed = billed
    return invalid


def _kind(response: Response, error: str | None) -> str:
    """Return what the body of a response is."""
    if error is not None:
        return "an error"
    if not response.content.strip():
        return "an empty body"
    if response.status == 206:
        return "a part of the content"
    if is_web_page(response):
        return "a web page"
    kind = media_type(response.content_type, response.content)
    if not sniff(response.content) and is_text(response.content):
        if parse_json(response.content) is not NOT_JSON:
            return "JSON without an output"
        return "invalid JSON" if family(kind) == "json" else kind if family(kind) == "text" else "text"
    return kind or "a body without a content type"


def _unexpected_status(
    response: Response, redact: Callable[[str], str], request_id: str | None
) -> InvalidResponseError:
    location = response.headers.get("location", "")
    target = f" to {redact(location)}" if location else ""
    advice = (
        "Redirects are not followed, to protect the key. If the API has moved, set base_url."
        if response.status != 304
        else "The request did not ask whether something was modified: check proxies and caches in between."
    )
    reason = f" {redact(response.reason)}" if response.reason else ""
    return InvalidResponseError(
        f"the server responded with status {response.status}{reason}{target}. {advice}",
        status=response.status,
        detail=f"{reason}{target}".strip() or None,
        request_id=request_id,
    )


def _dump(value: object) -> str:
    """Return any other JSON as text; empty for empty values."""
    if value is None or value in ("", [], {}):
        return ""
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return ""


def _plain(text: str) -> str:
    """Return the title of a page, or its text without tags; other text unchanged."""
    import html  # It is slow to import, and few errors are pages.

    if not re.search(r"<(!doctype|html|head|body|title|h1|p)\b", text[:2000], re.IGNORECASE):
        return text
    page = text[:_LONGEST_PAGE]
    title = re.search(r"<(title|h1)[^>]*>([^<]+)</", page, re.IGNORECASE)
    if title and title[2].strip():
        return html.unescape(title[2])
    page = re.sub(r"(?is)<(script|style)\b.*?</\1>|<!--.*?-->", " ", page)
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


def _parse_typed(text: str, kind: str) -> str | int | float:
    text = text.strip()
    if kind == "integer" and re.fullmatch(r"[+-]?\d{1,4000}", text, re.ASCII):
        return int(text)
    if kind == "number" and re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text, re.ASCII):
        number = float(text)
        return number if abs(number) != float("inf") else text
    return text
