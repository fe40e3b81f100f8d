"""Failures on demand: the grammar of the header `X-Specwright-Fault`.

    status=NNN[;retry-after=V]      answer with an error status instead of doing the work
    job-failed[=TEXT]               the job that this submit makes fails; TEXT is the reason it gives
    job-stuck                       the job that this submit makes never finishes

Values can be percent-encoded, which is how a `;` gets into one. A fault that cannot be read is answered 400; faults of
jobs do nothing on other requests, so that a client may send the header with every one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

HEADER = "x-specwright-fault"
JOB_FAILED = "The job failed, as the request asked it to"


class FaultError(ValueError):
    """The text is no fault. The message says what would be."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`status` and `retry_after` belong to the kind status, `detail` to job-failed."""

    kind: Literal["status", "job-failed", "job-stuck"]
    status: int = 0
    retry_after: str | None = None
    detail: str = JOB_FAILED


def parse_fault(text: str) -> Fault:
    """Reads one fault.

    Raises:
        FaultError: it cannot be read.
    """
    first, *rest = (part.strip() for part in text.split(";"))
    kind, value = _pair(first)
    options = dict(_pair(part) for part in rest)
    match kind:
        case "status":
            retry_after = options.pop("retry-after", None)
            _refuse(options, kind)
            if value is None or not re.fullmatch("[45][0-9]{2}", value):
                raise FaultError(f"the status of a fault is 400 to 599, not {value or 'missing'}")
            if retry_after is not None and not re.fullmatch("[ -~]+", retry_after):
                raise FaultError("retry-after is a number of seconds or a date")
            return Fault(kind, status=int(value), retry_after=retry_after)
        case "job-failed":
            _refuse(options, kind)
            return Fault(kind, detail=value or JOB_FAILED)
        case "job-stuck":
            _refuse(options if value is None else {"a value": value}, kind)
            return Fault(kind)
        case _:
            raise FaultError(f"unknown fault {kind!r}; known are status=NNN, job-failed and job-stuck")


def _pair(part: str) -> tuple[str, str | None]:
    name, equals, value = part.partition("=")
    return name.strip().lower(), unquote(value.strip()) if equals else None


def _refuse(options: dict[str, str | None], kind: str) -> None:
    if options:
        raise FaultError(f"the fault {kind} takes no {', '.join(repr(name) for name in options)}")
