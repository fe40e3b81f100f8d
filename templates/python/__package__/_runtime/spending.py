# speccast: if cost
"""What the calls of a client cost together, and the limit that it refuses to exceed."""

from __future__ import annotations

import math
import os
import threading
from typing import TYPE_CHECKING, Any, cast

from .cost import in_content, in_headers, of_job
from .errors import BudgetError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from .settings import Settings
    from .steps import Response

__all__ = ["Spending", "check_budget", "check_cost", "count_call", "count_content", "count_job"]


_MOST_JOBS = 10_000
"""Jobs whose cost is remembered. One that is reported again after as many others counts twice."""


class Spending:
    """What the calls of a client cost. Threads and tasks share it, and so do the clients of `with_options`."""

    def __init__(self) -> None:
        self._locks: dict[int, threading.Lock] = {}
        """The lock of each process: after a fork, a thread that no longer exists may hold the parent's."""
        self._total: Decimal | None = None
        """Decimal, because a sum of floats such as 0.7 + 0.1 may stay below a limit that it reaches."""
        self._jobs: dict[str, float] = {}

    @property
    def total(self) -> float:
        """The sum."""
        return float(self._total or 0)

    def reaches(self, limit: float) -> bool:
        """Return whether the sum is not less than a limit."""
        return (self._total or 0) >= _exact(limit)

    def add(self, cost: float, job: str | None = None) -> None:
        """Add the cost of a call, unless it is negative. A job counts once, with the highest cost that was reported."""
        if cost < 0:
            return
        with self._locks.setdefault(os.getpid(), threading.Lock()):  # atomic
            previous = 0.0
            if job is not None:
                previous = self._jobs.get(job, 0.0)
                cost = self._jobs[job] = max(cost, previous)
                if len(self._jobs) > _MOST_JOBS:
                    del self._jobs[next(iter(self._jobs))]
            self._total = (self._total or 0) + _exact(cost) - _exact(previous)


def check_budget(settings: Settings) -> None:
    """Raise BudgetError if the calls of the client have reached its limit."""
    limit, spending = settings.max_cost, settings.spending
    if limit is not None and spending.reaches(limit):
        raise BudgetError(spending.total, limit)


def check_cost(max_cost: float | None) -> float | None:
    """Return the number itself. Raises ConfigurationError unless it is None or a finite number of at least 0."""
    value = cast("object", max_cost)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None or (is_number and math.isfinite(cast("float", value)) and cast("float", value) >= 0):
        return max_cost
    raise ConfigurationError(f"max_cost must be a number of at least 0 or None, not {value!r}")


def count_call(settings: Settings, response: Response) -> None:
    """Add the cost in a response to a blocking call, with any status."""
    number = in_headers("cost", response.headers, settings.api.headers)
    if number is None and (paths := settings.api.places.sync.get("cost")):
        number = in_content(response.content, paths)
    if number is not None:
        settings.spending.add(number)


def count_content(settings: Settings, response: Response) -> None:
    """Add the cost in the JSON of a response to a blocking call whose headers were counted before, unless they had one."""
    number = in_content(response.content, settings.api.places.sync.get("cost", ()))
    if number is not None and in_headers("cost", response.headers, settings.api.headers) is None:
        settings.spending.add(number)


def count_job(settings: Settings, request_id: str, body: Mapping[str, Any], response: Response) -> None:
    """Add the cost in a response about a job, once for each job."""
    api = settings.api
    number = of_job("cost", body, response.headers, api.places, api.headers)
    if number is not None:
        settings.spending.add(number, request_id)


def _exact(number: float) -> Decimal:
    """Return the number as it is written."""
    from decimal import Decimal  # Only calls that report a cost need it.

    return Decimal(repr(number))


# speccast: end
