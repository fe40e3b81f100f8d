"""The states of an API's jobs, by what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from speccast.core.api import Api, JobState


@dataclass(frozen=True, slots=True)
class JobStates:
    """The states that jobs pass through. `pending` has the waiting states first, then the running ones."""

    pending: tuple[JobState, ...]
    succeeded: JobState
    failed: JobState | None
    canceled: JobState | None = None
    """None if the API has no such state: a canceled job then is one that failed."""

    @classmethod
    def of(cls, api: Api) -> JobStates | None:
        """Return the states of an API's jobs, or None if it has no jobs.

        Raises:
            SpeccastError: no state means success.
        """
        if api.jobs is None:
            return None
        states = api.jobs.states
        succeeded = next((state for state in states if state.phase == "succeeded"), None)
        if succeeded is None:
            raise SpeccastError(
                f"{api.id}: no job state has the phase succeeded",
                hint="add it to async.states, or no job can succeed",
            )
        return cls(
            tuple(state for phase in ("waiting", "running") for state in states if state.phase == phase),
            succeeded,
            next((state for state in states if state.phase == "failed"), None),
            next((state for state in states if state.phase == "canceled"), None),
        )
