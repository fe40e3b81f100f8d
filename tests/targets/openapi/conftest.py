"""The documents of the APIs of this repository."""

from __future__ import annotations

import pytest

from .documented import FOLDERS, Documented, documented


@pytest.fixture(params=list(FOLDERS))
def documented_api(request: pytest.FixtureRequest) -> Documented:
    """Each API in turn."""
    return documented(request.param)


@pytest.fixture
def segmind() -> Documented:
    return documented("segmind")


@pytest.fixture
def harmonia() -> Documented:
    return documented("harmonia")
