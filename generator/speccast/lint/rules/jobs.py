"""Jobs: the states and times of an API's `async` surface.

A101 states-incomplete

    A client that polls must know which state is success, which is failure, and which means to go on waiting. Without
    one of them a job would never end, or never begin.

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

    A state has one meaning, so it stands in the list once.

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

    A client that gives up before it asks a second time sees nothing but jobs that were done at once.

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
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.core.api import DEADLINE, INTERVAL
from speccast.findings import Severity
from speccast.lint.rule import ApiRule, Violation
from speccast.specs.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.lint.context import ApiContext

_NEEDED: Final = (
    (("succeeded",), "succeeded"),
    (("failed",), "failed"),
    (("waiting", "running"), "waiting or running"),
)


def states_incomplete(context: ApiContext) -> Iterator[Violation]:
    if "async" not in context.spec:
        return
    phases = {state["phase"] for state in context.spec["async"]["states"]}
    for wanted, words in _NEEDED:
        if phases.isdisjoint(wanted):
            yield Violation(
                context.key("async", "states"),
                f"no state is {words}",
                f"add the state of that kind: `{{ name: …, phase: {wanted[0]} }}`",
            )


def state_repeated(context: ApiContext) -> Iterator[Violation]:
    if "async" not in context.spec:
        return
    first: dict[str, int] = {}
    for index, state in enumerate(context.spec["async"]["states"]):
        before = first.setdefault(state["name"], index)
        if before != index:
            yield Violation(
                context.value("async", "states", index, "name"),
                f"the state {shown(state['name'])} stands twice in the list",
                "remove one of the two",
                related=((context.value("async", "states", before, "name"), "the first one is here"),),
            )


def deadline_below_interval(context: ApiContext) -> Iterator[Violation]:
    if "async" not in context.spec:
        return
    jobs = context.spec["async"]
    deadline, interval = jobs.get("deadline", DEADLINE), jobs.get("interval", INTERVAL)
    if deadline < interval:
        yield Violation(
            context.value("async", "deadline" if "deadline" in jobs else "interval"),
            f"the deadline of {shown(deadline)} s passes before the interval of {shown(interval)} s between two polls",
            "both are seconds; the deadline is the longer one",
        )


RULES: Final = (
    ApiRule(
        code="A101",
        name="states-incomplete",
        severity=Severity.ERROR,
        summary="job states without one for success, failure or waiting",
        needed=True,
        check=states_incomplete,
    ),
    ApiRule(
        code="A102",
        name="state-repeated",
        severity=Severity.ERROR,
        summary="a job state that stands twice in the list",
        needed=True,
        check=state_repeated,
    ),
    ApiRule(
        code="A103",
        name="deadline-below-interval",
        severity=Severity.WARNING,
        summary="a deadline shorter than the interval between polls",
        check=deadline_below_interval,
    ),
)
