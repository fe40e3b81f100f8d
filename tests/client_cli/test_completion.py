"""Completion: the suggested words, and the scripts in the installed shells."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Cli


def list_offered(cli: Cli, *words: str) -> list[str]:
    """Return the suggestions for the last word, by click's protocol."""
    env = {
        "_ACME_CLIENT_COMPLETE": "bash_complete",
        "COMP_WORDS": "\n".join(["acme-client", *words]),
        "COMP_CWORD": str(len(words)),
    }
    done = cli(env=env)
    assert done.returncode == 0, done.stderr
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_commands_and_models_are_offered(cli: Cli) -> None:
    assert list_offered(cli, "") == [
        "3d-think",
        "again",
        "batch",
        "blend",
        "completion",
        "film",
        "job",
        "models",
        "paint-1.0",
        "show",
        "speak",
        "tale",
    ]
    assert list_offered(cli, "p") == ["paint-1.0"]


def test_flags_and_their_known_values_are_offered(cli: Cli) -> None:
    assert list_offered(cli, "paint-1.0", "--s") == ["--sampler", "--steps", "--seed", "--submit"]
    assert list_offered(cli, "paint-1.0", "--no-") == ["--no-base64", "--no-tile", "--no-validate"]
    assert list_offered(cli, "paint-1.0", "--sampler", "eu") == ["euler", "euler_cfg"]
    assert list_offered(cli, "paint-1.0", "--aspect-ratio", "") == [
        "custom", "1:1 square 1024x1024", "16:9 landscape 1344x768",
    ]  # fmt: skip


def test_there_is_a_script_for_each_shell(cli: Cli) -> None:
    for shell, text in (
        ("bash", "complete -o nosort -F"),
        ("zsh", "#compdef acme-client"),
        ("fish", "function _acme"),
    ):
        done = cli("completion", shell)
        assert (done.returncode, done.stderr) == (0, "")
        assert text in done.stdout
        assert f"_ACME_CLIENT_COMPLETE={shell}_complete" in done.stdout
        if shutil.which(shell):
            subprocess.run([shell, "-n"], input=done.stdout, text=True, check=True)
    assert cli("completion", "tcsh").returncode == 2


