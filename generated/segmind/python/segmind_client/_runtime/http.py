"""The interface to the HTTP library: builds requests from data, and turns responses and failures into data.

The only module that imports it. Security boundary: the key is added to requests here, only for the API's own origin, and
no exception or log record of the library contains it.
"""

from __future__ import annotations

import os
import re
import ssl
from contextvars import Context
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast
from urllib.parse import urlsplit
from weakref import WeakSet

import httpx2
from httpx2 import AsyncClient, Client, Limits, Timeout

from .._core.auth import Authorization, AuthRequest
from .._core.omit import OMIT
from .errors import ConfigurationError
from .host_names import has_valid_labels
from .loops import run_in_thread
from .secret import REDACTED
from .steps import RequestFailure, Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from .._core.uploads import StreamedBody
    from .steps import ApiRequest, Credentials
    from .trace import Trace

__all__ = [
    "ERRORS",
    "AsyncClient",
    "Client",
    "Pool",
    "Timeout",
    "auth_of",
    "build",
    "failure",
    "headers",
    "is_valid_host",
    "load",
    "pool",
    "read_response",
    "too_large",
]

C = TypeVar("C", bound=Client | AsyncClient)

READ_TIMEOUT = 600.0
"""Seconds. A blocking call responds when the model is done."""
CONNECT_TIMEOUT = 5.0
_DEFAULT_TIMEOUT = Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT)
_LIMITS = Limits(max_connections=100, max_keepalive_connections=20)
"""The default of the HTTP library."""
_UNCHANGED_TIMEOUT = Timeout(5.0)
"""The default of the HTTP library."""
_LONGEST_TIMEOUT = 1e6
"""Seconds. Sockets refuse longer timeouts than 24 days."""

ERRORS = (
    httpx2.HTTPError,
    httpx2.InvalidURL,
    # What the HTTP library passes on: ports and hosts that sockets refuse, closed event loops, groups of such errors.
    ArithmeticError,
    ExceptionGroup,
    OSError,
    RuntimeError,
    ValueError,
)
"""Exceptions that sending raises; see `failure`."""

_CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXY_VARIABLES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")


class Pool(Generic[C]):
    """A connection pool: a client of the HTTP library."""

    def __init__(self, client: C, headers: Mapping[str, str] | None = None) -> None:
        self.client = client
        self.headers = headers
        """Headers of every request on a pool of our own; None for a caller's, which merges its own headers and more."""
        self.streams: WeakSet[Any] = WeakSet()
        """The network streams of asynchronous connections."""


def pool(kind: type[C], connections: int | None = None) -> Pool[C]:
    """Return a new pool, with at most so many connections.

    Raises ConfigurationError if the proxies in the environment cannot be used.
    """
    if (invalid := _invalid_proxy()) is not None:
        raise ConfigurationError(invalid)
    try:
        client = kind(
            timeout=_DEFAULT_TIMEOUT,
            verify=_LazySSLContext(ssl.PROTOCOL_TLS_CLIENT),
            limits=_LIMITS
            if connections is None
            else Limits(max_connections=connections, max_keepalive_connections=connections),
        )
    except (ImportError, OSError, RuntimeError, TypeError, ValueError, httpx2.InvalidURL) as error:
        problem = ConfigurationError(_proxy_problem(error))
    else:
        return Pool(client, dict(client.headers))
    raise problem


def is_valid_host(host: str) -> bool:
    """Return whether the HTTP library can look a host up."""
    try:
        httpx2.URL(f"http://{host}")
    except (httpx2.InvalidURL, ValueError):
        return False
    return True


def load(url: str, backend: str | None) -> None:
    """Load what the first request to a URL needs. Raises ConfigurationError if certificates cannot be loaded.

    `backend` is the library of the event loop, or None for blocking requests.
    """
    import httpcore2

    if backend is not None:
        import anyio

        httpcore2.TrioBackend() if backend == "trio" else httpcore2.AnyIOBackend()
        # In a separate context: anyio refuses to run where a context was copied from a loop that it runs.
        Context().run(lambda: anyio.run(anyio.sleep, 0, backend=backend))
    if url.startswith("https:"):
        _ssl_context()


