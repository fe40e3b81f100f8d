"""How an answer is sent, and the faults that damage it on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.emulator.connections import connection_of

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from speccast.emulator.faults import Fault


async def deliver(
    answer: Response, failure: Fault | None, scope: Scope, receive: Receive, send: Send
) -> None:
    """Sends an answer, damaged where a failure says so."""
    match failure.kind if failure is not None else None:
        case "malformed-json":
            answer.body = _half_of_json(bytes(answer.body))
            answer.headers["content-type"] = "application/json"
            answer.headers["content-length"] = str(len(answer.body))
            await answer(scope, receive, send)
        case "truncate":
            await send(
                {"type": "http.response.start", "status": answer.status_code, "headers": answer.raw_headers}
            )
            half = bytes(answer.body)[: len(answer.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            connection_of(scope).close()
            await _end(receive)
        case "reset":
            await reset(scope, receive)
        case _:
            await answer(scope, receive, send)


async def reset(scope: Scope, receive: Receive) -> None:
    """Resets a request's connection instead of an answer."""
    connection_of(scope).reset()
    await _end(receive)


async def _end(receive: Receive) -> None:
    """Waits for the connection to be gone; the server would complain about an answer that is not whole before that."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _half_of_json(body: bytes) -> bytes:
    """What is no JSON, and is from an answer if that has something to take it from."""
    return body[: max(len(body) // 2, 1)] if body[:1] in (b"{", b"[", b'"') else b'{"'
