"""Parts for a package that also exports the names of another SDK: a client class, and functions on a default client."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from .client import SyncClient

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DropInClient", "default_client"]

C = TypeVar("C", bound=SyncClient)


class DropInClient(SyncClient):
    """A client that is made the way the other SDK's is. The methods are the client's own."""

    def __init__(
        self, api_key: str | None = None, base_url: str | None = None, timeout: float | None = 30.0
    ) -> None:
        """`timeout` is in seconds, for each read and write."""
        super().__init__(api_key, base_url=base_url, timeout=timeout)


def default_client(factory: Callable[[], C]) -> Callable[[], C]:
    """A function that answers the default client: the first time a new one, and again one when the environment changes.

    Nothing is read before it is called; without a key it raises ConfigurationError each time.
    """
    lock = Lock()
    kept: list[C] = []

    def client() -> C:
        fresh = factory()  # costs microseconds: connections are made with the first request
        with lock:
            if not kept or kept[0].is_closed or not kept[0].is_set_up_like(fresh):
                kept[:] = [fresh]
            return kept[0]

    return client