def auth_of(request: ApiRequest) -> Any:
    """Return the authentication of a caller's own client, which must not be sent elsewhere."""
    return httpx2.Auth() if request.credentials is None else httpx2.USE_CLIENT_DEFAULT


def build(pool: Pool[C], request: ApiRequest, trace: Trace) -> httpx2.Request:
    """Return the request with its credentials. Security boundary: keys are revealed only here."""
    timeout, credentials = _timeout(request, pool.client), request.credentials
    if pool.headers is not None and request.url.startswith("https:"):
        _ssl_context()  # Here an error does not leave a connection behind.
    is_async = isinstance(pool.client, AsyncClient)
    extensions = {
        "timeout": timeout.as_dict(),
        "trace": trace.record_async if is_async else trace.record,
    }
    if credentials is None:
        # The pool must not build it: it would add its owner's headers, cookies and parameters.
        if request.body is not None:
            stream, length = _stream(request.body)
            host = {"host": httpx2.URL(request.url).netloc.decode()}
            return httpx2.Request(
                request.method,
                request.url,
                headers={**host, **request.headers, **length},
                stream=stream,
                extensions=extensions,
            )
        return httpx2.Request(request.method, request.url, headers=request.headers, extensions=extensions)
    if not request.url.startswith(
        tuple(f"{origin}/" for origin in (credentials.origin, *credentials.other_origins))
    ):
        raise ConfigurationError("refused to send the key to an origin other than the API's")
    headers = {**(pool.headers or {}), **request.headers}
    authorization = _authorize(request, credentials)
    headers.update(authorization.headers)
    built: httpx2.Request
    if pool.headers is None:
        content: Any = request.body
        if content is not None and not isinstance(content, bytes):
            headers.update(_length(content))
            content = aiter(_FileStream(content)) if is_async else content
        built = pool.client.build_request(
            request.method, request.url, content=content, headers=headers, extensions=extensions
        )
    else:
        built = _build_for_own_pool(pool.client, request, headers, extensions)
    if authorization.query:
        built.url = _KeyedURL(built.url, authorization.query)
    return built


def _authorize(request: ApiRequest, credentials: Credentials) -> Authorization:
    """Return what authenticates the request; nothing if the caller's own headers do."""
    auth, key = credentials.auth, credentials.key
    if auth is None or key is None or any(name in request.headers for name in auth.header_names):
        return Authorization()
    body = request.body or b""
    if not isinstance(body, bytes):
        # Only a signature of a body needs all of it in memory.
        body = b"".join(body) if auth.needs_body else b""
    unsigned = AuthRequest(request.method, request.url, request.headers, body, credentials.now())
    return auth.authorize(key.reveal(), unsigned)


def read_response(response: httpx2.Response, own_headers: Mapping[str, str], content: bytes) -> Response:
    """Return a response as data, with its headers and its body."""
    return Response(response.status_code, response.reason_phrase, own_headers, content)


def headers(response: httpx2.Response) -> dict[str, str]:
    """Return the headers of a response, names in lower case."""
    return dict(response.headers.items())


