"""For packages that also export the names of another SDK: a client class and a default client."""

from __future__ import annotations

import atexit
import os
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from .client import SyncClient

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DropInClient", "default_client"]

C = TypeVar("C", bound=SyncClient)


class DropInClient(SyncClient):
    """A client with the constructor of the other SDK."""

    def __init__(
        self, api_key: str | None = None, base_url: str | None = None, timeout: float | None = 30.0
    ) -> None:
        """`timeout` is in seconds, for each read and write."""
        super().__init__(api_key, base_url=base_url, timeout=timeout)


def default_client(factory: Callable[[], C]) -> Callable[[], C]:
    """Return a function that returns the default client: the same one until it is closed or the environment changes.

    Nothing is read before it is called. It raises ConfigurationError if the key is missing.
    """
    locks: dict[int, Lock] = {}  # by process: a fork may copy one that is held
    kept: list[C] = []

    def client() -> C:
        fresh = factory()  # This takes microseconds: connections are opened by the first request.
        with locks.setdefault(os.getpid(), Lock()):
            if not kept or kept[0].is_closed or not kept[0].has_same_settings(fresh):
                kept[:] = [fresh]
                atexit.register(fresh.close)  # No other code can close it.
            return kept[0]

    return client
