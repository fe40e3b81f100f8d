"""One request's way through the emulator, in the order in which real gateways judge.

1. a fault that cannot be read (400), which no real gateway knows
2. the key (401)
3. the path, and whether the model has the surface (404)
4. the method (405, a page in HTML)
5. the content type (406)
6. a fault that asks for a status
7. the size (413), the body and all parameters (400)
8. the work
"""

from __future__ import annotations

import asyncio
import re
import uuid
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from specwright.emulator import answers
from specwright.emulator.auth import refusal
from specwright.emulator.body import BodyError, parse_object
from specwright.emulator.faults import HEADER, Fault, FaultError, parse_fault
from specwright.emulator.pages import method_not_allowed
from specwright.emulator.routes import Endpoint, Routes
from specwright.emulator.validation import Validation, Violation

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from specwright.emulator.contract import Contract
    from specwright.emulator.settings import Settings
    from specwright.emulator.work import Work
    from specwright.spec.bundle import Bundle

LARGE = 64 * 1024
"""Bytes of a body whose check is worth a thread, so that other requests do not wait for it."""


class RefusedError(Exception):
    """A request does not get any further; `answer` says why."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


class Gateway:
    """The API itself, as an ASGI application: judges requests and passes those that are good on to `Work`."""

    def __init__(
        self, bundle: Bundle, contract: Contract, settings: Settings, work: Work, routes: Routes
    ) -> None:
        self._contract = contract
        self._settings = settings
        self._work = work
        self._routes = routes
        self._validations = {slug: Validation(model) for slug, model in bundle.models.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except RefusedError as refused:
            answer = refused.answer
        except ClientDisconnect:
            return
        except asyncio.CancelledError:
            # The server ends and does not wait any longer; nothing comes after this that a cancellation should stop.
            answer = answers.documented_error(self._contract, 503)
        for name, value in answers.described_headers(
            self._contract, {"request_id": uuid.uuid4().hex}
        ).items():
            answer.headers.setdefault(name, value)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        fault = self._fault(request)
        self._check_key(request)
        endpoint = self._endpoint(request)
        if endpoint.method == "POST" and not _is_json(request.headers.get("content-type", "")):
            raise RefusedError(answers.problem(self._contract, "content_type"))
        if fault is not None and fault.kind == "status":
            raise RefusedError(self._faulty(fault))
        match endpoint:
            case Endpoint("sync", slug=str(slug)):
                return await self._work.generate(slug, await self._parameters(request, slug))
            case Endpoint("submit", slug=str(slug)):
                return self._work.submit(request, slug, await self._parameters(request, slug), fault)
            case _:
                return self._work.look(request, endpoint)

    def _fault(self, request: Request) -> Fault | None:
        text = request.headers.get(HEADER)
        try:
            return None if text is None else parse_fault(text)
        except FaultError as error:
            raise RefusedError(answers.error(self._contract, 400, f"{HEADER}: {error}")) from error

    def _check_key(self, request: Request) -> None:
        auth = self._contract.auth
        if auth is not None:
            reason = refusal(auth, self._settings.key, request.headers, request.query_params)
            if reason is not None:
                raise RefusedError(answers.problem(self._contract, reason))

    def _endpoint(self, request: Request) -> Endpoint:
        endpoints = self._routes.find(request.url.path)
        if not endpoints:
            raise RefusedError(answers.problem(self._contract, "unknown_model"))
        for endpoint in endpoints:
            if endpoint.method == request.method:
                return endpoint
        raise RefusedError(method_not_allowed(sorted({endpoint.method for endpoint in endpoints})))

    def _faulty(self, fault: Fault) -> Response:
        answer = answers.documented_error(self._contract, fault.status)
        if fault.retry_after is not None:
            answer.headers["retry-after"] = fault.retry_after
        return answer

    async def _parameters(self, request: Request, slug: str) -> dict[str, Any]:
        limit = self._settings.max_body
        raw = await _read(request, limit)
        if raw is None:
            raise RefusedError(answers.error(self._contract, 413, f"The body is larger than {limit} bytes"))
        try:
            if len(raw) > LARGE:
                parameters, violations = await run_in_threadpool(self._checked, slug, raw)
            else:
                parameters, violations = self._checked(slug, raw)
        except BodyError as error:
            raise RefusedError(answers.error(self._contract, 400, str(error))) from error
        if violations:
            raise RefusedError(answers.invalid(self._contract, violations))
        return parameters

    def _checked(self, slug: str, raw: bytes) -> tuple[dict[str, Any], list[Violation]]:
        parameters = parse_object(raw)
        return parameters, self._validations[slug].violations(parameters)


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return re.fullmatch(r"application/([\w.+-]+\+)?json", media_type) is not None


async def _read(request: Request, limit: int) -> bytes | None:
    """The body, or None where it is larger than the limit; then no more than that is read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
