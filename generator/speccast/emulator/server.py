"""Runs an emulator: for the command line until a signal, for tests in a thread of their process."""

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
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.machinery import BuiltinImporter
from importlib.util import module_from_spec
from typing import TYPE_CHECKING, TypeVar

import uvicorn

from speccast.emulator.app import app_of
from speccast.emulator.connections import ConnectionProtocol
from speccast.emulator.settings import EmulatorSettings
from speccast.emulator.state import EmulatorState
from speccast.errors import SpeccastError
from speccast.findings import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

    from speccast.emulator.tls import Authority
    from speccast.specs.bundle import Bundle

LOOPBACK = "127.0.0.1"

GRACE = 5
"""Seconds that requests in flight have to finish when the server stops."""

STOP = GRACE + 5
"""Seconds that a test waits for its emulator to stop."""

KEEP_ALIVE = 60
"""Seconds that an idle connection is kept: longer than a client waits between two polls."""

T = TypeVar("T")

ENDING = (signal.SIGINT, signal.SIGTERM)


def serve(
    bundle: Bundle,
    settings: EmulatorSettings | None = None,
    host: str = LOOPBACK,
    port: int = 0,
    *,
    authority: Authority | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then finish requests in flight. Port 0 selects a free port.

    Prints one line with the address on stdout when ready. With an authority, serves https.

    Raises:
        SpeccastError: the port is in use, the host is not an address of this machine, or the specs cannot be served.
    """
    settings = settings or EmulatorSettings()
    app = app_of(EmulatorState(bundle, replace(settings, hosts=settings.hosts | {host})))
    listener = _listen(host, port)
    url = _url(listener, "http" if authority is None else "https")
    if not ipaddress.ip_address(listener.getsockname()[0]).is_loopback:
        warning = f"warning: listening on {host}: everyone who can reach this machine can use the emulator"
        print(printable(warning), file=sys.stderr)

    # Garbage collection is rarely needed: jobs and entries of the journal have no reference cycles.
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)

    def announce() -> None:
        count = len(bundle.models)
        models = "1 model" if count == 1 else f"{count} models"
        print(printable(f"Serving {bundle.api['title']} ({models}) at {url}"), flush=True)

    _Server(app, announce, authority).run(sockets=[listener])


class RunningEmulator:
    """An emulator that runs in another thread: its origin, and access to its state."""

    def __init__(self, url: str, state: EmulatorState, loop: asyncio.AbstractEventLoop) -> None:
        self.url = url
        self.state = state
        self._loop = loop

    def run(self, action: Callable[[], T]) -> T:
        """Run an action in the emulator's own thread and return its result.

        Raises:
            SpeccastError: the emulator has stopped.
        """
        if self._loop.is_closed():
            raise SpeccastError("the emulator has stopped", hint="use it within its `with` statement")

        async def run_action() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(run_action(), self._loop).result()


@contextmanager
def start_emulator(
    bundle: Bundle, settings: EmulatorSettings | None = None, authority: Authority | None = None
) -> Iterator[RunningEmulator]:
    """Run an emulator in a thread of this process, on a free port of loopback, with https if there is an authority.

    Raises:
        SpeccastError: the specs cannot be served.
    """
    state = EmulatorState(bundle, settings)
    listener = _listen(LOOPBACK, 0)
    with listener:
        is_ready = threading.Event()
        server = _Server(app_of(state), is_ready.set, authority)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="speccast-emulator", daemon=True
        )
        thread.start()
        try:
            while not is_ready.wait(0.05):
                if not thread.is_alive():
                    raise SpeccastError("the emulator stopped before it was ready")
            url = _url(listener, "http" if authority is None else "https")
            yield RunningEmulator(url, state, server.loop)
        finally:
            server.stop()
            thread.join(STOP)


class _Server(uvicorn.Server):
    """Uvicorn without logs, which reports that it is ready. A signal stops it without ending the process by that signal."""

    def __init__(
        self, app: ASGIApp, on_ready: Callable[[], None], authority: Authority | None = None
    ) -> None:
        config = uvicorn.Config(
            app,
            http=ConnectionProtocol,
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GRACE,
        )
        super().__init__(config)
        self._on_ready = on_ready
        self._authority = authority
        self.loop: asyncio.AbstractEventLoop
        self._ticks: asyncio.Future[None]

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        with asyncio.Runner(loop_factory=_EventLoop) as runner:
            runner.run(self.serve(sockets=sockets))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        if self._authority is not None:
            self.config.ssl = self._authority.context
        await super().startup(sockets)
        self._on_ready()

    async def main_loop(self) -> None:
        self._ticks = asyncio.ensure_future(super().main_loop())
        await asyncio.wait([self._ticks])

    def stop(self) -> None:
        """Stop from another thread, without waiting for uvicorn's next tick."""
        self.should_exit = True
        with suppress(AttributeError, RuntimeError):  # not started, or stopped already
            self.loop.call_soon_threadsafe(self._ticks.cancel)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.server_state.tasks or self._authority is not None:
            await super().shutdown(sockets)
            return
        # Uvicorn pauses for 0.1 s, which is for requests in flight.
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)

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


class _EventLoop(asyncio.SelectorEventLoop):
    """An event loop with the real monotonic clock.

    Libraries such as freezegun replace `time.monotonic` in all modules of the process. With a clock that is stopped,
    no timer of the loop would ever fire, and the emulator would not stop.
    """

    def __init__(self) -> None:
        spec = BuiltinImporter.find_spec("time")
        assert spec is not None and spec.loader is not None
        # A second copy of the built-in module, which no other code can find and patch.
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        self._monotonic = module.monotonic
        super().__init__()

    def time(self) -> float:
        clock: float = self._monotonic()
        return clock


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
            # Without it, the port of a stopped server cannot be used for a minute.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SpeccastError(f"port {port} is in use", hint="--port 0 selects a free port") from error
        raise SpeccastError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    return listener


def _url(listener: socket.socket, scheme: str = "http") -> str:
    """Return the address for clients on this machine."""
    host, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        host = LOOPBACK if address.version == 4 else "::1"
    return f"{scheme}://[{host}]:{port}" if address.version == 6 else f"{scheme}://{host}:{port}"
