"""The HTTP library, as the rest of the runtime sees it: requests from data, data from answers and failures.

The only module that imports it. Security boundary: the key enters a request here, only for the API's own origin, and no
exception or log record of the library leaves with it.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import httpx2
from httpx2 import AsyncClient, Client, Timeout

from .._core.auth import Authorization, AuthRequest
from .._core.omit import OMIT
from .errors import ConfigurationError
from .secret import REDACTED
from .steps import Answer, Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .steps import Credentials, Request

__all__ = [
    "ERRORS",
    "NO_AUTH",
    "AsyncClient",
    "Client",
    "Pool",
    "Timeout",
    "answer",
    "build",
    "failure",
    "headers",
    "pool",
]

C = TypeVar("C", bound=Client | AsyncClient)

READ_TIMEOUT = 600.0
"""Seconds. A blocking call answers when the model is done."""
CONNECT_TIMEOUT = 5.0
_DEFAULT_TIMEOUT = Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT)
_UNCHANGED_TIMEOUT = Timeout(5.0)
"""What the HTTP library's client has when nobody chose one."""

ERRORS = (httpx2.HTTPError, httpx2.InvalidURL)
"""What sending raises, for `failure`."""
NO_AUTH = httpx2.Auth()
"""Keeps what a caller's own client authorises with to the API's requests."""


@dataclass(frozen=True, slots=True)
class Pool(Generic[C]):
    """A connection pool, which is the HTTP library's client."""

    client: C
    headers: Mapping[str, str] | None = None
    """What goes with every request on a pool of ours; a caller's own has headers and more that are merged anew each time."""


def pool(kind: type[C]) -> Pool[C]:
    """A pool of our own."""
    client = kind(timeout=_DEFAULT_TIMEOUT, verify=_LazySSLContext(ssl.PROTOCOL_TLS_CLIENT))
    return Pool(client, dict(client.headers))


def build(pool: Pool[C], request: Request) -> httpx2.Request:
    """The request with the key. Security boundary: the only place where a key is revealed."""
    timeout, credentials = _timeout(request, pool.client), request.credentials
    if credentials is None:
        # Not built by the client, which would add the headers, cookies and parameters that its owner gave it.
        extensions = {"timeout": timeout.as_dict()}
        return httpx2.Request(request.method, request.url, headers=request.headers, extensions=extensions)
    if not request.url.startswith(f"{credentials.origin}/"):
        raise ConfigurationError("refused to send the key to another origin than the API's")
    headers = {**(pool.headers or {}), **request.headers}
    authorization = _authorize(request, credentials)
    headers.update(authorization.headers)
    built: httpx2.Request
    if pool.headers is None:
        built = pool.client.build_request(
            request.method, request.url, content=request.body, headers=headers, timeout=timeout
        )
    else:
        built = _put_together(pool.client, request, headers, timeout)
    if authorization.query:
        built.url = _KeyedURL(built.url, authorization.query)
    return built


def _authorize(request: Request, credentials: Credentials) -> Authorization:
    """What authenticates the request; nothing if the caller's own headers do."""
    auth, key = credentials.auth, credentials.key
    if auth is None or key is None or any(name in request.headers for name in auth.header_names):
        return Authorization()
    unsigned = AuthRequest(
        request.method, request.url, request.headers, request.body or b"", credentials.now()
    )
    return auth.authorize(key.reveal(), unsigned)


def answer(response: httpx2.Response, content: bytes | None = None) -> Answer:
    """An answer as data, with this content where it was read apart."""
    body = response.content if content is None else content
    return Answer(response.status_code, response.reason_phrase, headers(response), body)


def headers(response: httpx2.Response) -> dict[str, str]:
    """The headers of an answer; names in lower case, which is how the library lists them."""
    return dict(response.headers.items())


def failure(error: Exception, request: Request, client: Client | AsyncClient) -> Failure:
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


def _put_together(
    client: Client | AsyncClient, request: Request, headers: Mapping[str, str], timeout: Timeout
) -> httpx2.Request:
    """What the client would make of it with nothing but cookies to merge, in a fraction of the time."""
    url = _parsed(request.url)
    length = {} if request.body is None else {"content-length": str(len(request.body))}
    return httpx2.Request(
        request.method,
        url,
        headers={"host": url.netloc.decode(), **headers, **length},
        cookies=client.cookies,
        stream=httpx2.ByteStream(request.body or b""),
        extensions={"timeout": timeout.as_dict()},
    )


class _KeyedURL(httpx2.URL):
    """An address with the key in its query that prints without it: the HTTP library logs what it requests."""

    def __init__(self, url: httpx2.URL, secrets: Mapping[str, str]) -> None:
        super().__init__(url.copy_merge_params(dict(secrets)))
        redacted = "&".join(f"{name}={REDACTED}" for name in secrets)
        self._shown = f"{url}{'&' if url.query else '?'}{redacted}"

    def __str__(self) -> str:
        return self._shown

    def __repr__(self) -> str:
        return f"URL({self._shown!r})"


_parsed = lru_cache(maxsize=256)(httpx2.URL)
"""The address of a model or a job, which is the same in many requests. None has the key in it: that is added later."""


def _timeout(request: Request, client: Client | AsyncClient) -> Timeout:
    """The time-out of a request: as asked for, else as a caller's own client has it, else the default."""
    if request.timeout is OMIT:
        timeout = client.timeout if client.timeout != _UNCHANGED_TIMEOUT else _DEFAULT_TIMEOUT
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


class _LazySSLContext(ssl.SSLContext):
    """The HTTP library's own context, created for the first TLS connection: to load certificates takes long.

    Security boundary: by itself this context trusts no certificate, so nothing that is not passed on here can weaken it.
    """

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        _ssl_context().set_alpn_protocols(alpn_protocols)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        return _ssl_context().wrap_bio(*args, **kwargs)

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        return _ssl_context().wrap_socket(*args, **kwargs)


def _ssl_context() -> ssl.SSLContext:
    return _ssl_context_of(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _ssl_context_of(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """The HTTP library's context, which depends on these variables."""
    return httpx2.create_ssl_context()
