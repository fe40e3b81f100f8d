"""The documents of the APIs of this repository."""

from __future__ import annotations

import pytest

from .documented import FOLDERS, Documented, load_documented


@pytest.fixture(params=list(FOLDERS))
def documented_api(request: pytest.FixtureRequest) -> Documented:
    """Each API in turn."""
    return load_documented(request.param)


@pytest.fixture
def segmind() -> Documented:
    return load_documented("segmind")


@pytest.fixture
def harmonia() -> Documented:
    return load_documented("harmonia")
