"""Batches of the committed client against the emulator of the same specs, over real HTTP."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.testing import emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

sys.path.insert(0, str(Path(__file__).parent / "support"))

from segmind_batches import CLIENT

sys.path.insert(0, str(CLIENT))


@pytest.fixture
def api() -> Iterator[Any]:
    with emulator(CLIENT / "segmind_client", progress="polls:1") as running:
        yield running


@pytest.fixture
def client(api: Any) -> Iterator[Any]:
    from segmind_client import Segmind

    with Segmind(api.key, base_url=api.url) as made:
        yield made
