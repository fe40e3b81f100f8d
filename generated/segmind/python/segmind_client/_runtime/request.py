"""From a body to the request that carries it."""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from .errors import ParameterError, Violation
from .steps import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core.api import Api
    from .settings import Settings

__all__ = ["download", "encode_body", "get", "post"]


_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def post(settings: Settings, url: str, body: bytes) -> Request:
    """A request that runs a model."""
    headers = {**_headers(settings.api), "content-type": "application/json", **settings.extra_headers}
    return Request("POST", url, headers, settings.timeout, body, settings.credentials)


def get(settings: Settings, url: str, *, patience: float) -> Request:
    """A request that reads the state of a job; `patience` is the longest that any part of it may take, in seconds."""
    headers = {**_headers(settings.api), **settings.extra_headers}
    return Request("GET", url, headers, settings.timeout, None, settings.credentials, patience)


def download(settings: Settings, url: str) -> Request:
    """A request for an output, which may be anywhere: without the key and without the caller's headers."""
    headers = {**_headers(settings.api), "accept-encoding": "identity"}
    return Request("GET", url, headers, settings.timeout)


def encode_body(model: str, body: Mapping[str, Any]) -> bytes:
    """The body as JSON. Raises ParameterError, with every parameter that JSON cannot say."""
    try:
        return _encode(body)
    except (TypeError, ValueError, RecursionError):
        violations = [
            Violation(str(name), "", f"cannot be sent as JSON: {reason}")
            for name, value in body.items()
            if (reason := _why_not(value))
        ]
        raise ParameterError(
            model, violations or [Violation("extra_body", "", "cannot be sent as JSON")]
        ) from None


def _encode(value: object) -> bytes:
    return _JSON.encode(value).encode()


def _why_not(value: object) -> str:
    try:
        _encode(value)
    except UnicodeEncodeError:
        return "it holds half of a surrogate pair"
    except RecursionError:
        return "it is nested too deeply"
    except (TypeError, ValueError) as error:
        return str(error)
    return ""


def _headers(api: Api) -> dict[str, str]:
    return {"user-agent": _user_agent(api.distribution, api.version), "accept": "*/*"}


@cache
def _user_agent(distribution: str, version: str) -> str:
    return f"{distribution}/{version} python/{'.'.join(map(str, sys.version_info[:3]))}"
