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
    assert not {"skipped", "warning", "warnings"} & set(ran.lines[-1].split())


def test_of_a_newcomers_api_pass(
    tmp_path: Path, speccast: Callable[..., Any], run: Callable[..., Any]
) -> None:
    """What `init` writes, with its jobs switched on, is complete enough to be tested."""
    speccast("init", "acme.ai", cwd=tmp_path, code=0)
    speccast("init", "--model", "3d-fox", cwd=tmp_path, code=0)
    specs = tmp_path / "specs" / "acme.ai"
    lines = (specs / "api.yaml").read_text(encoding="utf-8").splitlines()
    start = lines.index("# async:")
    end = lines.index("", start)
    lines[start:end] = [line.removeprefix("# ") for line in lines[start:end]]
    (specs / "api.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    model = specs / "3d-fox.yaml"
    text = model.read_text(encoding="utf-8")
    model.write_text(text.replace("surfaces: [sync]", "surfaces: [sync, async]"), encoding="utf-8")

    speccast("generate", cwd=tmp_path, code=0)
    folder = tmp_path / "generated" / "acme.ai" / "python"
    ran = run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=folder)
    assert ran.code == 0, ran.out
    assert "def test_job(" in (folder / "tests" / "test_m_3d_fox.py").read_text(encoding="utf-8")
