"""The value of a parameter or default that is left out, which is different from None (null in JSON)."""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = ["OMIT", "Omit"]


class Omit(Enum):
    """The type of `OMIT`. As an enum member, `OMIT` is narrowed by type checkers with `is`."""

    OMIT = "omit"

    def __repr__(self) -> str:
        return self.name

    __str__ = __repr__


OMIT: Final = Omit.OMIT
"""As an argument: not passed. As a default: no default."""
