"""Scripted answers: what the emulator responds to a request that a test describes, instead of doing the work.

A scripted answer is an object with these members, all optional:

    model, surface     the requests for one model, on one surface
    when               values that the body of the request must have, by JSON pointer: {"/prompt": "a red fox"}
    times              for that many requests only
    status             200 to 599; 200 by default
    headers            more headers
    body               JSON, or a text of another media type
    base64             bytes, instead of `body`
    media_type         by default application/json, and application/octet-stream for bytes

`{request:/prompt}` in a text of the body is the value at that JSON pointer of the request's body, or null. If it is the
whole text, it is the value itself. `{{` and `}}` are braces. The first answer that applies and is not used up is sent.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast, get_args

from starlette.responses import Response

from speccast.core.suggestions import closest
from speccast.core.values import is_equal
from speccast.emulator.exact_numbers import exact
from speccast.emulator.responses import json_bytes
from speccast.emulator.routes import Surface
from speccast.specs.document import json_pointer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from speccast.core.api import Api

SURFACES: tuple[Surface, ...] = get_args(Surface)
WITH_BODY: tuple[Surface, ...] = ("sync", "submit")
"""Surfaces whose requests have a body."""

JSON = "application/json"
BYTES = "application/octet-stream"

MAX_TIMES = 10**9

_MEMBERS = ("model", "surface", "when", "times", "status", "headers", "body", "base64", "media_type")
_PART = re.compile(r"\{\{|\}\}|\{request:([^{}]*)\}|[{}]")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t -~]*")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(\s*;[ -~]*)?", re.ASCII)


class ScriptError(ValueError):
    """A scripted answer is invalid. The message says what would be valid."""


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    """An answer and the requests that get it. `body` is JSON data, text of another media type, or bytes; None for an empty body."""

    body: Any = None
    is_empty: bool = True
    media_type: str = JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    model: str | None = None
    surface: Surface | None = None
    when: tuple[tuple[tuple[str, ...], Any], ...] = ()
    times: int | None = None

    def response(self, request: Callable[[], Any]) -> Response:
        """Return the response, filled from the body of a request."""
        if self.is_empty:
            content = b""
        elif isinstance(self.body, bytes):
            content = self.body
        elif _is_json(self.media_type):
            content = json_bytes(_fill(self.body, request))
        else:
            content = _text(_fill(self.body, request)).encode("utf-8", "replace")
        media_type = None if self.is_empty else self.media_type
        return Response(content, self.status, dict(self.headers), media_type=media_type)


@dataclass(slots=True)
class ArmedAnswer:
    """A scripted answer with its number, its remaining `times`, and how often it was sent."""

    number: int
    answer: ScriptedAnswer
    left: int | None
    sent: int = 0

    def as_json(self) -> dict[str, Any]:
        answer = self.answer
        shown = {name: getattr(answer, name) for name in ("model", "surface", "status", "headers")}
        return {
            "number": self.number,
            **shown,
            "when": {json_pointer(pointer): value for pointer, value in answer.when},
            "media_type": None if answer.is_empty else answer.media_type,
            "body": f"{len(answer.body)} bytes" if isinstance(answer.body, bytes) else answer.body,
            "left": self.left,
            "sent": self.sent,
        }


class ScriptedAnswers:
    """The scripted answers of an emulator, in the order in which they were added."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.clear()

    def clear(self) -> None:
        self._armed: list[ArmedAnswer] = []

    def list_armed(self) -> tuple[ArmedAnswer, ...]:
        return tuple(self._armed)

    def add(self, values: Iterable[object]) -> None:
        """Add answers, which are JSON objects.

        Raises:
            ScriptError: one of them is invalid, or can never be sent by this API; then none is added.
        """
        answers = [parse_answer(value) for value in values]
        for answer in answers:
            self._check(answer)
        first = len(self._armed) + 1
        self._armed += [
            ArmedAnswer(number, answer, answer.times) for number, answer in enumerate(answers, first)
        ]

    def answer_to(
        self, surface: Surface, model: str | None, request: Callable[[], Any]
    ) -> tuple[int, Response] | None:
        """Return the number and the response of the first answer for a request, and count it; None if there is none."""
        for armed in self._armed:
            answer = armed.answer
            if armed.left == 0 or answer.surface not in (None, surface) or answer.model not in (None, model):
                continue
            if not _matches(answer, surface, request):
                continue
            armed.sent += 1
            armed.left = None if armed.left is None else armed.left - 1
            return armed.number, answer.response(request if surface in WITH_BODY else lambda: None)
        return None

    def _check(self, answer: ScriptedAnswer) -> None:
        models = {model.slug: model for model in self._api.models}
        if answer.model is not None and answer.model not in models:
            close = closest(answer.model, models)
            hint = f"did you mean {close}?" if close else f"known models: {', '.join(models)}"
            raise ScriptError(f"unknown model {answer.model!r}; {hint}")
        selected = [models[answer.model]] if answer.model is not None else models.values()
        jobs = self._api.jobs
        has_surface = {
            "sync": any(model.is_sync for model in selected),
            "upload": answer.model is None and self._api.upload is not None,
            "cancel": jobs is not None
            and jobs.cancel is not None
            and any(model.is_async for model in selected),
        }
        is_possible = answer.surface is None or has_surface.get(
            answer.surface, any(model.is_async for model in selected)
        )
        if not is_possible:
            raise ScriptError(f"{answer.model or 'the API'} does not have the surface {answer.surface}")


