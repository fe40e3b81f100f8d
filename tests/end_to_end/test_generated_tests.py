"""The tests that come with the invented APIs pass. Those of Segmind are committed, and run with all others."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("name", ["harmonia", "minimal"])
def test_of_an_invented_api_pass(generated: Path, run: Callable[..., Any], name: str) -> None:
    folder = generated / "generated" / name / "python"
    ran = run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=folder)
    assert ran.code == 0, ran.out
    assert " passed" in ran.lines[-1]
    assert not {"skipped", "warning"} & set(ran.lines[-1].split())
