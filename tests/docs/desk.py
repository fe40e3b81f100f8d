"""Where a document is followed to the letter: a clone with an environment of its own, a shell, an emulator.

The environment has the packages of the one that runs the tests, by way of a path file, so nothing is downloaded; what
the document installs goes into its own.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sysconfig
import time
import venv
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .documents import ROOT, Block, Step, steps
from .exceptions import COMMANDS, ELSEWHERE
from .shell import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PORT = "8000"
"""The port that documents name; the tests have it replaced by a free one."""

SERVES = re.compile(r"(\.venv/bin/)?speccast serve\b|make serve\b")
PATIENCE = 60
"""Seconds that a clone, or the start or end of a server may take. Commands have the time that pytest gives a test."""

ANYTHING = "…"


class Desk:
    """A folder in which the commands and snippets of one document are run in order.

    Every console block begins at the top of the clone, as in a new terminal.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.clone = folder / "clone"
        self._folder = folder
        self._port = str(_free_port())
        self._bin = self.clone / ".venv" / "bin"
        self._server: subprocess.Popen[bytes] | None = None
        self._notebook: subprocess.Popen[str] | None = None
        subprocess.run(["git", "clone", "--quiet", ROOT, self.clone], check=True, timeout=PATIENCE)
        self._set_up()
        self._shell = Shell(
            {
                **environment,
                "PATH": f"{self._bin}{os.pathsep}{os.environ['PATH']}",
                "PIP_NO_INDEX": "1",
                "PIP_NO_BUILD_ISOLATION": "0",  # which is how pip is told not to isolate
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            },
            self.clone,
        )

    def run(self, block: Block) -> None:
        """Run a console block. Raises AssertionError where it does not go as the document shows."""
        todo = steps(block)
        place = self.clone
        if plain(todo[0].command) in ELSEWHERE:
            place = self._folder / "elsewhere"
            place.mkdir()
        self._shell.go_to(place)
        for step, following in zip(todo, [*todo[1:], None], strict=True):
            if SERVES.match(step.command):
                self._serve(step)
            else:
                self._type(step, may_fail=following is not None and following.command == "echo $?")

    def execute(self, block: Block) -> None:
        """Run a Python block after those before it. A comment behind a print is what that prints."""
        notebook = self._notebook or self._open_notebook()
        assert notebook.stdin is not None and notebook.stdout is not None
        request = {"document": block.document, "line": block.line, "text": block.text}
        print(json.dumps(request), file=notebook.stdin, flush=True)
        answer = json.loads(notebook.stdout.readline())
        assert not answer["error"], f"{block}\n{answer['error']}"
        assert not block.printed or matches(block.printed, answer["output"]), f"{block}\n{answer['output']}"
        printed = answer["output"].splitlines()
        for shown in re.findall(r"^\s*print\(.*\)  # (.*)$", block.text, re.MULTILINE):
            found = next((n for n, line in enumerate(printed) if matches((shown,), line)), None)
            assert found is not None, f"{block}: no line {shown!r} in what was printed:\n{answer['output']}"
            del printed[: found + 1]

    def close(self) -> None:
        self._stop_serving()
        self._shell.close()
        if self._notebook is not None:
            self._notebook.kill()
            self._notebook.communicate()

    def _set_up(self) -> None:
        venv.create(self.clone / ".venv", with_pip=False, symlinks=True)
        [packages] = self.clone.glob(".venv/lib/python*/site-packages")
        # The first line comes first in sys.path: the generator is the clone's.
        (packages / "packages_of_the_tests.pth").write_text(
            f"{self.clone / 'generator'}\nimport site; site.addsitedir({sysconfig.get_path('purelib')!r})\n",
            encoding="utf-8",
        )
        for name in ("pip", "speccast"):
            program = self._bin / name
            program.write_text(f'#!/bin/sh\nexec "{self._bin}/python" -m {name} "$@"\n', encoding="utf-8")
            program.chmod(0o755)
        for stamp in (".ready-generate", ".ready-test"):
            (self.clone / ".venv" / stamp).touch()

    def _type(self, step: Step, *, may_fail: bool) -> None:
        code, output = self._shell.run(self._as_run(step.command))
        shown = tuple(map(self._renumbered, step.shown))
        assert "Traceback (most recent call last)" not in output, _difference(step, shown, output)
        assert may_fail or code == 0, f"exit code {code} of {_difference(step, shown, output)}"
        assert not shown or matches(shown, output), _difference(step, shown, output)

    def _serve(self, step: Step) -> None:
        """Start a server, in place of one that runs, and go on when it has said what the document shows."""
        self._stop_serving()
        command = self._as_run(step.command)
        if "--port" not in command:
            port = f"--port {self._port}"
            command += f' ARGS="{port}"' if command.startswith("make ") else f" {port}"
        log = self._folder / "server.log"
        with log.open("wb") as file:
            self._server = subprocess.Popen(
                ["bash", "-c", command],
                **self._shell.state(),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        shown = tuple(map(self._renumbered, step.shown)) or (f"Serving {ANYTHING}",)
        give_up = time.monotonic() + PATIENCE
        while not matches(shown, output := log.read_text(encoding="utf-8")):
            assert self._server.poll() is None and time.monotonic() < give_up, _difference(
                step, shown, output
            )
            time.sleep(0.05)

    def _stop_serving(self) -> None:
        if self._server is not None:
            if self._server.poll() is None:
                os.killpg(self._server.pid, signal.SIGINT)
            self._server.wait(PATIENCE)
            self._server = None

    def _open_notebook(self) -> subprocess.Popen[str]:
        place = self._folder / "notebook"
        place.mkdir()
        self._notebook = subprocess.Popen(
            [self._bin / "python", ROOT / "tests" / "docs" / "notebook.py"],
            env=self._shell.state()["env"],
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        return self._notebook

    def _as_run(self, command: str) -> str:
        instead = COMMANDS.get(plain(command))
        return self._renumbered(instead.command if instead else command)

    def _renumbered(self, text: str) -> str:
        return re.sub(rf"\b{PORT}\b", self._port, text)


@contextmanager
def desk(folder: Path, environment: Mapping[str, str]) -> Iterator[Desk]:
    opened = Desk(folder, environment)
    try:
        yield opened
    finally:
        opened.close()


def plain(command: str) -> str:
    """A command without the comment behind it."""
    return re.sub(r"\s+# .*$", "", command)


def matches(shown: tuple[str, ...], output: str) -> bool:
    """Whether an output is what is shown. `…` stands for any text of a line, and alone on a line for any lines."""
    lines = (
        r"(.*\n)*" if line.strip() == ANYTHING else re.escape(line.rstrip()).replace(ANYTHING, ".*") + "\n"
        for line in shown
    )
    text = "".join(f"{line.rstrip()}\n" for line in output.rstrip("\n").split("\n"))
    return re.fullmatch("".join(lines), text) is not None


def _difference(step: Step, shown: tuple[str, ...], output: str) -> str:
    return "\n".join([f"{step.where}: $ {step.command}", "shown:", *shown, "printed:", output])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