@pytest.fixture
def installed(cli: Cli, tmp_path: Path) -> Path:
    """A folder with the installed command and its completion scripts."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "acme-client"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m acme_client "$@"\n')
    command.chmod(0o755)
    for shell in ("bash", "zsh", "fish"):
        (folder / f"completion.{shell}").write_text(cli("completion", shell).stdout)
    (cli.folder / "home.png").touch()
    return folder


def environment(cli: Cli, installed: Path) -> dict[str, str]:
    return {
        **cli.environment,
        "PATH": f"{installed}:{cli.environment['PATH']}",
        "PS1": "ready> ",
        "TERM": "dumb",
        "COLUMNS": "250",
        "INPUTRC": "/dev/null",
        "BASH_SILENCE_DEPRECATION_WARNING": "1",
    }


MOODS = ("a $(touch pwned)", "b it's `touch pwned`", 'c "d" \\ ! $HOME; *|&~#', "e:f=g $(touch pwned)")
FILE = "h'\"$(touch pwned)`x`.json"
PAINT = "acme-client paint-1.0"
FILM = "acme-client film"
BLEND = "acme-client blend"
LINES: list[tuple[str, list[str]]] = [
    ("acme-client pai", ["paint-1.0"]),
    (f"{PAINT} --aspect-ratio=16", ["paint-1.0", "--aspect-ratio=16:9 landscape 1344x768"]),
    (f"{PAINT} -o h\\'", ["paint-1.0", "-o", FILE]),
    (f"{FILM} --scene @h\\'", ["film", "--scene", f"@{FILE}"]),
    (f"{BLEND} --image h\\'", ["blend", "--image", FILE]),
    (f"{BLEND} --images=@h\\'", ["blend", f"--images=@{FILE}"]),
    (f'{FILM} --mood "{MOODS[0][:2]}', ["film", "--mood", MOODS[0]]),
    (f"{FILM} --mood b' i", ["film", "--mood", MOODS[1]]),
    (f"{FILM} --mood {MOODS[2][0]}", ["film", "--mood", MOODS[2]]),
]
"""What is typed before the tab key, and the arguments of the command that the return key then runs."""
WITH_TERMINAL = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
"""Starts a command with its standard input as controlling terminal, which fish needs."""
SHELLS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        "bind 'set enable-bracketed-paste off'; stty cols 250; . completion",
    ),
    "zsh": (["zsh", "-f", "-i"], "stty cols 250; autoload -U compinit; compinit -u -D; . completion"),
    "fish": (["fish", "--no-config", "-i"], "stty cols 250; source completion"),
}
"""The command that starts each shell without configuration, and the line that loads the script."""


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_completes_a_line_and_expands_nothing(cli: Cli, installed: Path, shell: str) -> None:
    """Each line is completed and run by a real shell, which must give the command the value itself."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    command, load = SHELLS[shell]
    (cli.folder / FILE).touch()
    ran = installed / "ran"
    script = installed / "acme-client"
    script.write_text(
        f'#!/bin/sh\n[ -n "$_ACME_CLIENT_COMPLETE" ] && exec {sys.executable} -m acme_client\n'
        f'printf "%s\\0" "$@" >> {ran}\nprintf "\\n" >> {ran}\n'
    )
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", WITH_TERMINAL, *command],
        cwd=cli.folder,
        env=environment(cli, installed),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    output = ""

    def until(is_done: Callable[[], bool], seconds: float = 20) -> None:
        nonlocal output
        deadline = time.monotonic() + seconds
        while not is_done() and time.monotonic() < deadline:
            if select.select([controller], [], [], 0.05)[0]:
                output += os.read(controller, 65536).decode(errors="replace")

    try:
        completion = str(installed / f"completion.{shell}")
        os.write(controller, f"{load.replace('completion', completion)}; echo so''urced\n".encode())
        until(lambda: "sourced\r\n" in output)
        for typed, arguments in LINES:
            ran.write_bytes(b"")
            output = ""
            os.write(controller, f"{typed}\t\n".encode())
            until(lambda: ran.read_bytes().endswith(b"\0\n"), 5)
            assert ran.read_bytes() == "\0".join([*arguments, "\n"]).encode(), (typed, output)
    finally:
        process.kill()
        process.wait()
        os.close(controller)
    assert "pwned" not in cli.files()


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_offers_what_completes_a_line(cli: Cli, installed: Path) -> None:
    def offered_by_fish(line: str) -> list[str]:
        done = subprocess.run(
            [
                "fish",
                "--no-config",
                "-c",
                f"source {installed / 'completion.fish'}; complete -C $argv[1]",
                line,
            ],
            cwd=cli.folder,
            env=environment(cli, installed),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stderr == ""
        return done.stdout.splitlines()

    paint = "acme-client paint-1.0 "
    assert [line.partition("\t")[0] for line in offered_by_fish("acme-client p")] == ["paint-1.0"]
    (flag,) = offered_by_fish(f"{paint}--asp")
    assert flag.startswith("--aspect-ratio\t")
    assert "custom, '1:1 square 1024x1024'" in flag
    assert offered_by_fish(f"{paint}--aspect-ratio 1:") == ["1:1 square 1024x1024"]
    assert offered_by_fish(f"{paint}--aspect-ratio '1:1 s") == ["1:1 square 1024x1024"]
    assert offered_by_fish(f"{paint}--aspect-ratio=16") == ["--aspect-ratio=16:9 landscape 1344x768"]
    assert offered_by_fish(f"{paint}-o ho") == ["home.png"]
    assert offered_by_fish(f"{paint}--output=ho") == ["--output=home.png"]
