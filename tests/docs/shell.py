"""A shell that keeps its variables and its last exit code between commands, as a terminal does."""

from __future__ import annotations

import json
import secrets
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PRINT_STATE = "import json, os; print(json.dumps([os.getcwd(), dict(os.environ)]))"


class Shell:
    """A bash that runs one command at a time, without standard input."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._code = 0
        self._end = secrets.token_hex(8)
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            env=environment,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )

    def run(self, command: str) -> tuple[int, str]:
        """Run a command. Returns its exit code and its output, errors included."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{{ (exit {self._code})\n{command}\n}} </dev/null\necho {self._end}$?\n")
        self._process.stdin.flush()
        printed: list[str] = []
        for line in self._process.stdout:
            text, end, code = line.partition(self._end)
            printed.append(text)
            if end:
                self._code = int(code)
                return self._code, "".join(printed)
        raise AssertionError(f"the shell exited during {command!r}:\n{''.join(printed)}")

    def change_folder(self, folder: Path) -> None:
        code, self._code = self._code, 0
        self.run(f"cd {shlex.quote(str(folder))}")
        self._code = code

    def state(self) -> dict[str, Any]:
        """Return its folder and variables as arguments of `Popen`."""
        code = self._code
        folder, environment = json.loads(self.run(f"{shlex.join([sys.executable, '-c', _PRINT_STATE])}")[1])
        self._code = code
        return {"cwd": folder, "env": environment}

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
