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

from speccast.core.encoding import ENCODINGS
from speccast.emulator import responses
from speccast.emulator.bodies import BodyError
from speccast.emulator.calls import ApiCall, body_of, record_body
from speccast.emulator.checks import LARGE_BODY, Checks, RefusedError
from speccast.emulator.credits import CreditsError
from speccast.emulator.failures import ResetError
from speccast.emulator.inputs import prepare_inputs
from speccast.emulator.routes import OUTPUTS, Endpoint
from speccast.emulator.sending import reset
from speccast.emulator.service import origin_of
from speccast.emulator.uploads import FileSizeError, UploadBodyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from speccast.emulator.failures import Failure
    from speccast.emulator.routes import Surface
    from speccast.emulator.state import EmulatorState

RESET_DELAY = 1.0
"""Seconds until a rate limit ends that is only a fault, unless the fault has a `retry-after`."""


class Gateway:
    """An ASGI application that checks requests and passes valid ones to the service."""

    def __init__(self, state: EmulatorState) -> None:
        self._state = state
        self._api = state.api
        self._settings = state.settings
        self._service = state.service
        self._checks = Checks(state)
        self._id_headers = tuple(responses.make_headers(state.api, {"request_id": ""}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        call = ApiCall(request, self._state.journal.open(request))
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
        self._state.in_flight.add(task)
        try:
            yield
        finally:
            self._state.in_flight.discard(task)

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
            response.headers.update(responses.make_headers(self._api, values))
        for name in self._id_headers:
            if name not in response.headers:
                response.headers[name] = secrets.token_hex(16)
        failure = call.effects.failure
        if failure is None or failure.has_response:
            call.entry.record_response(response)
        return response

    async def _process(self, call: ApiCall) -> Response:
        request, entry = call.request, call.entry
        requested_faults = self._checks.parse_faults(request)
        if not _is_at_storage(request):
            await self._checks.check_key(call, self._api.auth)
        endpoint = self._checks.find_endpoint(request)
        entry.surface = endpoint.surface
        entry.model = endpoint.slug if endpoint.id is None else self._service.model_of(endpoint.id)
        if endpoint.surface != "output" and not _is_at_storage(request):
            self._checks.check_headers(request)
        if endpoint.surface in ("sync", "submit"):
            endpoint = await self._receive(call, endpoint)
        elif endpoint.surface == "upload":
            await self._receive_upload(call, endpoint)
        call.effects = self._state.faults.effects_on(
            requested_faults,
            endpoint.surface,
            entry.model,
            lambda: self._checks.reader.parameters_or_empty(call),
            lambda failure: self._can_happen(failure, call),
        )
        entry.faults = [*call.effects.texts]
        await self._apply_fault(call, endpoint.surface)
        return await self._work(call, endpoint)

    async def _work(self, call: ApiCall, endpoint: Endpoint) -> Response:
        """Return the response of a scripted answer, or else that of the service."""
        request, entry = call.request, call.entry
        parameters: dict[str, Any] = {}
        if endpoint.surface in ("sync", "submit"):
            parameters = await self._checks.check_parameters(call)
        scripted = self._state.answers.answer_to(
            endpoint.surface, entry.model, lambda: body_of(call, parameters)
        )
        if scripted is not None:
            entry.answer, response = scripted
            return response
        inputs = await asyncio.to_thread(prepare_inputs, call.inputs) if call.inputs else ()
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
            raise self._checks.refuse("insufficient_credits", slug=entry.model) from error

    async def _receive(self, call: ApiCall, endpoint: Endpoint) -> Endpoint:
        """Read and record the body of a call, and return the endpoint of the model that it is for."""
        slugs = self._checks.models_of_body(call.request, endpoint)
        call.encoding = self._checks.reader.encoding(endpoint.surface, slugs[0])
        if call.body is None:
            call.body = await self._checks.read_body(call.request, slugs)
        if call.body is not None and len(call.body) > LARGE_BODY:
            await asyncio.to_thread(record_body, call)
            slug = await asyncio.to_thread(self._checks.find_model, call, slugs)
        else:
            if call.body is not None:
                record_body(call)
            slug = self._checks.find_model(call, slugs)
        call.entry.model = slug
        await self._checks.check_key(call, self._state.models[slug].auth)
        self._checks.check_quotas(call)
        return replace(endpoint, slug=slug)

    async def _receive_upload(self, call: ApiCall, endpoint: Endpoint) -> None:
        """Read and record the body of an upload. Its key is checked, and it costs nothing."""
        surface = self._api.upload
        assert surface is not None  # else no route leads here
        encoding = ENCODINGS.get(surface.encoding) if endpoint.id is None else None
        content_type = call.request.headers.get("content-type", "")
        if encoding is not None:
            self._checks.check_type(call.request, encoding)
            call.encoding = encoding
        self._checks.check_coding(call.request)
        if call.body is None:  # else the key is a signature of the body
            call.body = await self._checks.read_body(call.request, files=self._settings.max_upload * 4 // 3)
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
            raise self._checks.too_large(self._settings.max_upload) from None
        except (UploadBodyError, BodyError) as error:
            raise self._checks.refuse("invalid_body", str(error)) from error

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
        model = self._state.models.get(call.entry.model or "")
        refusal = failure.refusal(self._api, model, self._state.states, surface)
        if refusal is not None:
            raise RefusedError(refusal)

    def _end_of_limit(self, failure: Failure) -> datetime:
        """Return when the rate limit of a failure ends: after its `retry-after`, if that is a number of seconds."""
        after = failure.retry_after or ""
        seconds = float(after) if re.fullmatch("[0-9]{1,9}", after) else RESET_DELAY
        return datetime.fromtimestamp(self._settings.clock.now() + seconds, UTC)

    def _can_happen(self, failure: Failure, call: ApiCall) -> bool:
        """Return whether the work on a request can fail in this way."""
        if not self._checks.reader.is_valid(call):
            return False
        slug = call.entry.model or ""
        parameters, _ = self._checks.reader.check(call, slug)
        return failure.message_of_event is None or self._service.is_streamed(slug, parameters)


def _is_at_storage(request: Request) -> bool:
    """Return whether a request is about a file of the emulator's storage, which needs neither the key nor the API's headers."""
    path: str = request.scope["path"]
    return path.startswith(OUTPUTS + "/")
