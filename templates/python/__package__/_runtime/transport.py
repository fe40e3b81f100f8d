"""The drivers: they execute the steps of an operation on a pool of connections, synchronously or asynchronously.

Security boundary: redirects are never followed, so that the key cannot reach another origin.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from . import http
from .clock import Clock
from .errors import ConfigurationError
from .http import AsyncClient, Client, Pool
from .steps import Response, Send, Sleep

if TYPE_CHECKING:
    from .steps import Outcome, Program, Step, Stream

__all__ = ["AsyncTransport", "SyncTransport"]

T = TypeVar("T")
C = TypeVar("C", bound=Client | AsyncClient)

_CLOSED = "the client is closed: create a new one, or make the call inside its `with` block"


class _Transport(Generic[C]):
    """A connection pool, created by the first request and shared by several clients."""

    def __init__(self, kind: type[C], http_client: C | None, clock: Clock | None) -> None:
        given: object = http_client
        if given is not None and not isinstance(given, kind):
            raise ConfigurationError(
                f"http_client must be an httpx2.{kind.__name__}, not {type(given).__name__}"
            )
        self._kind = kind
        self._kept = None if http_client is None else Pool(http_client)
        self._is_ours = http_client is None
        self._is_closed = False
        self._parent: _Transport[C] | None = None
        self._clock = clock or Clock()
        self._lock = Lock()

    @property
    def is_closed(self) -> bool:
        """Whether this driver, or the one whose pool it shares, is closed."""
        return self._is_closed or (self._parent is not None and self._parent.is_closed)

    @property
    def _has_own_pool(self) -> bool:
        """Whether the pool does not belong to the caller."""
        return self._is_ours if self._parent is None else self._parent._has_own_pool

    def _pool(self) -> Pool[C]:
        if self._parent is not None and not self._is_closed:
            return self._parent._pool()
        with self._lock:
            if self._is_closed:
                raise ConfigurationError(_CLOSED)
            if self._kept is None:
                self._kept = http.pool(self._kind)
            if self._kept.client.is_closed:
                raise ConfigurationError("the http_client is closed")
            return self._kept

    def _release(self) -> C | None:
        """Refuse further requests; return the pool if it must be closed."""
        with self._lock:
            self._is_closed = True
            pool, self._kept = self._kept, None
        return pool.client if pool is not None and self._is_ours else None


class SyncTransport(_Transport[Client]):
    """A driver of operations. Threads may share it."""

    def __init__(self, http_client: Client | None = None, clock: Clock | None = None) -> None:
        """`http_client` belongs to the caller: it is used unchanged, and never closed. Raises ConfigurationError."""
        super().__init__(Client, http_client, clock)

    def shared(self) -> SyncTransport:
        """Another driver with the same pool. Closing it keeps the pool open."""
        other = SyncTransport(clock=self._clock)
        other._parent = self
        return other

    def run(self, program: Program[T]) -> T:
        """Execute the steps of an operation and return its result. An interruption leaves nothing open."""
        outcome: Outcome | None = None
        try:
            while True:
                outcome = self._do(program.send(outcome))
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            program.close()

    def run_even_if_closed(self, program: Program[T]) -> T:
        """Like `run`, but with a new pool after closing: for downloads of outputs."""
        if not (self.is_closed and self._has_own_pool):
            return self.run(program)
        other = SyncTransport(clock=self._clock)
        try:
            return other.run(program)
        finally:
            other.close()

    def close(self) -> None:
        """Close the connections. Closing again does nothing."""
        if (client := self._release()) is not None:
            client.close()

    def _do(self, step: Step) -> Outcome | None:
        if isinstance(step, Sleep):
            self._clock.sleep(step.seconds)
            return None
        pool = self._pool()
        try:
            if isinstance(step, Send):
                return http.read_response(
                    pool.client.send(http.build(pool, step.request), follow_redirects=False)
                )
            return self._stream(pool, step)
        except http.ERRORS as error:
            return http.failure(error, step.request, pool.client)

    def _stream(self, pool: Pool[Client], step: Stream) -> Response:
        request = http.build(pool, step.request)
        response = pool.client.send(request, stream=True, auth=http.NO_AUTH, follow_redirects=False)
        try:
            if response.is_success:
                step.sink.begin(http.headers(response))
                for chunk in response.iter_bytes():
                    step.sink.write(chunk)
            return http.read_response(response, b"")
        finally:
            response.close()


class AsyncTransport(_Transport[AsyncClient]):
    """A connection pool, and the driver of operations on it, awaited. The tasks of one event loop may share it."""

    def __init__(self, http_client: AsyncClient | None = None, clock: Clock | None = None) -> None:
        """`http_client` belongs to the caller: it is used unchanged, and never closed. Raises ConfigurationError."""
        super().__init__(AsyncClient, http_client, clock)

    def shared(self) -> AsyncTransport:
        """Another driver with the same pool. Closing it keeps the pool open."""
        other = AsyncTransport(clock=self._clock)
        other._parent = self
        return other

    async def run(self, program: Program[T]) -> T:
        """`SyncTransport.run`, awaited."""
        outcome: Outcome | None = None
        try:
            while True:
                outcome = await self._do(program.send(outcome))
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            program.close()

    async def run_even_if_closed(self, program: Program[T]) -> T:
        """`SyncTransport.run_even_if_closed`, awaited."""
        if not (self.is_closed and self._has_own_pool):
            return await self.run(program)
        other = AsyncTransport(clock=self._clock)
        try:
            return await other.run(program)
        finally:
            await other.close()

    async def close(self) -> None:
        """Close the connections. Closing again does nothing."""
        if (client := self._release()) is not None:
            await client.aclose()

    async def _do(self, step: Step) -> Outcome | None:
        if isinstance(step, Sleep):
            await self._clock.sleep_async(step.seconds)
            return None
        pool = self._pool()
        try:
            if isinstance(step, Send):
                return http.read_response(
                    await pool.client.send(http.build(pool, step.request), follow_redirects=False)
                )
            return await self._stream(pool, step)
        except http.ERRORS as error:
            return http.failure(error, step.request, pool.client)

    async def _stream(self, pool: Pool[AsyncClient], step: Stream) -> Response:
        request = http.build(pool, step.request)
        response = await pool.client.send(request, stream=True, auth=http.NO_AUTH, follow_redirects=False)
        try:
            if response.is_success:
                step.sink.begin(http.headers(response))
                async for chunk in response.aiter_bytes():
                    step.sink.write(chunk)
            return http.read_response(response, b"")
        finally:
            await response.aclose()
