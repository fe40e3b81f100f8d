"""Runs what the README of the generated client shows, against an emulator."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from speccast.emulator.server import start_emulator
from speccast.specs.bundle import read_bundle

from .documents import ROOT, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CLIENT = ROOT / "generated" / "segmind" / "python"
BLOCKS = blocks("generated/segmind/python/README.md")
COMMANDS = [line for block in BLOCKS if block.language == "console" for line in block.text.splitlines()]
TESTED_ELSEWHERE = {
    "pip install .": "tests/end_to_end/test_installed_client.py",
    "pip install '.[cli]'  # with its command line": "tests/docs/test_documents.py, for README.md",
    "pip install pytest '.[cli]'": "tests/end_to_end/test_generated_tests.py",
    "python -m pytest": "tests/end_to_end/test_generated_tests.py",
}
"""Commands that are not run here."""


@pytest.fixture(scope="module")
def variables(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    with start_emulator(read_bundle(CLIENT / "segmind_client" / "_specs.json")) as served:
        url = served.url
        yield {
            **environment,
            "PYTHONPATH": str(CLIENT),
            "SEGMIND_BASE_URL": url,
            "SEGMIND_API_KEY": "any",
        }


def test_the_snippets_of_the_client_run(variables: dict[str, str], tmp_path: Path) -> None:
    [code] = [block.text for block in BLOCKS if block.language == "python"]
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=variables, capture_output=True, text=True, check=True
    )
    [file] = tmp_path.iterdir()
    assert file.name in ran.stdout


@pytest.mark.parametrize("command", [each for each in COMMANDS if each not in TESTED_ELSEWHERE])
def test_the_commands_of_the_client_run(command: str, variables: dict[str, str], tmp_path: Path) -> None:
    program, *words = shlex.split(command)
    assert program == "segmind-client"
    subprocess.run([sys.executable, "-m", "segmind_client", *words], cwd=tmp_path, env=variables, check=True)


def test_every_exception_is_needed() -> None:
    assert TESTED_ELSEWHERE.keys() <= set(COMMANDS)
