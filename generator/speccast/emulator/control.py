"""The controls of an emulator for tests, under `/_emulator/`: no key is needed, and web pages have no access.

Bodies are JSON. An error is `{"error": TEXT}`, independent of the API's own errors.
"""

from __future__ import annotations

import asyncio
import json
import re
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, TypeAlias

from starlette.requests import ClientDisconnect
from starlette.routing import Route

from speccast import __version__
from speccast.emulator import responses
from speccast.emulator.clock import ClockError
from speccast.emulator.failures import FaultError
from speccast.emulator.faults import Fault, parse_fault, parse_faults
from speccast.emulator.scripted_answers import ScriptError
from speccast.emulator.service import origin_of
from speccast.targets.openapi import openapi_document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from speccast.emulator.state import EmulatorState

    _Action: TypeAlias = Callable[[Request, bytes], object]

PATH = "/_emulator"

MAX_BODY = 1024 * 1024
"""Bytes of a request to arm faults or move the clock."""

INDEX = {
    "GET /_emulator/health": "status, API and number of models",
    "GET /_emulator/openapi.json": "the API as an OpenAPI document, with this emulator as its server",
    "POST /_emulator/reset": "restore the initial state: jobs, credits, seeds, rate, faults, answers, journal, clock",
    "GET /_emulator/faults": "list the armed faults",
    "POST /_emulator/faults": "arm faults: a JSON list of texts, or a text with one on each line",
    "DELETE /_emulator/faults": "disarm all faults",
    "GET /_emulator/answers": "list the scripted answers",
    "POST /_emulator/answers": 'script answers: {"model": SLUG, "surface": "sync", "body": {...}}, or a list of them',
    "DELETE /_emulator/answers": "remove all scripted answers",
    "GET /_emulator/clock": "the time of the emulator's clock, in seconds since the epoch",
    "POST /_emulator/clock": 'advance the clock: {"advance": 3600}',
    "GET /_emulator/journal": "the latest requests in order; filters: ?model=SLUG, ?status=NNN",
    "DELETE /_emulator/journal": "clear the journal",
}


class ControlError(ValueError):
    """The request to a control is invalid. The message says what would be valid."""


def control_routes(state: EmulatorState) -> list[Route]:
    """Return the routes under `/_emulator/` except the outputs of jobs. An action gets the request and its body."""
    clock = state.settings.clock

    def health(*_: object) -> object:
        return {"status": "ok", "api": state.api.id, "models": len(state.models), "speccast": __version__}

    async def openapi(request: Request, _: bytes) -> object:
        server = origin_of(request, state.settings)
        return await asyncio.to_thread(openapi_document, state.api, server=server)

    def reset(*_: object) -> object:
        state.reset()
        return {"status": "ok"}

    def faults(*_: object) -> object:
        return {"faults": [armed.as_json() for armed in state.faults.list_armed()]}

    def arm(request: Request, body: bytes) -> object:
        state.faults.arm(_faults(request, body))
        return faults()

    def disarm(*_: object) -> object:
        state.faults.clear()
        return faults()

    def answers(*_: object) -> object:
        return {"answers": [armed.as_json() for armed in state.answers.list_armed()]}

    def script(_: Request, body: bytes) -> object:
        values = _json(body)
        state.answers.add(values if isinstance(values, list) else [values])
        return answers()

    def remove_answers(*_: object) -> object:
        state.answers.clear()
        return answers()

    def now(*_: object) -> object:
        return {"now": clock.now()}

    def advance(_: Request, body: bytes) -> object:
        value = _json(body)
        seconds = value.get("advance") if isinstance(value, dict) and len(value) == 1 else None
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise ControlError('the body must be {"advance": SECONDS}')
        clock.advance(seconds)
        return now()

    def journal(request: Request, _: bytes) -> object:
        return {"requests": [entry.as_json() for entry in state.journal.entries(**_filters(request))]}

    def clear_journal(*_: object) -> object:
        state.journal.clear()
        return {"requests": []}

    def route(path: str, longest: int = MAX_BODY, **actions: _Action) -> Route:
        return _route(path, actions, state.settings.max_seconds, longest)

    return [
        route("/", GET=lambda *_: INDEX),
        route("/health", GET=health),
        route("/openapi.json", GET=openapi),
        route("/reset", POST=reset),
        route("/faults", GET=faults, POST=arm, DELETE=disarm),
        route("/answers", state.settings.max_body, GET=answers, POST=script, DELETE=remove_answers),
        route("/clock", GET=now, POST=advance),
        route("/journal", GET=journal, DELETE=clear_journal),
    ]


def _route(path: str, actions: dict[str, _Action], max_seconds: float, longest: int) -> Route:
    """Return a route with an action for each method. Security: cross-origin requests are refused."""
    actions = {**actions, **({"HEAD": actions["GET"]} if "GET" in actions else {})}

    async def endpoint(request: Request) -> Response:
        action = actions.get(request.method)
        if action is None:
            allowed = ", ".join(actions)
            text = f"{request.method} is not allowed; allowed: {allowed}"
            return responses.json_response({"error": text}, 405, {"allow": allowed})
        if _is_cross_origin(request):
            return responses.json_response({"error": "cross-origin requests are not allowed"}, 403)
        try:
            body = await _body(request, max_seconds, longest) if request.method == "POST" else b""
            result = action(request, body)
            return responses.json_response(await result if isawaitable(result) else result)
        except (ControlError, FaultError, ScriptError, ClockError) as error:
            return responses.json_response({"error": str(error)}, 400)
        except ClientDisconnect:
            # The client has disconnected and does not read this.
            return responses.json_response({"error": "the body is incomplete"}, 400)

    # All methods, so that the response to an unsupported one is JSON as well.
    return Route(PATH + path, endpoint, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])


def _is_cross_origin(request: Request) -> bool:
    """Security: return whether a request is from a web page of another origin.

    Browsers let any page send a form or text to any address, and then send the page's origin. An origin is a scheme and
    a host; anything else, such as `null`, is another origin.
    """
    origin, host = request.headers.get("origin"), request.headers.get("host")
    return origin is not None and origin not in (f"http://{host}", f"https://{host}")


async def _body(request: Request, max_seconds: float, longest: int) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(max_seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > longest:
                    raise ControlError(f"the body is larger than {longest} bytes")
    except TimeoutError as error:
        raise ControlError(f"the body did not arrive within {max_seconds:g} seconds") from error
    return bytes(body)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ControlError(f"the body is not JSON: {error}") from error


def _faults(request: Request, body: bytes) -> tuple[Fault, ...]:
    """Return the faults in a body: a JSON list of texts, or a text with a fault on each line."""
    if "json" in request.headers.get("content-type", "") or body.lstrip()[:1] == b"[":
        texts = _json(body)
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise ControlError('the body must be a JSON list of texts: ["status=503;times=2", "latency=0.5"]')
        faults = tuple(parse_fault(text) for text in texts)
    else:
        try:
            faults = parse_faults(body.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise ControlError("the body is not UTF-8") from error
    if not faults:
        raise ControlError("the body contains no fault; use DELETE to disarm faults")
    return faults


def _filters(request: Request) -> Mapping[str, Any]:
    filters: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name not in ("model", "status") or name in filters:
            raise ControlError(f"invalid filter {name!r}: the journal takes one model and one status")
        if name == "status" and not re.fullmatch("[0-9]{3}", value):
            raise ControlError(f"invalid status {value[:20]!r}: it must have three digits")
        filters[name] = int(value) if name == "status" else value
    return filters
