"""A model is added by adding one file, and removed by deleting it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from tests.pytest_command import PYTEST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SIXTH = """\
speccast: 1
slug: aurora-xl-1.0
title: Aurora XL
description: Draws northern lights.
category: text-to-image
surfaces: [sync, async]
returns: [image/jpeg]
source:
  url: https://models.example.com/aurora-xl-1.0
  date: "2026-11-20"
parameters:
  prompt:
    type: string
    required: true
    description: What the picture shows.
  steps:
    type: integer
    default: 20
    minimum: 1
    maximum: 60
    description: Number of steps.
  scale:
    type: number
    exclusiveMinimum: 0
    maximum: 2
    multipleOf: 0.25
    description: How strong the lights are.
  format:
    type: string
    enum: [jpeg, png]
    default: jpeg
    description: Format of the picture.
example:
  prompt: green lights over a fjord
  steps: 30
"""


def test_a_spec_becomes_a_module_a_command_and_tests_until_it_is_deleted(
    clone: Path,
    own_code: Mapping[str, str],
    speccast: Callable[..., Any],
    run: Callable[..., Any],
    git: Callable[..., str],
) -> None:
    spec = clone / "specs" / "segmind" / "aurora-xl-1.0.yaml"
    spec.write_text(SIXTH, encoding="utf-8")
    speccast("generate", cwd=clone, env=own_code, code=0)
    output = clone / "generated" / "segmind" / "python"
    added = {
        line[3:] for line in git("status", "--porcelain", cwd=clone).splitlines() if line.startswith("??")
    }
    assert added == {
        "specs/segmind/aurora-xl-1.0.yaml",
        "generated/segmind/python/docs/aurora_xl_1_0.md",
        "generated/segmind/python/segmind_client/models/_params/aurora_xl_1_0.py",
        "generated/segmind/python/segmind_client/models/aurora_xl_1_0.py",
        "generated/segmind/python/tests/test_aurora_xl_1_0.py",
    }

    helped = run([sys.executable, "-m", "segmind_client", "aurora-xl-1.0", "--help"], cwd=output, code=0)
    assert "--steps" in helped.out
    assert "1 to 60" in helped.out

    tests = [sys.executable, *PYTEST, "tests/test_aurora_xl_1_0.py"]
    tested = run(tests, cwd=output, env=own_code, code=0)
    assert " passed" in tested.out
    assert "skipped" not in tested.out

    spec.unlink()
    ran = speccast("generate", cwd=clone, env=own_code, code=0)
    assert "removed generated/segmind/python/segmind_client/models/aurora_xl_1_0.py" in ran.lines
    assert git("status", "--porcelain", cwd=clone) == ""
