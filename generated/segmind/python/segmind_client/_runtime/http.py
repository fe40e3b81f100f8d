"""The drivers: they do what an operation asks for, one plainly and one awaiting it. The only module that knows HTTP.

Security boundary: the key enters a request here, only for the API's own origin; redirects are never followed, so that it
cannot travel on; and no exception or log record of the HTTP library leaves with it.
"""

from __future__ import annotations

import os
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

import httpx2
from httpx2 import AsyncClient, Client, Timeout

from .clock import Clock
from .errors import ConfigurationError
from .omit import OMIT
from .secret import REDACTED
from .steps import Answer, Failure, Send, Sleep

if TYPE_CHECKING:
    from ssl import SSLContext

    from .steps import Outcome, Program, Request, Step, Stream

__all__ = ["AsyncClient", "AsyncTransport", "Client", "SyncTransport", "Timeout"]

T = TypeVar("T")
C = TypeVar("C", bound=Client | AsyncClient)

READ_TIMEOUT = 600.0
"""Seconds. A blocking call answers when the model is done."""
CONNECT_TIMEOUT = 5.0

_CLOSED = "the client is closed: make a new one, or do the work inside its `with` block"
_ERRORS = (httpx2.HTTPError, httpx2.InvalidURL)
_NO_AUTH = httpx2.Auth()


class _Transport(Generic[C]):
    """A connection pool, made with the first request, and who may use and close it."""

    def __init__(self, kind: type[C], http_client: C | None, clock: Clock | None) -> None:
        given: object = http_client
        if given is not None and not isinstance(given, kind):
            raise ConfigurationError(
                f"http_client must be an httpx2.{kind.__name__}, not {type(given).__name__}"
            )
        self._kind = kind
        self._client = http_client
        self._is_ours = http_client is None
        self._is_closed = False
        self._parent: _Transport[C] | None = None
        self._clock = clock or Clock()
        self._lock = Lock()

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, or the one whose pool it shares."""
        return self._is_closed or (self._parent is not None and self._parent.is_closed)

    @property
    def _has_own_pool(self) -> bool:
        """Whether the pool is no caller's."""
        return self._is_ours if self._parent is None else self._parent._has_own_pool

    def _pool(self) -> C:
        if self._parent is not None and not self._is_closed:
            return self._parent._pool()
        with self._lock:
            if self._is_closed:
                raise ConfigurationError(_CLOSED)
            if self._client is None:
                self._client = self._kind(timeout=_default_timeout(), verify=_ssl_context())
            if self._client.is_closed:
                raise ConfigurationError("the http_client is closed")
            return self._client

    def _let_go(self) -> C | None:
        """Close to all requests to come; answers the pool if it is to be closed with it."""
        with self._lock:
            self._is_closed = True
            client, self._client = self._client, None
        return client if self._is_ours else None


class SyncTransport(_Transport[Client]):
    """A connection pool, and the driver of operations on it. Threads may share it."""

    def __init__(self, http_client: Client | None = None, clock: Clock | None = None) -> None:
        """`http_client` is the caller's own: it is used as it is, and never closed. Raises ConfigurationError."""
        super().__init__(Client, http_client, clock)

    def shared(self) -> SyncTransport:
        """Another driver on the same pool. Closing it leaves the pool open."""
        other = SyncTransport(clock=self._clock)
        other._parent = self
        return other

    def run(self, program: Program[T]) -> T:
        """Do what the operation asks for until it returns. Whatever interrupts it leaves nothing open."""
        outcome: Outcome | None = None
        try:
            while True:
                outcome = self._do(program.send(outcome))
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            program.close()

    def run_anyway(self, program: Program[T]) -> T:
        """`run`, also after closing, then on a pool of its own: for outputs, which have nothing to do with the API."""
        if not (self.is_closed and self._has_own_pool):
            return self.run(program)
        other = SyncTransport(clock=self._clock)
        try:
            return other.run(program)
        finally:
            other.close()

    def close(self) -> None:
        """Close the connections. Closing again does nothing."""
        if (client := self._let_go()) is not None:
            client.close()

    def _do(self, step: Step) -> Outcome | None:
        if isinstance(step, Sleep):
            self._clock.sleep(step.seconds)
            return None
        client = self._pool()
        try:
            if isinstance(step, Send):
                return _answer(client.send(_build(client, step.request), follow_redirects=False))
            return self._stream(client, step)
        except _ERRORS as error:
            return _failure(error, step.request, client)

    def _stream(self, client: Client, step: Stream) -> Answer:
        request = _build(client, step.request)
        response = client.send(request, stream=True, auth=_NO_AUTH, follow_redirects=False)
        try:
            if response.is_success:
                step.sink.begin(_headers(response))
                for chunk in response.iter_bytes():
                    step.sink.write(chunk)
            return _answer(response, b"")
        finally:
            response.close()


