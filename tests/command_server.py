"""Runs a command in processes that are forked from one that has imported its modules already.

Importing what a command needs takes longer than most commands of the tests. Each command still is a process with its own
arguments, folder, environment and output; only the imports are shared. `python command_server.py FD MODULE IMPORT…` serves
requests from a socket: a line of JSON with the files for standard input, output and error attached. Each response is the exit
code.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LIMIT = 1 << 20
PIPE = 1 << 16
"""The bytes that a pipe holds before its reader reads."""
READ_AT_START = ("LANG", "LC_", "PYTHON", "TZ")
"""Prefixes of variables that Python reads when it starts, so changing them needs a new process."""


class CommandServer:
    """A process that has imported a command, for one worker of the tests. The command is `python -m MODULE`."""

    def __init__(self, module: str, imports: Sequence[str], environment: Mapping[str, str]) -> None:
        self.environment = environment
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno()), module, *imports],
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def accepts(self, environment: Mapping[str, str], stdin: bytes) -> bool:
        """Return whether a command with these variables and this standard input can run here."""
        is_same = _read_at_start(environment) == _read_at_start(self.environment)
        return is_same and len(stdin) <= PIPE

    def run(
        self,
        words: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        stdin: bytes,
        timeout: float,
    ) -> tuple[int, bytes, bytes]:
        """Run the command with these arguments. Returns its exit code, standard output and standard error."""
        request = {"words": words, "cwd": str(cwd), "environment": dict(environment)}
        self._socket.settimeout(timeout)
        with _pipe_of(stdin) as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            descriptors = [file.fileno() for file in (given, out, err)]
            socket.send_fds(self._socket, [json.dumps(request).encode()], descriptors)
            code = int(self._socket.recv(LIMIT))
            out.seek(0)
            err.seek(0)
            return code, out.read(), err.read()

    def close(self) -> None:
        self._socket.close()
        self._process.wait(60)


def _pipe_of(content: bytes) -> BinaryIO:
    """Return the end of a pipe from which the content can be read. The pipe holds all of it."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as file:
        file.write(content)
    return os.fdopen(reading, "rb")


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


def serve(connection: socket.socket, module: str, imports: Sequence[str]) -> None:
    """Run the received commands in turn until the client closes the connection."""
    for name in imports:
        import_module(name)
    sys.path[0] = ""  # instead of the folder of this file, which `python -m` does not search
    gc.collect()
    gc.freeze()
    while True:
        message, files, *_ = socket.recv_fds(connection, LIMIT, 3)
        if not message:
            return
        child = os.fork()
        if child == 0:
            connection.close()
            _run(module, json.loads(message), files)
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        connection.send(str(os.waitstatus_to_exitcode(status)).encode())


def _run(module: str, request: Mapping[str, Any], files: Sequence[int]) -> NoReturn:
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
    sys.path[0] = request["cwd"]
    sys.argv = [module, *request["words"]]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = 1
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
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
    _, descriptor, command, *imports = sys.argv
    serve(socket.socket(fileno=int(descriptor)), command, imports)
