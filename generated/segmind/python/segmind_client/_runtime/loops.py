"""The running event loop, of asyncio or of trio."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["close_stream", "current_loop", "library_of", "run_in_thread"]

T = TypeVar("T")


def current_loop() -> object:
    """Return an object that identifies the running event loop."""
    if (trio := _running_trio()) is not None:
        token: object = trio.lowlevel.current_trio_token()
        return token
    import asyncio

    return asyncio.get_running_loop()


def library_of(loop: object) -> str:
    """Return the library of an event loop."""
    return "trio" if type(loop).__module__.partition(".")[0] == "trio" else "asyncio"


def close_stream(stream: Any, loop: Any) -> None:
    """Close a network stream of the HTTP library without awaiting it, also after the end of its event loop.

    The libraries have no public function for this. If a library renames the attributes used here, the garbage collector closes the socket.
    """
    inner: Any = getattr(stream, "_stream", None)
    inner = getattr(inner, "transport_stream", inner)  # below TLS
    with suppress(AttributeError):
        if library_of(loop) == "trio":
            inner.socket._sock.close()
        elif not loop.is_closed():
            loop.call_soon_threadsafe(inner._transport.abort)
        else:
            inner._transport._sock.close()
            inner._transport._sock = None


async def run_in_thread(work: Callable[[], T]) -> T:
    """Run a function while the event loop continues. Without anyio, which may not be imported yet."""
    if (trio := _running_trio()) is not None:
        result: T = await trio.to_thread.run_sync(work, abandon_on_cancel=True)
        return result
    import asyncio

    return await asyncio.to_thread(work)


def _running_trio() -> Any:
    # Another thread may be importing it: then it has no names yet.
    trio = sys.modules.get("trio")
    is_running = getattr(getattr(trio, "lowlevel", None), "in_trio_run", None)
    return trio if is_running is not None and is_running() else None
