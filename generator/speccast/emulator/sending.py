"""Sends responses otherwise than a server should: not at all, or a half."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.emulator.connections import connection_of

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send


async def reset(scope: Scope, receive: Receive) -> None:
    """Reset a request's connection instead of sending a response."""
    connection_of(scope).reset()
    await _wait_for_disconnect(receive)


async def send_half(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send half of a response, with the length of the whole, and close the connection."""
    await send(
        {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
    )
    half = bytes(response.body)[: len(response.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    connection_of(scope).close()
    await _wait_for_disconnect(receive)


async def _wait_for_disconnect(receive: Receive) -> None:
    """The server would log an incomplete response if the application ended before the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
