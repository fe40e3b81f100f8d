"""Occasions on which an API refuses a request, and the error that the API then sends.

`api.yaml` names the occasions of each error status. Where it does not, the defaults of this module apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from .frozen_classes import Frozen

if TYPE_CHECKING:
    from .api import Api

__all__ = ["OCCASIONS", "ErrorResponse", "Occasion", "error_for", "is_documented"]

Occasion: TypeAlias = Literal[
    "missing_key",
    "invalid_key",
    "unknown_model",
    "unknown_job",
    "finished_job",
    "wrong_method",
    "content_type",
    "too_large",
    "slow_body",
    "invalid_body",
    "invalid_parameters",
    "insufficient_credits",
    "rate_limit",
    "blocked_content",
]

OCCASIONS: tuple[Occasion, ...] = get_args(Occasion)

_DEFAULTS: dict[Occasion, tuple[int, str]] = {
    "missing_key": (401, "The API key is missing"),
    "invalid_key": (401, "The API key is invalid"),
    "unknown_model": (404, "Unknown model or endpoint"),
    "unknown_job": (404, "Request {id} not found"),
    "finished_job": (409, "Request {id} is finished"),
    "wrong_method": (405, "Method not allowed"),
    "content_type": (415, "Unsupported content type; send {media_type}"),
    "too_large": (413, "The body is too large"),
    "slow_body": (408, "The body did not arrive in time"),
    "invalid_body": (400, ""),  # the reason says it all
    "invalid_parameters": (400, "Invalid parameters"),
    "insufficient_credits": (402, "Not enough credits"),
    "rate_limit": (429, "Too many requests"),
    "blocked_content": (400, "The content was blocked"),
}


class ErrorResponse(Frozen):
    """The error that an API sends on an occasion.

    In `text`, `{id}` is replaced by the job's id, and `{media_type}` by the one of the body.
    """

    status: int
    text: str
    media_type: str = "application/json"


def is_documented(api: Api, occasion: Occasion) -> bool:
    """Return whether the API's spec has an error for an occasion."""
    return any(occasion in error.occasions for error in api.errors)


def error_for(api: Api, occasion: Occasion) -> ErrorResponse:
    """Return the error for an occasion: what the API's spec says, else the default.

    A body that cannot be read is refused like invalid parameters. Blocked content is refused with the HTTP status of a
    failed job, if that is an error status.
    """
    status, text = _DEFAULTS[occasion]
    for error in api.errors:
        if occasion in error.occasions:
            return ErrorResponse(error.status, error.messages.get(occasion, text), error.media_type)
    if occasion == "invalid_body":
        status = error_for(api, "invalid_parameters").status
    if occasion == "blocked_content" and api.jobs is not None:
        failed = (state.http_status for state in api.jobs.states if state.phase == "failed")
        status = next((code for code in failed if code >= 400), status)
    media_type = next(
        (error.media_type for error in api.errors if error.status == status), "application/json"
    )
    return ErrorResponse(status, text, media_type)
