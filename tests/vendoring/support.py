"""Functions shared by the tests of vendoring."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruff import find_ruff_bin

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]


def reformat(run: Callable[..., Any], folder: Path) -> None:
    """Format the Python files of a folder with other settings."""
    words = ["format", "--isolated", "--no-cache", "--config", "line-length=60"]
    run([find_ruff_bin(), *words, "--config", "format.quote-style='single'", "."], cwd=folder, code=0)
