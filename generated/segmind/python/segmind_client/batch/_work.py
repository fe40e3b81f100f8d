"""What one run of a batch works with: the parts that the engine, the jobs and the results share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from .._runtime.batching import RowResult
    from .._runtime.settings import Settings
    from .._runtime.transport import AsyncTransport
    from ._files import Files
    from ._journal import Journal
    from ._limits import Pace
    from ._rows import Surfaces

__all__ = ["Earlier", "Limits", "Outlet", "Work"]


class Outlet(Protocol):
    """Takes the rows that are final."""

    def put(self, result: RowResult) -> None:
        """Take a row that is final."""
        ...

    def has_room(self) -> bool:
        """Return whether the program keeps up with the results."""
        ...


class Earlier(NamedTuple):
    """What earlier runs have left."""

    interrupted: tuple[int, ...] = ()
    """Numbers of rows that were sent and have no response in the journal."""
    last_number: int = 0
    """Number of the last row."""
    resent: frozenset[int] = frozenset()
    """Rows that are sent again if their jobs have no result by now."""


class Limits(NamedTuple):
    """When a batch ends before all rows are made."""

    max_cost: float | None = None
    max_failures: int | None = None
    deadline: float | None = None


@dataclass(frozen=True)
class Work:
    """The parts of a run."""

    journal: Journal
    files: Files
    surfaces: Surfaces
    settings: Settings
    transport: AsyncTransport
    pace: Pace
    limits: Limits
    outlet: Outlet
    embed: bool
    earlier: Earlier
