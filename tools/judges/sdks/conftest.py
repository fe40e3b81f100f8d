"""Fixtures of the judges that are SDKs of vendors.

A module names the API that its tests need by the marker of `speccast_emulator`. That fixture starts the emulator once, resets it
before each test, and shows the requests when a test fails.
"""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import pytest

from tools.judges.sdks.apis import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path
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
def resolve(speccast_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Resolver:
    """Let host names lead to the emulator, as `/etc/hosts` does, and let SDKs trust its certificate.

    For SDKs with a fixed address. The emulator must serve https.
    """
    assert speccast_emulator.certificate is not None
    monkeypatch.setenv("SSL_CERT_FILE", str(speccast_emulator.certificate))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(speccast_emulator.certificate))
    address = urlsplit(speccast_emulator.url)
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
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the generated clients of all examples."""
    folder = tmp_path_factory.mktemp("clients")
    (folder / "speccast.toml").write_text('targets = ["python"]\n', encoding="utf-8")
    shutil.copytree(EXAMPLES, folder / "specs", ignore=shutil.ignore_patterns("*.md"))
    subprocess.run([sys.executable, "-m", "speccast", "generate", "--quiet"], cwd=folder, check=True)
    return folder / "generated"


@pytest.fixture(scope="session")
def client_of(clients: Path) -> Any:
    """Import the generated client of an example."""

    def imported(name: str) -> ModuleType:
        folder = clients / name / "python"
        [package] = [entry.parent.name for entry in folder.glob("*/_specs.json")]
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
        return importlib.import_module(package)

    yield imported
    sys.path[:] = [entry for entry in sys.path if not entry.startswith(str(clients))]
