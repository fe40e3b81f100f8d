"""Responses of an API: states and times of jobs, places of values, errors and headers.

V405 state-changed

    The states of jobs. A final state that existing clients do not know lets them wait until their deadline.

    Bad::

        # after/api.yaml
        async:
          states:
            - { name: QUEUED, phase: waiting }
            - { name: READY, phase: succeeded }
            - { name: FAILED, phase: failed }

    Good::

        # after/api.yaml
        async:
          states:
            - { name: QUEUED, phase: waiting }
            - { name: RUNNING, phase: running }
            - { name: COMPLETED, phase: succeeded }
            - { name: FAILED, phase: failed }

V406 waiting-changed

    Deadline, interval or retention of jobs.

    Bad::

        # after/api.yaml
        async: { deadline: 30 }

    Good::

        # after/api.yaml
        title: Jobs wait as long as before

V407 answer-changed

    Places of values in the API's answers, where existing clients look for them.

    Bad::

        # after/api.yaml
        answers: { error: { body: { message: "{message}" } } }

    Good::

        # after/api.yaml
        title: Answers are the same

V408 error-changed

    The statuses of errors and their exceptions. Code that names an exception which is gone fails when it is imported.

    Bad::

        # before/api.yaml
        errors:
          - { status: 418, title: Teapot, exception: TeapotError }
        # after/api.yaml
        errors:
          - { status: 418, title: Teapot, exception: KettleError }

    Good::

        # before/api.yaml
        errors:
          - { status: 418, title: Teapot, exception: TeapotError }
        # after/api.yaml
        errors:
          - { status: 418, title: Teapot, exception: TeapotError }
          - { status: 420, title: Calm, exception: CalmError }

V409 header-changed

    Headers with a meaning. Metadata that comes from a header which is gone is missing. If no response says the cost
    anymore, clients have no `spent`, `max_cost` and `BudgetError`.

    Bad::

        # before/api.yaml
        headers:
          - { name: x-cost, meaning: cost, type: number }
        # after/api.yaml
        headers: []

    Good::

        # before/api.yaml
        headers: []
        # after/api.yaml
        headers:
          - { name: x-cost, meaning: cost, type: number }

V421 cancel-changed

    Whether jobs can be canceled. Without `cancel`, jobs have no method of that name. Another path is V403.

    Bad::

        # before/api.yaml
        async: { cancel: "/v2/requests/{id}/cancel" }

    Good::

        # after/api.yaml
        async: { cancel: "/v2/requests/{id}/cancel" }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.core.answers import OPERATIONS
from speccast.core.places import in_words
from speccast.diff.change import (
    UNTYPED,
    Change,
    Level,
    Rule,
    Side,
    Witness,
    effects,
    on_the_wire,
)
from speccast.diff.rules.requests import ADDRESS
from speccast.targets.python.package import tells_cost

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from speccast.core.answers import Answers, Operation
    from speccast.core.api import Api, ErrorStatus, JobSurface


def _rule(code: str, name: str, level: Level, summary: str) -> Rule:
    return Rule(code=code, name=name, level=level, summary=summary, module=__name__)


STATE: Final = _rule("V405", "state-changed", Level.BREAKING, "other states of jobs")
WAITING: Final = _rule("V406", "waiting-changed", Level.BEHAVIOR, "another deadline, interval or retention")
ANSWER: Final = _rule("V407", "answer-changed", Level.BREAKING, "other places of values in answers")
ERROR: Final = _rule("V408", "error-changed", Level.BREAKING, "other statuses or exceptions")
HEADER: Final = _rule("V409", "header-changed", Level.BREAKING, "other headers with a meaning")
CANCEL: Final = _rule(
    "V421", "cancel-changed", Level.BREAKING, "jobs that can be canceled now, or not anymore"
)

RULES: Final = (STATE, WAITING, ANSWER, ERROR, HEADER, CANCEL)

_FINAL: Final = ("succeeded", "failed", "canceled")


def changes(old: Api, new: Api) -> Iterator[Change]:
    """Yield the changes of what the API answers, and of its jobs."""
    if old.jobs is not None and new.jobs is not None:
        yield from _jobs(old.jobs, new.jobs)
        yield from _cancel(old, new)
    yield from answers(old.answers_of(), new.answers_of())
    yield from _errors(old, new)
    yield from _headers(old, new)


def _jobs(old: JobSurface, new: JobSurface) -> Iterator[Change]:
    before = {state.name: state for state in old.states}
    after = {state.name: state for state in new.states}
    for name in before.keys() - after.keys():
        message = f"the state {name} is gone"
        yield Change(
            rule=STATE, pointer=("async", "states"), message=message, effects=effects(Level.BEHAVIOR)
        )
    for name, state in after.items():
        known = before.get(name)
        if known is None or (known.phase, known.http_status) != (state.phase, state.http_status):
            is_final = state.phase in _FINAL
            yield Change(
                rule=STATE,
                pointer=("async", "states"),
                message=f"the state {name} {'is new' if known is None else 'means something else'} ({state.phase})",
                effects=effects(Level.BREAKING, Side.WIRE, Side.COPY)
                if is_final
                else effects(Level.BEHAVIOR),
                advice="clients that exist already wait until their deadline" if is_final else "",
            )
    for name in ("deadline", "interval", "retention"):
        one, other = getattr(old, name), getattr(new, name)
        if one != other:
            message = f"the {name} of jobs changes from {one} to {other} s"
            yield Change(
                rule=WAITING, pointer=("async", name), message=message, effects=effects(Level.BEHAVIOR)
            )


def answers(old: Answers, new: Answers, operations: Collection[Operation] = OPERATIONS) -> Iterator[Change]:
    """Yield what is in another place of the answers. What is only new there, such as a further member, is no change."""
    for operation in operations:
        before, after = old.paths(operation), new.paths(operation)
        for name in before:
            if before[name] != after.get(name):
                was, now = (
                    " or ".join(map(in_words, paths)) for paths in (before[name], after.get(name, ()))
                )
                message = (
                    f"{{{name}}} is in {now}, before in {was}"
                    if now
                    else f"{{{name}}} is gone, before in {was}"
                )
                yield on_the_wire(ANSWER, ("answers", operation), f"{message}, of the answer of {operation}")


def _cancel(old: Api, new: Api) -> Iterator[Change]:
    before, after = (api.jobs.cancel if api.jobs else None for api in (old, new))
    pointer = ("async", "cancel")
    if before is None and after is not None:
        yield Change(
            rule=CANCEL, pointer=pointer, message="jobs can be canceled", effects=effects(Level.ADDITION)
        )
    elif before is not None and after is None:
        yield Change(
            rule=CANCEL,
            pointer=pointer,
            message="jobs cannot be canceled anymore: the method cancel",
            effects=UNTYPED,
            witness=Witness("python", "", "client.job('id').cancel()"),
        )
    elif before is not None and after is not None and before != after:
        message = f"jobs are canceled by {after.method} {after.path}, before by {before.method} {before.path}"
        yield on_the_wire(ADDRESS, pointer, message)
    was, is_now = (
        any(state.phase == "canceled" for state in api.jobs.states) if api.jobs else False
        for api in (old, new)
    )
    if was and not is_now:
        yield Change(
            rule=CANCEL,
            pointer=("async", "states"),
            message="the exception JobCanceledError is gone: no state means canceled",
            effects={side: effect for side, effect in UNTYPED.items() if side is not Side.WIRE},
            witness=Witness("python", "", f"from {old.package} import JobCanceledError"),
        )


def _errors(old: Api, new: Api) -> Iterator[Change]:
    before = {error.status: error for error in old.errors}
    after = {error.status: error for error in new.errors}
    gone = {error.exception for error in old.exceptions} - {error.exception for error in new.exceptions}
    for name in sorted(filter(None, gone)):
        yield Change(
            rule=ERROR,
            pointer=("errors",),
            message=f"the exception {name} is gone",
            effects={side: effect for side, effect in UNTYPED.items() if side is not Side.WIRE},
            witness=Witness("python", "", f"from {old.package} import {name}"),
        )
    for status in sorted(before.keys() | after.keys()):
        one, other = before.get(status), after.get(status)
        if one is None:
            yield Change(
                rule=ERROR,
                pointer=("errors",),
                message=f"the status {status} is new",
                effects=effects(Level.ADDITION),
            )
        elif other is None:
            yield Change(
                rule=ERROR,
                pointer=("errors",),
                message=f"the status {status} is gone",
                effects=effects(Level.BEHAVIOR),
            )
        elif one.exception not in gone and _judgment(one) != _judgment(other):
            yield Change(
                rule=ERROR,
                pointer=("errors",),
                message=f"the status {status} has another exception, other occasions or another meaning for retries",
                effects=effects(Level.BEHAVIOR),
            )
        elif one.exception not in gone and (one.title, one.description) != (other.title, other.description):
            yield Change(
                rule=ERROR,
                pointer=("errors",),
                message=f"another text about the status {status}",
                effects=effects(Level.TEXT, Side.PYTHON),
            )


def _judgment(error: ErrorStatus) -> tuple[object, ...]:
    return (error.exception, error.occasions, error.rejected_unprocessed)


def _headers(old: Api, new: Api) -> Iterator[Change]:
    before = {header.meaning: header for header in old.headers}
    after = {header.meaning: header for header in new.headers}
    for meaning in sorted(before.keys() | after.keys()):
        one, other = before.get(meaning), after.get(meaning)
        if one is not None and other is not None and (one.name, one.type) == (other.name, other.type):
            continue
        word = "new" if one is None else "gone" if other is None else "another header"
        yield Change(
            rule=HEADER,
            pointer=("headers",),
            message=f"the header for {meaning} is {word}",
            effects=effects(Level.ADDITION if one is None else Level.BEHAVIOR),
        )
    if tells_cost(old) and not tells_cost(new):
        yield Change(
            rule=HEADER,
            pointer=("headers",),
            message="no response says the cost anymore: cost, spent, max_cost and BudgetError",
            effects={side: effect for side, effect in UNTYPED.items() if side is not Side.WIRE},
            witness=Witness("python", "", f"from {old.package} import BudgetError"),
        )
