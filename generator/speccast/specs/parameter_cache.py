"""Caches what is computed from a parameter, since the models of an API share many identical parameters.

`build_parameter` returns the same object for the same text, so the cache is keyed by object identity: hashing a parameter takes
longer than most of the computations. It saves a sixth of the CPU time of a cold generation.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.core.parameter import Parameter

T = TypeVar("T")

MAX_PARAMETERS: Final = 256
"""Maximum number of cached parameters."""


def cached_per_parameter(function: Callable[[Parameter], T]) -> Callable[[Parameter], T]:
    """Cache the results of a pure function of a parameter. Callers must not change the result."""
    cached: dict[int, tuple[Parameter, T]] = {}

    @wraps(function)
    def wrapper(parameter: Parameter) -> T:
        entry = cached.get(id(parameter))
        if entry is not None and entry[0] is parameter:
            return entry[1]
        if len(cached) >= MAX_PARAMETERS:
            cached.clear()
        result = function(parameter)
        cached[id(parameter)] = parameter, result  # a reference to the object keeps its id from being reused
        return result

    return wrapper
