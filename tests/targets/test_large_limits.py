"""No file of the output is as large as a number in a spec."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from speccast.samples.size import MAX_SIZE
from speccast.specs.build import build_model
from speccast.targets.rendering import render
from tests.targets.support import NO_OVERLAY, ROOT, api_of

if TYPE_CHECKING:
    from speccast.specs.format import ModelSpec

PARAMETERS: dict[str, Any] = {
    "text": {"type": "string", "maxLength": 10**12, "minLength": 10**9},
    "list": {"type": "array", "minItems": 10**9, "maxItems": 10**10, "items": {"type": "string", "minLength": 10**9}},
    "choice": {"type": "integer", "enum": [1], "hidden_values": 10**9, "default": 10**15},
    "number": {"type": "number", "minimum": 1e-300, "maximum": 1e300, "multipleOf": 1e-300},
    "code": {"type": "string", "pattern": "^a{1000000000}$"},
}  # fmt: skip


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("target", ["python", "openapi"])
def test_output_is_small_for_any_limits(target: str, required: bool) -> None:
    parameters = {name: {**spec, "required": required} for name, spec in PARAMETERS.items()}
    spec = {"speccast": 1, "slug": "large", "title": "Large", "surfaces": ["sync"], "returns": ["image/png"]}
    model = build_model(cast("ModelSpec", {**spec, "parameters": parameters}), "large.yaml")
    files = render(replace(api_of(ROOT / "tests" / "apis" / "minimal"), models=(model,)), target, NO_OVERLAY)
    assert max(map(len, files.values())) < MAX_SIZE / 4