def parse_answer(value: object) -> ScriptedAnswer:
    """Return the scripted answer that a JSON object describes.

    Raises:
        ScriptError: it is invalid.
    """
    if not isinstance(value, dict):
        raise ScriptError(f"an answer must be an object with some of {', '.join(_MEMBERS)}")
    members = cast("dict[str, Any]", value)
    for name in members:
        if name not in _MEMBERS:
            close = closest(name, _MEMBERS)
            hint = f"did you mean {close}?" if close else f"known: {', '.join(_MEMBERS)}"
            raise ScriptError(f"unknown member {name!r}; {hint}")
    surface = members.get("surface")
    if surface is not None and surface not in SURFACES:
        raise ScriptError(f"surface must be one of {', '.join(SURFACES)} (got {surface!r})")
    status = _integer(members, "status", 200, 599) or 200
    body, media_type = _body(members)
    is_empty = "body" not in members and "base64" not in members
    if not is_empty and status in (204, 304):
        raise ScriptError(f"a response with status {status} cannot have a body")
    if surface not in (None, *WITH_BODY) and not isinstance(body, bytes) and _reads_request(body):
        raise ScriptError("{request:…} needs a request with a body: surface sync or submit")
    return ScriptedAnswer(
        body=body,
        is_empty=is_empty,
        media_type=media_type,
        status=status,
        headers=_headers(members.get("headers")),
        model=_optional_text(members, "model"),
        surface=surface,
        when=_conditions(members.get("when"), surface),
        times=_integer(members, "times", 1, MAX_TIMES),
    )


