"""Type checkers and ruff report nothing for the output, including that of an API that uses every key of the format."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

TOOLS = Path(sys.prefix) / "bin"
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pyright:|mypy:|ruff:)")


@pytest.fixture(params=["segmind", "harmonia"])
def output(request: pytest.FixtureRequest, generated: Path) -> Path:
    """A generated project."""
    folder: Path = generated / "generated" / request.param / "python"
    return folder


@pytest.mark.parametrize("words", [["--strict", "."], []], ids=["all", "as configured"])
def test_mypy_strict_reports_nothing(
    output: Path, run: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    cache = tmp_path_factory.getbasetemp() / "mypy"
    ran = run([TOOLS / "mypy", "--cache-dir", cache, *words], cwd=output)
    assert ran.out.startswith("Success: no issues found"), ran.out


def test_pyright_reports_nothing(output: Path, run: Callable[..., Any]) -> None:
    ran = run([TOOLS / "pyright", "."], cwd=output, env=_with_path(TOOLS))
    assert ran.out.rstrip().endswith("0 errors, 0 warnings, 0 informations"), ran.out


def test_every_public_name_has_a_type(
    client_environment: Any, run: Callable[..., Any], tmp_path: Path
) -> None:
    words = ["--ignoreexternal", "--verifytypes", "segmind_client"]
    ran = run([TOOLS / "pyright", *words], cwd=tmp_path, env=_with_path(client_environment.bin), code=0)
    assert "Type completeness score: 100%" in ran.out, ran.out


def test_ruff_reports_nothing_with_the_published_rules(output: Path, run: Callable[..., Any]) -> None:
    ruff = [TOOLS / "ruff"]
    checked = run([*ruff, "check", "--no-cache", "--config", output / "pyproject.toml", "."], cwd=output)
    assert (checked.code, checked.out) == (0, "All checks passed!\n"), checked.out
    formatted = run(
        [*ruff, "format", "--no-cache", "--check", "--config", output / "pyproject.toml", "."], cwd=output
    )
    assert formatted.code == 0, formatted.out


def test_nothing_is_suppressed(output: Path) -> None:
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted(output.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if SUPPRESSION.search(line)
    ]
    assert found == []


def _with_path(folder: Path) -> dict[str, str]:
    """pyright takes packages from the first Python on PATH."""
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
