"""A request to the API: its body, the model that it is for, and its parameters."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from speccast.core.encoding import ENCODINGS
from speccast.core.envelope import WrapError, has_constants, take_parameters
from speccast.core.media import START
from speccast.emulator.bodies import BodyError, decode_form, decode_json, form_fields
from speccast.emulator.coercion import coerce
from speccast.emulator.exact_numbers import exact, exact_number, plain
from speccast.emulator.fault_registry import FaultEffects
from speccast.emulator.inputs import GivenInput, InputReader
from speccast.emulator.validation import InvalidValue, Validation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from starlette.requests import Request

    from speccast.core.encoding import Encoding
    from speccast.core.parameter import Parameter
    from speccast.emulator.journal import RecordedRequest
    from speccast.emulator.routes import Surface
    from speccast.emulator.state import EmulatorState


@dataclass(slots=True)
class ApiCall:
    """A request and what is known about it. `body` is None until it is read, and if it is too large."""

    request: Request
    entry: RecordedRequest
    body: bytes | None = None
    encoding: Encoding = ENCODINGS["json"]
    checked: tuple[dict[str, Any], list[InvalidValue]] | None = None
    """The parameters and what is wrong with them."""
    inputs: list[GivenInput] = field(default_factory=list[GivenInput])
    effects: FaultEffects = field(default_factory=FaultEffects)
    rate_limit_reset: datetime | None = None


class CallReader:
    """Reads and checks the parameters of requests."""

    def __init__(self, state: EmulatorState) -> None:
        self._api = state.api
        self._models = state.models
        self._is_lenient = state.settings.is_lenient
        self._file_sizes = {slug: _file_size(model.parameters) for slug, model in state.models.items()}
        self._sends: dict[str, dict[str, Any]] = {
            slug: exact(dict(model.sends)) for slug, model in state.models.items()
        }
        self._texts = {slug: _texts_of(model.sends) for slug, model in state.models.items()}
        self._validations = {slug: Validation(model) for slug, model in state.models.items()}
        self._inputs = {
            slug: InputReader(model.parameters, state.settings, state.service.content_at)
            for slug, model in state.models.items()
        }

    def max_file_size(self, slugs: Iterable[str]) -> int:
        """Return the bytes that files of a request to one of the models can have."""
        return max(self._file_sizes[slug] for slug in slugs)

    def has_inputs(self, slug: str) -> bool:
        """Return whether a model has parameters for files and addresses."""
        return self._inputs[slug].has_inputs

    def encoding(self, surface: Surface, slug: str) -> Encoding:
        """Return the encoding of the bodies for a model."""
        described = self._api.sync if surface == "sync" else self._api.jobs
        assert described is not None  # else no route leads here
        return ENCODINGS[self._models[slug].body or described.body]

    def find_model(self, call: ApiCall, slugs: Sequence[str]) -> str | None:
        """Return the model whose constants a body has, or None. For a body that cannot be read, return the first model."""
        if call.body is None or not any(self._sends[slug] for slug in slugs):
            return slugs[0]
        try:
            body = self._decode_body(call, slugs[0])
        except BodyError:
            return slugs[0]
        constants = self._texts if call.encoding.is_form else self._sends
        return next((slug for slug in slugs if has_constants(body, constants[slug])), None)

    def describe_constants(self, call: ApiCall, slugs: Sequence[str]) -> str:
        """Return in words what a body has instead of the constants of the models."""
        body = self._decode_body(call, slugs[0])
        names = sorted({name for slug in slugs for name in self._sends[slug]})
        return ", ".join(
            f"{name} {json.dumps(body[name], default=plain)[:80]}" if name in body else f"no {name}"
            for name in names
        )

    def check(self, call: ApiCall, slug: str) -> tuple[dict[str, Any], list[InvalidValue]]:
        """Return the parameters of a request, and what is wrong with them. Raises BodyError."""
        if call.checked is None:
            validation = self._validations[slug]
            try:
                parameters = validation.read_texts(self._decode(call, slug))
                call.inputs = self._inputs[slug].find(parameters)
                violations = self._inputs[slug].violations(call.inputs)
                call.checked = parameters, validation.invalid_values(parameters, violations)
            except WrapError as error:
                wrap = self._wrap_of(call) or ""
                call.checked = {}, [InvalidValue((wrap,), {"type": "object"}, str(error), is_missing=True)]
        return call.checked

    def is_valid(self, call: ApiCall) -> bool:
        """Return whether the parameters of a request are valid."""
        try:
            return call.body is not None and not self.check(call, call.entry.model or "")[1]
        except BodyError:
            return False

    def parameters_or_empty(self, call: ApiCall) -> dict[str, Any]:
        """Return the parameters of a request; an empty dict if its body is invalid."""
        try:
            return self._decode(call, call.entry.model or "")
        except (BodyError, WrapError, KeyError):
            return {}

    def _decode(self, call: ApiCall, slug: str) -> dict[str, Any]:
        """Return the parameters in a body. Raises BodyError and WrapError."""
        model = self._models[slug]
        parameters = take_parameters(self._decode_body(call, slug), model.sends, self._wrap_of(call))
        return coerce(parameters, model.parameters) if self._is_lenient else parameters

    def _decode_body(self, call: ApiCall, slug: str) -> dict[str, Any]:
        if call.encoding.is_form:
            content_type = call.request.headers.get("content-type", "")
            return decode_form(call.body or b"", content_type, self._models[slug].parameters, exact_number)
        return decode_json(call.body or b"", exact_number)

    def _wrap_of(self, call: ApiCall) -> str | None:
        return (
            None if call.encoding.is_form else self._api.wrap_of("json", job=call.entry.surface == "submit")
        )


def body_of(call: ApiCall, parameters: dict[str, Any]) -> Any:
    """Return the body of a valid request as JSON data; that of another encoding is its parameters."""
    try:
        return json.loads(call.body or b"", parse_int=exact_number, parse_float=exact_number)
    except (ValueError, RecursionError):
        return parameters


def record_body(call: ApiCall) -> None:
    """Add the body to the journal, with descriptions of the files in it."""
    assert call.body is not None
    if call.encoding.is_form:
        with suppress(BodyError):
            fields: dict[str, list[Any]] = {}
            for name, value in form_fields(call.body, call.request.headers.get("content-type", "")):
                fields.setdefault(name, []).append(value)
            shown = {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
            call.entry.record_body(call.body, json.dumps(shown).encode())
            return
    call.entry.record_body(call.body)


def _texts_of(sends: Mapping[str, Any]) -> dict[str, str]:
    """Return constants as the texts of a form."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in sends.items()}


def _file_size(parameters: Iterable[Parameter]) -> int:
    """Return the bytes that the files of a request can have, as they are encoded."""
    size = 0
    for each in parameters:
        # Base64 has four characters for three bytes.
        own = (each.max_size or 0) if each.type == "file" else (each.max_size or 0) * 4 // 3 + START
        items = (each.max_items or 1) * _file_size([each.items]) if each.items is not None else 0
        size += (own if each.is_media else 0) + items + _file_size((*each.properties, *each.branches))
    return size
