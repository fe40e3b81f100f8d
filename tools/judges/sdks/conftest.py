"""Fixtures of the judges that are SDKs of vendors.

A module names the API that its tests need by the marker of `speccast_emulator`. That fixture starts the emulator once, resets it
before each test, and shows the requests when a test fails.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import socket
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import pytest

from tools.judges.sdks.apis import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from speccast.testing import Emulator


class Resolver(Protocol):
    def __call__(self, *hosts: str) -> None: ...


@pytest.fixture(autouse=True)
def no_keys_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove keys, addresses and proxies from the environment, which SDKs read."""
    for name in os.environ:
        if name.lower().endswith(
            ("_proxy", "_api_key", "_api_token", "_api_secret", "_base_url", "hf_token", "fal_key")
        ):
            monkeypatch.delenv(name)


@pytest.fixture
def trusted(speccast_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """The emulator, whose certificate SDKs trust."""
    certificate = str(speccast_emulator.certificate)
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
    return speccast_emulator


@pytest.fixture
def resolve(trusted: Emulator, monkeypatch: pytest.MonkeyPatch) -> Resolver:
    """Let host names lead to the emulator, as `/etc/hosts` does, for SDKs with a fixed address."""
    address = urlsplit(trusted.url)
    original = socket.getaddrinfo

    def resolve_names(*hosts: str) -> None:
        def lookup(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else host
            if name in hosts:
                return original(address.hostname, address.port, *arguments, **options)
            return original(host, port, *arguments, **options)

        monkeypatch.setattr(socket, "getaddrinfo", lookup)

    return resolve_names


@pytest.fixture(scope="session")
def client_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], tuple[ModuleType, Any]]]:
    """Generate and import the package of an example, and return it with its class of clients."""
    with pytest.MonkeyPatch.context() as patch:

        @cache
        def import_client(name: str) -> tuple[ModuleType, Any]:
            folder = tmp_path_factory.mktemp(name)
            (folder / "speccast.toml").write_text('targets = ["python"]\n', encoding="utf-8")
            shutil.copytree(EXAMPLES / name, folder / "specs" / name)
            subprocess.run([sys.executable, "-m", "speccast", "generate", "--quiet"], cwd=folder, check=True)
            [specs] = folder.glob("generated/*/python/*/_specs.json")
            patch.syspath_prepend(specs.parents[1])
            package = importlib.import_module(specs.parent.name)
            return package, getattr(package, json.loads(specs.read_bytes())["api"]["client"])

        yield import_client
