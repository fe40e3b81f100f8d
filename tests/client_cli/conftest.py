"""The command line of a generated client, run as a real process against a real server on loopback.

The package is assembled from the static files of the template tree and `acme_client`, which replaces the rendered files with
those of an invented API.
"""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import server_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.command_server import CommandServer

HERE = Path(__file__).parent
TEMPLATES = HERE.parents[1] / "templates" / "python" / "__package__"
CORE = HERE.parents[1] / "generator" / "speccast" / "core"

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
KEY = "acme-key-0123456789"
IMPORTS = (
    *(
        f"acme_client.{name}"
        for name in ("_calls", "cli.app", "cli.errors", "cli.output", "cli.run", "client")
    ),
    "anyio.to_thread",
    "encodings.idna",
    "httpcore2",
    "rich.console",
    "rich.table",
)
"""What most commands import."""


@dataclass
class Reply:
    """A response of the server, sent after `delay` seconds."""

    body: bytes | dict[str, Any] | list[Any] = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass
class Received:
    """A received request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Server(ThreadingHTTPServer):
    """An API with scripted responses; the last response of a path is repeated."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.received: list[Received] = []
        self.replies: dict[str, list[Reply]] = defaultdict(list)
        self.on(
            "POST /v1/paint-1.0",
            Reply(
                JPEG,
                content_type="image/jpeg",
                headers={"x-request-id": "r1", "x-cost": "0.5", "x-seed": "7"},
            ),
        )
        self.on("POST /v2/paint-1.0", Reply({"request_id": "job-1", "status": "QUEUED"}))
        self.on("POST /v2/film", Reply({"request_id": "job-2", "status": "QUEUED"}))
        self.job("job-1", "QUEUED", "PROCESSING", "COMPLETED")
        self.job("job-2", "COMPLETED")
        self.on("GET /media/out", Reply(PNG, content_type="image/png"))

    def on(self, route: str, *replies: Reply) -> None:
        self.replies[route] = list(replies)

    def job(self, request_id: str, *states: str) -> None:
        """Let a job pass through these states."""
        self.on(
            f"GET /v2/requests/{request_id}/status",
            *(
                Reply(
                    {"status": state, "error": "blocked" if state == "FAILED" else None},
                    422 if state == "FAILED" else 200,
                )
                for state in states
            ),
        )
        self.on(
            f"GET /v2/requests/{request_id}",
            Reply({"status": "COMPLETED", "output": f"{self.url}/media/out", "metrics": {"cost": 1}}),
        )

    def asked(self, method: str) -> list[Received]:
        return [received for received in self.received if received.method == method]

    def handle_error(self, request: object, client_address: object) -> None:
        """Do not log errors: some tests close connections early."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append(Received(self.command, self.path, headers, body))
        replies = self.server.replies.get(f"{self.command} {self.path}", [])
        reply = (
            Reply({"error": "not found"}, 404)
            if not replies
            else replies.pop(0)
            if len(replies) > 1
            else replies[0]
        )
        time.sleep(reply.delay)
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        self.send_header("content-type", reply.content_type)
        self.send_header("content-length", str(len(content)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Do not log."""


@dataclass
class Terminal:
    """The output of a command on a terminal, and its exit code."""

    output: str
    code: int
    stdout: bytes


@dataclass
class Cli:
    """The command, run in its own folder."""

    folder: Path
    environment: dict[str, str]
    forking: CommandServer | None
    """Runs commands without a terminal or signals in less time."""
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __call__(
        self,
        *arguments: str | bytes,
        stdin: bytes | None = None,
        env: dict[str, str] | None = None,
        **more: Any,
    ) -> subprocess.CompletedProcess[str]:
        variables, given = {**self.environment, **(env or {})}, stdin or b""
        if self.forking is not None and not more and self.forking.accepts(variables, given):
            words = [os.fsdecode(argument) for argument in arguments]
            code, out, err = self.forking.run(
                words, cwd=self.folder, environment=variables, stdin=given, timeout=60
            )
        else:
            done = subprocess.run(
                self.command(*arguments),
                input=given,
                capture_output=True,
                cwd=self.folder,
                env=variables,
                timeout=60,
                check=False,
                **more,
            )
            code, out, err = done.returncode, done.stdout, done.stderr
        return subprocess.CompletedProcess(
            self.command(*arguments), code, out.decode(errors="surrogateescape"), err.decode()
        )

    def command(self, *arguments: str | bytes) -> list[str | bytes]:
        return [sys.executable, "-m", "acme_client", *arguments]

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(self.command(*arguments), cwd=self.folder, env=self.environment, **more)
        self.started.append(process)
        return process

    def on_terminal(
        self,
        *arguments: str,
        env: dict[str, str] | None = None,
        interrupt_at: str = "",
        stdout: str = "terminal",
        typed: bytes = b"",
    ) -> Terminal:
        """Run on a pseudo-terminal; send Ctrl-C as soon as a text appears."""
        controller, terminal = pty.openpty()
        process = subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.environment, "TERM": "xterm-256color", **(env or {})},
            stdin=terminal,
            stdout=terminal if stdout == "terminal" else subprocess.PIPE,
            stderr=terminal,
            start_new_session=True,
        )
        self.started.append(process)
        os.close(terminal)
        if typed:
            os.write(controller, typed)
        output = b""
        interrupted = False
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if not select.select([controller], [], [], 0.2)[0]:
                continue
            try:
                piece = os.read(controller, 65536)
            except OSError:
                break
            if not piece:
                break
            output += piece
            if interrupt_at and not interrupted and interrupt_at.encode() in output:
                interrupted = True
                os.kill(process.pid, signal.SIGINT)
        else:
            process.kill()
        os.close(controller)
        out = process.stdout.read() if process.stdout is not None else b""
        return Terminal(output.decode(), process.wait(timeout=10), out)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder on the import path that contains the package."""
    root = tmp_path_factory.mktemp("package")
    rendered = shutil.ignore_patterns("*.jinja", "__pycache__", "__model__*")
    shutil.copytree(TEMPLATES, root / "acme_client", ignore=rendered)
    shutil.copytree(CORE, root / "acme_client" / "_core", ignore=rendered)
    shutil.copytree(CORE.with_name("shell"), root / "acme_client" / "cli" / "_shell", ignore=rendered)
    shutil.copytree(HERE / "acme_client", root / "acme_client", ignore=rendered, dirs_exist_ok=True)
    return root


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def variables(package: Path) -> dict[str, str]:
    """What the command needs to run, with any server."""
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "COLUMNS": "100",
        "PYTHONPATH": str(package),
        "ACME_API_KEY": KEY,
    }


@pytest.fixture(scope="session")
def forking(variables: dict[str, str]) -> Iterator[CommandServer | None]:
    with server_of("acme_client", IMPORTS, variables) as server:
        yield server


@pytest.fixture
def cli(
    variables: dict[str, str], forking: CommandServer | None, server: Server, tmp_path: Path
) -> Iterator[Cli]:
    folder = tmp_path / "work"
    folder.mkdir()
    own = {"HOME": str(tmp_path), "ACME_BASE_URL": server.url}
    made = Cli(folder, {**variables, **own}, forking)
    yield made
    for process in made.started:
        process.kill()
        process.wait()
