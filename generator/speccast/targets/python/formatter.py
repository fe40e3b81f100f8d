"""Formats Python with ruff: one run over all files, with options that nothing around the project can change."""

from __future__ import annotations

import os
import subprocess
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from speccast.cache import key_of
from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LINE_LENGTH = 110
RULES = (
    "E4",
    "E70",
    "E71",
    "E72",
    "E73",  # not E741: whether a parameter is called l is the API's choice
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
    "TC",
    "PTH",
    "PERF",
    "FURB",
)
"""The rule selection that everything emitted passes; the generated projects publish it in their pyproject.toml."""

_FIXES = ("C405", "F401", "FURB171", "I", "RUF022", "TC", "UP")
"""What is put right instead of thought of in templates: imports, and what is clumsy only for some specs.

Ruff looks at a file again after each thing put right. Templates of one model, which are rendered by the thousand, give what
needs nothing put right for nearly all models.
"""

_TRUSTED = ("C405", "FURB171", "TC")
"""Those of them that ruff does by itself only if told so: they would matter where annotations are evaluated."""

_COMMON = (
    "--isolated",
    "--no-cache",
    "--config",
    f"line-length={LINE_LENGTH}",
    "--target-version",
    "py311",
    # Else a package called dist, or a folder for temporary files that git ignores, would be passed over in silence.
    "--config",
    "exclude=[]",
    "--config",
    "respect-gitignore=false",
)


@cache
def ruff_version() -> str:
    return version("ruff")


def format_python(files: Mapping[str, str], *, first_party: tuple[str, ...] = ()) -> dict[str, str]:
    """The same files with sorted imports, nothing unused, and formatted; keys are relative POSIX paths.

    Raises:
        SpeccastError: ruff cannot run, or a file is no Python. The latter is a fault of a template, and the message
            names the file and the place.
    """
    with tempfile.TemporaryDirectory(prefix="speccast-") as folder:
        root = Path(folder)
        for path, text in files.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="\n")
        format_folder(root, first_party=first_party)
        return {path: (root / path).read_text(encoding="utf-8") for path in files}


def format_folder(folder: Path, *, first_party: tuple[str, ...] = ()) -> None:
    """Do the same to all files of a folder, where they are.

    Raises:
        SpeccastError: as above.
    """
    from ruff import find_ruff_bin

    ruff = find_ruff_bin()
    for words in _commands(first_party):
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
            raise SpeccastError(f"ruff could not format what the templates gave:\n{ran.stderr.strip()}")


def formatting_key(first_party: tuple[str, ...]) -> str:
    """A digest of all that decides how a text is formatted, but for the text and its path."""
    return key_of(ruff_version(), repr(_commands(first_party)))


def _commands(first_party: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """What ruff is told, one run after the other."""
    fix = (
        *("check", *_COMMON, "--fix-only", "--select", ",".join(_FIXES)),
        *("--config", f"lint.extend-safe-fixes=[{_listed(_TRUSTED)}]"),
        *("--config", f"lint.isort.known-first-party=[{_listed(first_party)}]"),
    )
    return fix, ("format", *_COMMON)


def _listed(names: Iterable[str]) -> str:
    """The items of a list in ruff's configuration."""
    return ",".join(f'"{name}"' for name in names)
