"""What an answer means: its JSON, the error in it whatever its shape, and the exception to raise."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from .._core.api import JobSurface
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

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core.api import Api
    from .settings import Settings
    from .steps import Answer, Failure

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
"""What `parse_json` answers for everything that is none."""

MAY_BE_BILLED = "The request had been sent: it may have been carried out and billed."
_LONGEST_DETAIL = 2000
_NESTED_TEXTS = ("message", "detail", "error", "msg", "description", "title", "reason")
_DEEPEST = 8
_MOST_TEXTS = 20
_LONGEST_PAGE = 8000
"""As much of a web page as is looked at; the patterns take time that grows with its square."""


def parse_json(content: bytes | str) -> Any:
    """The JSON value, or NOT_JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return NOT_JSON


def as_object(value: object) -> dict[str, Any] | None:
    """The value if it is a JSON object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def text_of(answer: Answer) -> str:
    """The body as text, in the character set that the server names if there is such a one, else UTF-8."""
    found = re.search(r"charset=[\"']?([\w.:-]+)", answer.headers.get("content-type", ""), re.IGNORECASE)
    try:
        return answer.content.decode(found[1] if found else "utf-8", errors="replace")
    except (LookupError, ValueError):
        return answer.content.decode(errors="replace")


def is_web_page(answer: Answer) -> bool:
    """Whether the body is HTML, which APIs do not answer but proxies and error pages do."""
    start = answer.content[:256].lstrip().lower()
    return answer.content_type in ("text/html", "application/xhtml+xml") or start.startswith(
        (b"<!doctype html", b"<html")
    )


def detail_of(text: str, *, error_field: str, reason: str) -> str:
    """What an error's body says: text from JSON of any shape, a page's title, plain text, else the reason phrase."""
    value = parse_json(text)
    names = (error_field, *_NESTED_TEXTS)
    found = _plain(text) if value is NOT_JSON else error_text(value, names) or _dump(value)
    found = " ".join(found.split()) if found else ""
    if len(found) > _LONGEST_DETAIL:
        found = found[: _LONGEST_DETAIL - 1] + "…"
    return found or reason


def error_text(value: object, names: tuple[str, ...] = _NESTED_TEXTS, depth: int = 0) -> str:
    """The text of an error in JSON, under the first of the names that has one; several texts in a list are joined."""
    if isinstance(value, str):
        return value.strip()
    if depth == _DEEPEST:
        return ""
    if isinstance(value, list):
        texts = [error_text(item, depth=depth + 1) for item in cast("list[object]", value)[:_MOST_TEXTS]]
        return "; ".join(text for text in texts if text)
    members = as_object(value) or {}
    found = (error_text(members[name], depth=depth + 1) for name in names if name in members)
    return next((text for text in found if text), "")


def request_id_of(answer: Answer, api: Api, body: object = None) -> str | None:
    """The server's name for the request, from the header that the API documents or from the body."""
    for header in api.headers:
        if header.meaning == "request_id" and (value := answer.headers.get(header.name.lower())):
            return value
    return (api.jobs or JobSurface("", "", "")).protocol.job_id(body)


def metadata(headers: Mapping[str, str], api: Api) -> dict[str, str | int | float]:
    """The documented headers of an answer by their meaning; a value that is not of its type stays a text."""
    return {
        header.meaning: _typed(headers[name], header.type)
        for header in api.headers
        if (name := header.name.lower()) in headers
    }


def status_error(settings: Settings, answer: Answer, *, hints: tuple[str, ...] = ()) -> ApiError:
    """The exception for an answer that is no success; what the server repeats of the key is taken out."""
    redact = settings.redactor.text
    text = redact(text_of(answer))
    body = parse_json(text)
    request_id = request_id_of(answer, settings.api, body)
    request_id = redact(request_id) if request_id else None
    if answer.status < 400:
        return _unexpected_status(answer, redact(answer.headers.get("location", "")), request_id)
    documented = next((error for error in settings.api.errors if error.status == answer.status), None)
    title = documented.title if documented else redact(answer.reason)
    reason = redact(answer.reason) or title or f"HTTP {answer.status}"
    detail = detail_of(text, error_field=settings.api.error_field, reason=reason)
    parts = [f"{answer.status} {title}".strip() + (f": {detail}" if detail and detail != title else "")]
    parts += [f"(request {request_id})"] if request_id else []
    message = " ".join(parts)
    if hints:
        message = " ".join([message if message.endswith((".", "!", "?")) else f"{message}.", *hints])
    kind = settings.status_errors.get(answer.status) or (
        ClientStatusError if answer.status < 500 else ServerStatusError
    )
    error: APIStatusError = kind(
        message,
        status=answer.status,
        detail=detail,
        request_id=request_id,
        body=text if body is NOT_JSON else body,
        headers={name: redact(value) for name, value in answer.headers.items()},
    )
    return error


def connection_error(settings: Settings, failure: Failure, *, billed: bool) -> ApiError:
    """The exception for a request without an answer; `billed` says that the request runs a model."""
    text = settings.redactor.text(failure.text)
    if failure.kind == "request":
        return ConfigurationError(text)
    if failure.sent and billed:
        text = f"{text}. {MAY_BE_BILLED} It was not repeated."
    return (APITimeoutError if failure.kind == "timeout" else APIConnectionError)(text)


def invalid_response(
    settings: Settings, answer: Answer, expected: str, *, billed: bool
) -> InvalidResponseError:
    """The exception for a success that is not what was expected, with the beginning of it."""
    redact = settings.redactor.text
    request_id = request_id_of(answer, settings.api)
    kind = "a web page" if is_web_page(answer) else answer.content_type or "something without a content type"
    start = detail_of(redact(text_of(answer)), error_field=settings.api.error_field, reason="")[:200]
    message = f"the server answered {answer.status} with {kind} instead of {expected}"
    if start:
        message += f": {start}"
    if billed:
        message += f". {MAY_BE_BILLED}"
    return InvalidResponseError(
        message,
        status=answer.status,
        detail=start or None,
        request_id=redact(request_id) if request_id else None,
    )


def _unexpected_status(answer: Answer, location: str, request_id: str | None) -> InvalidResponseError:
    target = f" to {location}" if location else ""
    advice = "Redirects are not followed, because the key would go along; if the API moved, set base_url."
    return InvalidResponseError(
        f"the server answered {answer.status} {answer.reason}{target}. {advice}".replace("  ", " "),
        status=answer.status,
        detail=f"{answer.reason}{target}".strip() or None,
        request_id=request_id,
    )


def _dump(value: object) -> str:
    """Any other JSON as it is; nothing for what says nothing."""
    if value is None or value in ("", [], {}):
        return ""
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return ""


def _plain(text: str) -> str:
    """A page's title or else its text without tags; other text as it is."""
    import html  # takes time to load, and few errors are pages

    if not re.search(r"<(!doctype|html|head|body|title|h1|p)\b", text[:2000], re.IGNORECASE):
        return text
    page = text[:_LONGEST_PAGE]
    title = re.search(r"<(title|h1)[^>]*>([^<]+)</", page, re.IGNORECASE)
    if title and title[2].strip():
        return html.unescape(title[2])
    page = re.sub(r"(?is)<(script|style)\b.*?</\1>|<!--.*?-->", " ", page)
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


def _typed(text: str, kind: str) -> str | int | float:
    text = text.strip()
    if kind == "integer" and re.fullmatch(r"[+-]?\d{1,4000}", text, re.ASCII):
        return int(text)
    if kind == "number" and re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text, re.ASCII):
        number = float(text)
        return number if abs(number) != float("inf") else text
    return text
