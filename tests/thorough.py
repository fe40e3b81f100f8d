"""How often tests repeat that could run with any number of cases: each change needs a few, a release needs all.

`make thorough` sets SPECCAST_THOROUGH.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

__all__ = ["cases", "one_of_each", "some"]

_Case = TypeVar("_Case")
_IS_THOROUGH = os.environ.get("SPECCAST_THOROUGH", "") != ""


def cases(usual: _Case, thorough: _Case) -> _Case:
    """Return the number of cases to run, or the cases."""
    return thorough if _IS_THOROUGH else usual


def some(every: int, values: Sequence[_Case], first: int = 0) -> Sequence[_Case]:
    """Return every Nth value from a first one, or all values in a thorough run."""
    return values if _IS_THOROUGH else values[first % every :: every]


def one_of_each(kind: Callable[[_Case], Hashable], values: Sequence[_Case]) -> Sequence[_Case]:
    """Return the first value of each kind, or all values in a thorough run."""
    return values if _IS_THOROUGH else list({kind(value): value for value in reversed(values)}.values())[::-1]
