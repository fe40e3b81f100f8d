"""One request's way through the emulator, in the order in which real gateways judge.

1. a fault that cannot be read (400), which no real gateway knows
2. the key (401)
3. the path, and whether the model has the surface (404)
4. the method (405, a page in HTML)
5. the content type (406)
6. the credits (406, or what the API has for it)
7. the rate limit (429)
8. a fault that takes the place of the work
9. the size (413), the body and all parameters (400)
10. the work

What asks for no work, a poll or a fetch, costs nothing and counts towards no rate. The body is read before step 6, so
that faults and the journal know it.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from speccast.core.auth import AuthRequest
from speccast.core.encoding import ENCODINGS, BodyError
from speccast.emulator import answers
from speccast.emulator.armed import Effects
from speccast.emulator.credits import CreditsError
from speccast.emulator.delivery import deliver, reset
from speccast.emulator.exact import exact_number
from speccast.emulator.faults import HEADER, Fault, FaultError, parse_fault
from speccast.emulator.routes import Endpoint
from speccast.emulator.validation import Validation, Violation

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from speccast.emulator.emulation import Emulation
    from speccast.emulator.journal import Entry
    from speccast.emulator.routes import Kind

LARGE = 64 * 1024
"""Bytes of a body whose check is worth a thread, so that other requests do not wait for it."""


_HEADER = HEADER.encode()


class RefusedError(Exception):
    """A request does not get any further; `answer` says why."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


class ResetError(Exception):
    """A fault resets the connection instead of an answer."""


@dataclass(slots=True)
class Call:
    """A request with what has been found out about it. `body` is None while it is not read, and where it is too large."""

    request: Request
    entry: Entry
    body: bytes | None = None
    effects: Effects = field(default_factory=Effects)
    rate_limit_reset: datetime | None = None


