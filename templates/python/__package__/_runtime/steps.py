"""What an operation requests from its driver and gets back: the boundary between decisions and I/O.

An operation is a `Program`, a generator that yields steps and returns its result:

    outcome = yield from send(request)          # a Response or a RequestFailure; neither raises
    yield Sleep(seconds)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from .._core.auth import Auth
    from .._core.encoding import Body
    from .._core.omit import Omit
    from .options import TimeoutLike
    from .secret import Secret

__all__ = [
    "ApiRequest",
    "Block",
    "Close",
    "Credentials",
    "Open",
    "OpenBody",
    "Opened",
    "Outcome",
    "Program",
    "Read",
    "Reply",
    "Report",
    "RequestFailure",
    "Response",
    "Returned",
    "Send",
    "Sleep",
    "Step",
    "block",
    "finish",
    "open_response",
    "read",
    "send",
]

T = TypeVar("T")


class Credentials(NamedTuple):
    """The key, how requests are authenticated with it, and the only origins that it may be sent to."""

    origin: str
    auth: Auth | None = None
    key: Secret | None = None
    now: Callable[[], float] = time.time
    """Seconds since the epoch, for schemes that sign the time."""
    other_origins: tuple[str, ...] = ()
    """Origins of surfaces that the API has on other hosts."""


class ApiRequest(NamedTuple):
    """A request without its credentials, which the driver adds."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    url: str
    headers: Mapping[str, str]
    """Names in lower case."""
    timeout: TimeoutLike | Omit
    body: Body | None = None
    credentials: Credentials | None = None
    """None for a request that is not to the API: nothing that belongs to the caller is sent."""
    max_seconds: float | None = None
    """Upper limit of every part of the timeout, in seconds."""
    total_seconds: float | None = None
    """Seconds that the whole request may take, from the connection to the end of the body."""
    total_limit: float | None = None
    """The limit that the caller set for the operation, of which these seconds are left."""
    max_bytes: int | None = None
    """Upper limit of the decoded body, unless it is streamed."""

    def __repr__(self) -> str:
        return f"ApiRequest({self.method!r}, {self.url!r})"


class Response(NamedTuple):
    """A response of a server, with any status."""

    status: int
    reason: str
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is from 200 to 299."""
        return 200 <= self.status < 300

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty if the server sends none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def __repr__(self) -> str:
        return f"Response({self.status}, {self.content_type!r}, {len(self.content)} bytes)"


class RequestFailure(NamedTuple):
    """Why the request got no response."""

    kind: Literal["connection", "timeout", "refused", "request", "too_large"]
    """Repeating the request is useless after `refused` (by a proxy, or because of a certificate), `request` (it cannot be
    sent at all) and `too_large` (the response)."""
    sent: bool
    """Whether the server may have received the request."""
    text: str
    headers: Mapping[str, str] = MappingProxyType({})
    """The headers of a response whose body is missing or incomplete; names in lower case."""

    @property
    def may_be_temporary(self) -> bool:
        """Whether the same request may succeed later."""
        return self.kind in ("connection", "timeout")


Outcome: TypeAlias = Response | RequestFailure


class Send(NamedTuple):
    """Send the request and read the whole response."""

    request: ApiRequest


class Open(NamedTuple):
    """Send the request, and leave the body of a success to be read in pieces.

    The driver closes it if the operation fails; else the operation reads it to its end, closes it, or passes it on.
    """

    request: ApiRequest


class Read(NamedTuple):
    """Read the next piece of a body; at its end, an empty one."""

    body: OpenBody


class Close(NamedTuple):
    """Close a body that is not read to its end."""

    body: OpenBody


class OpenBody(Protocol):
    """A body that the driver reads."""


class Opened(NamedTuple):
    """A response with a status of success whose body is not read."""

    response: Response
    body: OpenBody


class Sleep(NamedTuple):
    """Wait."""

    seconds: float


class Report(NamedTuple):
    """Show the caller the JSON of a job's status."""

    status: dict[str, Any]


class Block(NamedTuple):
    """Call a function that blocks, in asynchronous code in a thread. It must not raise."""

    function: Callable[[], object]


class Returned(NamedTuple):
    """The value that a function returned."""

    value: Any


Step: TypeAlias = Send | Open | Read | Close | Sleep | Block | Report
Reply: TypeAlias = Response | RequestFailure | Opened | Returned | bytes | None
Program: TypeAlias = Generator[Step, Reply, T]


def send(request: ApiRequest) -> Program[Outcome]:
    """Send a request once."""
    return _outcome((yield Send(request)))


def open_response(request: ApiRequest) -> Program[Opened | Outcome]:
    """Send a request once, and leave the body of a success to be read."""
    reply = yield Open(request)
    return reply if isinstance(reply, Opened) else _outcome(reply)


def read(body: OpenBody) -> Program[bytes | RequestFailure]:
    """Return the next piece of a body, empty at its end, or why it cannot be read."""
    reply = yield Read(body)
    if isinstance(reply, bytes | RequestFailure):
        return reply
    raise RuntimeError("the driver returned nothing for a body")


def block(function: Callable[[], T]) -> Program[T]:
    """Call a function that blocks, and return what it returns."""
    reply = yield Block(function)
    if not isinstance(reply, Returned):
        raise RuntimeError("the driver returned nothing for a function")
    value: T = reply.value
    return value


def finish(program: Program[T]) -> T:
    """Return the result of an operation that yields no steps."""
    try:
        next(program)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        program.close()
    raise RuntimeError("the operation needs a driver")


def _outcome(reply: Reply) -> Outcome:
    if isinstance(reply, Response | RequestFailure):
        return reply
    raise RuntimeError("the driver returned no outcome for a request")
