"""A real HTTP server on loopback with scripted responses that records the requests.

server.on("/v1/fox", Reply(503), Reply(body=b"…"))    # in this order; the last one is repeated
server.requests[0].headers["x-acme-key"]
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Reply:
    """A response of the server, or a failure."""

    status: int = 200
    body: bytes | str | dict[str, Any] | list[Any] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before the response."""
    reset: bool = False
    """Reset the connection instead of responding."""
    cut: bool = False
    """Send fewer bytes than the content length says."""
    hang: bool = False
    """Send nothing until the server stops."""
    drip: float = 0.0
    """Seconds between the bytes of the body."""
    reason: str | None = None

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()

    @property
    def content_type(self) -> str:
        if isinstance(self.body, dict | list):
            return "application/json"
        return "text/plain; charset=utf-8" if isinstance(self.body, str) else "application/octet-stream"


@dataclass(frozen=True)
class Recorded:
    """A received request."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int
    at: float

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Server:
    """The server. `url` is its origin."""

    def __init__(self) -> None:
        self.requests: list[Recorded] = []
        self.arrived = threading.Event()
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._script: dict[str, list[Reply]] = defaultdict(list)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            """Head and body are sent separately; the body would wait 40 ms for the client's acknowledgment."""

            def do_GET(self) -> None:
                outer._handle(self)

            def do_POST(self) -> None:
                outer._handle(self)

            def do_PUT(self) -> None:
                outer._handle(self)

            def log_message(self, *args: object) -> None:
                """Do not log."""

        class Listener(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *args: object) -> None:
                """Do not log errors: some tests break connections on purpose."""

        self._http = Listener(("127.0.0.1", 0), Handler)
        self.port: int = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def use_tls(self, context: ssl.SSLContext) -> None:
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)

    def on(self, path: str, *replies: Reply) -> None:
        self._script[path] = list(replies)

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = _read_body(handler)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        recorded = Recorded(
            handler.command, handler.path, headers, body, handler.client_address[1], time.monotonic()
        )
        with self._lock:
            self.requests.append(recorded)
            replies = self._script[recorded.path]
            reply = (
                replies.pop(0)
                if len(replies) > 1
                else replies[0]
                if replies
                else Reply(404, {"error": "no script"})
            )
        self.arrived.set()
        self._answer(handler, reply)

    def _answer(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.hang:
            self.stopping.wait(30)
        self.stopping.wait(reply.delay)
        if reply.reset or reply.hang:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            handler.close_connection = True
            return
        content = reply.content
        handler.send_response(reply.status, reply.reason)
        if "content-type" not in {name.lower() for name in reply.headers}:
            handler.send_header("content-type", reply.content_type)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(content) + (100 if reply.cut else 0)))
        handler.end_headers()
        try:
            if reply.drip:
                for number in range(len(content)):
                    handler.wfile.write(content[number : number + 1])
                    self.stopping.wait(reply.drip)
            else:
                handler.wfile.write(content)
        except OSError:
            handler.close_connection = True
        if reply.cut:
            handler.close_connection = True


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _read_body(handler: BaseHTTPRequestHandler) -> bytes:
    if "content-length" in handler.headers or "transfer-encoding" not in handler.headers:
        return handler.rfile.read(int(handler.headers.get("content-length", 0)))
    chunks = []
    while size := int(handler.rfile.readline(), 16):
        chunks.append(handler.rfile.read(size))
        handler.rfile.readline()
    handler.rfile.readline()
    return b"".join(chunks)
