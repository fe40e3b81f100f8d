"""Checks of the options of a batch. A misspelled limit would otherwise be ignored."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

from .._runtime.batching import BatchOptions
from .._runtime.errors import ConfigurationError
from .._runtime.wording import format_value, suggestion
from ._limits import parse_rate
from ._rows import KEY

__all__ = ["check_choice", "check_options"]


def check_options(options: BatchOptions) -> None:
    """Raise TypeError for an unknown option, and ConfigurationError for an invalid value."""
    given = cast("Mapping[str, Any]", options)
    for name in given:
        if name not in BatchOptions.__annotations__:
            end = suggestion(name, BatchOptions.__annotations__)
            raise TypeError(f"a batch has no option {name!r}{end}")
    _check_limits({name: value for name, value in given.items() if value is not None})
    check_choice("surface", given.get("surface"), (None, "sync", "async"))
    check_choice("retry", given.get("retry"), (None, "failed", "unknown"))
    defaults: object = given.get("defaults") or {}
    if not isinstance(defaults, Mapping):
        raise ConfigurationError(f"defaults must be a mapping of parameters, not {format_value(defaults)}")
    if KEY in defaults:
        raise ConfigurationError(
            f"{KEY} is the name of one row and cannot be set for all rows (defaults, --set)"
        )


def check_choice(name: str, value: object, choices: tuple[str | None, ...]) -> None:
    """Raise ConfigurationError for another value."""
    if value not in choices:
        known = " or ".join(repr(choice) for choice in choices if choice is not None)
        raise ConfigurationError(f"{name} must be {known}, not {format_value(value)}")


def _check_limits(given: Mapping[str, Any]) -> None:
    for name in ("concurrency", "max_failures"):
        value = given.get(name, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ConfigurationError(f"{name} must be an integer of at least 1, not {format_value(value)}")
    if not _is_number(given.get("max_cost", 0)):
        raise ConfigurationError(
            f"max_cost must be a number of at least 0, not {format_value(given['max_cost'])}"
        )
    deadline = given.get("deadline", 1)
    if not _is_number(deadline) or not deadline:
        raise ConfigurationError(
            f"deadline must be a number of seconds above 0, not {format_value(deadline)}"
        )
    if "rate" in given:
        parse_rate(given["rate"])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
