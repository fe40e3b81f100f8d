"""Follow a request through the HTTP library: the host that it connects to, and the time that it may take in total.

The HTTP library limits each read and each write. A server that sends a byte now and then satisfies every such limit, so a
limit of the whole request needs more: a cancel scope in asynchronous code, and in blocking code network streams that know
until when the current thread may wait.
"""

from __future__ import annotations

import math
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, MutableSet

__all__ = ["Trace"]

_PIECE = 16 * 1024
"""Bytes that are written at once, so that a server that reads slowly is noticed."""
_CONNECTING = (
    "connect_tcp.started",
    "connect_tcp.complete",
    "start_tls.started",
    "start_tls.complete",
)
_SOONEST = 0.001
"""Seconds. A timeout of 0 would mean a socket that does not block."""


class _Current(threading.local):
    ends_at: float = math.inf


_CURRENT = _Current()


class Trace:
    """One attempt of a request, as the HTTP library reports it (its extension `trace`)."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        """Seconds that the attempt may take in total."""
        self.streams: MutableSet[Any] = set()
        """Receives the network streams of new asynchronous connections."""
        self.peer: tuple[str, int] | None = None
        """Host and port of the last connection that was made or tried: a server, or a proxy."""
        self.is_connecting = False
        """Whether that connection is not made yet, so that nothing was sent."""
        self.headers: Mapping[str, str] = {}
        """Headers of the response, as soon as they have arrived."""
        self._ends_at = math.inf if seconds is None else time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds that are left of the attempt's time; negative afterwards."""
        return self._ends_at - time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether the time of the attempt has passed."""
        return self.remaining <= _SOONEST

    @contextmanager
    def limits_this_thread(self) -> Generator[None]:
        """Limit all reads and writes of blocking connections in this thread. They raise TimeoutError."""
        before = _CURRENT.ends_at
        _CURRENT.ends_at = self._ends_at
        try:
            yield
        finally:
            _CURRENT.ends_at = before

    def record(self, event: str, info: dict[str, Any]) -> None:
        """The callback of blocking clients. What it changes in `info` becomes an argument of what was started."""
        if event.endswith(_CONNECTING):
            self._note(event, info)
            if event.endswith(".started"):
                info["timeout"] = _shorten(info["timeout"])
            elif event.endswith(".complete"):
                _limit(info["return_value"])
                # After the end of the attempt nothing more is written.
                self.is_connecting = self.remaining <= 0
        else:
            _stop_reports(event, info)

    async def record_async(self, event: str, info: Mapping[str, Any]) -> None:
        """The callback of asynchronous clients."""
        if event.endswith(_CONNECTING):
            self._note(event, info)
            if event.endswith(".complete"):
                self.streams.add(info["return_value"])
        else:
            _stop_reports(event, info)

    def _note(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("connect_tcp.started"):
            self.peer = info["host"], info["port"]
        self.is_connecting = event.endswith(".started")


def _stop_reports(event: str, info: Mapping[str, Any]) -> None:
    """Save the time of further reports once the connection is made. A request to a proxy has separate extensions."""
    if event.endswith("send_request_headers.started"):
        info["request"].extensions.pop("trace", None)


if TYPE_CHECKING:

    class _NetworkStream:
        def read(self, max_bytes: int, timeout: float | None = None) -> bytes: ...

        def write(self, buffer: bytes, timeout: float | None = None) -> None: ...
else:
    _NetworkStream = object


class _Limited(_NetworkStream):
    """Mixed into the HTTP library's class of blocking network streams."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return super().read(max_bytes, timeout=_shorten(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            super().write(buffer[start : start + _PIECE], timeout=_shorten(timeout))


def _shorten(timeout: float | None) -> float | None:
    """Return a timeout that ends with the current attempt. Raises TimeoutError after the end."""
    if _CURRENT.ends_at == math.inf:
        return timeout
    remaining = _CURRENT.ends_at - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    return max(_SOONEST, remaining if timeout is None else min(timeout, remaining))


def _limit(stream: object) -> None:
    """Make a stream keep to the current attempt's time. Its class changes, because a closure would be a reference cycle."""
    if stream is None or isinstance(stream, _Limited):
        return
    kind = type(stream)
    if kind not in _LIMITED:
        _LIMITED[kind] = type(kind.__name__, (_Limited, kind), {})
    object.__setattr__(stream, "__class__", _LIMITED[kind])


_LIMITED: dict[type, type] = {}