class Gateway:
    """The API itself, as an ASGI application: judges requests and passes those that are good on to `Work`."""

    def __init__(self, emulation: Emulation) -> None:
        self._contract = emulation.contract
        self._settings = emulation.settings
        self._routes = emulation.routes
        self._work = emulation.work
        self._faults = emulation.faults
        self._rate = emulation.rate
        self._journal = emulation.journal
        self._id_headers = tuple(answers.described_headers(emulation.contract, {"request_id": ""}))
        self._encodings = {
            slug: ENCODINGS[model.get("encoding", "json")] for slug, model in emulation.bundle.models.items()
        }
        self._validations = {slug: Validation(model) for slug, model in emulation.bundle.models.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        call = Call(request, self._journal.open(request))
        try:
            answer = await self._answered(call)
        except ClientDisconnect:
            return
        except ResetError:
            await reset(scope, receive)
            return
        await deliver(answer, call.effects.failure, scope, receive, send)

    async def _answered(self, call: Call) -> Response:
        """The answer, with what it says in its headers and in the journal."""
        try:
            answer = await self._answer(call)
        except RefusedError as refused:
            answer = refused.answer
        except asyncio.CancelledError:
            # The server ends and does not wait any longer; nothing comes after this that a cancellation should stop.
            answer = answers.documented_error(self._contract, 503)
        except (ClientDisconnect, ResetError):
            raise
        except Exception:
            call.entry.status = 500
            raise
        if call.rate_limit_reset is not None:
            told = {"rate_limit_reset": call.rate_limit_reset}
            answer.headers.update(answers.described_headers(self._contract, told))
        for name in self._id_headers:
            if name not in answer.headers:
                answer.headers[name] = secrets.token_hex(16)
        failure = call.effects.failure
        # A connection that is reset has given no answer.
        if failure is None or failure.kind != "reset":
            call.entry.status = answer.status_code
        return answer

    async def _answer(self, call: Call) -> Response:
        request, entry = call.request, call.entry
        asked = self._asked(request)
        await self._check_key(call)
        endpoint = self._endpoint(request)
        entry.surface = endpoint.kind
        entry.model = endpoint.slug if endpoint.id is None else self._work.model_of(endpoint.id)
        if endpoint.method == "POST":
            encoding = self._encodings[entry.model or ""]
            if not encoding.matches(request.headers.get("content-type", "")):
                raise RefusedError(answers.refusal(self._contract, "content_type"))
            if call.body is None:
                call.body = await self._read(request)
            if call.body is not None:
                entry.read(call.body)
            self._check_quotas(call)
        call.effects = self._faults.strike(asked, endpoint.kind, entry.model, lambda: self._readable(call))
        entry.faults = call.effects.texts
        await self._suffer(call.effects, endpoint.kind)
        try:
            match endpoint:
                case Endpoint("sync", slug=str(slug)):
                    return await self._work.generate(slug, await self._parameters(call, slug))
                case Endpoint("submit", slug=str(slug)):
                    parameters = await self._parameters(call, slug)
                    return self._work.submit(request, slug, parameters, call.effects.failure)
                case _:
                    return self._work.look(request, endpoint)
        except CreditsError as error:
            # Others used them up while this request was read.
            raise RefusedError(answers.refusal(self._contract, "insufficient_credits")) from error

    def _asked(self, request: Request) -> list[Fault]:
        texts = [value.decode("latin-1") for name, value in request.scope["headers"] if name == _HEADER]
        try:
            faults = [parse_fault(text) for text in texts]
            self._faults.check(faults)
        except FaultError as error:
            raise RefusedError(answers.error(self._contract, 400, f"{HEADER}: {error}")) from error
        return faults

    def _check_quotas(self, call: Call) -> None:
        try:
            self._work.require_credits()
        except CreditsError as error:
            raise RefusedError(answers.refusal(self._contract, "insufficient_credits")) from error
        is_admitted = self._rate.admit()
        free_at = self._rate.free_at
        call.rate_limit_reset = None if free_at is None else datetime.fromtimestamp(free_at, UTC)
        if not is_admitted:
            raise RefusedError(answers.refusal(self._contract, "rate_limit"))

    async def _suffer(self, effects: Effects, surface: Kind) -> None:
        """Waits, and refuses the request where a failure takes the place of the work."""
        if effects.latency:
            await asyncio.sleep(effects.latency)
        failure = effects.failure
        if failure is None:
            return
        match failure.kind:
            case "reset" if not failure.is_late:
                raise ResetError
            case "status":
                raise RefusedError(_faulty(answers.documented_error(self._contract, failure.status), failure))
            case "html":
                raise RefusedError(_faulty(answers.html_error(failure.status), failure))
            case "content-block" if (
                surface == "sync" or self._contract.jobs is None or self._contract.jobs.failed is None
            ):
                status = self._contract.problems["blocked_content"].status
                raise RefusedError(answers.error(self._contract, status, failure.detail))

    async def _check_key(self, call: Call) -> None:
        auth, request = self._contract.auth, call.request
        if auth is None:
            return
        if auth.needs_body:
            call.body = await self._read(request)
        scope = request.scope
        url = f"{scope['raw_path'].decode('latin-1')}?{scope['query_string'].decode('latin-1')}"
        now = self._settings.clock.now()
        sent = AuthRequest(request.method, url, request.headers, call.body or b"", now)
        if (reason := auth.check(self._settings.key, sent)) is not None:
            raise RefusedError(answers.refusal(self._contract, reason))

    def _endpoint(self, request: Request) -> Endpoint:
        endpoints = self._routes.find(request.scope["path"])
        if not endpoints:
            raise RefusedError(answers.refusal(self._contract, "unknown_model"))
        for endpoint in endpoints:
            if endpoint.method == request.method:
                return endpoint
        answer = answers.refusal(self._contract, "wrong_method")
        answer.headers["allow"] = ", ".join(sorted({endpoint.method for endpoint in endpoints}))
        raise RefusedError(answer)

    async def _read(self, request: Request) -> bytes | None:
        """The body, or None where it is larger than the limit."""
        try:
            async with asyncio.timeout(self._settings.max_seconds):
                return await _read(request, self._settings.max_body)
        except TimeoutError:
            reason = f"{self._settings.max_seconds:g} seconds are allowed"
            raise RefusedError(answers.refusal(self._contract, "slow_body", reason)) from None

    async def _parameters(self, call: Call, slug: str) -> dict[str, Any]:
        if call.body is None:
            reason = f"at most {self._settings.max_body} bytes are allowed"
            raise RefusedError(answers.refusal(self._contract, "too_large", reason))
        try:
            if len(call.body) > LARGE:
                parameters, violations = await run_in_threadpool(self._checked, call, slug)
            else:
                parameters, violations = self._checked(call, slug)
        except BodyError as error:
            raise RefusedError(answers.refusal(self._contract, "invalid_body", str(error))) from error
        if violations:
            raise RefusedError(answers.invalid(self._contract, violations))
        return parameters

    def _checked(self, call: Call, slug: str) -> tuple[dict[str, Any], list[Violation]]:
        parameters = self._decoded(call, slug)
        return parameters, self._validations[slug].violations(parameters)

    def _decoded(self, call: Call, slug: str) -> dict[str, Any]:
        content_type = call.request.headers.get("content-type", "")
        return self._encodings[slug].decode(content_type, call.body or b"", parse_number=exact_number)

    def _readable(self, call: Call) -> dict[str, Any]:
        """The parameters of a request, or none if its body is not valid."""
        try:
            return self._decoded(call, call.entry.model or "")
        except (BodyError, KeyError):
            return {}


def _faulty(answer: Response, fault: Fault) -> Response:
    if fault.retry_after is not None:
        answer.headers["retry-after"] = fault.retry_after
    return answer


async def _read(request: Request, limit: int) -> bytes | None:
    """The body, or None where it is larger than the limit; then no more than that is read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
