"""What an operation asks of its driver, and what it gets back: the border between decisions and I/O.

An operation is a `Program`, a generator that yields steps and returns its result:

    outcome = yield from send(request)          # an Answer or a Failure; neither raises
    yield Sleep(seconds)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from .._core.auth import Auth
    from .._core.omit import Omit
    from .options import TimeoutLike
    from .secret import Secret

__all__ = [
    "Answer",
    "Credentials",
    "Failure",
    "Outcome",
    "Program",
    "Request",
    "Send",
    "Sink",
    "Sleep",
    "Step",
    "Stream",
    "finish",
    "send",
    "stream",
]

T = TypeVar("T")


class Credentials(NamedTuple):
    """The key, how requests are authenticated with it, and the only origin that it may be sent to."""

    origin: str
    auth: Auth | None = None
    key: Secret | None = None
    now: Callable[[], float] = time.time
    """Seconds since the epoch, for schemes that sign the time."""


class Request(NamedTuple):
    """A request as it is sent, but for the key, which the driver adds."""

    method: Literal["GET", "POST"]
    url: str
    headers: Mapping[str, str]
    """Names in lower case."""
    timeout: TimeoutLike | Omit
    body: bytes | None = None
    credentials: Credentials | None = None
    """None for what is no request to the API: nothing that belongs to the caller goes along."""
    patience: float | None = None
    """Seconds that no part of the time-out may exceed."""

    def __repr__(self) -> str:
        return f"Request({self.method!r}, {self.url!r})"


class Answer(NamedTuple):
    """What a server answered, whatever the status."""

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
        """The media type in lower case, without parameters; empty where the server names none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def __repr__(self) -> str:
        return f"Answer({self.status}, {self.content_type!r}, {len(self.content)} bytes)"


class Failure(NamedTuple):
    """Why there is no answer."""

    kind: Literal["connection", "timeout", "request"]
    """`request`: it could not even be put into words, and trying again is of no use."""
    sent: bool
    """Whether the server may have got the request."""
    text: str


Outcome: TypeAlias = Answer | Failure


class Sink(Protocol):
    """Where the body of an answer streams to."""

    def begin(self, headers: Mapping[str, str]) -> None:
        """Called once a body is about to come, anew for each attempt."""

    def write(self, chunk: bytes) -> None:
        """Called with each piece of the body."""


class Send(NamedTuple):
    """Send the request and read the whole answer."""

    request: Request


class Stream(NamedTuple):
    """Send the request; the body of a 200 goes to the sink, and the answer is without it."""

    request: Request
    sink: Sink


class Sleep(NamedTuple):
    """Do nothing for a time."""

    seconds: float


Step: TypeAlias = Send | Stream | Sleep
Program: TypeAlias = Generator[Step, "Outcome | None", T]


def send(request: Request) -> Program[Outcome]:
    """One attempt."""
    return _outcome((yield Send(request)))


def stream(request: Request, sink: Sink) -> Program[Outcome]:
    """One attempt, streamed."""
    return _outcome((yield Stream(request, sink)))


def finish(program: Program[T]) -> T:
    """The result of an operation that asks for nothing."""
    try:
        next(program)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        program.close()
    raise RuntimeError("the operation needs a driver")


def _outcome(reply: Outcome | None) -> Outcome:
    if reply is None:
        raise RuntimeError("the driver answered a request with nothing")
    return reply
