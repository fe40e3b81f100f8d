"""The runtime in a package: `acme_client`, put together from the templates and the hand-written parts in `support`.

Tests are written once and run with the sync and the async client:

    def test_…(acme, server):
        result = acme.run(acme.client().fox_1_5.generate(prompt="a fox"))
"""

from __future__ import annotations

import asyncio
import atexit
import inspect
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).parent
_RUNTIME = _HERE.parents[1] / "templates" / "python" / "__package__" / "_runtime"

ROOT = Path(tempfile.mkdtemp(prefix="acme-"))
atexit.register(shutil.rmtree, ROOT, ignore_errors=True)
shutil.copytree(_HERE / "support", ROOT, dirs_exist_ok=True)
shutil.copytree(_RUNTIME, ROOT / "acme_client" / "_runtime", ignore=shutil.ignore_patterns("__pycache__"))
sys.path.insert(0, str(ROOT))

KEY = "ak-0123456789/abcdef"
"""The key of all tests; nothing but the API's own requests may ever hold it."""


class Adapter:
    """A client of either kind, and a way to get what its methods answer."""

    def __init__(self, mode: str, url: str, runner: asyncio.Runner) -> None:
        self.mode = mode
        self.url = url
        self._runner = runner
        self._clients: list[Any] = []

    @property
    def is_async(self) -> bool:
        return self.mode == "async"

    def run(self, value: Any) -> Any:
        """What a method answers, awaited if need be."""
        return self._runner.run(value) if inspect.iscoroutine(value) else value

    def client(self, *, clock: Any = None, api: Any = None, **options: Any) -> Any:
        """A client of the scripted server; `clock` and `api` replace those of the class."""
        from acme_client.client import Acme, AsyncAcme

        changed = {name: value for name, value in (("_clock", clock), ("_api", api)) if value is not None}
        base = AsyncAcme if self.is_async else Acme
        client = type(base.__name__, (base,), changed)(**{"api_key": KEY, "base_url": self.url, **options})
        self._clients.append(client)
        return client

    def close(self) -> None:
        for client in self._clients:
            self.run(client.close())


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's environment reaches the client."""
    for name in ("ACME_KEY", "ACME_URL", *(f"{kind}_PROXY" for kind in ("HTTP", "HTTPS", "ALL", "NO"))):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server() -> Iterator[Any]:
    from scripted import serving

    with serving() as running:
        yield running


@pytest.fixture
def elsewhere() -> Iterator[Any]:
    """Another server: another origin."""
    from scripted import serving

    with serving() as running:
        yield running


@pytest.fixture(params=["sync", "async"])
def acme(request: pytest.FixtureRequest, server: Any) -> Iterator[Adapter]:
    with asyncio.Runner() as runner:
        adapter = Adapter(request.param, server.url, runner)
        yield adapter
        adapter.close()


@pytest.fixture
def clock() -> Any:
    """Time that passes only in sleeps, and no jitter: a clock whose `slept` lists them."""
    from timing import RecordedClock

    return RecordedClock()