def _body(members: Mapping[str, Any]) -> tuple[Any, str]:
    """Return the body and its media type."""
    media_type = _optional_text(members, "media_type")
    if media_type is not None and not _MEDIA_TYPE.fullmatch(media_type):
        raise ScriptError(f"media_type must be a media type such as image/png (got {media_type!r})")
    if "base64" in members:
        if "body" in members:
            raise ScriptError("an answer has a body or a file (base64), not both")
        try:
            content = base64.b64decode(members["base64"], validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise ScriptError("base64 must be bytes in Base64") from error
        return content, media_type or BYTES
    media_type = media_type or JSON
    body = exact(members.get("body"))
    if not _is_json(media_type) and "body" in members and not isinstance(body, str):
        raise ScriptError(f"the body of {media_type} must be a text; write bytes as base64")
    _check_placeholders(body)
    return body, media_type


def _conditions(when: object, surface: Surface | None) -> tuple[tuple[tuple[str, ...], Any], ...]:
    if when is None:
        return ()
    if not isinstance(when, Mapping):
        raise ScriptError('when must be an object of values by JSON pointer: {"/prompt": "a red fox"}')
    if surface not in (None, *WITH_BODY):
        raise ScriptError("when needs a request with a body: surface sync or submit")
    return tuple((_pointer(pointer), exact(value)) for pointer, value in when.items())


def _headers(headers: object) -> dict[str, str]:
    if headers is None:
        return {}
    if not isinstance(headers, Mapping):
        raise ScriptError('headers must be an object of texts: {"retry-after": "2"}')
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ScriptError(f"invalid header name {name!r}")
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise ScriptError(f"the header {name} must be a text of one line in ASCII (got {value!r})")
        if name.lower() in ("content-type", "content-length", "transfer-encoding", "connection"):
            raise ScriptError(f"the header {name} cannot be set; use media_type for the type of the body")
    return dict(headers)


def _integer(members: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    value = members.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ScriptError(f"{name} must be an integer from {least} to {most} (got {value!r})")
    return value


def _optional_text(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise ScriptError(f"{name} must be a text (got {value!r})")
    return value


def _matches(answer: ScriptedAnswer, surface: Surface, request: Callable[[], Any]) -> bool:
    if not answer.when:
        return True
    if surface not in WITH_BODY:
        return False
    body = request()
    missing = object()
    for pointer, expected in answer.when:
        found = _at(body, pointer, missing)
        if found is missing or not is_equal(found, expected):
            return False
    return True


def _check_placeholders(value: object) -> None:
    """Raise ScriptError for a text with an unknown placeholder, a single brace, or an invalid pointer."""
    for text in _texts(value):
        for match in _PART.finditer(text):
            if match[0] in ("{", "}"):
                raise ScriptError(
                    f"unknown placeholder in {text[:60]!r}; known: {{request:/POINTER}}; write {{{{ and }}}} for braces"
                )
            if match[1] is not None:
                _pointer(match[1])


def _reads_request(value: object) -> bool:
    return any(match[1] is not None for text in _texts(value) for match in _PART.finditer(text))


def _texts(value: object) -> Iterable[str]:
    """Yield the texts in JSON data, without the names of members."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _fill(value: Any, request: Callable[[], Any]) -> Any:
    """Return JSON data with its placeholders replaced by values of the request's body."""
    if isinstance(value, list):
        return [_fill(item, request) for item in value]
    if isinstance(value, dict):
        return {name: _fill(member, request) for name, member in value.items()}
    if not isinstance(value, str) or not ("{" in value or "}" in value):
        return value
    whole = _PART.fullmatch(value)
    if whole is not None and whole[1] is not None:
        return _at(request(), _pointer(whole[1]), None)

    def replacement(match: re.Match[str]) -> str:
        return match[0][0] if match[1] is None else _text(_at(request(), _pointer(match[1]), None))

    return _PART.sub(replacement, value)


def _pointer(text: str) -> tuple[str, ...]:
    """Return the tokens of a JSON pointer."""
    if text and not text.startswith("/"):
        raise ScriptError(f"a JSON pointer starts with a slash, such as /prompt (got {text!r})")
    if re.search("~(?![01])", text):
        raise ScriptError(f"in a JSON pointer, ~ is written ~0, and a slash in a name ~1 (got {text!r})")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:])


def _at(value: Any, pointer: tuple[str, ...], default: Any) -> Any:
    """Return the value at a pointer, or the default."""
    for token in pointer:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and re.fullmatch("0|[1-9][0-9]{0,8}", token) and int(token) < len(value):
            value = value[int(token)]
        else:
            return default
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json_bytes(value).decode()


def _is_json(media_type: str) -> bool:
    essence = media_type.partition(";")[0].strip().lower()
    return essence == JSON or essence.endswith("+json")
