"""The command line as a user has it: a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_TOOLS = ("GIT_", "MAKE", "MFLAGS", "PYTHON", "PYTEST", "SPECCAST", "SEGMIND", "HARMONIA")
_SERVICES = ("CI", "GITHUB_", "GITLAB_", "RUNNER_")
_TERMINAL = ("CLICOLOR", "COLORTERM", "COLUMNS", "FORCE_COLOR", "LANG", "LC_", "NO_COLOR", "TERM", "TTY_")
_OF_THIS_MACHINE = (*_TOOLS, *_SERVICES, *_TERMINAL)
"""Beginnings of variables that would let the machine that runs the tests have a say in them."""


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the cache of the person who runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@dataclass(frozen=True)
class Ran:
    """How a process ended. `out` is the report, `err` everything else."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@pytest.fixture(scope="session", autouse=True)
def _neither_service_nor_terminal() -> Iterator[None]:
    """For what runs in this process: tests come to the same on a CI service, which sets CI, as at a desk."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith((*_SERVICES, *_TERMINAL))]:
            patch.delenv(name)
        yield


def clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OF_THIS_MACHINE)}
    # git with a user of its own and nothing of this machine's configuration.
    person = {
        f"GIT_{role}_{part}": text
        for role in ("AUTHOR", "COMMITTER")
        for part, text in (("NAME", "Somebody"), ("EMAIL", "somebody@example.com"))
    }
    return (
        kept
        | person
        | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true"}
        | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "TERM": "xterm-256color"}
    )


@pytest.fixture(scope="session")
def environment() -> Mapping[str, str]:
    """Variables for a process: without those that the machine or its user may have set for the tools of the tests."""
    return clean_environment()


@pytest.fixture(scope="session")
def run(environment: Mapping[str, str]) -> Callable[..., Ran]:
    """Runs a command in a folder and answers how it ended. A traceback is a failure, whatever the exit code."""
    return partial(_ran, environment)


@pytest.fixture(scope="session")
def speccast(environment: Mapping[str, str]) -> Callable[..., Ran]:
    """Runs `speccast` with the given words; `code` is the exit code that it must end with."""

    def ran(*words: str, cwd: Path, env: Mapping[str, str] | None = None, code: int | None = None) -> Ran:
        return _ran(environment, [sys.executable, "-m", "speccast", *words], cwd=cwd, env=env, code=code)

    return ran


def _ran(
    environment: Mapping[str, str],
    command: list[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    code: int | None = None,
    timeout: float = 240,
) -> Ran:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**environment, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout,
        check=False,
    )
    assert "Traceback (most recent call last)" not in done.stderr, done.stderr
    told = f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert code is None or done.returncode == code, told
    return Ran(done.returncode, done.stdout, done.stderr)
