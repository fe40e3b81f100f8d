"""Jobs: the states and times of an API's `async` surface.

A101 states-incomplete

    A client that polls must know which states mean success, failure, and waiting. Without one of them, a job would
    never end or never begin.

    Bad::

        # api.yaml
        async:
          submit: /v2/{slug}
          status: /v2/requests/{id}/status
          result: /v2/requests/{id}
          states:
            - { name: QUEUED, phase: waiting }
            - { name: DONE, phase: succeeded }

    Good::

        # api.yaml
        async:
          submit: /v2/{slug}
          status: /v2/requests/{id}/status
          result: /v2/requests/{id}
          states:
            - { name: QUEUED, phase: waiting }
            - { name: DONE, phase: succeeded }
            - { name: FAILED, phase: failed }

A102 state-repeated

    Each state has one meaning, so it must be listed once. The exception is the state of all jobs that are over, if only
    the HTTP status of the result says whether one failed: it is listed as succeeded and as failed, with different
    `http_status`.

    Bad::

        # api.yaml
        async:
          submit: /v2/{slug}
          status: /v2/requests/{id}/status
          result: /v2/requests/{id}
          states:
            - { name: QUEUED, phase: waiting }
            - { name: DONE, phase: succeeded }
            - { name: DONE, phase: failed }
            - { name: FAILED, phase: failed }

    Good::

        # api.yaml
        async:
          submit: /v2/{slug}
          status: /v2/requests/{id}/status
          result: /v2/requests/{id}
          states:
            - { name: QUEUED, phase: waiting }
            - { name: DONE, phase: succeeded }
            - { name: FAILED, phase: failed }

A103 deadline-below-interval

    If the deadline is shorter than the interval between two polls, the client only polls once. `wait` of a model counts
    together with the times of the API.

    Bad::

        # api.yaml
        async:
          submit: /v2/{slug}
          status: /v2/requests/{id}/status
          result: /v2/requests/{id}
          states:
            - { name: QUEUED, phase: waiting }
            - { name: DONE, phase: succeeded }
            - { name: FAILED, phase: failed }
          deadline: 5
          interval: 10

    Good::

        # api.yaml
        async:
          submit: /v2/{slug}
          status: /v2/requests/{id}/status
          result: /v2/requests/{id}
          states:
            - { name: QUEUED, phase: waiting }
            - { name: DONE, phase: succeeded }
            - { name: FAILED, phase: failed }
          deadline: 600
          interval: 10

A131 cancel-without-state

    A client can only report a job as canceled if a state says so. Without one, it waits for a canceled job until the
    deadline, or reports it as failed.

    Bad::

        # api.yaml
        async:
          submit: /v2/{slug}
          status: /v2/requests/{id}/status
          result: /v2/requests/{id}
          cancel: /v2/requests/{id}/cancel
          states:
            - { name: QUEUED, phase: waiting }
            - { name: DONE, phase: succeeded }
            - { name: FAILED, phase: failed }

    Good::

        # api.yaml
        async:
          submit: /v2/{slug}
          status: /v2/requests/{id}/status
          result: /v2/requests/{id}
          cancel: /v2/requests/{id}/cancel
          states:
            - { name: QUEUED, phase: waiting }
            - { name: DONE, phase: succeeded }
            - { name: FAILED, phase: failed }
            - { name: CANCELED, phase: canceled }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.core.api import DEADLINE, INTERVAL
from speccast.lint.rule import ApiContext, Location, RuleViolation, Severity, Violations, api_rule
from speccast.specs.wording import format_value

if TYPE_CHECKING:
    from speccast.specs.format import StateSpec

_NEEDED: Final = (
    (("succeeded",), "succeeded"),
    (("failed",), "failed"),
    (("waiting", "running"), "waiting or running"),
)


@api_rule("A101", Severity.ERROR, "no job state for success, failure or waiting", needed=True)
def states_incomplete(context: ApiContext) -> Violations:
    if "async" not in context.spec:
        return
    phases = {state["phase"] for state in context.spec["async"]["states"]}
    for expected, words in _NEEDED:
        if phases.isdisjoint(expected):
            yield RuleViolation(
                context.key("async", "states"),
                f"no state is {words}",
                f"add the state of that kind: `{{ name: …, phase: {expected[0]} }}`",
            )


@api_rule("A102", Severity.ERROR, "a job state that is listed twice", needed=True)
def state_repeated(context: ApiContext) -> Violations:
    if "async" not in context.spec:
        return
    states = context.spec["async"]["states"]
    first: dict[str, int] = {}
    for index, state in enumerate(states):
        before = first.setdefault(state["name"], index)
        if before != index and not _is_told_by_http_status(states[before], state):
            yield RuleViolation(
                context.value("async", "states", index, "name"),
                f"the state {format_value(state['name'])} is listed twice",
                "remove one of the two",
                related=((context.value("async", "states", before, "name"), "the first one is here"),),
            )


@api_rule("A131", Severity.WARNING, "a way to cancel jobs, but no state of canceled jobs")
def cancel_without_state(context: ApiContext) -> Violations:
    jobs = context.spec.get("async")
    if jobs is None or "cancel" not in jobs or any(state["phase"] == "canceled" for state in jobs["states"]):
        return
    yield RuleViolation(
        context.key("async", "cancel"),
        "jobs can be canceled, but no state has the phase canceled",
        "add the state of a canceled job: `{ name: …, phase: canceled }`",
    )


def _is_told_by_http_status(one: StateSpec, other: StateSpec) -> bool:
    """Return whether the HTTP status of the result tells success and failure apart."""
    statuses = [state.get("http_status", 200) for state in (one, other)]
    return {one["phase"], other["phase"]} == {"succeeded", "failed"} and statuses[0] != statuses[1]


@api_rule("A103", Severity.WARNING, "a deadline shorter than the interval between polls")
def deadline_below_interval(context: ApiContext) -> Violations:
    if "async" not in context.spec:
        return
    jobs = context.spec["async"]
    deadline, interval = jobs.get("deadline", DEADLINE), jobs.get("interval", INTERVAL)
    if deadline < interval:
        key = "deadline" if "deadline" in jobs else "interval"
        yield _too_short(context.value("async", key), deadline, interval)
    for model in context.models:
        own = model.spec.get("wait", {})
        longest, pause = own.get("deadline", deadline), own.get("interval", interval)
        if own and longest < pause:
            yield _too_short(model.value("wait"), longest, pause)


def _too_short(location: Location, deadline: float, interval: float) -> RuleViolation:
    return RuleViolation(
        location,
        f"the deadline of {format_value(deadline)} s is shorter than the interval of {format_value(interval)} s between two polls",
        "both are in seconds; the deadline must be longer",
    )
