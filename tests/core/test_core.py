"""The core: importable anywhere, and the same bytes in every generated package."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "generator" / "speccast" / "core"
FILES = sorted(path.name for path in CORE.glob("*.py"))


def imports(path: Path) -> list[tuple[int, str]]:
    """Relative level and name of every module that a file imports."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(0, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.level, node.module or ""))
    return found


@pytest.mark.parametrize("name", FILES)
def test_core_imports_the_standard_library_and_itself_only(name: str) -> None:
    for level, module in imports(CORE / name):
        if level:
            assert (level, f"{module}.py" in FILES) == (1, True), module
        else:
            assert module.partition(".")[0] in sys.stdlib_module_names, module


@pytest.mark.parametrize("client", sorted((ROOT / "generated").glob("*/python/*/_core")), ids=str)
def test_clients_have_a_copy_without_the_marks_of_regions(client: Path) -> None:
    """No model here limits seconds."""
    expected = {name: code(CORE / name, without="durations") for name in FILES}
    assert {path.name: code(path) for path in client.glob("*.py")} == {
        name: lines for name, lines in expected.items() if lines
    }


def code(path: Path, without: str = "") -> list[str]:
    """Return the lines that are neither empty nor marks of regions, nor in regions of a feature."""
    kept: list[str] = []
    is_kept = True
    for line in path.read_text(encoding="utf-8").splitlines():
        mark = line.strip().removeprefix("# speccast: ")
        if mark != line.strip():
            is_kept = mark == "end" or mark != f"if {without}"
        elif line and is_kept:
            kept.append(line)
    return kept
