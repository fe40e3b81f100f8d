"""Lints and renders a small API, so that commands forked afterwards neither compile templates nor import what they use."""

from __future__ import annotations

from pathlib import Path

from speccast.lint.linter import lint
from speccast.specs.build import build_api
from speccast.specs.load import load
from speccast.targets.rendering import render

_HERE = Path(__file__).parent

_specs = load(_HERE / "apis" / "minimal", shown_from=_HERE)
lint(_specs)
for _target in ("python", "openapi"):
    render(build_api(_specs.apis[0]), _target, _HERE / "no-such-folder")
