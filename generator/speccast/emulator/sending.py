"""Sends responses, damaged where a fault says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from speccast.emulator.connections import connection_of

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from speccast.emulator.faults import Fault


async def send_response(
    response: Response, failure: Fault | None, scope: Scope, receive: Receive, send: Send
) -> None:
    """Send a response, damaged by the failure if there is one."""
    match failure.kind if failure is not None else None:
        case "malformed-json":
            response.body = _half_of_json(bytes(response.body))
            response.headers["content-type"] = "application/json"
            response.headers["content-length"] = str(len(response.body))
            await Response.__call__(response, scope, receive, send)  # in one piece
        case "truncate":
            await send(
                {
                    "type": "http.response.start",
                    "status": response.status_code,
                    "headers": response.raw_headers,
                }
            )
            half = bytes(response.body)[: len(response.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            connection_of(scope).close()
            await _wait_for_disconnect(receive)
        case "reset":
            await reset(scope, receive)
        case _:
            await response(scope, receive, send)


async def reset(scope: Scope, receive: Receive) -> None:
    """Reset a request's connection instead of sending a response."""
    connection_of(scope).reset()
    await _wait_for_disconnect(receive)


async def _wait_for_disconnect(receive: Receive) -> None:
    """The server would log an incomplete response if the application ended before the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _half_of_json(body: bytes) -> bytes:
    """Half of a JSON body; of another body, the beginning of an object. Neither is valid JSON."""
    return body[: max(len(body) // 2, 1)] if body[:1] in (b"{", b"[", b'"') else b'{"'
