"""The emulator as one ASGI application: the API, the outputs of its jobs, its controls, and a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.routing import Route

from speccast.emulator import pages, responses
from speccast.emulator.control import PATH, control_routes
from speccast.emulator.gateway import Gateway
from speccast.emulator.hosts import HostCheck
from speccast.emulator.routes import OUTPUTS
from speccast.emulator.service import origin_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from speccast.emulator.state import EmulatorState


LOOPBACK_ORIGINS = r"https?://(localhost|([a-z0-9-]+\.)+localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?"
"""Security: origins of web pages that may call the API without `--allow-origin`: those that this machine serves."""

EXPOSED_HEADERS = ("retry-after", "accept-ranges", "content-range", "etag")
"""Headers that web pages may read, besides those of the API."""


def app_of(state: EmulatorState) -> ASGIApp:
    """Return an application that emulates the API of a state."""
    api = state.api

    async def index(request: Request) -> Response:
        return pages.index(api, state.routes, origin_of(request, state.settings))

    async def internal_error(_: Request, __: Exception) -> Response:
        return responses.status_error(api, 500)

    async def unknown_control(scope: Scope, receive: Receive, send: Send) -> None:
        # Without the gateway: controls need no key, and the journal does not record them.
        text = f"unknown control; GET {PATH}/ lists all controls"
        await responses.json_response({"error": text}, 404)(scope, receive, send)

    gateway = Gateway(state)
    for_pages = CORSMiddleware(
        gateway,
        allow_origins=state.settings.origins,
        allow_origin_regex=LOOPBACK_ORIGINS,
        allow_methods=("GET", "HEAD", "POST", "PUT", "DELETE"),
        allow_headers=("*",),
        allow_private_network=True,
        expose_headers=(*(header.name for header in api.headers), *EXPOSED_HEADERS),
    )
    controls = Starlette(routes=[Route("/", index), *control_routes(state)])
    controls.router.default = unknown_control
    controls.router.redirect_slashes = False

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if _is_control(scope):
            await controls(scope, receive, send)
        elif any(name == b"origin" for name, _ in scope["headers"]):
            await for_pages(scope, receive, send)
        else:
            await gateway(scope, receive, send)

    hosts = frozenset(host.lower() for host in state.settings.all_hosts)
    return ServerErrorMiddleware(HostCheck(app, api=api, hosts=hosts), handler=internal_error)


def _is_control(scope: Scope) -> bool:
    """Security: return whether a request is for the emulator itself, where web pages of other origins have no access."""
    path = scope.get("path", "/")
    if path.startswith(OUTPUTS + "/") and scope["type"] == "http":
        return False
    return path in ("/", PATH) or path.startswith(PATH + "/") or scope["type"] != "http"
