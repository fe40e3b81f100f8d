"""What a client reads from a response about a job, by the places in the API's answers."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from .frozen_classes import Frozen
from .omit import OMIT
from .places import METRICS, Places, read_first

if TYPE_CHECKING:
    from .api import JobState, JobSurface

__all__ = ["JobProtocol"]

_ABOUT_THE_REQUEST = frozenset({401, 403, 404, 429})
"""HTTP statuses that are about the request itself, independent of its body."""


class JobProtocol(Frozen):
    """The jobs of an API, and where its responses have their values."""

    jobs: JobSurface
    places: Places = field(default_factory=Places)

    def job_id(self, body: object) -> str | None:
        """Return the job's id in any response."""
        value = self._value("id", body)
        is_id = isinstance(value, str | int) and not isinstance(value, bool) and value != ""
        return str(value) if is_id else None

    def state(
        self, body: object, http_status: int, operation: Literal["status", "result"] = "status"
    ) -> JobState | None:
        """Return the documented state that a status or a result reports; None if it reports something else.

        A job that failed may be reported under an error status; its state distinguishes it from an error of the API. Where the
        answers of an operation have no state, a success means that the job is done; a status does so only with 200.
        """
        has_state = "state" in getattr(self.places, operation) or self._value("state", body, OMIT) is not OMIT
        if 200 <= http_status < 300 and not has_state:
            phases = ("succeeded",) if operation == "result" or http_status == 200 else ("waiting", "running")
            return next((state for state in self.jobs.states if state.phase in phases), None)
        name = str(self._value("state", body, "")).casefold()
        named = [state for state in self.jobs.states if state.name.casefold() == name]
        state = next(
            (state for state in named if state.http_status == http_status), named[0] if named else None
        )
        if state is None or 200 <= http_status < 300 or http_status == state.http_status:
            return state
        is_without_result = state.phase in ("failed", "canceled")
        return state if is_without_result and http_status not in _ABOUT_THE_REQUEST else None

    def failure(self, http_status: int) -> JobState | None:
        """Return the failed state that only its HTTP status distinguishes from success, if this is that status."""
        succeeded = {state.name for state in self.jobs.states if state.phase == "succeeded"}
        return next(
            (
                state
                for state in self.jobs.states
                if state.phase == "failed" and state.name in succeeded and state.http_status == http_status
            ),
            None,
        )

    def state_name(self, body: object) -> object:
        """Return the state as the API writes it, documented or not."""
        return self._value("state", body)

    def output(self, body: object) -> Any:
        """Return the outputs of the model."""
        return self._value("output", body)

    def error(self, body: object) -> Any:
        """Return why the job failed."""
        return self._value("message", body)

    def metrics(self, body: object) -> dict[str, Any]:
        """Return the cost and times by the names of their placeholders, as far as the response has them."""
        found = {name: self._value(name, body, OMIT) for name in METRICS}
        return {name: value for name, value in found.items() if value is not OMIT}

    def _value(self, name: str, body: object, default: Any = None) -> Any:
        value = read_first(self.places.of(name), body)
        return default if value is OMIT else value