class AsyncTransport(_Transport[AsyncClient]):
    """A connection pool, and the driver of operations on it, awaited. The tasks of one event loop may share it."""

    def __init__(self, http_client: AsyncClient | None = None, clock: Clock | None = None) -> None:
        """`http_client` is the caller's own: it is used as it is, and never closed. Raises ConfigurationError."""
        super().__init__(AsyncClient, http_client, clock)

    def shared(self) -> AsyncTransport:
        """Another driver on the same pool. Closing it leaves the pool open."""
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

    async def run_anyway(self, program: Program[T]) -> T:
        """`SyncTransport.run_anyway`, awaited."""
        if not (self.is_closed and self._has_own_pool):
            return await self.run(program)
        other = AsyncTransport(clock=self._clock)
        try:
            return await other.run(program)
        finally:
            await other.close()

    async def close(self) -> None:
        """Close the connections. Closing again does nothing."""
        if (client := self._let_go()) is not None:
            await client.aclose()

    async def _do(self, step: Step) -> Outcome | None:
        if isinstance(step, Sleep):
            await self._clock.sleep_async(step.seconds)
            return None
        client = self._pool()
        try:
            if isinstance(step, Send):
                return _answer(await client.send(_build(client, step.request), follow_redirects=False))
            return await self._stream(client, step)
        except _ERRORS as error:
            return _failure(error, step.request, client)

    async def _stream(self, client: AsyncClient, step: Stream) -> Answer:
        request = _build(client, step.request)
        response = await client.send(request, stream=True, auth=_NO_AUTH, follow_redirects=False)
        try:
            if response.is_success:
                step.sink.begin(_headers(response))
                async for chunk in response.aiter_bytes():
                    step.sink.write(chunk)
            return _answer(response, b"")
        finally:
            await response.aclose()


class _KeyedURL(httpx2.URL):
    """An address with the key in its query that prints without it: the HTTP library logs what it requests."""

    def __init__(self, url: httpx2.URL, name: str, key: str) -> None:
        super().__init__(url.copy_merge_params({name: key}))
        self._shown = f"{url}{'&' if url.query else '?'}{name}={REDACTED}"

    def __str__(self) -> str:
        return self._shown

    def __repr__(self) -> str:
        return f"URL({self._shown!r})"


def _build(client: Client | AsyncClient, request: Request) -> httpx2.Request:
    """The request with the key. Security boundary: the only place where a key is revealed."""
    timeout, credentials = _timeout(request, client), request.credentials
    if credentials is None:
        # Not built by the client, which would add the headers, cookies and parameters that its owner gave it.
        extensions = {"timeout": timeout.as_dict()}
        return httpx2.Request(request.method, request.url, headers=request.headers, extensions=extensions)
    if not request.url.startswith(f"{credentials.origin}/"):
        raise ConfigurationError("refused to send the key to another origin than the API's")
    auth, key = credentials.auth, credentials.key
    headers = dict(request.headers)
    if auth is not None and key is not None and auth.location == "header":
        headers.setdefault(
            auth.name.lower(), f"{auth.scheme} {key.reveal()}" if auth.scheme else key.reveal()
        )
    built = client.build_request(
        request.method, request.url, content=request.body, headers=headers, timeout=timeout
    )
    if auth is not None and key is not None and auth.location == "query":
        built.url = _KeyedURL(built.url, auth.name, key.reveal())
    return built


def _timeout(request: Request, client: Client | AsyncClient) -> Timeout:
    """The time-out of a request: as asked for, else as a caller's own client has it, else the default."""
    if request.timeout is OMIT:
        timeout = client.timeout if client.timeout != Timeout(5.0) else _default_timeout()
    elif isinstance(request.timeout, int | float):
        timeout = Timeout(request.timeout, connect=min(request.timeout, CONNECT_TIMEOUT))
    else:
        timeout = Timeout(request.timeout)
    if (longest := request.patience) is None:
        return timeout
    parts = {
        name: longest if part is None else min(part, longest) for name, part in timeout.as_dict().items()
    }
    return Timeout(**parts)


def _ssl_context() -> SSLContext:
    """The certificates to trust, loaded once: that takes longer than all else about a client."""
    return _ssl_context_of(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _ssl_context_of(_file: str | None, _folder: str | None) -> SSLContext:
    """The HTTP library's own choice, which depends on these variables."""
    return httpx2.create_ssl_context()


def _default_timeout() -> Timeout:
    return Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT)


def _answer(response: httpx2.Response, content: bytes | None = None) -> Answer:
    body = response.content if content is None else content
    return Answer(response.status_code, response.reason_phrase, _headers(response), body)


def _headers(response: httpx2.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _failure(error: Exception, request: Request, client: Client | AsyncClient) -> Failure:
    """An exception of the HTTP library as data, so that nothing of it, and no key, hangs on to ours."""
    host = httpx2.URL(request.credentials.origin).netloc.decode() if request.credentials else "the server"
    reason = str(error).rstrip(".") or type(error).__name__
    match error:
        case httpx2.InvalidURL() | httpx2.UnsupportedProtocol() | httpx2.LocalProtocolError():
            return Failure("request", sent=False, text=f"the request cannot be sent: {reason}")
        case httpx2.ConnectTimeout():
            return Failure("timeout", sent=False, text=f"no connection to {host} in time")
        case httpx2.PoolTimeout():
            return Failure("timeout", sent=False, text="no connection was free in time")
        case httpx2.ConnectError() | httpx2.ProxyError():
            return Failure("connection", sent=False, text=f"could not connect to {host}: {reason}")
        case httpx2.ReadTimeout():
            seconds = f"{_timeout(request, client).read or 0:g} s"
            return Failure(
                "timeout", sent=True, text=f"no answer from {host} within {seconds} (read time-out)"
            )
        case httpx2.WriteTimeout():
            return Failure("timeout", sent=True, text=f"the request could not be sent to {host} in time")
        case httpx2.DecodingError():
            return Failure("connection", sent=True, text=f"the answer of {host} cannot be decoded: {reason}")
        case _:
            return Failure("connection", sent=True, text=f"the connection to {host} broke: {reason}")
