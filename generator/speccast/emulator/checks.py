"""The checks of a request before the work, in the order of real gateways; see `gateway`. Each refuses by RefusedError."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from speccast.core.auth import AuthRequest
from speccast.emulator import responses
from speccast.emulator.bodies import BodyError
from speccast.emulator.calls import CallReader
from speccast.emulator.credits import CreditsError
from speccast.emulator.failures import FaultError
from speccast.emulator.faults import HEADER, Fault, parse_fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from speccast.core.auth import Auth
    from speccast.core.encoding import Encoding
    from speccast.core.model import Model
    from speccast.core.occasions import Occasion
    from speccast.emulator.calls import ApiCall
    from speccast.emulator.routes import Endpoint
    from speccast.emulator.state import EmulatorState

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


class Checks:
    """The checks of one emulator."""

    def __init__(self, state: EmulatorState) -> None:
        self._state = state
        self._api = state.api
        self._settings = state.settings
        self.reader = CallReader(state)

    def refuse(
        self, occasion: Occasion, reason: str = "", slug: str | None = None, *, media_type: str = ""
    ) -> RefusedError:
        """Return the API's error for an occasion."""
        model = self._state.models.get(slug or "")
        return RefusedError(
            responses.refusal(self._api, occasion, reason, media_type=media_type, model=model)
        )

    def too_large(self, most: int | None = None) -> RefusedError:
        """Return the API's error for too many bytes."""
        return self.refuse("too_large", f"at most {most or self._settings.max_body} bytes are allowed")

    def parse_faults(self, request: Request) -> list[Fault]:
        """Return the faults in the headers of a request."""
        texts = [value.decode("latin-1") for name, value in request.scope["headers"] if name == _FAULT_HEADER]
        try:
            faults = [parse_fault(text) for text in texts]
            self._state.faults.check(faults)
        except FaultError as error:
            raise RefusedError(responses.error_response(self._api, 400, f"{HEADER}: {error}")) from error
        return faults

    async def check_key(self, call: ApiCall, auth: Auth | None) -> None:
        """Refuse requests without a valid key."""
        request = call.request
        if auth is None:
            return
        if auth.needs_body and call.body is None:
            call.body = await self.read_body(request)
        scope = request.scope
        url = f"{scope['raw_path'].decode('latin-1')}?{scope['query_string'].decode('latin-1')}"
        now = self._settings.clock.now()
        sent = AuthRequest(request.method, url, request.headers, call.body or b"", now)
        occasion = auth.check(self._settings.key, sent)
        if occasion == "invalid_key" and auth.needs_body and call.body is None:
            raise self.too_large()  # the signature cannot be verified
        if occasion is not None:
            raise self.refuse(occasion)

    def find_endpoint(self, request: Request) -> Endpoint:
        """Return the endpoint for path and method."""
        scope = request.scope
        hosts = [value for name in HOST_HEADERS if (value := request.headers.get(name)) is not None]
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        endpoints = self._state.routes.find(path, query, hosts)
        if not endpoints:
            raise self.refuse("unknown_model")
        for endpoint in endpoints:
            if request.method in endpoint.methods:
                return endpoint
        refused = self.refuse("wrong_method")
        allowed = sorted({method for endpoint in endpoints for method in endpoint.methods})
        refused.response.headers["allow"] = ", ".join(allowed)
        raise refused

    def check_headers(self, request: Request) -> None:
        """Refuse requests without the headers that the API demands, or with other values."""
        for name, value in self._api.request_headers.items():
            if name not in request.headers:
                raise self.refuse("invalid_body", f"The header {name} is missing; send {name}: {value}")
            if request.headers[name].strip() != value:
                raise self.refuse("invalid_body", f"The header {name} must be {value}")

    def models_of_body(self, request: Request, endpoint: Endpoint) -> list[str]:
        """Return the models whose bodies have the type of the request's. Refuse other types, and compressed bodies."""
        content_type = request.headers.get("content-type", "")
        encodings = {slug: self.reader.encoding(endpoint.surface, slug) for slug in endpoint.slugs}
        matching = [slug for slug, encoding in encodings.items() if encoding.matches(content_type)]
        if not matching:
            slug = endpoint.slugs[0]
            raise self.refuse("content_type", slug=slug, media_type=encodings[slug].media_type)
        self.check_coding(request, self._state.models[matching[0]])
        return matching

    def check_type(self, request: Request, encoding: Encoding) -> None:
        """Refuse bodies of another type."""
        if not encoding.matches(request.headers.get("content-type", "")):
            raise self.refuse("content_type", media_type=encoding.media_type)

    def check_coding(self, request: Request, model: Model | None = None) -> None:
        """Refuse compressed bodies."""
        coding = request.headers.get("content-encoding", "").strip().lower()
        if coding not in ("", "identity"):
            text = f"Unsupported content encoding {coding[:40]}; send the body as it is"
            response = responses.error_response(self._api, 415, text, model=model)
            response.headers["accept-encoding"] = "identity"
            raise RefusedError(response)

    def find_model(self, call: ApiCall, slugs: Sequence[str]) -> str:
        """Return the model whose constants a body has."""
        slug = self.reader.find_model(call, slugs)
        if slug is None:
            sent = self.reader.describe_constants(call, slugs)
            raise self.refuse("unknown_model", f"no model at this path has {sent}")
        return slug

    def check_quotas(self, call: ApiCall) -> None:
        """Refuse requests without credits, and those above the rate limit."""
        try:
            self._state.service.require_credits()
        except CreditsError as error:
            raise self.refuse("insufficient_credits", slug=call.entry.model) from error
        limit = self._state.rate_limit
        is_admitted, free_at = limit.admit(), limit.free_at
        call.rate_limit_reset = None if free_at is None else datetime.fromtimestamp(free_at, UTC)
        if not is_admitted:
            raise self.refuse("rate_limit", slug=call.entry.model)

    async def read_body(self, request: Request, slugs: Sequence[str] = (), *, files: int = 0) -> bytes | None:
        """Return the body, or None if it is larger than the limit and the files that one of the models takes."""
        try:
            async with asyncio.timeout(self._settings.max_seconds):
                files = self.reader.max_file_size(slugs) if slugs else files
                return await _read_up_to(request, self._settings.max_body + files)
        except TimeoutError:
            reason = f"{self._settings.max_seconds:g} seconds are allowed"
            raise self.refuse("slow_body", reason) from None

    async def check_parameters(self, call: ApiCall) -> dict[str, Any]:
        """Return the parameters of a request, if all are valid."""
        slug = call.entry.model or ""
        if call.body is None:
            raise self.too_large()
        try:
            if len(call.body) > LARGE_BODY or self.reader.has_inputs(slug):
                parameters, invalid = await asyncio.to_thread(self.reader.check, call, slug)
            else:
                parameters, invalid = self.reader.check(call, slug)
        except BodyError as error:
            raise self.refuse("invalid_body", str(error), slug) from error
        call.entry.inputs = [given.as_json() for given in call.inputs[:MAX_VIOLATIONS]]
        if invalid:
            call.entry.violations = [value.as_json() for value in invalid[:MAX_VIOLATIONS]]
            model = self._state.models[slug]
            raise RefusedError(responses.invalid_parameters(self._api, model, invalid))
        return parameters


async def _read_up_to(request: Request, limit: int) -> bytes | None:
    """Return the body, or None if it is larger than the limit; the rest is not read then."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
