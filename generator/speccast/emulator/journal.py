"""The journal: the latest requests in the order in which they arrived, without keys."""

from __future__ import annotations

import itertools
import json
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request

    from speccast.core.auth import Auth
    from speccast.emulator.clock import Clock

REDACTED = "[redacted]"

MAX_BODY = 64 * 1024
"""Bytes of a body that are kept, so that the size of a full journal is bounded."""

_SECRET = re.compile("key|token|secret|auth|cookie", re.IGNORECASE)
"""Names of headers and query parameters that may contain a key."""


@dataclass(slots=True)
class JournalEntry:
    """One request. `status` is None until the response, and if there is none.

    `body` is None if the request was refused before its body was read; `size` is its length in bytes. `faults` are the
    texts of the faults that applied to it.
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
    body: bytes | None = None
    size: int = 0
    faults: tuple[str, ...] = ()

    def record_body(self, body: bytes) -> None:
        """Record the body, cut at `MAX_BODY`."""
        self.size = len(body)
        self.body = body[:MAX_BODY]

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "time": self.time,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "surface": self.surface,
            "model": self.model,
            "status": self.status,
            "body": _json_or_text(self.body),
            "size": self.size,
            "faults": list(self.faults),
        }


class Journal:
    """The latest requests, at most `length` of them."""

    def __init__(self, length: int, clock: Clock, auth: Auth | None) -> None:
        self._entries: deque[JournalEntry] = deque(maxlen=length)
        self._clock = clock
        places = auth.places if auth is not None else ()
        self._secrets = frozenset(name.lower() for _, name in places)
        self.clear()

    def clear(self) -> None:
        self._entries.clear()
        self._numbers = itertools.count(1)

    def open(self, request: Request) -> JournalEntry:
        """Add an entry, which is completed while the request is processed. Security: it never contains a key."""
        scope = request.scope
        query = scope["query_string"].decode("latin-1")
        entry = JournalEntry(
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

    def entries(self, *, model: str | None = None, status: int | None = None) -> list[JournalEntry]:
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


def _json_or_text(body: bytes | None) -> Any:
    """The value of a JSON body, or the text of another one."""
    if body is None:
        return None
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
