"""Runs `speccast` in processes that are forked from one that has imported it already.

Importing Speccast and what it needs takes longer than most commands of the tests. Each command still is a process with its own
arguments, folder, environment and output; only the imports are shared. `python command_server.py FD` serves requests from a
socket: a line of JSON with the files for standard input, output and error attached. Each response is the exit code.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LIMIT = 1 << 20
PRELOADED = (
    "datamodel_code_generator",
    "jinja2",
    "jsonschema",
    "speccast.cli",
    *(
        f"speccast.cli.{name}"
        for name in ("init", "lint", "rules", "explain", "generate", "vendor", "completion")
    ),
    "speccast.generation.renderer",
    "speccast.targets.rendering",
)
READ_AT_START = ("LANG", "LC_", "PYTHON", "TZ")
"""Prefixes of variables that Python reads when it starts, so changing them needs a new process."""


class CommandServer:
    """The process that imports Speccast, for one worker of the tests."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def accepts(self, environment: Mapping[str, str]) -> bool:
        """Return whether a command with these variables can run here."""
        return _read_at_start(environment) == _read_at_start(self.environment)

    def run(
        self,
        words: tuple[str, ...],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        files: Sequence[Any],
        timeout: float,
    ) -> int:
        """Run `speccast` with files as standard input, output and error. Returns its exit code."""
        request = {"words": words, "cwd": str(cwd), "environment": dict(environment)}
        self._socket.settimeout(timeout)
        descriptors = [file.fileno() for file in files]
        socket.send_fds(self._socket, [json.dumps(request).encode()], descriptors)
        return int(self._socket.recv(LIMIT))

    def close(self) -> None:
        self._socket.close()
        self._process.wait(60)


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


def serve(connection: socket.socket) -> None:
    """Run the received commands in turn until the client closes the connection."""
    from importlib import import_module

    for name in PRELOADED:
        import_module(name)
    gc.collect()
    gc.freeze()
    while True:
        message, files, *_ = socket.recv_fds(connection, LIMIT, 3)
        if not message:
            return
        child = os.fork()
        if child == 0:
            connection.close()
            _run(json.loads(message), files)
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        connection.send(str(os.waitstatus_to_exitcode(status)).encode())


def _run(request: Mapping[str, Any], files: Sequence[int]) -> NoReturn:
    """Become the process of a command."""
    for standard, file in enumerate(files):
        os.dup2(file, standard)
        os.close(file)
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False), encoding="utf-8", errors="surrogateescape")  # noqa: SIM115  # the descriptor of the process
    sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), encoding="utf-8", errors="surrogateescape")  # noqa: SIM115  # the descriptor of the process
    sys.stderr = io.TextIOWrapper(
        open(2, "wb", buffering=0, closefd=False),  # noqa: SIM115  # the descriptor of the process
        encoding="utf-8",
        errors="backslashreplace",
        write_through=True,
    )
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["speccast", *request["words"]]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from speccast.cli import main

    code = 1
    try:
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1 if ended.code else 0
    except BaseException:  # as Python does at the end of a program
        sys.excepthook(*sys.exc_info())
    finally:
        threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as Python does at exit
        atexit._run_exitfuncs()
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
