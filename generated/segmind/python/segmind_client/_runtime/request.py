"""Builds the requests of the client."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .._core.encoding import EncodeError
from .._core.envelope import enclose
from .errors import ParameterError, Violation
from .steps import ApiRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core.api import Api
    from .._core.encoding import Body, Encoding
    from .clock import Deadline
    from .settings import Settings

__all__ = ["basic_headers", "download", "encode_body", "get", "post"]


def post(
    settings: Settings, url: str, content_type: str, body: Body, deadline: Deadline, *, job: bool = False
) -> ApiRequest:
    """Return a request that runs a model."""
    headers = {**basic_headers(settings.api), "content-type": content_type}
    return ApiRequest(
        "POST",
        url,
        _with_own_headers(settings, headers, job=job),
        settings.timeout,
        body,
        settings.credentials,
        total_seconds=deadline.seconds_for_request(),
        total_limit=deadline.limit,
        max_bytes=settings.max_response_bytes,
    )


def get(
    settings: Settings, url: str, deadline: Deadline, *, max_seconds: float, at_least: float = 0.001
) -> ApiRequest:
    """Return a request that reads the state of a job; `max_seconds` limits every part of its timeout.

    It may take the seconds that are left until the deadline, but at least the given ones.
    """
    return ApiRequest(
        "GET",
        url,
        _with_own_headers(settings, basic_headers(settings.api), job=True),
        settings.timeout,
        None,
        settings.credentials,
        max_seconds,
        deadline.seconds_for_request(at_least),
        deadline.limit,
        settings.max_response_bytes,
    )


def download(settings: Settings, url: str, deadline: Deadline) -> ApiRequest:
    """Return a request for an output, which may have any origin: without the key and the headers of the API and the caller."""
    headers = {**basic_headers(settings.api), "accept-encoding": "identity"}
    return ApiRequest(
        "GET",
        url,
        headers,
        settings.timeout,
        total_seconds=deadline.seconds_for_request(),
        total_limit=deadline.limit,
    )


def encode_body(
    model: str, parameters: Mapping[str, Any], encoding: Encoding, sends: Mapping[str, Any], wrap: str | None
) -> tuple[str, Body]:
    """Return the content type and the body. Raises ParameterError with every parameter that cannot be encoded."""
    try:
        if wrap is not None:
            encoding.encode(parameters)  # An error then names parameters, not the object around them.
        return encoding.encode(enclose(parameters, sends, wrap))
    except EncodeError as error:
        reasons = error.reasons or {"extra_body": ""}
        violations = [
            Violation(name, "", "cannot be sent" + (f": {reason}" if reason else ""))
            for name, reason in reasons.items()
        ]
        raise ParameterError(model, violations) from None


def _with_own_headers(settings: Settings, headers: Mapping[str, str], *, job: bool) -> dict[str, str]:
    """Return the headers with those that the API demands and those of the caller, which win."""
    demanded = {name.lower(): value for name, value in settings.api.request_headers.items()}
    return {**headers, **demanded, **settings.extra_headers}


def basic_headers(api: Api) -> dict[str, str]:
    """Return the headers that every request has, names in lower case."""
    return {"user-agent": _user_agent(api.distribution, api.version), "accept": "*/*"}


def _user_agent(distribution: str, version: str) -> str:
    return f"{distribution}/{version} python/{'.'.join(map(str, sys.version_info[:3]))}"
