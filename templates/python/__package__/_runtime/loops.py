"""The running event loop, of asyncio or of trio."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["current_loop", "run_in_thread"]

T = TypeVar("T")


def current_loop() -> object:
    """An object that identifies the running event loop."""
    if (trio := _running_trio()) is not None:
        token: object = trio.lowlevel.current_trio_token()
        return token
    import asyncio

    return asyncio.get_running_loop()


async def run_in_thread(work: Callable[[], T]) -> T:
    """Run a function while the event loop continues. anyio can do this too, but may be what has to be loaded."""
    if (trio := _running_trio()) is not None:
        result: T = await trio.to_thread.run_sync(work)
        return result
    import asyncio

    return await asyncio.to_thread(work)


def _running_trio() -> Any:
    trio = sys.modules.get("trio")
    return trio if trio is not None and trio.lowlevel.in_trio_run() else None
