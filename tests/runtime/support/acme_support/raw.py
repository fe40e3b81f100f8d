"""A server on loopback that sends bytes as a function says, for responses that no HTTP server sends."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n"


@contextmanager
def raw_server(respond: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """Yield the origin of a server. `respond` gets each connection with its request, once it has arrived."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=32)

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while request := connection.recv(65536):
                respond(connection, request)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def drip(connection: socket.socket, text: bytes, seconds: float = 0.03) -> None:
    """Send a byte now and then, for at most five seconds."""
    for number in range(int(5 / seconds)):
        connection.sendall(text[number : number + 1] or b"x")
        time.sleep(seconds)
