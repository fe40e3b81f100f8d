"""What tests do with an emulator over HTTP, under `/_emulator/`: no key is needed, and no web page gets there.

Bodies are JSON. An error is `{"error": TEXT}`, whatever the API's own errors look like.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from speccast import __version__
from speccast.emulator import answers
from speccast.emulator.faults import Fault, FaultError, parse_fault, parse_faults
from speccast.emulator.work import origin_of
from speccast.specs.build import build_bundle
from speccast.targets.openapi import openapi_document

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from speccast.emulator.emulation import Emulation

PATH = "/_emulator"

MAX_BODY = 1024 * 1024
"""Bytes of a request to arm faults or move the clock."""

INDEX = {
    "GET /_emulator/health": "whether it serves, and what",
    "GET /_emulator/openapi.json": "the API as an OpenAPI document, with this emulator as its server",
    "POST /_emulator/reset": "back to the start: jobs, credits, seeds, rates, faults, journal, clock",
    "GET /_emulator/faults": "the faults that are armed, with what is left of them",
    "POST /_emulator/faults": "arms faults: a JSON list of texts, or a text with one on each line",
    "DELETE /_emulator/faults": "disarms all of them",
    "GET /_emulator/clock": "the emulator's time, in seconds since the epoch",
    "POST /_emulator/clock": 'moves it: {"advance": 3600}',
    "GET /_emulator/journal": "the latest requests in order; ?model=SLUG and ?status=NNN choose from them",
    "DELETE /_emulator/journal": "forgets them",
}


class AskedWrongError(ValueError):
    """A request to control the emulator cannot be understood. The message says what would be right."""


def control_routes(emulation: Emulation) -> list[Route]:
    """The routes under `/_emulator/`, outputs of jobs aside."""

    async def index(_: Request) -> object:
        return INDEX

    async def health(_: Request) -> object:
        bundle = emulation.bundle
        return {
            "status": "ok",
            "api": bundle.api["id"],
            "models": len(bundle.models),
            "speccast": __version__,
        }

    async def openapi(request: Request) -> object:
        return await run_in_threadpool(
            lambda: openapi_document(build_bundle(emulation.bundle), server=origin_of(request))
        )

    async def reset(_: Request) -> object:
        emulation.reset()
        return {"status": "ok"}

    async def body(request: Request) -> bytes:
        return await _body(request, emulation.settings.max_seconds)

    def armed() -> object:
        return {"faults": [armed.as_json() for armed in emulation.faults.armed()]}

    async def list_faults(_: Request) -> object:
        return armed()

    async def arm(request: Request) -> object:
        try:
            emulation.faults.arm(_faults(request, await body(request)))
        except FaultError as error:
            raise AskedWrongError(str(error)) from error
        return armed()

    async def disarm(_: Request) -> object:
        emulation.faults.clear()
        return armed()

    async def tell_time(_: Request) -> object:
        return {"now": emulation.settings.clock.now()}

    async def advance(request: Request) -> object:
        wanted = _json(await body(request))
        seconds = wanted.get("advance") if isinstance(wanted, dict) and len(wanted) == 1 else None
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise AskedWrongError('the clock takes {"advance": SECONDS}')
        try:
            emulation.settings.clock.move(seconds)
        except ValueError as error:
            raise AskedWrongError(str(error)) from error
        return {"now": emulation.settings.clock.now()}

    async def journal(request: Request) -> object:
        return {"requests": [entry.as_json() for entry in emulation.journal.entries(**_filters(request))]}

    async def forget(_: Request) -> object:
        emulation.journal.clear()
        return {"requests": []}

    return [
        _route("/", GET=index),
        _route("/health", GET=health),
        _route("/openapi.json", GET=openapi),
        _route("/reset", POST=reset),
        _route("/faults", GET=list_faults, POST=arm, DELETE=disarm),
        _route("/clock", GET=tell_time, POST=advance),
        _route("/journal", GET=journal, DELETE=forget),
    ]


def _route(path: str, **actions: Callable[[Request], Awaitable[object]]) -> Route:
    """A route that does what each method stands for, for everyone but the pages of others."""
    actions = {**actions, **({"HEAD": actions["GET"]} if "GET" in actions else {})}

    async def endpoint(request: Request) -> Response:
        action = actions.get(request.method)
        if action is None:
            allowed = ", ".join(actions)
            text = f"{request.method} is not for this address; it takes {allowed}"
            return answers.json_answer({"error": text}, 405, {"allow": allowed})
        if not _is_own(request):
            return answers.json_answer({"error": "web pages of others have no say here"}, 403)
        try:
            return answers.json_answer(await action(request))
        except AskedWrongError as error:
            return answers.json_answer({"error": str(error)}, 400)
        except ClientDisconnect:
            # Nobody reads this.
            return answers.json_answer({"error": "the body has no end"}, 400)

    # A function would only be asked for GET; the answer to other methods would not be JSON.
    return Route(PATH + path, endpoint, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])


def _is_own(request: Request) -> bool:
    """Whether a request is from no web page, or from one of the emulator's own. This decides about access.

    A browser lets any page send a form or a text to any address, and says then where the page is from. An origin is
    nothing but a scheme and a host; what is more than that, or `null`, is not ours.
    """
    origin, host = request.headers.get("origin"), request.headers.get("host")
    return origin is None or origin in (f"http://{host}", f"https://{host}")


async def _body(request: Request, max_seconds: float) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(max_seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY:
                    raise AskedWrongError(f"the body is larger than {MAX_BODY} bytes")
    except TimeoutError as error:
        raise AskedWrongError(f"the body did not come within {max_seconds:g} seconds") from error
    return bytes(body)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AskedWrongError(f"the body is not JSON: {error}") from error


def _faults(request: Request, body: bytes) -> tuple[Fault, ...]:
    """The faults in a body: a JSON list of texts or, from what begins otherwise, a text."""
    if "json" in request.headers.get("content-type", "") or body.lstrip()[:1] == b"[":
        texts = _json(body)
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise AskedWrongError('faults are a JSON list of texts: ["status=503;times=2", "latency=0.5"]')
        faults = tuple(parse_fault(text) for text in texts)
    else:
        try:
            faults = parse_faults(body.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise AskedWrongError("the body is not UTF-8") from error
    if not faults:
        raise AskedWrongError("there is no fault in the body; DELETE disarms those that are armed")
    return faults


def _filters(request: Request) -> Mapping[str, Any]:
    filters: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name not in ("model", "status") or name in filters:
            raise AskedWrongError(f"the journal is asked for one model and one status, not for {name!r}")
        if name == "status" and not re.fullmatch("[0-9]{3}", value):
            raise AskedWrongError(f"a status is a number of three digits, not {value[:20]!r}")
        filters[name] = int(value) if name == "status" else value
    return filters
