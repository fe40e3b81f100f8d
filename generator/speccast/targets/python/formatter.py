"""Formats Python with ruff: one run over all files, with options that no configuration around the project can change."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from speccast.cache import key_of
from speccast.errors import SpeccastError
from speccast.temporary_folders import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

LINE_LENGTH = 110
RULES = (
    "E4",
    "E70",
    "E71",
    "E72",
    "E73",  # not E741: the API decides whether a parameter is called l
    "E9",
    "F",
    "I",
    "UP",
    "B",
    "C4",
    "PIE",
    "RET",
    "RUF022",
    "SIM",
    "PTH",
    "PERF",
    "FURB",
)
"""The rules that all generated code passes; generated projects list them in their pyproject.toml."""

_FIXES = ("C405", "F401", "FURB171", "I", "RUF022", "UP")
"""What ruff fixes, so that templates stay simple: imports, and code that is redundant for some specs only.

Ruff checks a file again after each fix. The templates of one model, which are rendered thousands of times, therefore need
no fix for nearly all models.
"""

_TRUSTED = ("C405", "FURB171")
"""Fixes that ruff calls unsafe although they are safe for the code of our templates."""

_COMMON = (
    "--isolated",
    "--no-cache",
    "--config",
    f"line-length={LINE_LENGTH}",
    "--target-version",
    "py311",
    # Otherwise ruff skips a package called dist, and a temporary folder that git ignores.
    "--config",
    "exclude=[]",
    "--config",
    "respect-gitignore=false",
)


@cache
def ruff_version() -> str:
    return version("ruff")


def format_python(files: Mapping[str, str], *, first_party: tuple[str, ...] = ()) -> dict[str, str]:
    """Return files with sorted imports, no unused imports, and formatted; keys are relative POSIX paths.

    Raises:
        SpeccastError: ruff cannot run, or a file is not valid Python; the message names the file and the line.
    """
    with temporary_folder() as root:
        for path, text in files.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="\n")
        RuffFormatter().format_folder(root, first_party)
        return {path: (root / path).read_text(encoding="utf-8") for path in files}


class RuffFormatter:
    """The formatter of the target python."""

    suffixes = (".py", ".pyi", ".md")
    """Ruff also formats the fenced code of a Markdown document."""

    def format_folder(self, folder: Path, packages: tuple[str, ...]) -> None:
        """Format all files below a folder in place.

        Raises:
            SpeccastError: ruff cannot run, or a file is not valid Python; the message names the file and the line.
        """
        from ruff import find_ruff_bin

        ruff = find_ruff_bin()
        for words in _commands(packages):
            ran = subprocess.run(
                [ruff, *words, "."],
                cwd=folder,
                env={name: value for name, value in os.environ.items() if not name.startswith("RUFF_")},
                capture_output=True,
                text=True,
                encoding="utf-8",
                check=False,
            )
            if ran.returncode != 0:
                raise SpeccastError(f"ruff could not format the rendered files:\n{ran.stderr.strip()}")

    def cache_key(self, packages: tuple[str, ...]) -> str:
        return key_of(ruff_version(), repr(_commands(packages)))


def _commands(first_party: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the arguments of each run of ruff."""
    fix = (
        *("check", *_COMMON, "--fix-only", "--select", ",".join(_FIXES)),
        *("--config", f"lint.extend-safe-fixes=[{_join(_TRUSTED)}]"),
        *("--config", f"lint.isort.known-first-party=[{_join(first_party)}]"),
    )
    return fix, ("format", *_COMMON)


def _join(names: Iterable[str]) -> str:
    """Return the items of a list in ruff's configuration."""
    return ",".join(f'"{name}"' for name in names)
