"""Checks that a response with a status of success is what the model returns, and not an error or a web page."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .._core.places import has_output, outputs_in_words
from .media import bare, family, is_generic, is_media, is_xml_error, matches, media_type, sniff
from .outputs import find, find_in_text
from .response import (
    NOT_JSON,
    as_object,
    error_text,
    invalid_response,
    is_web_page,
    parse_json,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core.api import Api
    from .._core.places import Paths
    from .settings import Settings
    from .steps import Response

__all__ = ["check_returned", "find_error"]

_COMPLETE = frozenset({200, 201, 202, 203})
"""Statuses of success with the whole content: 204 and 205 have none, 206 a part."""

_OUTPUT_NAMES = (
    "output", "outputs", "result", "results", "data", "choices", "content", "text", "candidates", "images", "image",
)  # fmt: skip
_ERROR_NAMES = ("error", "errors", "error_message", "errorMessage", "exception")
_MESSAGES = ("message", "detail", "msg", "reason", "description", "title")
_MOST_ERRORS = 20
_FAILED = frozenset({"error", "failed", "failure", "fail"})
_ABOUT_AN_ERROR = frozenset({
    "code", "created", "detail", "id", "message", "metrics", "model", "msg", "object", "ok", "path", "reason",
    "request_id", "requestid", "status", "status_code",
    "success", "timestamp", "title", "traceback", "type", "usage",
})  # fmt: skip


def check_returned(settings: Settings, response: Response, returns: tuple[str, ...]) -> None:
    """Raise InvalidResponseError unless a successful response is what the model returns.

    `returns` are the documented media types. Without any, only errors are refused.
    """
    proven = sniff(response.content)
    is_complete = response.status in _COMPLETE and bool(response.content.strip())
    if is_complete and proven and (proven in returns or not returns):
        return
    *others, last = returns or ("the model's output",)
    expected = f"{', '.join(others)} or {last}" if others else last
    if not is_complete:
        raise invalid_response(settings, response, expected, billed=True)
    value = NOT_JSON if proven else parse_json(response.content)
    is_media_model = any(is_media(bare(each)) for each in returns)
    if (error := find_error(value, settings.api, is_media_model=is_media_model)) is not None:
        raise invalid_response(settings, response, expected, billed=True, error=error)
    if returns and value is not NOT_JSON and (missing := outputs_in_words(settings.api.places.sync)):
        if has_output(settings.api.places.sync, value):
            return
        if missing := _missing(settings.api.places.sync, value, returns):
            raise invalid_response(settings, response, expected, billed=True, missing=missing)
    if not (_is_expected(response, value, returns) if returns else not _is_page(response)):
        raise invalid_response(settings, response, expected, billed=True)


def find_error(value: object, api: Api, *, is_media_model: bool = False) -> str | None:
    """Return the text of the error that JSON reports instead of an output; None if it does not.

    From a model that returns media, an object that only has a message is an error, too.
    """
    if isinstance(value, list):
        items = cast("list[object]", value)[:_MOST_ERRORS]
        errors = [None if isinstance(each, list) else find_error(each, api) for each in items]
        return "; ".join(map(str, errors)) if errors and None not in errors else None
    members = as_object(value)
    if members is None:
        return None
    documented = {str(path[0]) for path in api.places.error.get("message", ()) if path}
    names = (*documented, *_ERROR_NAMES)
    places = api.places
    if has_output(places.sync, value) or has_output(places.result, value):
        return None
    outputs = find(members, only_links=True, ignored=names)
    if outputs or any(members.get(name) for name in _OUTPUT_NAMES if name not in names):
        return None
    # Other members may be the output of a model that returns JSON, such as the errors in a text and the corrected text.
    given = {name.lower() for name, member in members.items() if member}
    is_about_an_error = given <= _ABOUT_AN_ERROR.union(name.lower() for name in names)
    has_error = any(members.get(name) for name in names) or _has_failed(members, api)
    if any(members.get(name) for name in documented) or (has_error and (is_media_model or is_about_an_error)):
        return error_text(members, (*names, *_MESSAGES)) or "no reason"
    return (error_text(members, _MESSAGES) or None) if is_media_model and is_about_an_error else None


def _has_failed(members: Mapping[str, object], api: Api) -> bool:
    failed = (
        {state.name.casefold() for state in api.jobs.states if state.phase == "failed"} if api.jobs else ()
    )
    status = members.get("status")
    says_so = isinstance(status, str) and (status.casefold() in _FAILED or status.casefold() in failed)
    return says_so or members.get("success") is False or members.get("ok") is False


def _is_expected(response: Response, value: object, returns: tuple[str, ...]) -> bool:
    """Return whether the content is of a documented type, or JSON or text that contains such an output."""
    kind = media_type(response.content_type, response.content)
    returns_media = any(is_media(bare(each)) for each in returns)
    # JSON in a response that is documented as text is text like any other.
    is_named_text = family(kind) == "text" and kind in map(bare, returns)
    if value is not NOT_JSON and not is_named_text:
        is_empty = value is None or (returns_media and (not value or not isinstance(value, dict | list)))
        if not is_empty and (_has(returns, "json") or "*/*" in returns):
            return True
        return returns_media and bool(find(value))
    if is_web_page(response) and "text/html" not in map(bare, returns):
        return False
    if matches(kind, response.content, returns):
        return True
    may_be_address = returns_media and (family(kind) == "text" or is_generic(kind))
    return may_be_address and find_in_text(text_of(response)) is not None


def _has(returns: tuple[str, ...], wanted: str) -> bool:
    return any(family(bare(each)) == wanted for each in returns)


def _is_page(response: Response) -> bool:
    return is_web_page(response) or is_xml_error(response.content)


def _missing(places: Mapping[str, Paths], value: object, returns: tuple[str, ...]) -> str:
    """Return where JSON should have an output, if it has none; empty if the JSON itself is what the model returns."""
    returns_media = any(is_media(bare(each)) for each in returns)
    if "media" in places and (_has(returns, "json") or "*/*" in returns or not returns_media):
        return ""
    # No public page shows the JSON of responses in base64: other names are accepted.
    return "" if "base64" in places and find(value) else outputs_in_words(places)
