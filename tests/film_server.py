"""A server whose answers and requests are too large to be kept, and the peak of memory of a process that calls it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["FilmServer", "films", "peak_of", "write_film"]

_START = b"\0\0\0\x18ftypmp42"
_PIECE = bytes(1 << 16)

MEASURED = """
def measured(work):
    '''Run the work once for what it loads, then again; return by how many bytes its peak exceeds what was used before.'''
    from pathlib import Path
    def read(name):
        [line] = [each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith(name)]
        return int(line.split()[1]) * 1024
    work(small=True)
    Path("/proc/self/clear_refs").write_text("5")  # The peak begins again.
    before = read("VmRSS")
    work(small=False)
    return read("VmHWM") - before
"""


class FilmServer(ThreadingHTTPServer):
    """Serves films of a size to calls and jobs, and a few bytes to requests whose beginning has the word `small`."""

    daemon_threads = True

    def __init__(self, size: int, start: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.size, self.start = size, start
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.received = 0
        """Bytes of the largest request."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FilmServer

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        start = self.rfile.read(min(length, 4096))
        left = length - len(start)
        while left:
            left -= len(self.rfile.read(min(left, len(_PIECE))))
        self.server.received = max(self.server.received, length)
        name = "small" if b"small" in start else "large"
        if self.path.startswith("/v2/"):
            self._json({"request_id": name})
        else:
            self._film(name)

    def do_GET(self) -> None:
        name = "small" if "small" in self.path else "large"
        if self.path.startswith("/v2/"):
            self._json({"status": "COMPLETED", "output": f"{self.server.url}/files/{name}.mp4"})
        else:
            self._film(name)

    def _json(self, body: Mapping[str, object]) -> None:
        content = json.dumps(body).encode()
        self._head("application/json", len(content))
        self.wfile.write(content)

    def _film(self, name: str) -> None:
        start = self.server.start
        size = len(start) if name == "small" else self.server.size
        self._head("application/octet-stream", size)
        self.wfile.write(start)
        left = size - len(start)
        while left:
            left -= self.wfile.write(_PIECE[: min(left, len(_PIECE))])

    def _head(self, kind: str, length: int) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(length))
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Do not log."""


@contextmanager
def films(size: int, start: bytes = _START) -> Iterator[FilmServer]:
    """A running server; `start` is the beginning of its films."""
    server = FilmServer(size, start)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_film(path: Path, size: int) -> None:
    """Write a film of a size, without content."""
    with path.open("wb") as file:
        file.write(_START)
        file.truncate(size)


def peak_of(script: str, *arguments: str, environment: Mapping[str, str]) -> int:
    """Return the number that a script prints, which can call `measured`."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED + script, *arguments],
        capture_output=True,
        check=False,
        env=dict(environment),
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])
