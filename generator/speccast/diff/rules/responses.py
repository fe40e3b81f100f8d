"""Responses of an API: states and times of jobs, places of values, errors and headers.

V405 state-changed

    The states of jobs. A final state that existing clients do not know makes them wait until their deadline.

    Bad::

        # before/fox.yaml
        surfaces: [async]
        # after/fox.yaml
        surfaces: [async]
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

    Places of values in the API's answers. Clients do not find a value that was moved. An addition, such as a further member,
    is not a change.

    Bad::

        # before/fox.yaml
        surfaces: [async]
        # after/fox.yaml
        surfaces: [async]
        # before/api.yaml
        answers: { submit: { body: { id: "{id}" } } }
        # after/api.yaml
        answers: { submit: { body: { job: { id: "{id}" } } } }

    Good::

        # after/api.yaml
        title: Answers are the same

V408 error-changed

    The statuses of errors and their exceptions. Code that imports a removed exception fails. If a status gets another
    exception, `except` with the former one does not catch it anymore.

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

    Headers with a meaning. The metadata of a removed header is missing. If no response reports the cost anymore, clients
    have no `spent`, `max_cost` and `BudgetError`.

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

    Whether jobs can be canceled. Without `cancel`, jobs have no method of that name. Another path or method of the
    request is V403.

    Bad::

        # before/fox.yaml
        surfaces: [async]
        # after/fox.yaml
        surfaces: [async]
        # before/api.yaml
        async: { cancel: "/v2/requests/{id}/cancel" }

    Good::

        # after/api.yaml
        async: { cancel: "/v2/requests/{id}/cancel" }
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from speccast.core.answers import OPERATIONS
from speccast.core.places import in_words
from speccast.diff.change import (
    BEHIND,
    RENAMED,
    UNTYPED,
    Change,
    ChangeRule,
    Effect,
    Level,
    Side,
    Witness,
    effects,
)
from speccast.diff.rules.requests import ADDRESS
from speccast.diff.witnesses import api_witness, call, name_witness
from speccast.targets.python.package import tells_cost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from speccast.core.answers import Answers, Operation
    from speccast.core.api import Api, ErrorStatus, JobState, JobSurface
    from speccast.core.model import Model
    from speccast.diff.change import PlaybackAction


STATE: Final = ChangeRule("V405", "state-changed", Level.BREAKING, "other states of jobs")
WAITING: Final = ChangeRule(
    "V406", "waiting-changed", Level.BEHAVIOR, "another deadline, interval or retention"
)
ANSWER: Final = ChangeRule("V407", "answer-changed", Level.BREAKING, "other places of values in answers")
ERROR: Final = ChangeRule("V408", "error-changed", Level.BREAKING, "other statuses or exceptions")
HEADER: Final = ChangeRule("V409", "header-changed", Level.BREAKING, "other headers with a meaning")
CANCEL: Final = ChangeRule(
    "V421", "cancel-changed", Level.BREAKING, "jobs that can be canceled now, or not anymore"
)


_FINAL: Final[Mapping[str, PlaybackAction]] = {"succeeded": "wait", "failed": "fail", "canceled": "cancel"}
_ACTIONS: Final[Mapping[Operation, PlaybackAction | None]] = {
    "sync": "generate",
    "submit": "submit",
    "status": "status",
    "result": "wait",
    "cancel": "cancel",
    "failed": "fail",
    "error": "refuse",
}


def changes(old: Api, new: Api) -> Iterator[Change]:
    """Yield the changes of the API's responses and jobs."""
    if old.jobs is not None and new.jobs is not None:
        yield from _jobs(old, new, old.jobs, new.jobs)
        yield from _cancel(old, new)
    yield from _answers(old, new)
    yield from _errors(old, new)
    yield from _headers(old, new)