def failure(
    error: Exception, request: ApiRequest, client: Client | AsyncClient, trace: Trace
) -> RequestFailure:
    """Return an exception of the HTTP library as data, so that our exceptions do not refer to it or to the key."""
    from .._core.uploads import UploadError  # few models take files

    host, error = _host_of(request), _first_error(error)
    limit = f"{request.total_limit or trace.seconds or 0:.4g} s (total timeout)"
    reason = str(error).rstrip(".") or type(error).__name__
    match error:
        case httpx2.ConnectTimeout():
            failed = RequestFailure(
                "timeout", sent=False, text=f"no connection to {_peer(trace, host)} within the timeout"
            )
        case httpx2.PoolTimeout():
            failed = RequestFailure("timeout", sent=False, text="no free connection within the timeout")
        case httpx2.InvalidURL() | httpx2.UnsupportedProtocol() | httpx2.LocalProtocolError() | UploadError():
            failed = RequestFailure("request", sent=False, text=f"the request cannot be sent: {reason}")
        case _ if trace.is_over and trace.is_connecting:
            text = f"no connection to {_peer(trace, host)} within {limit}"
            failed = RequestFailure("timeout", sent=False, text=text)
        case _ if trace.seconds is not None and trace.is_over:
            text = f"no complete response from {host} within {limit}"
            failed = RequestFailure("timeout", sent=True, text=text)
        case httpx2.ConnectError() if _is_certificate_error(error):
            used = [each for each in _CERTIFICATE_VARIABLES if os.environ.get(each)]
            source = f" (certificates of {used[0]})" if used else ""
            failed = RequestFailure(
                "refused", sent=False, text=f"could not connect to {host}{source}: {reason}"
            )
        case httpx2.ProxyError() if reason.startswith("407"):
            text = f"{_peer(trace, 'the proxy')} refused the request ({reason}). {_PROXY_PASSWORD}"
            failed = RequestFailure("refused", sent=False, text=text)
        case _ if isinstance(error, httpx2.ConnectError | httpx2.ProxyError) or trace.is_connecting:
            text = f"could not connect to {_peer(trace, host)}: {reason}"
            failed = RequestFailure("connection", sent=False, text=text)
        case httpx2.ReadTimeout():
            seconds = f"{_timeout(request, client).read or 0:g} s"
            text = f"no response from {host} within {seconds} (read timeout)"
            failed = RequestFailure("timeout", sent=True, text=text)
        case httpx2.WriteTimeout():
            text = f"the request could not be sent to {host} within the timeout"
            failed = RequestFailure("timeout", sent=True, text=text)
        case httpx2.DecodingError():
            text = f"the response of {host} cannot be decoded: {reason}"
            failed = RequestFailure("connection", sent=True, text=text)
        case _:
            failed = RequestFailure("connection", sent=True, text=f"the connection to {host} broke: {reason}")
    return failed._replace(headers=trace.headers)


def too_large(request: ApiRequest, trace: Trace) -> RequestFailure:
    """Return the failure of a request whose response is larger than allowed."""
    text = f"the response of {_host_of(request)} is larger than {request.max_bytes} bytes"
    return RequestFailure("too_large", sent=True, text=text, headers=trace.headers)


