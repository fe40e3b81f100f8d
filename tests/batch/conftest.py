"""Batches of the committed client against the emulator of the same specs, over real HTTP."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.testing import emulator
from tests.command_server import CommandServer

if TYPE_CHECKING:
    from collections.abc import Iterator

sys.path.insert(0, str(Path(__file__).parent / "support"))

from segmind_batches import CLIENT

sys.path.insert(0, str(CLIENT))


@pytest.fixture(scope="session")
def forking() -> Iterator[CommandServer]:
    """Runs commands without a terminal or signals in less time."""
    imports = ["cli.app", "cli.batch", "cli.batching", "batch._run", "batch._estimate", "batch._folder"]
    server = CommandServer(
        "segmind_client",
        ["httpx2", *(f"segmind_client.{name}" for name in imports)],
        {**os.environ, "PYTHONPATH": str(CLIENT)},
    )
    yield server
    server.close()


@pytest.fixture
def api() -> Iterator[Any]:
    with emulator(CLIENT / "segmind_client", progress="polls:1") as running:
        yield running


@pytest.fixture
def client(api: Any) -> Iterator[Any]:
    from segmind_client import Segmind

    with Segmind(api.key, base_url=api.url) as made:
        yield made