def _jobs(old_api: Api, new_api: Api, old: JobSurface, new: JobSurface) -> Iterator[Change]:
    before = {state.name: state for state in old.states}
    after = {state.name: state for state in new.states}
    for name in before.keys() - after.keys():
        yield _of_state(f"the state {name} is gone", Level.BEHAVIOR)
    for name, state in after.items():
        known = before.get(name)
        if known is None or (known.phase, known.http_status) != (state.phase, state.http_status):
            yield _other_meaning(old_api, new_api, known, state)
        elif known.description != state.description:
            yield _of_state(f"another text about the state {name}", Level.TEXT, Side.PYTHON)
    for key in ("deadline", "interval", "retention"):
        one, other = getattr(old, key), getattr(new, key)
        if one != other:
            message = f"the {key} of jobs changes from {one} to {other} s"
            yield Change(WAITING, ("async", key), message, effects(Level.BEHAVIOR))


def _of_state(message: str, level: Level, *sides: Side) -> Change:
    return Change(STATE, ("async", "states"), message, effects(level, *sides))


def _other_meaning(old_api: Api, new_api: Api, known: JobState | None, state: JobState) -> Change:
    """Return the change of a state that is new, or has another phase or HTTP status than the `known` one."""
    words = "is new" if known is None else "means something else"
    change = _of_state(f"the state {state.name} {words} ({state.phase})", Level.BEHAVIOR)
    # Clients know the phase by the name, so another HTTP status alone is not a break.
    action = _FINAL.get(state.phase) if known is None or known.phase != state.phase else None
    if action is None:
        return change
    return replace(
        change,
        effects=BEHIND,
        witness=api_witness(old_api, new_api, action, answering=partial(_only, state)),
        advice="clients that exist already wait until their deadline" if known is None else "",
    )


def _only(state: JobState, bundle: Any) -> None:
    """Remove all other states of the same phase from the bundle."""
    jobs = bundle["api"]["async"]
    jobs["states"] = [
        each for each in jobs["states"] if each["phase"] != state.phase or each["name"] == state.name
    ]


def _answers(old: Api, new: Api) -> Iterator[Change]:
    """Yield what changes in the answers that models do not have themselves."""
    for operation in OPERATIONS:
        witness = partial(
            api_witness, old, new, _ACTIONS[operation], concerns=partial(_takes_answer, operation)
        )
        yield from answers(old.answers_of(), new.answers_of(), operation, witness)


def _takes_answer(operation: Operation, model: Model) -> bool:
    """Return whether a model has the answer of the API."""
    return operation not in model.answers


def answers(
    old: Answers, new: Answers, operation: Operation, witness: Callable[[], Witness | None]
) -> Iterator[Change]:
    """Yield the values that moved to another place in the answers of an operation. Additions are not changes.

    `witness` makes a request that gets such an answer.
    """
    before, after = old.paths(operation), new.paths(operation)
    for name in before:
        if before[name] == after.get(name):
            continue
        was, now = (" or ".join(map(in_words, paths)) for paths in (before[name], after.get(name, ())))
        message = (
            f"{{{name}}} is in {now}, before in {was}" if now else f"{{{name}}} is gone, before in {was}"
        )
        found = witness()
        shows = found and replace(found, place=(name, before[name]))
        message += f", of the answer of {operation}"
        yield Change(ANSWER, ("answers", operation), message, BEHIND, shows)


def model_answers(old: Api, new: Api, before: Model, after: Model) -> Iterator[Change]:
    """Yield what changes in the answers of a model, where it has them instead of those of the API."""
    for operation in sorted({*before.answers, *after.answers}):
        witness = partial(
            api_witness, old, new, _ACTIONS[operation], concerns=lambda model: model.slug == before.slug
        )
        yield from answers(old.answers_of(before), new.answers_of(after), operation, witness)


def _cancel(old: Api, new: Api) -> Iterator[Change]:
    before, after = (api.jobs.cancel if api.jobs else None for api in (old, new))
    pointer = ("async", "cancel")
    if before is None and after is not None:
        yield Change(CANCEL, pointer, "jobs can be canceled", effects(Level.ADDITION))
    elif before is not None and after is None:
        yield Change(
            CANCEL,
            pointer,
            "jobs cannot be canceled anymore: the method cancel",
            UNTYPED,
            api_witness(old, new, "cancel"),
        )
    elif before is not None and after is not None and before != after:
        message = f"jobs are canceled by {after.method} {after.path}, before by {before.method} {before.path}"
        yield Change(ADDRESS, pointer, message, BEHIND, api_witness(old, new, "cancel"))
    was, is_now = (
        any(state.phase == "canceled" for state in api.jobs.states) if api.jobs else False
        for api in (old, new)
    )
    if was and not is_now:
        yield Change(
            CANCEL,
            ("async", "states"),
            "the exception JobCanceledError is gone: no state means canceled",
            RENAMED,
            name_witness(old, "JobCanceledError"),
        )


