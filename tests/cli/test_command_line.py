"""Behavior of all commands: help, usage errors, output streams, and the end of a run."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast import __version__
from speccast.cli import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

HEAVY = ("jinja2", "jsonschema", "datamodel_code_generator", "yaml", "starlette", "uvicorn", "PIL")
"""Modules that `--help` must not import."""


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_is_a_report(project: Any, name: str) -> None:
    ran = project.run(name, "--help")
    assert ran.lines[0].startswith(f"Usage: speccast {name}")
    assert "-h, --help" in ran.out
    assert ran.err == ""


def test_help_names_every_command_and_loads_none(run: Callable[..., Any], tmp_path: Path) -> None:
    script = (
        "import sys; from speccast.cli import run; code = run(['--help']); "
        "print(*sorted(sys.modules), sep='\\n', file=sys.stderr); sys.exit(code)"
    )
    ran = run([sys.executable, "-c", script], cwd=tmp_path, code=0)
    assert all(f"  {name} " in ran.out and message in ran.out for name, message in COMMANDS.items())
    loaded = set(ran.err.split())
    assert not loaded & set(HEAVY)
    assert not {f"speccast.cli.{name}" for name in COMMANDS} & loaded


def test_script_and_module_are_the_same_command(
    run: Callable[..., Any], speccast: Callable[..., Any], tmp_path: Path
) -> None:
    script = run([f"{sys.prefix}/bin/speccast", "--version"], cwd=tmp_path, code=0)
    assert script == speccast("--version", cwd=tmp_path, code=0)
    assert script.out == f"speccast {__version__}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["generat"], "unknown command 'generat'; did you mean 'generate'?"),
        (["innit"], "did you mean 'init'?"),
        (["zzz"], f"commands: {', '.join(COMMANDS)}"),
        ([""], "unknown command ''"),
        (["--chekc"], "No such option"),
        (["generate", "--chekc"], "'--check'"),
        (["rules", "specs"], "unexpected extra argument"),
        (["completion", "tcsh"], "'bash'"),
    ],
    ids=" ".join,
)
def test_mistyped_commands_and_options_get_suggestions(project: Any, words: list[str], message: str) -> None:
    ran = project.run(*words, code=2)
    assert message in ran.err
    assert ran.out == ""


def test_no_command_prints_the_help_and_is_an_error(project: Any) -> None:
    ran = project.run(code=2)
    assert "Commands:" in ran.err
    assert ran.out == ""


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal: for the user and for the process."""
    user, process = pty.openpty()
    yield user, process
    os.close(user)


def _on_terminal(
    words: list[str], folder: Path, terminal: tuple[int, int], environment: Mapping[str, str]
) -> str:
    user, process = terminal
    with subprocess.Popen(
        [sys.executable, "-m", "speccast", *words],
        cwd=folder,
        env={"TERM": "xterm-256color", **environment},
        stdin=subprocess.DEVNULL,
        stdout=process,
        stderr=process,
    ) as running:
        os.close(process)
        shown = b""
        while True:
            try:
                part = os.read(user, 65536)
            except OSError:  # the last process that wrote to it has gone
                break
            if not part:
                break
            shown += part
        running.wait(60)
    return shown.decode()


def test_color_is_only_used_on_terminals(
    empty: Any, terminal: tuple[int, int], environment: Mapping[str, str]
) -> None:
    shown = _on_terminal(["generate"], empty.folder, terminal, environment)
    assert "\x1b[31m" in shown
    ran = empty.run("generate", code=2)
    assert "\x1b" not in ran.err + ran.out


def test_no_color_disables_color(
    empty: Any, terminal: tuple[int, int], environment: Mapping[str, str]
) -> None:
    shown = _on_terminal(["generate"], empty.folder, terminal, {**environment, "NO_COLOR": "1"})
    assert shown.startswith("error: ")
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("variables", "is_colored"),
    [({}, True), ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=["default", "NO_COLOR", "dumb"],
)
def test_help_is_colored_on_terminals(
    empty: Any,
    terminal: tuple[int, int],
    environment: Mapping[str, str],
    variables: dict[str, str],
    is_colored: bool,
) -> None:
    shown = _on_terminal(["lint", "--help"], empty.folder, terminal, {**environment, **variables})
    assert ("\x1b[33m\x1b[1mOptions\x1b[0m:" in shown) is is_colored
    assert ("\x1b[36m-h, --help\x1b[0m  " in shown) is is_colored
    assert ("\x1b" in shown) is is_colored


