"""Fixtures that run commands in separate processes, as users do."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command_server import CommandServer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

BYTE_CODE = Path(__file__).resolve().parents[1] / ".pytest_cache" / "byte-code"
"""The byte code of this process and all that tests start. Compiling takes as long as most commands, and byte code beside the
modules would be among the files that tests compare."""
os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(BYTE_CODE)
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

_TOOLS = ("GIT_", "MAKE", "MFLAGS", "PYTHON", "PYTEST", "SPECCAST", "SEGMIND", "HARMONIA")
_SERVICES = ("CI", "GITHUB_", "GITLAB_", "RUNNER_")
_TERMINAL = ("CLICOLOR", "COLORTERM", "COLUMNS", "FORCE_COLOR", "LANG", "LC_", "NO_COLOR", "TERM", "TTY_")
_REMOVED = (*_TOOLS, *_SERVICES, *_TERMINAL)
"""Prefixes of variables through which the machine could influence the tests."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without garbage collection, which takes a fifth of the time: thousands of tests are not garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Exclude the collected tests from garbage collection; with them, it takes a third of the CPU time of some packages."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the cache of the person who runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Trust no certificates. Tests use loopback, and a client of httpx2 takes 20 ms to load those of the machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("certificates")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _only_byte_code_of_what_is_installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Remove the byte code of modules that tests wrote."""
    yield
    shutil.rmtree(f"{BYTE_CODE}{tmp_path_factory.getbasetemp()}", ignore_errors=True)


_TIMEOUT = 240.0

_IMPORTS = (
    *(
        f"speccast.cli.{name}"
        for name in ("completion", "drift_report", "explain", "generate", "init", "lint", "rules", "vendor")
    ),
    "speccast.cli.vendor_report",
    "speccast.diff.compare",
    "speccast.diff.reports",
    "speccast.diff.revisions",
    "speccast.generation.renderer",
    "speccast.lint.session",
    "speccast.targets.python.copied_packages",
    "speccast.vendoring.check",
    "speccast.vendoring.copies",
    "warm_up",
)
"""What most commands import."""


@dataclass(frozen=True)
class Result:
    """The result of a process. `out` is the report, `err` everything else."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@pytest.fixture(scope="session", autouse=True)
def _no_service_or_terminal() -> Iterator[None]:
    """Remove variables that CI services and terminals set, for code that runs in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith((*_SERVICES, *_TERMINAL))]:
            patch.delenv(name)
        yield


def clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_REMOVED)}
    # git gets a fixed user and no configuration of this machine.
    user = {
        f"GIT_{role}_{part}": text
        for role in ("AUTHOR", "COMMITTER")
        for part, text in (("NAME", "Somebody"), ("EMAIL", "somebody@example.com"))
    }
    return (
        kept
        | user
        | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true"}
        | {"PYTHONPYCACHEPREFIX": str(BYTE_CODE), "PYTHONUTF8": "1", "TERM": "xterm-256color"}
    )


@pytest.fixture(scope="session")
def environment() -> Mapping[str, str]:
    """Variables for a process, without those that the machine or its user may have set for the tools."""
    return clean_environment()


@pytest.fixture(scope="session")
def run(environment: Mapping[str, str]) -> Callable[..., Result]:
    """Run a command in a folder. A traceback is a failure with any exit code."""
    return partial(_run, environment)


@pytest.fixture(scope="session")
def command_server() -> Iterator[CommandServer | None]:
    """The process that forks commands of Speccast; None where that is not possible."""
    with server_of("speccast", _IMPORTS, clean_environment()) as server:
        yield server


@contextmanager
def server_of(
    module: str, imports: Sequence[str], environment: Mapping[str, str]
) -> Iterator[CommandServer | None]:
    """Start a process that forks commands. Not on systems without fork, nor where coverage measures every process."""
    if not hasattr(os, "fork") or "COVERAGE_PROCESS_CONFIG" in os.environ:
        yield None
        return
    server = CommandServer(module, imports, environment)
    yield server
    server.close()


@pytest.fixture(scope="session")
def speccast(environment: Mapping[str, str], command_server: CommandServer | None) -> Callable[..., Result]:
    """Run `speccast` with the given arguments. `code` is the expected exit code, `stdin` the standard input."""

    def run_speccast(
        *words: str,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        code: int | None = None,
        stdin: str = "",
    ) -> Result:
        variables = {**environment, **(env or {})}
        if command_server is None or not command_server.accepts(variables, stdin.encode()):
            command: list[str | Path] = [sys.executable, "-m", "speccast", *words]
            return _run(environment, command, cwd=cwd, env=env, code=code, stdin=stdin)
        exit_code, out, err = command_server.run(
            words, cwd=cwd, environment=variables, stdin=stdin.encode(), timeout=_TIMEOUT
        )
        return _checked(exit_code, _text(out), _text(err), code)

    return run_speccast


def _run(
    environment: Mapping[str, str],
    command: list[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    code: int | None = None,
    timeout: float = _TIMEOUT,
    stdin: str = "",
) -> Result:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**environment, **(env or {})},
        input=stdin.encode(),
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    return _checked(done.returncode, _text(done.stdout), _text(done.stderr), code)


def _text(output: bytes) -> str:
    return output.decode("utf-8", "replace").replace("\r\n", "\n")


def _checked(exit_code: int, out: str, err: str, expected: int | None) -> Result:
    assert "Traceback (most recent call last)" not in err, err
    assert expected is None or exit_code == expected, f"exit code {exit_code}\n{out}\n{err}"
    return Result(exit_code, out, err)