def _errors(old: Api, new: Api) -> Iterator[Change]:
    change = partial(Change, ERROR, ("errors",))
    before = {error.status: error for error in old.errors}
    after = {error.status: error for error in new.errors}
    gone = {error.exception for error in old.exceptions} - {error.exception for error in new.exceptions}
    for name in sorted(filter(None, gone)):
        yield change(f"the exception {name} is gone", RENAMED, name_witness(old, name))
    for status in sorted(before.keys() | after.keys()):
        one, other = before.get(status), after.get(status)
        if one is None:
            yield change(f"the status {status} is new", effects(Level.ADDITION))
        elif one.exception and one.exception not in gone and one.exception != (other and other.exception):
            caught = f"{other.exception} now" if other and other.exception else "the general one now"
            yield change(
                f"the status {status} raises {caught}, which `except {one.exception}` does not catch",
                _UNCAUGHT,
                _catch(old, new, status, one.exception),
            )
        elif other is None:
            yield change(f"the status {status} is gone", effects(Level.BEHAVIOR))
        elif one.exception not in gone and _judgment(one) != _judgment(other):
            yield change(
                f"the status {status} has an exception, other occasions, another media type or another meaning for retries",
                effects(Level.BEHAVIOR),
            )
        elif one.exception not in gone and _texts(one) != _texts(other):
            yield change(f"another text about the status {status}", effects(Level.TEXT, Side.PYTHON))


_UNCAUGHT: Final = {
    **effects(Level.BEHAVIOR, Side.COMMAND_LINE),
    Side.PYTHON: Effect(Level.BREAKING, "run time"),
    Side.TESTS: Effect(Level.BREAKING),
}


def _catch(old: Api, new: Api, status: int, exception: str) -> Witness | None:
    """Return code that catches the error of a status."""
    found = api_witness(old, new)
    if found is None:
        return None
    model = next(model for model in old.models if model.slug == found.model)
    options = f"client.with_options(extra_headers={{'x-speccast-fault': 'status={status}'}})"
    sent = call(model, found.action, found.value).replace("client", options, 1)
    code = f"from {old.package} import {exception}\ntry:\n    {sent}\nexcept {exception}:\n    pass"
    return Witness("python", model.slug, code)


def _judgment(error: ErrorStatus) -> tuple[object, ...]:
    return (error.exception, error.occasions, error.rejected_unprocessed, error.media_type)


def _texts(error: ErrorStatus) -> tuple[object, ...]:
    return (error.title, error.description, error.messages, error.observed)


def _headers(old: Api, new: Api) -> Iterator[Change]:
    change = partial(Change, HEADER, ("headers",))
    before = {header.meaning: header for header in old.headers}
    after = {header.meaning: header for header in new.headers}
    for meaning in sorted(before.keys() | after.keys()):
        one, other = before.get(meaning), after.get(meaning)
        if one is not None and other is not None and (one.name, one.type) == (other.name, other.type):
            if one.description != other.description:
                message = f"another text about the header for {meaning}"
                yield change(message, effects(Level.TEXT, Side.PYTHON))
        elif one is None:
            yield change(f"the header for {meaning} is new", effects(Level.ADDITION))
        else:
            word = "gone" if other is None else "another header"
            yield change(f"the header for {meaning} is {word}", effects(Level.BEHAVIOR))
    if tells_cost(old) and not tells_cost(new):
        yield change(
            "no response says the cost anymore: cost, spent, max_cost and BudgetError",
            RENAMED,
            name_witness(old, "BudgetError"),
        )
