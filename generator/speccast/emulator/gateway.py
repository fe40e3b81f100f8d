"""Handles requests to the API. The steps are in the order in which real gateways check:

1. a fault that cannot be parsed (400), which real gateways do not have
2. the key
3. the path, and whether the model has the surface (if models share the path, their constants are checked after step 6)
4. the method
5. the headers that every request must have
6. the content type
7. the credits
8. the rate limit
9. a fault that replaces the work
10. the size, the body and all parameters
11. a scripted answer, which replaces the work
12. the work

Polls and results cost nothing and do not count towards the rate; outputs need no key. The body is read before step 7, so
that faults and the journal know it. Status and text of each refusal come from the spec, or its defaults
(`core.occasions`).
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request

from speccast.core.auth import AuthRequest
from speccast.core.encoding import ENCODINGS
from speccast.emulator import responses
from speccast.emulator.bodies import BodyError
from speccast.emulator.calls import ApiCall, CallReader, body_of, record_body
from speccast.emulator.credits import CreditsError
from speccast.emulator.failures import FaultError, ResetError
from speccast.emulator.faults import HEADER, Fault, parse_fault
from speccast.emulator.inputs import shown_inputs
from speccast.emulator.routes import OUTPUTS, Endpoint
from speccast.emulator.sending import reset
from speccast.emulator.service import origin_of
from speccast.emulator.uploads import FileSizeError, UploadBodyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from speccast.core.auth import Auth
    from speccast.core.model import Model
    from speccast.core.occasions import Occasion
    from speccast.emulator.failures import Failure
    from speccast.emulator.routes import Surface
    from speccast.emulator.state import EmulatorState

RESET_DELAY = 1.0
"""Seconds until a rate limit ends that is only a fault, unless the fault has a `retry-after`."""

LARGE_BODY = 64 * 1024
"""Bytes of a body that is checked in a thread, so that other requests do not wait for it."""

MAX_VIOLATIONS = 100
"""Invalid parameters, and inputs, of one request that the journal keeps."""

HOST_HEADERS = ("host", "x-forwarded-host")
"""Headers that tell surfaces with the same path apart, the most important first."""

_FAULT_HEADER = HEADER.encode()


class RefusedError(Exception):
    """The request is not processed further; `response` says why."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class Gateway:
    """An ASGI application that checks requests and passes valid ones to the service."""

    def __init__(self, state: EmulatorState) -> None:
        self._api = state.api
        self._states = state.states
        self._settings = state.settings
        self._routes = state.routes
        self._service = state.service
        self._faults = state.faults
        self._answers = state.answers
        self._rate_limit = state.rate_limit
        self._journal = state.journal
        self._in_flight = state.in_flight
        self._id_headers = tuple(responses.documented_headers(state.api, {"request_id": ""}))
        self._models = state.models
        self._reader = CallReader(state)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        call = ApiCall(request, self._journal.open(request))
        try:
            response = await self._respond(call)
        except ClientDisconnect:
            return
        except ResetError:
            await reset(scope, receive)
            return
        finally:
            if self._settings.log is not None:
                self._settings.log(call.entry.line())
        await self._send(call.effects.failure, response, scope, receive, send)

    async def _send(
        self, failure: Failure | None, response: Response, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send the response. A reset of the emulator ends it early, and with it the connection."""
        with self._is_cancelable():
            try:
                if failure is None:
                    await response(scope, receive, send)
                else:
                    await failure.send(response, scope, receive, send)
            except asyncio.CancelledError:
                await reset(scope, receive)

    @contextmanager
    def _is_cancelable(self) -> Iterator[None]:
        """Mark the current task as a request in progress, which a reset cancels."""
        task = asyncio.current_task()
        assert task is not None
        self._in_flight.add(task)
        try:
            yield
        finally:
            self._in_flight.discard(task)

    async def _respond(self, call: ApiCall) -> Response:
        """Return the response with its headers, and complete the journal."""
        try:
            with self._is_cancelable():
                response = await self._process(call)
        except RefusedError as refused:
            response = refused.response
        except asyncio.CancelledError:
            # A reset, or the server shuts down and waits no longer. Nothing follows that a cancellation should stop;
            # the requests behind this one on the same connection end with it.
            response = responses.status_error(self._api, 503)
            response.headers["connection"] = "close"
        except (ClientDisconnect, ResetError):
            raise
        except Exception:
            call.entry.status = 500
            raise
        if call.rate_limit_reset is not None:
            values = {"rate_limit_reset": call.rate_limit_reset}
            response.headers.update(responses.documented_headers(self._api, values))
        for name in self._id_headers:
            if name not in response.headers:
                response.headers[name] = secrets.token_hex(16)
        failure = call.effects.failure
        if failure is None or failure.has_response:
            call.entry.record_response(response)
        return response

    async def _process(self, call: ApiCall) -> Response:
        request, entry = call.request, call.entry
        requested_faults = self._parse_faults(request)
        if not _is_at_storage(request):
            await self._check_key(call, self._api.auth)
        endpoint = self._find_endpoint(request)
        entry.surface = endpoint.surface
        entry.model = endpoint.slug if endpoint.id is None else self._service.model_of(endpoint.id)
        if endpoint.surface != "output" and not _is_at_storage(request):
            self._check_headers(request)
        if endpoint.surface in ("sync", "submit"):
            endpoint = await self._receive(call, endpoint)
        elif endpoint.surface == "upload":
            await self._receive_upload(call, endpoint)
        call.effects = self._faults.effects_on(
            requested_faults,
            endpoint.surface,
            entry.model,
            lambda: self._reader.parameters_or_empty(call),
            lambda failure: self._can_happen(failure, call),
        )
        entry.faults = call.effects.texts
        await self._apply_fault(call, endpoint.surface)
        return await self._work(call, endpoint)

    async def _work(self, call: ApiCall, endpoint: Endpoint) -> Response:
        """Return the response of a scripted answer, or else that of the service."""
        request, entry = call.request, call.entry
        parameters: dict[str, Any] = {}
        if endpoint.surface in ("sync", "submit"):
            parameters = await self._check_parameters(call, entry.model or "")
        scripted = self._answers.answer_to(endpoint.surface, entry.model, lambda: body_of(call, parameters))
        if scripted is not None:
            entry.answer, response = scripted
            return response
        inputs = await asyncio.to_thread(shown_inputs, call.inputs) if call.inputs else ()
        try:
            match endpoint:
                case Endpoint("sync", slug=str(slug)):
                    failure = call.effects.failure
                    return await self._service.generate(request, slug, parameters, failure, inputs)
                case Endpoint("submit", slug=str(slug)):
                    failure = call.effects.failure
                    return self._service.submit(request, slug, parameters, failure, inputs)
                case Endpoint("output", id=str(job), file=str(file)):
                    return await self._service.output_file(request, job, file)
                case Endpoint("upload"):
                    return await self._upload(call, endpoint)
                case Endpoint("cancel"):
                    return self._service.cancel(request, endpoint)
                case _:
                    return await self._service.job_response(request, endpoint)
        except CreditsError as error:
            # Other requests used them up while this one was read.
            raise self._refused("insufficient_credits", slug=entry.model) from error

    async def _receive(self, call: ApiCall, endpoint: Endpoint) -> Endpoint:
        """Read and record the body of a call, and return the endpoint of the model that it is for."""
        slugs = self._check_content(call.request, endpoint)
        call.encoding = self._reader.encoding(endpoint.surface, slugs[0])
        if call.body is None:
            call.body = await self._read_body(call.request, slugs)
        if call.body is not None and len(call.body) > LARGE_BODY:
            await asyncio.to_thread(record_body, call)
            slug = await asyncio.to_thread(self._find_model, call, slugs)
        else:
            if call.body is not None:
                record_body(call)
            slug = self._find_model(call, slugs)
        call.entry.model = slug
        await self._check_key(call, self._models[slug].auth)
        self._check_quotas(call)
        return replace(endpoint, slug=slug)

    async def _receive_upload(self, call: ApiCall, endpoint: Endpoint) -> None:
        """Read and record the body of an upload. Its key is checked, and it costs nothing."""
        surface = self._api.upload
        assert surface is not None  # else no route leads here
        encoding = ENCODINGS.get(surface.encoding) if endpoint.id is None else None
        content_type = call.request.headers.get("content-type", "")
        if encoding is not None:
            if not encoding.matches(content_type):
                raise RefusedError(
                    responses.refusal(self._api, "content_type", media_type=encoding.media_type)
                )
            call.encoding = encoding
        self._check_coding(call.request)
        if call.body is None:  # else the key is a signature of the body
            call.body = await self._read_body(call.request, files=self._settings.max_upload * 4 // 3)
        if call.body is None:
            return
        if encoding is None:
            call.entry.record_body(
                call.body, json.dumps(f"<{content_type}, {len(call.body)} bytes>").encode()
            )
        else:
            await asyncio.to_thread(record_body, call)

    async def _upload(self, call: ApiCall, endpoint: Endpoint) -> Response:
        """Keep an uploaded file and return the response. Large bodies are decoded in a thread."""
        request, uploads = call.request, self._service.uploads
        content_type = request.headers.get("content-type", "")
        try:
            if call.body is None:
                raise FileSizeError
            if endpoint.id is None:
                files = await asyncio.to_thread(uploads.read, call.body, content_type)
                return uploads.keep(files, origin_of(request, self._settings) + OUTPUTS)
            file = uploads.find(endpoint.id, endpoint.file or "")
            if file is None:
                return responses.error_response(self._api, 404, "Unknown upload")
            is_form = request.method == "POST"
            content = await asyncio.to_thread(
                uploads.read_content, file, call.body, content_type, is_form=is_form
            )
            return uploads.complete(file, content, is_form=is_form)
        except FileSizeError:
            raise self._too_large(self._settings.max_upload) from None
        except UploadBodyError as error:
            raise self._refused("invalid_body", str(error)) from error

    def _refused(self, occasion: Occasion, reason: str = "", slug: str | None = None) -> RefusedError:
        model = self._models.get(slug or "")
        return RefusedError(responses.refusal(self._api, occasion, reason, model=model))

    def _parse_faults(self, request: Request) -> list[Fault]:
        texts = [value.decode("latin-1") for name, value in request.scope["headers"] if name == _FAULT_HEADER]
        try:
            faults = [parse_fault(text) for text in texts]
            self._faults.check(faults)
        except FaultError as error:
            raise RefusedError(responses.error_response(self._api, 400, f"{HEADER}: {error}")) from error
        return faults

    async def _check_key(self, call: ApiCall, auth: Auth | None) -> None:
        request = call.request
        if auth is None:
            return
        if auth.needs_body and call.body is None:
            call.body = await self._read_body(request)
        scope = request.scope
        url = f"{scope['raw_path'].decode('latin-1')}?{scope['query_string'].decode('latin-1')}"
        now = self._settings.clock.now()
        sent = AuthRequest(request.method, url, request.headers, call.body or b"", now)
        occasion = auth.check(self._settings.key, sent)
        if occasion == "invalid_key" and auth.needs_body and call.body is None:
            raise self._too_large()  # nobody can tell whether the signature is valid
        if occasion is not None:
            raise self._refused(occasion)

    def _check_headers(self, request: Request) -> None:
        """Refuse requests without the headers that the API demands, or with other values."""
        for name, value in self._api.request_headers.items():
            if name not in request.headers:
                raise self._refused("invalid_body", f"The header {name} is missing; send {name}: {value}")
            if request.headers[name].strip() != value:
                raise self._refused("invalid_body", f"The header {name} must be {value}")

    def _check_content(self, request: Request, endpoint: Endpoint) -> list[str]:
        """Return the models whose bodies have the type of the request's. Refuse other types, and compressed bodies."""
        content_type = request.headers.get("content-type", "")
        encodings = {slug: self._reader.encoding(endpoint.surface, slug) for slug in endpoint.slugs}
        matching = [slug for slug, encoding in encodings.items() if encoding.matches(content_type)]
        model = self._models[(matching or endpoint.slugs)[0]]
        if not matching:
            media_type = encodings[endpoint.slugs[0]].media_type
            refused = responses.refusal(self._api, "content_type", media_type=media_type, model=model)
            raise RefusedError(refused)
        self._check_coding(request, model)
        return matching

    def _check_coding(self, request: Request, model: Model | None = None) -> None:
        """Refuse compressed bodies."""
        coding = request.headers.get("content-encoding", "").strip().lower()
        if coding not in ("", "identity"):
            text = f"Unsupported content encoding {coding[:40]}; send the body as it is"
            response = responses.error_response(self._api, 415, text, model=model)
            response.headers["accept-encoding"] = "identity"
            raise RefusedError(response)

    def _find_model(self, call: ApiCall, slugs: Sequence[str]) -> str:
        slug = self._reader.find_model(call, slugs)
        if slug is None:
            sent = self._reader.sent_constants(call, slugs)
            raise self._refused("unknown_model", f"no model at this path has {sent}")
        return slug

    def _find_endpoint(self, request: Request) -> Endpoint:
        scope = request.scope
        hosts = [value for name in HOST_HEADERS if (value := request.headers.get(name)) is not None]
        endpoints = self._routes.find(
            scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1"), hosts
        )
        if not endpoints:
            raise self._refused("unknown_model")
        for endpoint in endpoints:
            if request.method in endpoint.methods:
                return endpoint
        refused = self._refused("wrong_method")
        allowed = sorted({method for endpoint in endpoints for method in endpoint.methods})
        refused.response.headers["allow"] = ", ".join(allowed)
        raise refused

    def _check_quotas(self, call: ApiCall) -> None:
        try:
            self._service.require_credits()
        except CreditsError as error:
            raise self._refused("insufficient_credits", slug=call.entry.model) from error
        is_admitted = self._rate_limit.admit()
        free_at = self._rate_limit.free_at
        call.rate_limit_reset = None if free_at is None else datetime.fromtimestamp(free_at, UTC)
        if not is_admitted:
            raise self._refused("rate_limit", slug=call.entry.model)

    async def _apply_fault(self, call: ApiCall, surface: Surface) -> None:
        """Delay the request, or fail it if a fault replaces the work."""
        effects = call.effects
        if effects.latency:
            await asyncio.sleep(effects.latency)
        failure = effects.failure
        if failure is None:
            return
        if failure.status == self._api.error_for("rate_limit").status and call.rate_limit_reset is None:
            call.rate_limit_reset = self._end_of_limit(failure)
        model = self._models.get(call.entry.model or "")
        refusal = failure.refusal(self._api, model, self._states, surface)
        if refusal is not None:
            raise RefusedError(refusal)

    def _end_of_limit(self, failure: Failure) -> datetime:
        """When the rate limit of a failure ends: after its `retry-after`, if that is a number of seconds."""
        after = failure.retry_after or ""
        seconds = float(after) if re.fullmatch("[0-9]{1,9}", after) else RESET_DELAY
        return datetime.fromtimestamp(self._settings.clock.now() + seconds, UTC)

    def _too_large(self, most: int | None = None) -> RefusedError:
        return self._refused("too_large", f"at most {most or self._settings.max_body} bytes are allowed")

    async def _read_body(
        self, request: Request, slugs: Sequence[str] = (), *, files: int = 0
    ) -> bytes | None:
        """Return the body, or None if it is larger than the limit and the files that one of the models takes."""
        try:
            async with asyncio.timeout(self._settings.max_seconds):
                files = self._reader.max_file_size(slugs) if slugs else files
                return await _read_up_to(request, self._settings.max_body + files)
        except TimeoutError:
            reason = f"{self._settings.max_seconds:g} seconds are allowed"
            raise self._refused("slow_body", reason) from None

    async def _check_parameters(self, call: ApiCall, slug: str) -> dict[str, Any]:
        if call.body is None:
            raise self._too_large()
        try:
            if len(call.body) > LARGE_BODY or self._reader.has_inputs(slug):
                parameters, invalid = await asyncio.to_thread(self._reader.check, call, slug)
            else:
                parameters, invalid = self._reader.check(call, slug)
        except BodyError as error:
            raise self._refused("invalid_body", str(error), slug) from error
        call.entry.inputs = tuple(given.as_json() for given in call.inputs[:MAX_VIOLATIONS])
        if invalid:
            call.entry.violations = tuple(value.as_json() for value in invalid[:MAX_VIOLATIONS])
            raise RefusedError(responses.invalid_parameters(self._api, self._models[slug], invalid))
        return parameters

    def _can_happen(self, failure: Failure, call: ApiCall) -> bool:
        """Return whether the work on a request can fail in this way."""
        if not self._reader.is_valid(call):
            return False
        slug = call.entry.model or ""
        parameters, _ = self._reader.check(call, slug)
        return failure.message_of_event is None or self._service.is_streamed(slug, parameters)


def _is_at_storage(request: Request) -> bool:
    """Whether a request is about a file of the emulator's storage, which needs neither the key nor the API's headers."""
    path: str = request.scope["path"]
    return path.startswith(OUTPUTS + "/")


async def _read_up_to(request: Request, limit: int) -> bytes | None:
    """Return the body, or None if it is larger than the limit; the rest is not read then."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
