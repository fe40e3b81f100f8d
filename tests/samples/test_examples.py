"""Examples of requests and their responses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from speccast.samples.examples import content_types
from speccast.specs.build import build_api
from speccast.specs.load import load

MINIMAL = Path(__file__).parents[1] / "apis" / "minimal"


@pytest.mark.parametrize(
    ("returns", "expected"),
    [
        (("audio/x-aiff",), ("audio/aiff",)),
        (("video/x-m4v", "video/mp4"), ("video/mp4",)),
        (("image/*",), ("image/*",)),
    ],
)
def test_types_have_the_names_that_clients_use(returns: tuple[str, ...], expected: tuple[str, ...]) -> None:
    [loaded] = load(MINIMAL).apis
    api = build_api(loaded)
    [model] = api.models
    assert content_types(api, replace(model, returns=returns)) == expected
