"""The value of a parameter that was left out, which is another thing than None (null)."""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = ["OMIT", "Omit"]


class Omit(Enum):
    """The type of `OMIT`. An enum, so that type checkers tell it from every other value by `is`."""

    OMIT = "omit"

    def __repr__(self) -> str:
        return self.name

    __str__ = __repr__


OMIT: Final = Omit.OMIT
"""Left out: nothing is sent, and what the API or the client does by default happens."""
