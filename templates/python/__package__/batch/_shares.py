"""Limits that several shards share: each gets an equal part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._runtime.errors import ConfigurationError
from ._limits import parse_rate
from ._options import check_options

if TYPE_CHECKING:
    from .._runtime.batching import BatchOptions

__all__ = ["SHARDS", "share_of"]

SHARDS = 16


def share_of(options: BatchOptions, shards: int) -> BatchOptions:
    """Return the options of each shard. Raises ConfigurationError if a limit is too low to be divided."""
    check_options(options)
    if options.get("retry") is not None:
        # The engine may make the same rows several times, and each time would pay for them.
        raise ConfigurationError(
            "retry= does not work with shards: before the run, call batch.retry() for the folder of each shard"
        )
    shared = options.copy()
    if (rate := options.get("rate")) is not None:
        whole = parse_rate(rate)
        shared["rate"] = f"{_divide('rate', whole.requests, shards)}/{whole.seconds:.15g}s"
    if (concurrency := options.get("concurrency")) is not None:
        shared["concurrency"] = _divide("concurrency", concurrency, shards)
    if (max_failures := options.get("max_failures")) is not None:
        shared["max_failures"] = _divide("max_failures", max_failures, shards)
    if (max_cost := options.get("max_cost")) is not None:
        shared["max_cost"] = max_cost / shards
    return shared


def _divide(name: str, whole: int, shards: int) -> int:
    if whole < shards:
        raise ConfigurationError(
            f"{shards} shards cannot share {name}={whole}: use shards={max(1, whole)} or less"
        )
    return whole // shards