def _first_error(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = cast("ExceptionGroup[Exception]", error).exceptions[0]
    return error


def _host_of(request: ApiRequest) -> str:
    return urlsplit(request.url).netloc if request.credentials else "the server"


_PROXY_PASSWORD = "To log in, put user:password@ before its host in the URL of the environment variable."


def _peer(trace: Trace, host: str) -> str:
    """Return the host, or the proxy to which the connection was made instead."""
    if trace.peer is None:
        return host
    name, port = trace.peer
    for variable, value in _proxies():
        if _same_place(value, name, port):
            return f"{host} through the proxy {name}:{port} ({variable})"
    return host


def _same_place(proxy: str, name: str, port: int) -> bool:
    try:
        url = httpx2.URL(proxy if "://" in proxy else f"http://{proxy}")
    except httpx2.InvalidURL:
        return False
    usual = {"http": 80, "https": 443}.get(url.scheme, 1080)
    return (url.host, url.port or usual) == (name, port)


def _proxies() -> Iterator[tuple[str, str]]:
    """Yield the variables of proxies that are set, and their values."""
    for variable in (each for upper in _PROXY_VARIABLES for each in (upper.lower(), upper)):
        if value := os.environ.get(variable, ""):
            yield variable, value


def _invalid_proxy() -> str | None:
    """Return what is wrong with the first variable that is not the URL of a proxy; empty if all are valid."""
    advice = "set it to http://host:port, or unset it"
    for variable, value in _proxies():
        url = value if "://" in value else f"http://{value}"
        scheme = url.partition("://")[0].lower()
        if scheme not in ("http", "https", "socks5", "socks5h"):
            return f"{variable} must not have the scheme {scheme!r}: {advice}"
        try:
            parts = httpx2.URL(url)
            host = parts.raw_host.decode()
            is_valid = (":" in host or has_valid_labels(host)) and 0 < (parts.port or 1) < 65536
            httpx2.Proxy(url)
        except (ValueError, httpx2.InvalidURL):
            is_valid = False
        if not is_valid or re.search(r"\s", url):
            return f"{variable} is not a valid URL of a proxy: {advice}"
    return None


def _proxy_problem(error: Exception) -> str:
    """Return why no pool can be made, with the variable that is to blame."""
    for variable, value in _proxies():
        if value.lower().startswith("socks5") and isinstance(error, ImportError):
            return (
                f"{variable} names a SOCKS proxy, which needs another package."
                f' To install it, run: pip install "httpx2[socks]", or unset {variable}'
            )
    return f"the HTTP library cannot be set up ({error}): check the variables of proxies, NO_PROXY included"


def _is_certificate_error(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _build_for_own_pool(
    client: Client | AsyncClient, request: ApiRequest, headers: Mapping[str, str], extensions: dict[str, Any]
) -> httpx2.Request:
    """Return the request that a pool of our own would build, in a fraction of the time: there are only cookies to merge."""
    url = _parsed(request.url)
    stream, length = _stream(request.body)
    return httpx2.Request(
        request.method,
        url,
        headers={"host": url.netloc.decode(), **headers, **length},
        cookies=client.cookies,
        stream=stream,
        extensions=extensions,
    )


def _stream(body: Any) -> tuple[Any, dict[str, str]]:
    """Return what is sent of a body, and the header about its length."""
    if body is not None and not isinstance(body, bytes):
        return _FileStream(body), _length(body)
    return httpx2.ByteStream(body or b""), {} if body is None else {"content-length": str(len(body))}


class _FileStream(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that is read from its files while it is sent.

    The HTTP library's own forms need open files, send them from their beginning, and read them within the event loop.
    """

    def __init__(self, body: StreamedBody) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = iter(self._body)
        while (chunk := await run_in_thread(partial(next, chunks, None))) is not None:
            yield chunk


def _length(body: StreamedBody) -> dict[str, str]:
    size = body.size
    return {"transfer-encoding": "chunked"} if size is None else {"content-length": str(size)}


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
    """Return the timeout of a request: its own, else the one of a caller's pool, else the default."""
    given: Any = request.timeout
    if given is OMIT:
        given = client.timeout if client.timeout != _UNCHANGED_TIMEOUT else _DEFAULT_TIMEOUT
        if request.max_seconds is None and request.total_seconds is None:
            unlimited: Timeout = given
            return unlimited
    if given is None or isinstance(given, int | float):
        connect = None if given is None else min(given, CONNECT_TIMEOUT)
        parts: dict[str, float | None] = {"connect": connect, "read": given, "write": given, "pool": given}
    else:
        # Also of another HTTP library that has the same attributes.
        parts = {name: getattr(given, name) for name in ("connect", "read", "write", "pool")}
    limits = [each for each in (request.max_seconds, request.total_seconds) if each is not None]
    for name, part in parts.items():
        known = limits if part is None else [part, *limits]
        parts[name] = min(_LONGEST_TIMEOUT, *known) if known else None
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
    """Return the trusted certificates, loaded once. Raises ConfigurationError."""
    try:
        return _ssl_context_of(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    except (OSError, ValueError) as error:
        problem = _certificate_problem(error)
    raise problem


def _certificate_problem(error: Exception) -> ConfigurationError:
    for variable in _CERTIFICATE_VARIABLES:
        if value := os.environ.get(variable):
            reason = getattr(error, "strerror", None) or error
            advice = "set it to a readable file or folder of PEM certificates, or unset it"
            return ConfigurationError(f"{variable} ({value}) cannot be loaded: {reason}; {advice}")
    return ConfigurationError(f"the certificates of the system cannot be loaded: {error}")


@cache
def _ssl_context_of(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """Return the HTTP library's context, which depends on these variables."""
    return httpx2.create_ssl_context()
