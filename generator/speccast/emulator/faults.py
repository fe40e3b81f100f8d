"""Faults: failures on demand, and the syntax of the header `X-Speccast-Fault`, `/_emulator/faults` and `--fault`.

A fault is one line of parts separated by `;`: at most one failure (`failures.py` lists them), a delay, and conditions.

    latency=SECONDS                 a delay before the response, alone or with a failure

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
from typing import TYPE_CHECKING
from urllib.parse import unquote

from speccast.core.suggestions import closest
from speccast.emulator.failures import FAILURES, SURFACES, FaultError

if TYPE_CHECKING:
    from speccast.emulator.failures import Failure
    from speccast.emulator.routes import Surface

HEADER = "x-speccast-fault"

MAX_LATENCY = 600.0
"""Seconds: as long as a client waits for a response."""

MODIFIERS = ("times", "p", "model", "surface", "when")
WORDS = (*FAILURES, "latency", "retry-after", *MODIFIERS)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `failure` is None for a delay alone; `latency` is in seconds.

    `surfaces` are those where it can happen, `when` the values that the body must have, `text` is how it was written.
    """

    text: str
    failure: Failure | None = None
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
    if fault.failure is None and "latency" not in options:
        raise FaultError(f"missing failure: write {', '.join(FAILURES)} or latency")
    fault = _with_conditions(fault, options)
    if when and not {"sync", "submit"} & set(fault.surfaces):
        raise FaultError("when needs a request with a body: surface=sync or surface=submit")
    if options:
        raise FaultError(f"{next(iter(options))} is not allowed with {_name_of(fault)}")
    return replace(fault, when=tuple(when))


def _with_failure(fault: Fault, options: dict[str, str | None]) -> Fault:
    """Set the failure; removes its options from `options`."""
    name = next((name for name in options if name in FAILURES), None)
    if name is None:
        return fault
    failure = FAILURES[name].parse(options.pop(name), options)
    return replace(fault, failure=failure, surfaces=failure.surfaces)


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
                f"{_name_of(fault)} is possible on {' and '.join(fault.surfaces)} only (got surface={known})"
            )
        fault = replace(fault, surfaces=(known,))
    return fault


def _name_of(fault: Fault) -> str:
    return "latency" if fault.failure is None else fault.failure.name


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
