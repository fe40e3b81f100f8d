"""Failures on demand: the grammar that the header `X-Speccast-Fault`, `/_emulator/faults` and `--fault` share.

A fault is one line of parts with `;` between them: at most one failure, a delay, and what they hold for.

    status=NNN[;retry-after=V]      an error status, 400 to 599, instead of the work
    html=NNN[;retry-after=V]        the same as a page in HTML, as proxies send it
    reset                           the connection is reset before anything is done
    reset=after                     the work is done, and then the connection is reset
    truncate                        the answer ends halfway, with the length of the whole
    malformed-json                  the answer is JSON that ends halfway, with the length of that half
    job-failed[=TEXT]               the job that a submit makes fails; TEXT is the reason it gives
    job-stuck                       the job that a submit makes never finishes
    content-block[=TEXT]            a submit's job fails as a block of its content, a blocking call is answered so
    latency=SECONDS                 a delay before the answer, alone or with one of the above

    times=N                         for N requests, after which it heals
    p=0.1                           with this probability, drawn from the stream of `--seed`
    model=SLUG                      for one model
    surface=NAME                    sync, submit, status or result
    when=PARAMETER:VALUE            where the body has this value, JSON or a text; may be repeated, all must hold

Values can be percent-encoded, which is how a `;` gets into one. A text has a fault on each line that is not empty. Of
several that hold for a request, the delays add up and the first failure counts; those after it wait for their turn. What
cannot hold for a request, such as a fault of jobs for a poll, does nothing there and uses nothing up, so a client may
send the header with every request. `times` in a header counts the requests with this very text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args
from urllib.parse import unquote

if TYPE_CHECKING:
    from speccast.emulator.routes import Kind as Surface

HEADER = "x-speccast-fault"
JOB_FAILED = "The job failed, as the request asked it to"
BLOCKED = "The content was blocked"

MAX_LATENCY = 600.0
"""Seconds; as long as a client waits for an answer."""

Kind: TypeAlias = Literal[
    "status", "html", "reset", "truncate", "malformed-json", "job-failed", "job-stuck", "content-block"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
SURFACES: tuple[Surface, ...] = ("sync", "submit", "status", "result")
MODIFIERS = ("times", "p", "model", "surface", "when")
WORDS = (*KINDS, "latency", "retry-after", *MODIFIERS)

_REACH: dict[Kind | None, tuple[Surface, ...]] = {
    "job-failed": ("submit",),
    "job-stuck": ("submit",),
    "content-block": ("sync", "submit"),
}
"""The surfaces on which a failure can happen at all, where they are not all of them."""


class FaultError(ValueError):
    """The text is no fault. The message says what would be."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `kind` is its failure, None for a delay alone; the other members belong to one kind or narrow it.

    `surfaces` are those where it can happen, `when` the values that the body must have, `text` how it was written.
    """

    text: str
    kind: Kind | None = None
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
    """Reads a text with a fault on each line.

    Raises:
        FaultError: a line cannot be read.
    """
    return tuple(parse_fault(line) for line in text.splitlines() if line.strip())


def parse_fault(text: str) -> Fault:
    """Reads one fault.

    Raises:
        FaultError: it cannot be read.
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
            raise FaultError(f"{name} is there twice")
        elif name in KINDS and any(other in KINDS for other in options):
            raise FaultError(f"a fault is one failure; {name} is another, which takes a fault of its own")
        else:
            options[name] = value
    fault = _with_failure(fault, options)
    if fault.kind is None and "latency" not in options:
        raise FaultError(f"it says no failure: {', '.join(KINDS)} or latency")
    fault = _narrowed(fault, options)
    if when and not {"sync", "submit"} & set(fault.surfaces):
        raise FaultError("when looks at the body of a request, so it takes surface=sync or surface=submit")
    if options:
        raise FaultError(f"the fault {fault.kind or 'latency'} takes no {next(iter(options))!r}")
    return replace(fault, when=tuple(when))


def _with_failure(fault: Fault, options: dict[str, str | None]) -> Fault:
    """The fault with what its kind says; takes that out of the options."""
    kind = next((name for name in KINDS if name in options), None)
    if kind is None:
        return fault
    value = options.pop(kind)
    fault = replace(fault, kind=kind, surfaces=_REACH.get(kind, SURFACES))
    match kind:
        case "status" | "html":
            retry_after = options.pop("retry-after", "") if "retry-after" in options else None
            if value is None or not re.fullmatch("[45][0-9]{2}", value):
                raise FaultError(f"the status of a fault is 400 to 599, not {value or 'missing'}")
            if retry_after is not None and not re.fullmatch("[ -~]+", retry_after):
                raise FaultError("retry-after is a number of seconds or a date")
            return replace(fault, status=int(value), retry_after=retry_after)
        case "job-failed":
            return replace(fault, detail=value or JOB_FAILED)
        case "content-block":
            return replace(fault, detail=value or BLOCKED)
        case "reset" if value == "after":
            return replace(fault, is_late=True)
        case _ if value is not None:
            raise FaultError(f"the fault {kind} takes no value {value!r}")
    return fault


def _narrowed(fault: Fault, options: dict[str, str | None]) -> Fault:
    """The fault with its delay and with what it holds for; takes that out of the options."""
    if "latency" in options:
        fault = replace(fault, latency=_number("latency", options.pop("latency"), MAX_LATENCY))
    if "times" in options:
        times = options.pop("times") or ""
        if not re.fullmatch("[1-9][0-9]{0,8}", times):
            raise FaultError(f"times is a number of requests from 1, not {times or 'missing'}")
        fault = replace(fault, times=int(times))
    if "p" in options:
        fault = replace(fault, probability=_number("p", options.pop("p"), 1.0))
    if "model" in options:
        model = options.pop("model")
        if not model:
            raise FaultError("model takes a slug")
        fault = replace(fault, model=model)
    if "surface" in options:
        surface = options.pop("surface")
        known = next((name for name in SURFACES if name == surface), None)
        if known is None:
            raise FaultError(f"surface is {', '.join(SURFACES)}, not {surface or 'missing'}")
        if known not in fault.surfaces:
            raise FaultError(f"{fault.kind} happens on {' and '.join(fault.surfaces)} only, not on {known}")
        fault = replace(fault, surfaces=(known,))
    return fault


def _condition(value: str | None) -> tuple[str, str]:
    name, colon, wanted = (value or "").partition(":")
    if not name or not colon:
        raise FaultError(f"when takes PARAMETER:VALUE, not {value or 'nothing'}")
    return name, wanted


def _number(name: str, value: str | None, most: float) -> float:
    if value is None or not re.fullmatch(r"[0-9]+(\.[0-9]+)?|\.[0-9]+", value) or float(value) > most:
        raise FaultError(f"{name} is a number from 0 to {most:g}, not {value or 'missing'}")
    return float(value)


def _pair(part: str) -> tuple[str, str | None]:
    name, equals, value = part.partition("=")
    return name.strip().lower(), unquote(value.strip()) if equals else None


def _unknown(name: str) -> str:
    near = get_close_matches(name, WORDS, 1)
    meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(WORDS)}"
    return f"unknown fault {name!r}; {meant}"
