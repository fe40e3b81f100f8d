"""Runs an emulator: for the command line until a signal ends it, for tests in a thread of their process."""

from __future__ import annotations

import asyncio
import errno
import gc
import ipaddress
import os
import signal
import socket
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import uvicorn

from speccast.emulator.app import app_of, create_app
from speccast.emulator.connections import MAX_HEAD, ConnectionProtocol
from speccast.emulator.emulation import Emulation
from speccast.emulator.settings import Settings
from speccast.errors import SpeccastError
from speccast.findings import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

    from speccast.specs.bundle import Bundle

LOOPBACK = "127.0.0.1"

GRACE = 5
"""Seconds that requests in flight have to end once the server stops."""

IDLE = 60
"""Seconds that a connection without requests is kept: longer than a client pauses between two polls."""

T = TypeVar("T")

ENDING = (signal.SIGINT, signal.SIGTERM)


def serve(bundle: Bundle, settings: Settings | None = None, host: str = LOOPBACK, port: int = 0) -> None:
    """Serves until SIGINT or SIGTERM, then lets requests in flight end. Port 0 takes a free one.

    Prints one line on stdout when ready, which has the address.

    Raises:
        SpeccastError: the port is in use or the host is not this machine's, or the specs cannot be served.
    """
    settings = settings or Settings()
    app = create_app(bundle, settings=replace(settings, hosts=settings.hosts | {host}))
    listener = _listen(host, port)
    url = _url(listener)
    if not _is_loopback(listener.getsockname()[0]):
        warning = f"warning: listening on {host}: whoever reaches this machine can use the emulator"
        print(printable(warning), file=sys.stderr)

    # What is there now stays; what comes are jobs and entries of the journal, of which none refers to itself.
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)

    def announce() -> None:
        count = len(bundle.models)
        models = "1 model" if count == 1 else f"{count} models"
        print(printable(f"Serving {bundle.api['title']} ({models}) at {url}"), flush=True)

    _Server(app, announce).run(sockets=[listener])


class Running:
    """An emulator that runs in another thread: its origin, and a way to use what belongs to that thread."""

    def __init__(self, url: str, emulation: Emulation, loop: asyncio.AbstractEventLoop) -> None:
        self.url = url
        self.emulation = emulation
        self._loop = loop

    def do(self, action: Callable[[], T]) -> T:
        """Does something in the emulator's own thread, between two steps of its work, and gives what that gives.

        Raises:
            SpeccastError: the emulator has ended.
        """
        if self._loop.is_closed():
            raise SpeccastError("the emulator has ended", hint="use it within its `with` statement")

        async def doing() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(doing(), self._loop).result()


@contextmanager
def running(bundle: Bundle, settings: Settings | None = None) -> Iterator[str]:
    """An emulator in a thread of this process, on a free port of the loopback interface: gives its origin.

    Raises:
        SpeccastError: the specs cannot be served.
    """
    with started(bundle, settings) as found:
        yield found.url


@contextmanager
def started(bundle: Bundle, settings: Settings | None = None) -> Iterator[Running]:
    """Like `running`, but gives all of it.

    Raises:
        SpeccastError: the specs cannot be served.
    """
    emulation = Emulation(bundle, settings)
    listener = _listen(LOOPBACK, 0)
    with listener:
        is_ready = threading.Event()
        server = _Server(app_of(emulation), is_ready.set)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="speccast-emulator", daemon=True
        )
        thread.start()
        try:
            while not is_ready.wait(0.05):
                if not thread.is_alive():
                    raise SpeccastError("the emulator ended before it was ready")
            yield Running(_url(listener), emulation, server.loop)
        finally:
            server.should_exit = True
            thread.join()


class _Server(uvicorn.Server):
    """Uvicorn, quiet, with a word when it is ready; a signal ends it without ending the process by that signal."""

    def __init__(self, app: ASGIApp, on_ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            http=ConnectionProtocol,
            h11_max_incomplete_event_size=MAX_HEAD,
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=IDLE,
            timeout_graceful_shutdown=GRACE,
        )
        super().__init__(config)
        self._on_ready = on_ready
        self.loop: asyncio.AbstractEventLoop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise SpeccastError(f"cannot listen on {host}: {error.strerror or error}") from error
    try:
        if os.name == "posix":
            # Or the port of a server that has just ended could not be taken for a minute.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SpeccastError(f"port {port} is in use", hint="--port 0 takes a free one") from error
        raise SpeccastError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    return listener


def _url(listener: socket.socket) -> str:
    """Where a client on this machine reaches the server."""
    host, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        host = LOOPBACK if address.version == 4 else "::1"
    return f"http://[{host}]:{port}" if address.version == 6 else f"http://{host}:{port}"


def _is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback
