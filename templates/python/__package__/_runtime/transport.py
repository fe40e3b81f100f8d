"""The drivers: they execute the steps of an operation on a pool of connections, synchronously or asynchronously.

Security boundary: redirects are never followed, so that the key cannot reach another origin.
"""

from __future__ import annotations

import os
import warnings
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from . import http
from .clock import Clock
from .errors import ConfigurationError
from .http import AsyncClient, Client, Pool
from .log import PACKAGE
from .loops import close_stream, current_loop, library_of, run_in_thread
from .steps import Block, Close, Opened, Read, Report, RequestFailure, Response, Returned, Send, Sleep
from .trace import Trace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from .steps import ApiRequest, Open, Program, Reply

__all__ = ["AsyncBody", "AsyncTransport", "Body", "SyncTransport"]

T = TypeVar("T")
C = TypeVar("C", bound=Client | AsyncClient)

_CLOSED = "the client is closed: create a new one, or make the call inside its `with` block"
_GRACE = 0.02
"""Seconds after the end of an attempt until it is canceled: time for more precise errors of the HTTP library."""


class _TooLargeError(Exception):
    """A response is larger than allowed."""


class _Buffer:
    """A body in memory."""

    def __init__(self, max_bytes: int | None) -> None:
        self._limit = max_bytes
        self._file = BytesIO()
        self._size = 0

    def write(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._limit is not None and self._size > self._limit:
            raise _TooLargeError
        self._file.write(chunk)

    @property
    def content(self) -> bytes:
        """All bytes, which are not copied."""
        return self._file.getvalue()


class _Transport(Generic[C]):
    """A connection pool, created by the first request and shared by several clients.

    A pool belongs to the process that made it: after a fork, both processes would read each other's responses.
    """

    def __init__(
        self, kind: type[C], http_client: C | None, clock: Clock | None, connections: int | None = None
    ) -> None:
        self._pools: dict[int, Pool[C]] = {}
        """The pool of each process; those of parents stay here, because closing them is not this process's business."""
        self._is_closed = False
        self._parent: _Transport[C] | None = None
        given = cast("object", http_client)
        if given is not None and not isinstance(given, kind):
            found = f"{type(given).__module__.partition('.')[0]}.{type(given).__name__}".removeprefix(
                "builtins."
            )
            raise ConfigurationError(f"http_client must be an httpx2.{kind.__name__}, not {found}")
        self._kind = kind
        self._given = http_client
        self._clock = clock or Clock()
        self._connections = connections

    @property
    def is_closed(self) -> bool:
        """Whether this driver, or the one whose pool it shares, is closed."""
        return self._is_closed or (self._parent is not None and self._parent.is_closed)

    @property
    def _has_own_pool(self) -> bool:
        """Whether the pool does not belong to the caller."""
        return self._given is None if self._parent is None else self._parent._has_own_pool

    def _pool(self) -> Pool[C]:
        if self._parent is not None and not self._is_closed:
            return self._parent._pool()
        if self._is_closed:
            raise ConfigurationError(_CLOSED)
        process = os.getpid()
        pool = self._pools.get(process)
        if pool is None:
            if self._given is not None and self._pools:
                raise ConfigurationError(
                    "the http_client was used before this process was forked: create an http_client"
                    " and a client in each process"
                )
            pool = http.pool(self._kind, self._connections) if self._given is None else Pool(self._given)
            pool = self._pools.setdefault(process, pool)  # atomic
        if pool.client.is_closed:
            raise ConfigurationError("the http_client is closed")
        return pool

    def _release(self) -> Pool[C] | None:
        """Refuse further requests; return the pool if it must be closed."""
        self._is_closed = True
        pool = self._pools.pop(os.getpid(), None)
        return pool if self._given is None else None

    def __del__(self) -> None:
        # The attributes are missing if the constructor has failed.
        if not getattr(self, "_pools", None) or (pool := self._release()) is None:
            return
        message = f"unclosed client of {PACKAGE}: close it, or use it in a `with` block"
        warnings.warn(message, ResourceWarning, source=self, stacklevel=2)
        self._abandon(pool)

    def _abandon(self, pool: Pool[C]) -> None:
        """Close the connections of a pool without waiting."""
        raise NotImplementedError


class SyncTransport(_Transport[Client]):
    """A driver of operations. Threads may share it."""

    def __init__(self, http_client: Client | None = None, clock: Clock | None = None) -> None:
        """`http_client` belongs to the caller: it is used unchanged, and never closed. Raises ConfigurationError."""
        super().__init__(Client, http_client, clock)

    def share(self) -> SyncTransport:
        """Return another driver with the same pool. Closing it keeps the pool open."""
        other = SyncTransport(clock=self._clock)
        other._parent = self
        return other

    def run(self, program: Program[T], on_report: Callable[[dict[str, Any]], object] | None = None) -> T:
        """Execute the steps of an operation and return its result. An interruption leaves nothing open."""
        reply: Reply = None
        bodies: list[Body] = []
        try:
            while True:
                step = program.send(reply)
                reply = None
                if not isinstance(step, Report):
                    reply = self._do(step, bodies)
                elif on_report is not None:
                    _refuse_coroutine(on_report(step.status))
        except StopIteration as end:
            result: T = end.value
            return result
        except BaseException:
            for body in bodies:
                body.close()
            raise
        finally:
            program.close()

    def reports(self, program: Program[Any]) -> Iterator[dict[str, Any]]:
        """Execute the steps of an operation, and yield what it reports."""
        reply: Reply = None
        try:
            while True:
                step = program.send(reply)
                reply = None
                if isinstance(step, Report):
                    yield step.status
                else:
                    reply = self._do(step, [])
        except StopIteration:
            return
        finally:
            program.close()

    def run_even_if_closed(self, program: Program[T]) -> T:
        """Like `run`, but with a new pool after closing: for downloads of outputs."""
        usable = self.usable()
        try:
            return usable.run(program)
        finally:
            if usable is not self:
                usable.close()

    def usable(self) -> SyncTransport:
        """Return this driver or, after closing, another one with a new pool, which the caller has to close."""
        return SyncTransport(clock=self._clock) if self.is_closed and self._has_own_pool else self

    def load(self, url: str) -> None:
        """Create the pool, and load what the first request to a URL needs. Raises ConfigurationError."""
        self._pool()
        http.load(url, None)

    def close(self) -> None:
        """Close the connections. Closing again does nothing."""
        if (pool := self._release()) is not None:
            pool.client.close()

    def _abandon(self, pool: Pool[Client]) -> None:
        pool.client.close()

    def _do(self, step: Send | Open | Read | Close | Sleep | Block, bodies: list[Body]) -> Reply:
        """Execute a step. Bodies that it opens are added to the list."""
        if isinstance(step, Sleep):
            self._clock.sleep(step.seconds)
            return None
        if isinstance(step, Block):
            return Returned(step.function())
        if isinstance(step, Read):
            return cast("Body", step.body).read()
        if isinstance(step, Close):
            cast("Body", step.body).close()
            return None
        pool, trace = self._pool(), Trace(step.request.total_seconds)
        try:
            with trace.limits_this_thread():
                return self._exchange(pool, step, trace, bodies)
        except _TooLargeError:
            return http.too_large(step.request, trace)
        except http.ERRORS as error:
            return http.failure(error, step.request, pool.client, trace)

    @staticmethod
    def _exchange(
        pool: Pool[Client], step: Send | Open, trace: Trace, bodies: list[Body]
    ) -> Response | Opened:
        request = step.request
        response = pool.client.send(
            http.build(pool, request, trace), stream=True, auth=http.auth_of(request), follow_redirects=False
        )
        is_kept = False
        try:
            trace.headers = http.headers(response)
            if response.is_success and not isinstance(step, Send):
                bodies.append(Body(response.iter_bytes(), response.close, request, pool, trace))
                is_kept = True
                return Opened(http.read_response(response, trace.headers, b""), bodies[-1])
            buffer = _Buffer(request.max_bytes)
            if request.credentials is not None:  # The error of a download is its status.
                for chunk in response.iter_bytes():
                    buffer.write(chunk)
            return http.read_response(response, trace.headers, buffer.content)
        finally:
            if not is_kept:
                response.close()


class _OfProcess:
    """A body belongs to the process that opened it: after a fork, both processes would read parts of it."""

    def __init__(self) -> None:
        self._process = os.getpid()

    @property
    def _is_ours(self) -> bool:
        return self._process == os.getpid()

    def _check_process(self) -> None:
        if not self._is_ours:
            raise ConfigurationError(
                "the stream was opened before this process was forked: open another one in this process"
            )


class Body(_OfProcess):
    """A body that is read in pieces, in the time of its request."""

    def __init__(
        self,
        chunks: Iterator[bytes],
        close: Callable[[], None],
        request: ApiRequest,
        pool: Pool[Client],
        trace: Trace,
    ) -> None:
        super().__init__()
        self._chunks, self._request, self._pool, self._trace = chunks, request, pool, trace
        self._close = close

    def close(self) -> None:
        """Close the connection, unless the body was read to its end. Closing again does nothing."""
        if self._is_ours:
            self._close()

    def read(self) -> bytes | RequestFailure:
        """Return the next piece, empty at the end. Raises ConfigurationError in a forked process."""
        self._check_process()
        try:
            with self._trace.limits_this_thread():
                return next(filter(None, self._chunks), b"")
        except http.ERRORS as error:
            self.close()
            return http.failure(error, self._request, self._pool.client, self._trace)


class AsyncTransport(_Transport[AsyncClient]):
    """A connection pool, and the driver of operations on it, awaited. The tasks of one event loop may share it."""

    def __init__(
        self,
        http_client: AsyncClient | None = None,
        clock: Clock | None = None,
        connections: int | None = None,
    ) -> None:
        """`http_client` belongs to the caller: it is used unchanged, and never closed. Raises ConfigurationError.

        `connections` is the most that a pool of our own has.
        """
        super().__init__(AsyncClient, http_client, clock, connections)
        self._loop: object = None
        """The event loop that the connections belong to."""
        self._loaded_in = 0
        """The process in which everything is loaded that a request needs."""

    def share(self) -> AsyncTransport:
        """Return another driver with the same pool. Closing it keeps the pool open."""
        other = AsyncTransport(clock=self._clock)
        other._parent = self
        return other

    async def run(
        self,
        program: Program[T],
        on_report: Callable[[dict[str, Any]], object] | None = None,
    ) -> T:
        """`SyncTransport.run`, awaited."""
        reply: Reply = None
        bodies: list[AsyncBody] = []
        try:
            while True:
                step = program.send(reply)
                reply = None
                if not isinstance(step, Report):
                    reply = await self._do(step, bodies)
                elif on_report is not None:
                    await _await_each(on_report(step.status))
        except StopIteration as end:
            result: T = end.value
            return result
        except BaseException:
            for body in bodies:
                await body.close()
            raise
        finally:
            program.close()

    async def reports(self, program: Program[Any]) -> AsyncIterator[dict[str, Any]]:
        """`SyncTransport.reports`, awaited."""
        reply: Reply = None
        try:
            while True:
                step = program.send(reply)
                reply = None
                if isinstance(step, Report):
                    yield step.status
                else:
                    reply = await self._do(step, [])
        except StopIteration:
            return
        finally:
            program.close()

    async def run_even_if_closed(self, program: Program[T]) -> T:
        """`SyncTransport.run_even_if_closed`, awaited."""
        usable = self.usable()
        try:
            return await usable.run(program)
        finally:
            if usable is not self:
                await usable.close()

    def usable(self) -> AsyncTransport:
        """`SyncTransport.usable`."""
        return AsyncTransport(clock=self._clock) if self.is_closed and self._has_own_pool else self

    async def load(self, url: str) -> None:
        """`SyncTransport.load` in a thread, so that the event loop continues."""
        root, process = self._root(), os.getpid()
        if process not in root._pools:
            root._loop = current_loop()
        await run_in_thread(partial(self._load, url, library_of(current_loop())))
        root._loaded_in = process

    async def close(self) -> None:
        """Close the connections. Closing again does nothing."""
        if (pool := self._release()) is None:
            return
        if self._loop in (None, current_loop()):
            await pool.client.aclose()
        else:
            self._abandon(pool)

    def _abandon(self, pool: Pool[AsyncClient]) -> None:
        for stream in pool.streams:
            close_stream(stream, self._loop)

    def _load(self, url: str, library: str) -> None:
        self._pool()
        http.load(url, library)

    def _root(self) -> AsyncTransport:
        """Return the driver that has the pool."""
        return self if self._parent is None else cast("AsyncTransport", self._parent)._root()

    async def _own_pool(self, url: str) -> Pool[AsyncClient]:
        """Return the pool, if it belongs to this event loop."""
        root = self._root()
        if root._loaded_in != os.getpid():
            await self.load(url)
        pool = self._pool()
        if root._loop is not current_loop():
            raise ConfigurationError(
                "this client belongs to another event loop: create a client inside each asyncio.run(…), and close it there"
            )
        return pool

    async def _do(self, step: Send | Open | Read | Close | Sleep | Block, bodies: list[AsyncBody]) -> Reply:
        """Execute a step. Bodies that it opens are added to the list."""
        if isinstance(step, Sleep):
            await self._clock.sleep_async(step.seconds)
            return None
        if isinstance(step, Block):
            return Returned(await run_in_thread(step.function))
        if isinstance(step, Read):
            return await cast("AsyncBody", step.body).read()
        if isinstance(step, Close):
            await cast("AsyncBody", step.body).close()
            return None
        trace = Trace(step.request.total_seconds)
        pool = await self._own_pool(step.request.url)
        trace.streams = pool.streams
        if trace.seconds is None:
            return await self._attempt(pool, step, trace, bodies)
        import anyio

        with anyio.move_on_after(trace.remaining + _GRACE):
            return await self._attempt(pool, step, trace, bodies)
        return http.failure(TimeoutError(), step.request, pool.client, trace)

    async def _attempt(
        self, pool: Pool[AsyncClient], step: Send | Open, trace: Trace, bodies: list[AsyncBody]
    ) -> Response | RequestFailure | Opened:
        try:
            return await self._exchange(pool, step, trace, bodies)
        except _TooLargeError:
            return http.too_large(step.request, trace)
        except http.ERRORS as error:
            return http.failure(error, step.request, pool.client, trace)

    @staticmethod
    async def _exchange(
        pool: Pool[AsyncClient], step: Send | Open, trace: Trace, bodies: list[AsyncBody]
    ) -> Response | Opened:
        request = step.request
        response = await pool.client.send(
            http.build(pool, request, trace), stream=True, auth=http.auth_of(request), follow_redirects=False
        )
        is_kept = False
        try:
            trace.headers = http.headers(response)
            if response.is_success and not isinstance(step, Send):
                bodies.append(AsyncBody(response.aiter_bytes(), response.aclose, request, pool, trace))
                is_kept = True
                return Opened(http.read_response(response, trace.headers, b""), bodies[-1])
            buffer = _Buffer(request.max_bytes)
            if request.credentials is not None:  # The error of a download is its status.
                async for chunk in response.aiter_bytes():
                    buffer.write(chunk)
            return http.read_response(response, trace.headers, buffer.content)
        finally:
            if not is_kept:
                await response.aclose()


class AsyncBody(_OfProcess):
    """`Body`, awaited."""

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        close: Callable[[], Coroutine[Any, Any, None]],
        request: ApiRequest,
        pool: Pool[AsyncClient],
        trace: Trace,
    ) -> None:
        super().__init__()
        self._chunks, self._request, self._pool, self._trace = chunks, request, pool, trace
        self._close = close

    async def close(self) -> None:
        """`Body.close`, awaited."""
        if self._is_ours:
            await self._close()

    async def read(self) -> bytes | RequestFailure:
        """`Body.read`, awaited."""
        self._check_process()
        try:
            if self._trace.seconds is None:
                return await self._next()
            import anyio

            with anyio.move_on_after(self._trace.remaining + _GRACE):
                return await self._next()
            error: Exception = TimeoutError()
        except http.ERRORS as caught:
            error = caught
        await self.close()
        return http.failure(error, self._request, self._pool.client, self._trace)

    async def _next(self) -> bytes:
        async for chunk in self._chunks:
            if chunk:
                return chunk
        return b""


def _refuse_coroutine(value: object) -> None:
    """Raise ConfigurationError if a callback was a coroutine function, which would never run."""
    from collections.abc import Coroutine

    if isinstance(value, Coroutine):
        value.close()
        raise ConfigurationError(
            "on_status must not be a coroutine function, unless the client is asynchronous"
        )


async def _await_each(value: object) -> None:
    """Await what a coroutine function returned."""
    from collections.abc import Coroutine

    if isinstance(value, Coroutine):
        await cast("Coroutine[Any, Any, object]", value)
