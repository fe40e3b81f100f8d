"""Answers in the API's own shape: JSON bodies, errors, and the headers that the API documents."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from speccast.emulator.exact import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.core.api import Header
    from speccast.core.occasions import Occasion
    from speccast.emulator.contract import Contract
    from speccast.emulator.validation import Violation


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=plain)


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json_bytes(value), status, headers, media_type="application/json")


def json_bytes(value: object) -> bytes:
    """JSON in UTF-8. Half a surrogate pair, which a request can contain, becomes a question mark."""
    return _ENCODER.encode(value).encode("utf-8", "replace")


def error(contract: Contract, status: int, text: str, **more: object) -> Response:
    """An error as the API words it, with further members beside the text."""
    return json_answer({contract.error_field: text, **more}, status)


def refusal(
    contract: Contract, occasion: Occasion, reason: str = "", *, job: str = "", **more: object
) -> Response:
    """The API's error for an occasion, with a reason after its text."""
    response = contract.problems[occasion]
    if response.media_type == "text/html":
        return html_error(response.status)
    text = ": ".join(part for part in (response.text.replace("{id}", job), reason) if part)
    return error(contract, response.status, text, **more)


def documented_error(contract: Contract, status: int) -> Response:
    """An error that only has a status; its text is what the API's pages say of the status."""
    return error(contract, status, contract.descriptions.get(status) or _phrase(status))


def html_error(status: int) -> Response:
    """An error as a proxy in front of an API words it: a page that knows nothing of the API."""
    title = f"{status} {_phrase(status)}"
    page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body><center><h1>{title}</h1></center></body>\r\n</html>\r\n"
    return Response(page, status, media_type="text/html")


def invalid(contract: Contract, violations: Sequence[Violation]) -> Response:
    """The answer to parameters that break the model's limits: all of them, for people and for programs."""
    reason = "; ".join(violation.message for violation in violations)
    shown = [violation.as_json() for violation in violations]
    return refusal(contract, "invalid_parameters", reason, violations=shown)


def described_headers(contract: Contract, values: Mapping[str, Any]) -> dict[str, str]:
    """The API's headers for which there is a value, by meaning, that fits their type."""
    return {
        header.name: _told(header, value)
        for header in contract.headers
        if (value := values.get(header.meaning)) is not None
        and (header.type == "string" or not isinstance(value, str))
    }


def _told(header: Header, value: Any) -> str:
    """A value in the type of a header: a time is a text in ISO 8601, or the seconds since the epoch."""
    if isinstance(value, datetime):
        if header.type == "string":
            return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
        value = math.ceil(value.timestamp())
    return str(int(value) if header.type == "integer" else value)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Error {status}"
