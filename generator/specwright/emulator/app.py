"""The emulator as one ASGI application: the API, the outputs of its jobs, and a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from specwright import __version__
from specwright.emulator import answers, pages
from specwright.emulator.contract import read_contract
from specwright.emulator.gateway import Gateway
from specwright.emulator.routes import Routes
from specwright.emulator.settings import Settings
from specwright.emulator.work import OUTPUTS, Work, origin_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from specwright.spec.bundle import Bundle


def create_app(bundle: Bundle, *, settings: Settings | None = None) -> Starlette:
    """The application that emulates a bundle's API. Its state (jobs, credits, drawn seeds) is its own.

    Raises:
        SpecwrightError: the specs have something that cannot be served, such as a pattern that cannot be read.
    """
    settings = settings or Settings()
    contract = read_contract(bundle)
    routes = Routes(bundle, contract)
    work = Work(bundle, contract, settings)

    async def index(request: Request) -> Response:
        return pages.index(contract, bundle.models, routes, origin_of(request))

    async def health(_: Request) -> Response:
        about = {
            "status": "ok",
            "api": bundle.api["id"],
            "models": len(bundle.models),
            "specwright": __version__,
        }
        return answers.json_answer(about)

    async def output(request: Request) -> Response:
        return await work.output(request.path_params["job"], request.path_params["file"])

    async def broken(_: Request, __: Exception) -> Response:
        return answers.documented_error(contract, 500)

    app = Starlette(
        routes=[
            Route("/", index),
            Route("/_emulator/health", health),
            Route(OUTPUTS + "/{job}/{file}", output),
        ],
        exception_handlers={Exception: broken},
    )
    # Not mounted: a mount does not match paths with a line break in them, which then got past the check of the key.
    app.router.default = Gateway(bundle, contract, settings, work, routes)
    app.router.redirect_slashes = False
    return app
