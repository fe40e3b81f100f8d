"""A server that responds to every request with the same picture at once, so that the client dominates the cost of a call.

It runs in a separate process, prints its address when it is ready, and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import uvicorn

PICTURE = b"\xff\xd8\xff\xe0" + (bytes(range(256)) * 400)[4:]
"""100 KB that begin as a JPEG does."""
HEADERS = [(b"content-type", b"image/jpeg"), (b"content-length", str(len(PICTURE)).encode())]


async def respond(_scope: Any, receive: Any, send: Any) -> None:
    """Read the whole request, as any server must, then respond."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": PICTURE})


async def serve() -> None:
    """Serve on a free port of loopback."""
    server = uvicorn.Server(
        # On a busy machine, the clients take turns so slowly that idle connections would be closed.
        uvicorn.Config(
            respond, port=0, log_level="critical", access_log=False, lifespan="off", timeout_keep_alive=600
        )
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(serve())
