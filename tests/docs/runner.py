"""Runs the commands and snippets of a document in a clone that has its own virtual environment.

A path file adds the packages of the environment that runs the tests, so nothing is downloaded. What the document
installs goes into the environment of the clone.
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
from .exceptions import OUTSIDE_THE_CLONE, REPLACED_COMMANDS
from .shell import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PORT = "8000"
"""The port in documents, which the tests replace by a free one."""

SERVES = re.compile(r"(\.venv/bin/)?speccast serve\b|make serve\b")
TIMEOUT = 60
"""Seconds for cloning, and for starting or stopping a server. pytest limits the time of commands."""

ANY_TEXT = "…"


class DocumentRunner:
    """Runs the blocks of one document in order. Every console block starts at the top of the clone, as in a new terminal."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.clone = folder / "clone"
        self._folder = folder
        self._port = str(_free_port())
        self._bin = self.clone / ".venv" / "bin"
        self._server: subprocess.Popen[bytes] | None = None
        self._interpreter: subprocess.Popen[str] | None = None
        subprocess.run(["git", "clone", "--quiet", ROOT, self.clone], check=True, timeout=TIMEOUT)
        self._set_up()
        self._shell = Shell(
            {
                **environment,
                "PATH": f"{self._bin}{os.pathsep}{os.environ['PATH']}",
                "PIP_NO_INDEX": "1",
                "PIP_NO_BUILD_ISOLATION": "0",  # pip reads 0 as: do not isolate
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            },
            self.clone,
        )

    def run(self, block: Block) -> None:
        """Run a console block. Raises AssertionError if its output differs from the document."""
        commands = steps(block)
        folder = self.clone
        if plain(commands[0].command) in OUTSIDE_THE_CLONE:
            folder = self._folder / "outside"
            folder.mkdir()
        self._shell.change_folder(folder)
        for step, following in zip(commands, [*commands[1:], None], strict=True):
            if SERVES.match(step.command):
                self._serve(step)
            else:
                self._run_command(step, may_fail=following is not None and following.command == "echo $?")

    @property
    def snippets(self) -> Path:
        """The folder in which Python blocks run."""
        return self._folder / "snippets"

    def execute(self, block: Block) -> None:
        """Run a Python block in the namespace of those before it. A comment after a print is its expected output."""
        interpreter = self._interpreter or self._start_interpreter()
        assert interpreter.stdin is not None and interpreter.stdout is not None
        request = {"document": block.document, "line": block.line, "text": block.text}
        print(json.dumps(request), file=interpreter.stdin, flush=True)
        result = json.loads(interpreter.stdout.readline())
        assert not result["error"], f"{block}\n{result['error']}"
        assert not block.printed or matches(block.printed, result["output"]), f"{block}\n{result['output']}"
        printed = result["output"].splitlines()
        for expected in re.findall(r"^\s*print\(.*\)  # (.*)$", block.text, re.MULTILINE):
            found = next((n for n, line in enumerate(printed) if matches((expected,), line)), None)
            assert found is not None, f"{block}: no line {expected!r} in the output:\n{result['output']}"
            del printed[: found + 1]

    def close(self) -> None:
        self._stop_server()
        self._shell.close()
        if self._interpreter is not None:
            self._interpreter.kill()
            self._interpreter.communicate()

    def _set_up(self) -> None:
        venv.create(self.clone / ".venv", with_pip=False, symlinks=True)
        [packages] = self.clone.glob(".venv/lib/python*/site-packages")
        # The first line of the path file comes first in sys.path, so the clone's generator is used.
        (packages / "packages_of_the_tests.pth").write_text(
            f"{self.clone / 'generator'}\nimport site; site.addsitedir({sysconfig.get_path('purelib')!r})\n",
            encoding="utf-8",
        )
        for name in ("pip", "speccast", "segmind_client"):
            self._write_program(name.replace("_", "-"), f'exec "{self._bin}/python" -m {name} "$@"')
        self._write_program(
            "link-client", f'echo "{self.clone}/generated/segmind/python" > "{packages}/client.pth"'
        )
        for stamp in (".ready-generate", ".ready-test"):
            (self.clone / ".venv" / stamp).touch()

    def _write_program(self, name: str, command: str) -> None:
        program = self._bin / name
        program.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
        program.chmod(0o755)

    def _run_command(self, step: Step, *, may_fail: bool) -> None:
        code, output = self._shell.run(self._replaced(step.command))
        shown = tuple(map(self._with_port, step.shown))
        assert "Traceback (most recent call last)" not in output, _difference(step, shown, output)
        assert may_fail or code == 0, f"exit code {code} of {_difference(step, shown, output)}"
        assert not shown or matches(shown, output), _difference(step, shown, output)

    def _serve(self, step: Step) -> None:
        """Start a server, after stopping a running one, and wait for the output that the document shows."""
        self._stop_server()
        command = self._replaced(step.command)
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
        shown = tuple(map(self._with_port, step.shown)) or (f"Serving {ANY_TEXT}",)
        deadline = time.monotonic() + TIMEOUT
        while not matches(shown, output := log.read_text(encoding="utf-8")):
            assert self._server.poll() is None and time.monotonic() < deadline, _difference(
                step, shown, output
            )
            time.sleep(0.05)

    def _stop_server(self) -> None:
        if self._server is not None:
            if self._server.poll() is None:
                os.killpg(self._server.pid, signal.SIGINT)
            self._server.wait(TIMEOUT)
            self._server = None

    def _start_interpreter(self) -> subprocess.Popen[str]:
        folder = self.snippets
        folder.mkdir()
        self._interpreter = subprocess.Popen(
            [self._bin / "python", ROOT / "tests" / "docs" / "interpreter.py"],
            env=self._shell.state()["env"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        return self._interpreter

    def _replaced(self, command: str) -> str:
        replacement = REPLACED_COMMANDS.get(plain(command))
        return self._with_port(replacement.command if replacement else command)

    def _with_port(self, text: str) -> str:
        return re.sub(rf"\b{PORT}\b", self._port, text)


@contextmanager
def document_runner(folder: Path, environment: Mapping[str, str]) -> Iterator[DocumentRunner]:
    runner = DocumentRunner(folder, environment)
    try:
        yield runner
    finally:
        runner.close()


def plain(command: str) -> str:
    """Return a command without its comment."""
    return re.sub(r"\s+# .*$", "", command)


def matches(shown: tuple[str, ...], output: str) -> bool:
    """Return whether an output matches a document. `…` matches any text in a line, and any lines if alone on a line."""
    lines = (
        r"(.*\n)*" if line.strip() == ANY_TEXT else re.escape(line.rstrip()).replace(ANY_TEXT, ".*") + "\n"
        for line in shown
    )
    text = "".join(f"{line.rstrip()}\n" for line in output.rstrip("\n").split("\n"))
    return re.fullmatch("".join(lines), text) is not None


def _difference(step: Step, shown: tuple[str, ...], output: str) -> str:
    return "\n".join([f"{step.where}: $ {step.command}", "expected:", *shown, "actual:", output])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