def test_help_is_colored_in_pipes_only_with_force_color(empty: Any) -> None:
    plain = empty.run("--help").out
    assert "\x1b" not in plain
    colored = empty.run("--help", env={"FORCE_COLOR": "1"}).out
    assert "\x1b[36m-h, --help\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9]+m", "", colored) == plain


def test_a_run_on_a_terminal_prints_its_progress(
    project: Any, terminal: tuple[int, int], environment: Mapping[str, str]
) -> None:
    assert "rendering generated/acme/python" in _on_terminal(
        ["generate"], project.folder, terminal, environment
    )


@pytest.mark.parametrize(
    "words", [["--help"], ["completion", "bash"], ["lint"], ["generate", "--dry-run"]], ids=" ".join
)
def test_a_closed_pipe_ends_the_run_silently(
    project: Any, words: list[str], environment: Mapping[str, str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "speccast", *words]
    ran = subprocess.run(
        command, cwd=project.folder, env=environment, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert ran.stderr == b""
    assert ran.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("words", [["--help"], ["lint"], ["generate", "--dry-run"]], ids=" ".join)
def test_a_report_that_cannot_be_written_is_an_error(
    project: Any, words: list[str], environment: Mapping[str, str]
) -> None:
    command = [sys.executable, "-m", "speccast", *words]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            command,
            cwd=project.folder,
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ran.returncode == 2
    assert ran.stderr == "error: No space left on device\n"


def test_closed_standard_output_is_not_an_error(project: Any, run: Callable[..., Any]) -> None:
    run(["sh", "-c", f"exec '{sys.executable}' -m speccast generate >&-"], cwd=project.folder, code=0)
    project.run("generate", "--check")


def test_ctrl_c_ends_a_run_with_130_and_a_message(project: Any, environment: Mapping[str, str]) -> None:
    cache = project.folder / ".speccast_cache"
    cache.mkdir()
    with (cache / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # so that the run waits, and is interrupted at a known place
        with subprocess.Popen(
            [sys.executable, "-m", "speccast", "generate"],
            cwd=project.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            assert running.stderr is not None
            assert "waiting for another speccast run" in running.stderr.readline()
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert err.strip() == "interrupted"
    assert out == ""
    assert not project.output.exists()


def test_an_internal_error_is_reported_as_such(run: Callable[..., Any], tmp_path: Path) -> None:
    script = (
        "import sys, speccast.cli.completion as it\n"
        "def broken(**_): raise ValueError('odd \\x1b[31m')\n"
        "it.command.callback = broken\n"
        "from speccast.cli import run\n"
        "sys.exit(run(['completion', 'bash']))"
    )
    ran = run([sys.executable, "-c", script], cwd=tmp_path, code=2)
    assert "internal error: ValueError: odd \\x1b[31m" in ran.err
    assert "--debug" in ran.err
    assert ran.out == ""


def test_debug_prints_the_traceback_of_an_internal_error(
    tmp_path: Path, environment: Mapping[str, str]
) -> None:
    script = (
        "import sys, speccast.cli.completion as it\n"
        "def broken(**_): raise ValueError('odd')\n"
        "it.command.callback = broken\n"
        "from speccast.cli import run\n"
        "sys.exit(run(['--debug', 'completion', 'bash']))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "in broken" in ran.stderr


def test_two_runs_at_once_take_turns(project: Any, environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "speccast", "generate"]
    runs = [
        subprocess.Popen(
            command,
            cwd=project.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ended = [running.communicate(timeout=120) for running in runs]
    assert [running.returncode for running in runs] == [0, 0], ended
    assert sorted("wrote generated" in out for out, _ in ended) == [False, True]
    project.run("generate", "--check")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_deleted_current_folder_is_an_error(run: Callable[..., Any], tmp_path: Path, name: str) -> None:
    script = 'mkdir gone; cd gone; rmdir "$PWD"; exec "$0" -m speccast "$@"'
    ran = run(
        ["sh", "-c", script, sys.executable, name, *(["x"] if name in ("draft", "explain") else [])],
        cwd=tmp_path,
    )
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: the current folder cannot be used: No such file or directory\n"
        "hint: run the command in an existing folder\n"
    )


def test_ctrl_c_while_modules_are_imported_ends_quietly() -> None:
    program = """
import os, runpy, signal, sys

class Interrupter:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupter())
sys.argv[1:] = ["--version"]
runpy.run_module("speccast", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
