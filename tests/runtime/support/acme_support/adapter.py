"""One interface to the sync and the async client, so that each test is written once."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acme_client.client import Acme, AsyncAcme
from hypothesis import settings

if TYPE_CHECKING:
    import asyncio

UNHURRIED = settings(deadline=None)
"""For property tests: without a deadline, because the machine may be busy."""

ROOT = Path(__file__).parents[1]
"""The folder on the import path."""

KEY = "ak-0123456789/abcdef"
"""The key of all tests; only requests to the API may contain it."""


class Adapter:
    """Creates clients of one kind, and runs their methods."""

    def __init__(self, mode: str, url: str, runner: asyncio.Runner) -> None:
        self.mode = mode
        self.url = url
        self._runner = runner
        self._clients: list[Any] = []

    @property
    def is_async(self) -> bool:
        return self.mode == "async"

    def run(self, value: Any) -> Any:
        """Return the return value of a method, awaited if necessary."""
        return self._runner.run(value) if inspect.iscoroutine(value) else value

    def client(self, *, clock: Any = None, api: Any = None, **options: Any) -> Any:
        """Return a client of the scripted server; `clock` and `api` replace those of the class."""
        changed = {name: value for name, value in (("_clock", clock), ("_api", api)) if value is not None}
        base = AsyncAcme if self.is_async else Acme
        client = type(base.__name__, (base,), changed)(**{"api_key": KEY, "base_url": self.url, **options})
        self._clients.append(client)
        return client

    def close_http(self, http_client: Any) -> None:
        """Close an HTTP client that a test made itself."""
        self.run(http_client.aclose() if self.is_async else http_client.close())

    def close(self) -> None:
        for client in self._clients:
            self.run(client.close())
