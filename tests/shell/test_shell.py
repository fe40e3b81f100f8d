"""Completion in real shells on a terminal: the completed line passes the value as it is, and runs nothing."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

import speccast
from speccast.shell import SHELLS as SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUES = {
    "everything": "a $(touch ran)`touch ran`'; touch ran; '\"; touch ran; \"!!$PATH\\{x,y}*?[z]~#&|<>() \u00e9 z",
    "single quote": "b'; touch ran; '",
    "double quote": 'c"; touch ran; "',
    "exclamation mark": "d$PATH!",
    "backslash": "e\\",
    "separators": "f,16:9=wide,",
    "home": "~",
}
FILES = ["mm $(touch ran)`touch ran`!.txt", "nn'; touch ran; '\".txt"]

PROGRAM = """\
import sys
import click
import speccast.shell

@click.command()
@click.option("--value", type=click.Choice(VALUES))
@click.option("--file", type=click.Path())
def command(**options): ...

command(prog_name="show")
"""
SCRIPT = """\
#!/bin/sh
[ -n "$_SHOW_COMPLETE" ] && { PYTHON program.py; touch completed; exit; }
printf '%s\\n' "$#" "$@" > shown
echo do''ne
"""
SHELLS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        "bind 'set enable-bracketed-paste off'; stty cols 250; . ./completion",
    ),
    "zsh": (["zsh", "-f", "-i"], "stty cols 250; autoload -U compinit; compinit -u -D; . ./completion"),
    "fish": (["fish", "--no-config", "-i"], "source completion"),
}


class Terminal:
    """A shell on a terminal, in a folder with the program `show` and hostile file names."""

    def __init__(self, shell: str, folder: Path) -> None:
        command, load = SHELLS[shell]
        self.shell = shell
        self.folder = folder
        environment = {
            **os.environ,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(Path(speccast.__file__).parent.parent),
            "PS1": "ready> ",
            "TERM": "dumb",
            "LC_ALL": "C.UTF-8",
            "HOME": str(folder),
            "INPUTRC": "/dev/null",
        }
        self.process, self.controller = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.send(f"{load}; echo lo''aded\n")
        self.until("loaded\r\n")

    def send(self, text: str) -> None:
        os.write(self.controller, text.encode())

    def until(self, text: str, seconds: float = 10) -> str:
        output, deadline = "", time.monotonic() + seconds
        while text not in output and time.monotonic() < deadline:
            if select.select([self.controller], [], [], 0.1)[0]:
                output += os.read(self.controller, 65536).decode(errors="replace")
        return output

    def settle(self) -> None:
        """Wait until the shell prints nothing for a moment."""
        while select.select([self.controller], [], [], 0.15)[0]:
            os.read(self.controller, 65536)

    def complete(self, typed: str) -> list[str] | None:
        """Complete a line, press Enter, and return the arguments that `show` received."""
        shown, completed = self.folder / "shown", self.folder / "completed"
        shown.unlink(missing_ok=True)
        completed.unlink(missing_ok=True)
        self.settle()  # zsh inserts a tab that comes before the prompt
        self.send(f"{typed}\t")
        deadline = time.monotonic() + 10
        while not completed.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.settle()
        self.send("\n")
        output = self.until("done")
        if not shown.is_file():
            self.send("\x03")
            pytest.fail(f"{typed!r} did not run: {output!r}")
        count, *arguments = shown.read_text().split("\n")
        assert arguments.pop() == ""
        assert count == str(len(arguments))
        return arguments

    def close(self) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.controller)


@pytest.fixture(scope="module", params=SHELLS)
def terminal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path_factory.mktemp("terminal")
    (folder / "program.py").write_text(f"VALUES = {[*VALUES.values()]!r}\n{PROGRAM}")
    (folder / "bin").mkdir()
    (folder / "bin" / "show").write_text(SCRIPT.replace("PYTHON", sys.executable))
    (folder / "bin" / "show").chmod(0o755)
    for name in FILES:
        (folder / name).touch()
    script = subprocess.run(
        [sys.executable, "program.py"],
        env=os.environ | {"_SHOW_COMPLETE": f"{request.param}_source"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    (folder / "completion").write_text(script.stdout)
    terminal = Terminal(request.param, folder)
    yield terminal
    terminal.close()
    assert not (folder / "ran").exists(), "completion ran text of a value"


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        *(("everything", f"{flag}{quote}a") for flag in ("--value ", "--value=") for quote in ("", "'", '"')),
        *(("single quote", f"--value {quote}b") for quote in ("", "'")),
        *(("double quote", f"--value {quote}c") for quote in ("", '"')),
        *(("exclamation mark", f"--value {quote}d") for quote in ("", '"')),
        *(("backslash", f"--value {quote}e") for quote in ("", "'", '"')),
        *(("separators", typed) for typed in ("--value f", "--value=f,16:9", "--value 'f,16:9=")),
        ("home", r"--value \~"),
    ],
)
def test_a_value_is_passed_as_it_is(terminal: Terminal, kind: str, typed: str) -> None:
    if terminal.shell == "fish" and kind == "separators" and "'" in typed:
        pytest.skip("fish leaves the quote open, so that Enter runs nothing")
    value = VALUES[kind]
    expected = [f"--value={value}"] if typed.startswith("--value=") else ["--value", value]
    assert terminal.complete(f"show {typed}") == expected


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_file_name_is_passed_as_it_is(terminal: Terminal, name: str, quote: str) -> None:
    if terminal.shell != "bash" and quote:
        pytest.skip("zsh and fish leave the quote open, so that Enter runs nothing")
    assert terminal.complete(f"show --file {quote}{name[:2]}") == ["--file", name]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_value_that_is_not_printable_is_not_offered(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    @click.argument("word", type=click.Choice(["k\ntouch ran\n", "l\x1b]0;x\x07", "\u202em", "good"]))
    def command() -> None: ...

    monkeypatch.setenv("COMP_WORDS", "show ")
    monkeypatch.setenv("COMP_CWORD", "" if shell == "fish" else "1")
    complete = SCRIPTS[shell](command, {}, "show", "_SHOW_COMPLETE").complete()
    assert [line for line in complete.split("\n") if "good" in line or "\x1b" in line or "touch" in line] == [
        "good" if shell == "zsh" else "plain,good"
    ]
