"""Most models have parameters that others have as well: what was made of one is there for all that are alike.

`build_parameter` answers the same object for the same text, and what is worked out of a parameter alone is kept by object.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.core.parameter import Parameter

T = TypeVar("T")

MOST: Final = 256
"""Parameters that are kept at once: enough for those that are alike, and little room even where each has a long text."""


def once_per_parameter(function: Callable[[Parameter], T]) -> Callable[[Parameter], T]:
    """Has a pure function of a parameter called once for each object. Nobody may change what it answers."""
    known: dict[int, tuple[Parameter, T]] = {}

    @wraps(function)
    def remembered(parameter: Parameter) -> T:
        found = known.get(id(parameter))
        if found is not None and found[0] is parameter:
            return found[1]
        if len(known) >= MOST:
            known.clear()
        made = function(parameter)
        known[id(parameter)] = parameter, made  # which keeps the object, and with it the number, from going
        return made

    return remembered
