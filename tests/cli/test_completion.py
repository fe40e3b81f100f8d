"""`speccast completion`: scripts that shells take, and the words that they are given to offer."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from speccast.cli import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(project: Any, shell: str) -> None:
    ran = project.run("completion", shell)
    assert "_SPECCAST_COMPLETE" in ran.out
    assert ran.err == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_accepts_its_script(
    project: Any, run: Callable[..., Any], shell: str, tmp_path: Path
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "completion"
    script.write_text(project.run("completion", shell).out)
    assert run([shell, "-n", str(script)], cwd=tmp_path, code=0).err == ""


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("speccast gen", {"generate"}),
        ("speccast ", set(COMMANDS)),
        ("speccast generate --d", {"--dry-run", "--diff"}),
        ("speccast completion z", {"zsh"}),
        ("speccast lint --select P203,S3", {"P203,S301", "P203,S302"}),
        ("speccast explain bound-off", {"bound-off-step"}),
    ],
)
def test_matching_words_are_completed(
    project: Any, run: Callable[..., Any], typed: str, offered: set[str]
) -> None:
    words = typed.split(" ")
    asked = {
        "_SPECCAST_COMPLETE": "bash_complete",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(words) - 1),
    }
    ran = run([f"{sys.prefix}/bin/speccast"], cwd=project.folder, env=asked)
    assert {line.partition(",")[2] for line in ran.lines} == offered
