"""HTTP responses in the API's own form: JSON bodies, errors, and the headers that the API documents."""

from __future__ import annotations

import json
import math
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from starlette.responses import Response

from speccast.core.answers import choose
from speccast.core.omit import OMIT
from speccast.emulator.exact_numbers import plain
from speccast.samples.filling import fill, fill_headers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.core.api import Api, HeaderMeaning
    from speccast.core.model import Model
    from speccast.core.occasions import Occasion
    from speccast.emulator.validation import InvalidValue


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=plain)


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response with a JSON body."""
    return Response(json_bytes(value), status, headers, media_type="application/json")


def json_bytes(value: object) -> bytes:
    """Return JSON in UTF-8. An unpaired surrogate, which a request can contain, becomes a question mark."""
    return _ENCODER.encode(value).encode("utf-8", "replace")


def error_response(
    api: Api, status: int, text: str, *, model: Model | None = None, parameter: str | None = None
) -> Response:
    """Return an error in the form of the API or model. `parameter` is the first invalid one, if that is the reason."""
    values = _error_values(api, status, text, model, parameter)
    answer = choose(api.answers_of(model).error, values)
    headers = fill_headers(answer, values)
    if answer.body is OMIT:
        return Response(status_code=status, headers=headers)
    return json_response(fill(answer.body, values), status, headers)


def error_body(api: Api, status: int, text: str, *, model: Model | None = None) -> object:
    """Return the JSON of an error in the form of the API or model; its text where the spec has no body."""
    values = _error_values(api, status, text, model, None)
    answer = choose(api.answers_of(model).error, values)
    return text if answer.body is OMIT else fill(answer.body, values)


def _error_values(
    api: Api, status: int, text: str, model: Model | None, parameter: str | None
) -> dict[str, Any]:
    """Return the values of the placeholders of an error."""
    now = time.time()
    return {
        "id": uuid4().hex,
        "message": text,
        "status": status,
        "title": _title(api, status),
        "parameter": parameter,
        "slug": None if model is None else model.slug,
        "now": timestamp(now),
        "unix": int(now),
    }


def timestamp(seconds: float) -> str:
    """Return a time in seconds since the epoch as text: RFC 3339, in UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def refusal(
    api: Api,
    occasion: Occasion,
    reason: str = "",
    *,
    job: str = "",
    media_type: str = "",
    model: Model | None = None,
    parameter: str | None = None,
) -> Response:
    """Return the API's error for an occasion, with a reason after its text."""
    error = api.error_for(occasion)
    if error.media_type == "text/html":
        return html_error(error.status)
    text = error.text.replace("{id}", job).replace("{media_type}", media_type)
    text = ": ".join(part for part in (text, reason) if part)
    return error_response(api, error.status, text, model=model, parameter=parameter)


def status_error(api: Api, status: int, model: Model | None = None) -> Response:
    """Return the error for a status; the text is the description in the spec, or the phrase of HTTP."""
    documented = next((error for error in api.errors if error.status == status), None)
    text = (documented.description or documented.title) if documented is not None else _phrase(status)
    return error_response(api, status, text, model=model)


def html_error(status: int) -> Response:
    """Return an error as a proxy in front of an API sends it: an HTML page without the API's own text."""
    title = f"{status} {_phrase(status)}"
    page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body><center><h1>{title}</h1></center></body>\r\n</html>\r\n"
    return Response(page, status, media_type="text/html")


def invalid_parameters(api: Api, model: Model, invalid: Sequence[InvalidValue]) -> Response:
    """Return the error for invalid parameters. Its text lists all of them."""
    reason = "; ".join(value.message for value in invalid)
    parameter = str(invalid[0].path[0]) if invalid[0].path else None
    return refusal(api, "invalid_parameters", reason, model=model, parameter=parameter)


def make_headers(api: Api, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the API's headers for these values, which are by meaning. A value that does not fit the type is left out."""
    return {
        header.name: _header_value(header, value)
        for header in api.headers
        if (value := values.get(header.meaning)) is not None
        and (header.type == "string" or not isinstance(value, str))
    }


def _header_value(header: HeaderMeaning, value: Any) -> str:
    """Return a time becomes text in ISO 8601, or seconds since the epoch in a header that is a number."""
    if isinstance(value, datetime):
        if header.type == "string":
            return timestamp(value.timestamp())
        value = math.ceil(value.timestamp())
    return str(int(value) if header.type == "integer" else value)


def _title(api: Api, status: int) -> str:
    return next((error.title for error in api.errors if error.status == status), _phrase(status))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Error {status}"
