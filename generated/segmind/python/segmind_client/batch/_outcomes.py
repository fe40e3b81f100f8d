"""What an error means for its row: the rules of money.

The client repeats a request only if the server cannot have accepted it. A batch keeps to that over crashes: what may have been
billed is `unknown`, and is never sent again automatically.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .._runtime.errors import (
    APIConnectionError,
    ApiError,
    APIStatusError,
    APITimeoutError,
    BudgetError,
    ConfigurationError,
    InvalidResponseError,
    JobFailedError,
    OutputError,
)
from ._states import EXPIRED, State

__all__ = ["Verdict", "judge", "judge_job", "judge_output"]

_ACCOUNT = frozenset({401, 402})
"""Statuses about the key or the credits: every row would get them."""
_FORBIDDEN = 403
"""Some APIs refuse a key with this status, others the content of a row."""
_OF_ACCOUNT = r"(?i)\b(credits?|balance|billing|payment|api[ _-]?key)\b"
"""What a text of the API is about if the key is invalid, or the account cannot pay. It may also quote the prompt of the row."""
_CREDITS = r"(credits?\b(?! card)|balance|funds)"
_KEY = r"api[ _-]?key"
_NO_ACCOUNT = (
    rf"(?i)\b(insufficient|not enough|no|out of|exceeded)\W+(\w+\W+){{0,2}}{_CREDITS}"
    rf"|\b{_CREDITS}\W+(\w+\W+){{0,3}}(insufficient|exhausted|too low|used up)"
    rf"|\b(invalid|incorrect|missing|expired|revoked)\W+(\w+\W+){{0,2}}{_KEY}"
    rf"|\b{_KEY}\W+(\w+\W+){{0,3}}(invalid|incorrect|missing|expired|revoked)"
)
"""What a text says if it is certainly about the key or the account; some APIs have separate statuses."""
_GONE = frozenset({404, 410})
_TEMPORARY = frozenset({408, 425, 429})
_OF_CLIENT: tuple[type[ApiError], ...] = (
    APIConnectionError,
    ConfigurationError,
    BudgetError,
)
"""Errors that are not about the row. Without a response, nothing was sent."""


class Verdict(NamedTuple):
    """What becomes of a row. `PLANNED` means that it is sent again."""

    state: State
    reason: str
    ends_batch: bool = False
    """Whether every other row would get the same error."""
    may_end_batch: bool = False
    """Whether every other row may get the same error, which the next rows show."""


def judge(error: ApiError) -> Verdict:
    """Return the verdict on a failed call or submit."""
    reason = _reason(error)
    if error.may_be_billed:
        return Verdict(State.UNKNOWN, reason)
    if error.is_repeatable:
        return Verdict(State.PLANNED, reason)
    if isinstance(error, _OF_CLIENT) or error.status in _ACCOUNT or _says(error, _NO_ACCOUNT):
        return Verdict(State.PLANNED, reason, ends_batch=True)
    may_end_batch = error.status == _FORBIDDEN or _says(error, _OF_ACCOUNT)
    return Verdict(State.FAILED, reason, may_end_batch=may_end_batch)


def _says(error: ApiError, pattern: str) -> bool:
    is_refusal = error.status is not None and 400 <= error.status < 500
    return is_refusal and re.search(pattern, error.detail or "") is not None


def judge_job(error: ApiError) -> Verdict | None:
    """Return the verdict on an accepted job; None if polling again may help."""
    if isinstance(error, JobFailedError):
        return Verdict(State.FAILED, _reason(error))
    if isinstance(error, APIStatusError) and error.status in _GONE:
        return Verdict(State.UNKNOWN, EXPIRED)
    if error.status in _ACCOUNT:
        return Verdict(State.ACCEPTED, _reason(error), ends_batch=True)
    return None


def judge_output(error: ApiError) -> Verdict | None:
    """Return the verdict on a failed download; None if trying again later may help."""
    if isinstance(error, OutputError) and error.status in _GONE:
        return Verdict(State.UNKNOWN, EXPIRED)
    is_temporary = error.status in _TEMPORARY or (error.status or 0) >= 500
    return None if is_temporary or isinstance(error, APIConnectionError) else Verdict(State.UNKNOWN, "output")


def _reason(error: ApiError) -> str:
    """Return the kind of an error in one word."""
    kinds: tuple[tuple[type[ApiError], str], ...] = (
        (JobFailedError, "job_failed"),
        (APITimeoutError, "timeout"),
        (APIConnectionError, "connection"),
        (InvalidResponseError, "invalid_response"),
        (OutputError, "output"),
    )
    if isinstance(error, APIStatusError):
        return f"status_{error.status}"
    return next((reason for kind, reason in kinds if isinstance(error, kind)), "error")
