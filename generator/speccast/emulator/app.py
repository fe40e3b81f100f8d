"""The emulator as one ASGI application: the API, the outputs of its jobs, its controls, and a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.routing import Route

from speccast.emulator import answers, pages
from speccast.emulator.control import PATH, control_routes
from speccast.emulator.emulation import Emulation
from speccast.emulator.gateway import Gateway
from speccast.emulator.hosts import HostCheck
from speccast.emulator.work import OUTPUTS, origin_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from speccast.emulator.settings import Settings
    from speccast.specs.bundle import Bundle


def create_app(bundle: Bundle, *, settings: Settings | None = None) -> ASGIApp:
    """The application that emulates a bundle's API. Its state (jobs, credits, drawn seeds) is its own.

    Raises:
        SpeccastError: the specs have something that cannot be served, such as a pattern that cannot be read.
    """
    return app_of(Emulation(bundle, settings))


def app_of(emulation: Emulation) -> ASGIApp:
    """The application for an emulation that somebody else holds as well."""
    contract = emulation.contract

    async def index(request: Request) -> Response:
        return pages.index(contract, emulation.bundle.models, emulation.routes, origin_of(request))

    async def output(request: Request) -> Response:
        return await emulation.work.output(request.path_params["job"], request.path_params["file"])

    async def broken(_: Request, __: Exception) -> Response:
        return answers.documented_error(contract, 500)

    async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
        # The gateway would ask for a key, which nobody needs here, and the journal would have it as a call of the API.
        text = f"there is no such control; GET {PATH}/ lists those that there are"
        await answers.json_answer({"error": text}, 404)(scope, receive, send)

    gateway = Gateway(emulation)
    own = Starlette(
        routes=[
            Route("/", index),
            *control_routes(emulation),
            Route(OUTPUTS + "/{job}/{file}", output),
        ]
    )
    own.router.default = nowhere
    own.router.redirect_slashes = False

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "/")
        # The API's paths do not wait while the router tries all of its own.
        is_own = path in ("/", PATH) or path.startswith(PATH + "/") or scope["type"] != "http"
        await (own if is_own else gateway)(scope, receive, send)

    hosts = frozenset(host.lower() for host in emulation.settings.hosts)
    return ServerErrorMiddleware(HostCheck(app, contract=contract, hosts=hosts), handler=broken)
