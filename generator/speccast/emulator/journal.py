"""The journal: the latest requests in the order in which they arrived, without keys, and what they were answered."""

from __future__ import annotations

import itertools
import json
import re
from collections import deque
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl, urlencode

from speccast.findings import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from speccast.core.auth import Auth
    from speccast.emulator.clock import EmulatorClock

REDACTED = "[redacted]"

MAX_BODY = 64 * 1024
"""Bytes of a body that are kept, so that the size of a full journal is bounded."""

MAX_TEXTS = (4096, 256, 32)
"""Characters that are kept of each text in a larger body: the first number with which the body fits."""

MAX_RESPONSE = 500
"""Bytes of a response that are kept, if it is text."""

_SECRET = re.compile("key|token|secret|auth|cookie", re.IGNORECASE)
"""Names of headers and query parameters that may contain a key."""


@dataclass(slots=True)
class RecordedRequest:
    """One request in the journal of the emulator, without its key.

    Attributes:
        surface: sync, submit, status, result, cancel, output or upload; None if the path is not one of the API's.
        model: slug of the model; None if the path is not one of the API's.
        status: None until the response, and if there is none.
        size: bytes of the body.
        faults: the faults that were applied, as they were written.
        violations: the invalid parameters, each with `parameter`, `limit`, `message` and `value`.
        inputs: pictures, sounds, films and documents, each with `parameter`, `form` (url, base64, data_uri, file) and, where
            they are known, `url`, `media_type`, `size` in bytes, `width` and `height`, or `seconds`.
        answer: number of the scripted answer that was sent.
        response: the beginning of the response, or its type and size if it is not text.
    """

    number: int
    time: float
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    surface: str | None = None
    model: str | None = None
    status: int | None = None
    size: int = 0
    faults: list[str] = field(default_factory=list[str])
    violations: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    inputs: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    answer: int | None = None
    response: str | None = None
    _body: bytes | None = field(default=None, repr=False)

    @property
    def body(self) -> Any:
        """JSON data, a string if it is not JSON, None if it was not read because the request was refused."""
        return _json_or_text(self._body)

    def record_body(self, body: bytes, shown: bytes | None = None) -> None:
        """Record the body, or the JSON that is shown instead of it.

        In a larger one than `MAX_BODY`, long texts are shortened; if it is not JSON, it is cut.
        """
        self.size = len(body)
        shown = body if shown is None else shown
        self._body = shown if len(shown) <= MAX_BODY else _shorten_body(shown)

    def record_response(self, response: Response) -> None:
        """Record the status and the beginning of a response."""
        self.status = response.status_code
        media_type = response.media_type or ""
        if media_type.endswith("json") or media_type.startswith("text/"):
            self.response = bytes(response.body[:MAX_RESPONSE]).decode("utf-8", "replace")
        else:
            self.response = f"{media_type}, {len(response.body)} bytes"

    def line(self) -> str:
        """Return the request and its response in one line, for people."""
        query = f"?{urlencode(self.query)}" if self.query else ""
        status = "no response" if self.status is None else str(self.status)
        causes = [*self.faults, *([] if self.answer is None else [f"scripted answer {self.answer}"])]
        faults = f" [{', '.join(causes)}]" if causes else ""
        text = " ".join((self.response or "").split())
        return printable(f"{self.method} {self.path}{query} {status}{faults} {text}".rstrip())

    def as_json(self) -> dict[str, Any]:
        names = [each.name for each in fields(self) if each.name != "_body"]
        return {name: getattr(self, name) for name in (*names, "body")}


class RequestJournal:
    """The latest requests, at most `length` of them."""

    def __init__(self, length: int, clock: EmulatorClock, auth: Auth | None) -> None:
        self._entries: deque[RecordedRequest] = deque(maxlen=length)
        self._clock = clock
        places = auth.places if auth is not None else ()
        self._secrets = frozenset(name.lower() for _, name in places)
        self.clear()

    def clear(self) -> None:
        self._entries.clear()
        self._numbers = itertools.count(1)

    def open(self, request: Request) -> RecordedRequest:
        """Add an entry, which is completed while the request is processed. Security: it never contains a key."""
        scope = request.scope
        query = scope["query_string"].decode("latin-1")
        entry = RecordedRequest(
            next(self._numbers),
            self._clock.now(),
            scope["method"],
            scope["path"],
            self._without_keys(parse_qsl(query, keep_blank_values=True)) if query else {},
            self._without_keys(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
            ),
        )
        self._entries.append(entry)
        return entry

    def entries(self, *, model: str | None = None, status: int | None = None) -> list[RecordedRequest]:
        """Return the requests in order, filtered by model and status."""
        return [
            entry
            for entry in self._entries
            if model in (None, entry.model) and (status is None or entry.status == status)
        ]

    def _without_keys(self, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
        return {name: REDACTED if _is_secret(name, self._secrets) else value for name, value in pairs}


def _is_secret(name: str, secrets: frozenset[str]) -> bool:
    """Return whether a value with this name may be a key; `secrets` are the names of the API's auth, in lower case."""
    return name.lower() in secrets or _SECRET.search(name) is not None


def _shorten_body(body: bytes) -> bytes:
    try:
        value = json.loads(body, parse_constant=_refuse)
        for longest in MAX_TEXTS:
            shorter = json.dumps(_shorten(value, longest)).encode()
            if len(shorter) <= MAX_BODY:
                return shorter
    except (ValueError, RecursionError):
        pass
    return body[:MAX_BODY]


def _shorten(value: Any, longest: int) -> Any:
    """Return a JSON value with all longer texts cut."""
    if isinstance(value, str) and len(value) > longest:
        return f"{value[:longest]}… ({len(value)} characters)"
    if isinstance(value, list):
        return [_shorten(item, longest) for item in value]
    if isinstance(value, dict):
        return {name: _shorten(member, longest) for name, member in value.items()}
    return value


def _json_or_text(body: bytes | None) -> Any:
    """Return the value of a JSON body, or the text of another one."""
    if body is None:
        return None
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
