"""The interface to the HTTP library: builds requests from data, and turns responses and failures into data.

The only module that imports it. Security boundary: the key is added to requests here, only for the API's own origin, and
no exception or log record of the library contains it.
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
from .steps import Failure, Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .steps import ApiRequest, Credentials

__all__ = [
    "ERRORS",
    "NO_AUTH",
    "AsyncClient",
    "Client",
    "Pool",
    "Timeout",
    "build",
    "failure",
    "headers",
    "pool",
    "read_response",
]

C = TypeVar("C", bound=Client | AsyncClient)

READ_TIMEOUT = 600.0
"""Seconds. A blocking call responds when the model is done."""
CONNECT_TIMEOUT = 5.0
_DEFAULT_TIMEOUT = Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT)
_UNCHANGED_TIMEOUT = Timeout(5.0)
"""The default of the HTTP library."""

ERRORS = (httpx2.HTTPError, httpx2.InvalidURL)
"""Exceptions that sending raises; see `failure`."""
NO_AUTH = httpx2.Auth()
"""Keeps the authentication of a caller's own client out of downloads."""


@dataclass(frozen=True, slots=True)
class Pool(Generic[C]):
    """A connection pool: a client of the HTTP library."""

    client: C
    headers: Mapping[str, str] | None = None
    """Headers of every request on a pool of our own; None for a caller's pool, which merges its own headers and more."""


def pool(kind: type[C]) -> Pool[C]:
    """A new pool."""
    client = kind(timeout=_DEFAULT_TIMEOUT, verify=_LazySSLContext(ssl.PROTOCOL_TLS_CLIENT))
    return Pool(client, dict(client.headers))


def build(pool: Pool[C], request: ApiRequest) -> httpx2.Request:
    """The request with its credentials. Security boundary: keys are revealed only here."""
    timeout, credentials = _timeout(request, pool.client), request.credentials
    if credentials is None:
        # The pool must not build it: it would add its owner's headers, cookies and parameters.
        extensions = {"timeout": timeout.as_dict()}
        return httpx2.Request(request.method, request.url, headers=request.headers, extensions=extensions)
    if not request.url.startswith(f"{credentials.origin}/"):
        raise ConfigurationError("refused to send the key to an origin other than the API's")
    headers = {**(pool.headers or {}), **request.headers}
    authorization = _authorize(request, credentials)
    headers.update(authorization.headers)
    built: httpx2.Request
    if pool.headers is None:
        built = pool.client.build_request(
            request.method, request.url, content=request.body, headers=headers, timeout=timeout
        )
    else:
        built = _build_for_own_pool(pool.client, request, headers, timeout)
    if authorization.query:
        built.url = _KeyedURL(built.url, authorization.query)
    return built


def _authorize(request: ApiRequest, credentials: Credentials) -> Authorization:
    """What authenticates the request; nothing if the caller's own headers do."""
    auth, key = credentials.auth, credentials.key
    if auth is None or key is None or any(name in request.headers for name in auth.header_names):
        return Authorization()
    unsigned = AuthRequest(
        request.method, request.url, request.headers, request.body or b"", credentials.now()
    )
    return auth.authorize(key.reveal(), unsigned)


def read_response(response: httpx2.Response, content: bytes | None = None) -> Response:
    """A response as data; `content` replaces a body that was streamed."""
    body = response.content if content is None else content
    return Response(response.status_code, response.reason_phrase, headers(response), body)


def headers(response: httpx2.Response) -> dict[str, str]:
    """The headers of a response, names in lower case."""
    return dict(response.headers.items())


def failure(error: Exception, request: ApiRequest, client: Client | AsyncClient) -> Failure:
    """An exception of the HTTP library as data, so that our exceptions do not refer to it or to the key."""
    host = httpx2.URL(request.credentials.origin).netloc.decode() if request.credentials else "the server"
    reason = str(error).rstrip(".") or type(error).__name__
    match error:
        case httpx2.InvalidURL() | httpx2.UnsupportedProtocol() | httpx2.LocalProtocolError():
            return Failure("request", sent=False, text=f"the request cannot be sent: {reason}")
        case httpx2.ConnectTimeout():
            return Failure("timeout", sent=False, text=f"no connection to {host} within the timeout")
        case httpx2.PoolTimeout():
            return Failure("timeout", sent=False, text="no free connection within the timeout")
        case httpx2.ConnectError() | httpx2.ProxyError():
            return Failure("connection", sent=False, text=f"could not connect to {host}: {reason}")
        case httpx2.ReadTimeout():
            seconds = f"{_timeout(request, client).read or 0:g} s"
            return Failure(
                "timeout", sent=True, text=f"no response from {host} within {seconds} (read timeout)"
            )
        case httpx2.WriteTimeout():
            return Failure(
                "timeout", sent=True, text=f"the request could not be sent to {host} within the timeout"
            )
        case httpx2.DecodingError():
            return Failure(
                "connection", sent=True, text=f"the response of {host} cannot be decoded: {reason}"
            )
        case _:
            return Failure("connection", sent=True, text=f"the connection to {host} broke: {reason}")


def _build_for_own_pool(
    client: Client | AsyncClient, request: ApiRequest, headers: Mapping[str, str], timeout: Timeout
) -> httpx2.Request:
    """The request that a pool of our own would build, in a fraction of the time: there are only cookies to merge."""
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
    """A URL with the key in its query that prints without it, because the HTTP library logs URLs."""

    def __init__(self, url: httpx2.URL, secrets: Mapping[str, str]) -> None:
        super().__init__(url.copy_merge_params(dict(secrets)))
        redacted = "&".join(f"{name}={REDACTED}" for name in secrets)
        self._redacted = f"{url}{'&' if url.query else '?'}{redacted}"

    def __str__(self) -> str:
        return self._redacted

    def __repr__(self) -> str:
        return f"URL({self._redacted!r})"


_parsed = lru_cache(maxsize=256)(httpx2.URL)
"""Parses URLs of models and jobs, which repeat. They do not contain the key, which is added later."""


def _timeout(request: ApiRequest, client: Client | AsyncClient) -> Timeout:
    """The timeout of a request: its own, else the one of a caller's pool, else the default."""
    if request.timeout is OMIT:
        timeout = client.timeout if client.timeout != _UNCHANGED_TIMEOUT else _DEFAULT_TIMEOUT
    elif isinstance(request.timeout, int | float):
        timeout = Timeout(request.timeout, connect=min(request.timeout, CONNECT_TIMEOUT))
    else:
        timeout = Timeout(request.timeout)
    if (longest := request.max_seconds) is None:
        return timeout
    parts = {
        name: longest if part is None else min(part, longest) for name, part in timeout.as_dict().items()
    }
    return Timeout(**parts)


class _LazySSLContext(ssl.SSLContext):
    """The HTTP library's own context, created for the first TLS connection: loading certificates is slow.

    Security boundary: this context itself trusts no certificate, so that a method that is not forwarded cannot weaken it.
    """

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        _ssl_context().set_alpn_protocols(alpn_protocols)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        return _ssl_context().wrap_bio(*args, **kwargs)

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        return _ssl_context().wrap_socket(*args, **kwargs)


def _ssl_context() -> ssl.SSLContext:
    """The trusted certificates, loaded once."""
    return _ssl_context_of(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _ssl_context_of(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """The HTTP library's context, which depends on these variables."""
    return httpx2.create_ssl_context()
