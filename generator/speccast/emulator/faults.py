"""Faults: failures on demand, and the syntax of the header `X-Speccast-Fault`, `/_emulator/faults` and `--fault`.

A fault is one line of parts separated by `;`: at most one failure, a delay, and conditions.

    status=NNN[;retry-after=V]      an error status, 400 to 599, instead of the work
    html=NNN[;retry-after=V]        the same as an HTML page, as proxies send it
    reset                           the connection is reset before the work
    reset=after                     the connection is reset after the work
    truncate                        the response ends halfway, with the length of the whole
    malformed-json                  the response is JSON that ends halfway, with the length of that half
    job-failed[=TEXT]               the job of a submit fails; TEXT is its reason
    job-stuck                       the job of a submit never finishes
    content-block[=TEXT]            the job of a submit fails because its content is blocked; a blocking call is refused
    error-event[=TEXT]              a streamed answer has an error after half of its events; TEXT is its message
    latency=SECONDS                 a delay before the response, alone or with one of the above

    times=N                         for N requests only
    p=0.1                           with this probability, drawn from the stream of `--seed`
    model=SLUG                      for one model
    surface=NAME                    sync, submit, status, result, cancel, output (the download of a job's file) or upload
    when=PARAMETER:VALUE            if the body has this value, as JSON or text; can be repeated, all must hold

Values can be percent-encoded, for example a `;`. A text has one fault on each line that is not empty. If several faults
apply to a request, their delays add up and the first failure is used; the others wait for their turn. A fault that
cannot apply to a request, such as a fault of jobs to a poll or to an invalid submit, does nothing and is not used up, so
a client can send the header with every request. `times` in a header counts the requests with the same text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args
from urllib.parse import unquote

from speccast.core.suggestions import closest

if TYPE_CHECKING:
    from speccast.emulator.routes import Surface

HEADER = "x-speccast-fault"
JOB_FAILED = "The job failed because of a fault"
STREAM_FAILED = "The answer failed because of a fault"

MAX_LATENCY = 600.0
"""Seconds: as long as a client waits for a response."""

Failure: TypeAlias = Literal[
    "status",
    "html",
    "reset",
    "truncate",
    "malformed-json",
    "job-failed",
    "job-stuck",
    "content-block",
    "error-event",
]
FAILURES: tuple[Failure, ...] = get_args(Failure)
SURFACES: tuple[Surface, ...] = ("sync", "submit", "status", "result", "cancel", "output", "upload")
MODIFIERS = ("times", "p", "model", "surface", "when")
WORDS = (*FAILURES, "latency", "retry-after", *MODIFIERS)

_SURFACES_OF: dict[Failure | None, tuple[Surface, ...]] = {
    "job-failed": ("submit",),
    "job-stuck": ("submit",),
    "content-block": ("sync", "submit"),
    "error-event": ("sync",),
    "malformed-json": ("sync", "submit", "status", "result", "cancel", "upload"),
}
"""The surfaces of a failure, if it cannot happen on all of them."""

OF_VALID_REQUESTS: tuple[Failure | None, ...] = ("job-failed", "job-stuck", "content-block", "error-event")
"""Failures of the work, which an API does only for valid requests."""


class FaultError(ValueError):
    """The text is not a fault. The message says how to write it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `kind` is its failure, None for a delay alone; the other fields belong to one kind, or are conditions.

    `surfaces` are those where it can happen, `when` the values that the body must have, `text` is how it was written.
    """

    text: str
    kind: Failure | None = None
    status: int = 0
    retry_after: str | None = None
    detail: str = ""
    is_late: bool = False
    latency: float = 0.0
    times: int | None = None
    probability: float = 1.0
    model: str | None = None
    surfaces: tuple[Surface, ...] = SURFACES
    when: tuple[tuple[str, str], ...] = ()


def parse_faults(text: str) -> tuple[Fault, ...]:
    """Parse a text with a fault on each line.

    Raises:
        FaultError: a line is not a fault.
    """
    return tuple(parse_fault(line) for line in text.splitlines() if line.strip())


def parse_fault(text: str) -> Fault:
    """Parse one fault.

    Raises:
        FaultError: the text is not a fault.
    """
    fault = Fault(text.strip())
    options: dict[str, str | None] = {}
    when: list[tuple[str, str]] = []
    for part in fault.text.split(";"):
        name, value = _pair(part)
        if name not in WORDS:
            raise FaultError(_unknown(name))
        if name == "when":
            when.append(_condition(value))
        elif name in options:
            raise FaultError(f"{name} is given twice")
        elif name in FAILURES and any(other in FAILURES for other in options):
            raise FaultError(f"a fault has one failure; write {name} as a separate fault")
        else:
            options[name] = value
    fault = _with_failure(fault, options)
    if fault.kind is None and "latency" not in options:
        raise FaultError(f"missing failure: write {', '.join(FAILURES)} or latency")
    fault = _with_conditions(fault, options)
    if when and not {"sync", "submit"} & set(fault.surfaces):
        raise FaultError("when needs a request with a body: surface=sync or surface=submit")
    if options:
        raise FaultError(f"{next(iter(options))} is not allowed with {fault.kind or 'latency'}")
    return replace(fault, when=tuple(when))


def _with_failure(fault: Fault, options: dict[str, str | None]) -> Fault:
    """Set the failure; removes its options from `options`."""
    kind = next((name for name in FAILURES if name in options), None)
    if kind is None:
        return fault
    value = options.pop(kind)
    fault = replace(fault, kind=kind, surfaces=_SURFACES_OF.get(kind, SURFACES))
    match kind:
        case "status" | "html":
            retry_after = options.pop("retry-after", "") if "retry-after" in options else None
            if value is None or not re.fullmatch("[45][0-9]{2}", value):
                raise FaultError(f"{kind} must be 400 to 599 (got {value or 'nothing'})")
            if retry_after is not None and not re.fullmatch("[ -~]+", retry_after):
                raise FaultError("retry-after must be a number of seconds or a date")
            return replace(fault, status=int(value), retry_after=retry_after)
        case "job-failed":
            return replace(fault, detail=value or JOB_FAILED)
        case "error-event":
            return replace(fault, detail=value or STREAM_FAILED)
        case "content-block":
            return replace(fault, detail=value or "")
        case "reset" if value == "after":
            return replace(fault, is_late=True)
        case _ if value is not None:
            raise FaultError(f"{kind} does not take the value {value!r}")
    return fault


def _with_conditions(fault: Fault, options: dict[str, str | None]) -> Fault:
    """Set the delay and the conditions; removes them from `options`."""
    if "latency" in options:
        fault = replace(fault, latency=_number("latency", options.pop("latency"), MAX_LATENCY))
    if "times" in options:
        times = options.pop("times") or ""
        if not re.fullmatch("[1-9][0-9]{0,8}", times):
            raise FaultError(f"times must be an integer, at least 1 (got {times or 'nothing'})")
        fault = replace(fault, times=int(times))
    if "p" in options:
        fault = replace(fault, probability=_number("p", options.pop("p"), 1.0))
    if "model" in options:
        model = options.pop("model")
        if not model:
            raise FaultError("model must be a slug (got nothing)")
        fault = replace(fault, model=model)
    if "surface" in options:
        surface = options.pop("surface")
        known = next((name for name in SURFACES if name == surface), None)
        if known is None:
            raise FaultError(f"surface must be one of {', '.join(SURFACES)} (got {surface or 'nothing'})")
        if known not in fault.surfaces:
            raise FaultError(
                f"{fault.kind} is possible on {' and '.join(fault.surfaces)} only (got surface={known})"
            )
        fault = replace(fault, surfaces=(known,))
    return fault


def _condition(value: str | None) -> tuple[str, str]:
    name, colon, expected = (value or "").partition(":")
    if not name or not colon:
        raise FaultError(f"when must be PARAMETER:VALUE (got {value or 'nothing'})")
    return name, expected


def _number(name: str, value: str | None, most: float) -> float:
    if value is None or not re.fullmatch(r"[0-9]+(\.[0-9]+)?|\.[0-9]+", value) or float(value) > most:
        raise FaultError(f"{name} must be a number from 0 to {most:g} (got {value or 'nothing'})")
    return float(value)


def _pair(part: str) -> tuple[str, str | None]:
    name, equals, value = part.partition("=")
    return name.strip().lower(), unquote(value.strip()) if equals else None


def _unknown(name: str) -> str:
    close = closest(name, WORDS)
    hint = f"did you mean {close}?" if close else f"known: {', '.join(WORDS)}"
    return f"unknown fault {name!r}; {hint}"
