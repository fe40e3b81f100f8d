"""What calls cost, as the API reports it in responses, in its own unit; and the sum of a client."""

from __future__ import annotations

import math
import re
import threading
from typing import TYPE_CHECKING, Any, cast

from .._core.omit import OMIT
from .._core.places import read_first
from .errors import BudgetError, ConfigurationError
from .media import sniff
from .response import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from .._core.api import Header
    from .._core.places import Paths, Places
    from .settings import Settings
    from .steps import Response

__all__ = [
    "Spending",
    "check_budget",
    "checked_cost",
    "count_call",
    "count_content",
    "count_job",
    "of_call",
    "of_job",
]

_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
_LONGEST = 100
"""Characters of a number in a text."""


class Spending:
    """What the calls of a client cost. Threads and tasks share it, and so do the clients of `with_options`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._total: Decimal | None = None
        """Decimal, because a sum of floats such as 0.7 + 0.1 may stay below a limit that it reaches."""
        self._jobs: dict[str, float] = {}

    @property
    def total(self) -> float:
        """The sum."""
        return float(self._total or 0)

    def reaches(self, limit: float) -> bool:
        """Whether the sum is not less than a limit."""
        return (self._total or 0) >= _exact(limit)

    def add(self, cost: float, job: str | None = None) -> None:
        """Add the cost of a call, unless it is negative. A job counts once, with the highest cost that was reported."""
        if cost < 0:
            return
        with self._lock:
            previous = 0.0
            if job is not None:
                previous = self._jobs.get(job, 0.0)
                cost = self._jobs[job] = max(cost, previous)
            self._total = (self._total or 0) + _exact(cost) - _exact(previous)


def check_budget(settings: Settings) -> None:
    """Raise BudgetError if the calls of the client have reached its limit."""
    limit, spending = settings.max_cost, settings.spending
    if limit is not None and spending.reaches(limit):
        raise BudgetError(spending.total, limit)


def checked_cost(max_cost: float | None) -> float | None:
    """The number itself. Raises ConfigurationError unless it is None or a finite number of at least 0."""
    value = cast("object", max_cost)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None or (is_number and math.isfinite(cast("float", value)) and cast("float", value) >= 0):
        return max_cost
    raise ConfigurationError(f"max_cost must be a number of at least 0 or None, not {value!r}")


def count_call(settings: Settings, response: Response) -> None:
    """Add the cost in a response to a blocking call, whatever its status."""
    number = _in_headers("cost", response.headers, settings.api.headers)
    if number is None and (paths := settings.api.places.sync.get("cost")):
        number = _in_content(response.content, paths)
    if number is not None:
        settings.spending.add(number)


def count_content(settings: Settings, response: Response) -> None:
    """Add the cost in the JSON of a response to a blocking call whose headers were counted before, unless they had one."""
    number = _in_content(response.content, settings.api.places.sync.get("cost", ()))
    if number is not None and _in_headers("cost", response.headers, settings.api.headers) is None:
        settings.spending.add(number)


def count_job(settings: Settings, request_id: str, body: Mapping[str, Any], response: Response) -> None:
    """Add the cost in a response about a job, once for each job."""
    api = settings.api
    number = of_job("cost", body, response.headers, api.places, api.headers)
    if number is not None:
        settings.spending.add(number, request_id)


def of_call(name: str, metadata: Mapping[str, object], content: bytes, paths: Paths) -> float | None:
    """The number with this meaning in the headers of a response, or where the JSON of the answer has it."""
    number = _number(metadata.get(name))
    return _in_content(content, paths) if number is None else number


def of_job(
    name: str,
    body: Mapping[str, Any],
    headers: Mapping[str, str],
    places: Places,
    documented: tuple[Header, ...],
) -> float | None:
    """The number where the JSON about a job has it, or with this meaning in the headers of the response."""
    number = _number(read_first(places.of(name), body))
    return _in_headers(name, headers, documented) if number is None else number


def _in_headers(name: str, headers: Mapping[str, str], documented: tuple[Header, ...]) -> float | None:
    for each in documented:
        if each.meaning == name and (text := headers.get(each.name.lower())):
            return _number(text)
    return None


def _in_content(content: bytes, paths: Paths) -> float | None:
    """The number at the first of these places in a JSON body."""
    return None if not paths or sniff(content) else _number(read_first(paths, parse_json(content)))


def _number(value: object) -> float | None:
    """A finite number, or a text of one; None for everything else that a server may send."""
    if value is OMIT or isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip()
        is_number = len(value) <= _LONGEST and re.fullmatch(_NUMBER, value, re.ASCII) is not None
    else:
        is_number = isinstance(value, int | float)
    if not is_number:
        return None
    try:
        number = float(cast("str | float", value))
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _exact(number: float) -> Decimal:
    """The number as it is written."""
    from decimal import Decimal  # Only calls that report a cost need it.

    return Decimal(repr(number))
