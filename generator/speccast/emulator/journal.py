"""What was asked of the emulator: its latest requests, in the order in which they came, without the keys."""

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

    from speccast.emulator.clock import Clock
    from speccast.emulator.contract import Contract

REDACTED = "[redacted]"

MAX_BODY = 64 * 1024
"""Bytes of a body that are kept, so that a full journal has a size that can be told."""

_SECRET = re.compile("key|token|secret|auth|cookie", re.IGNORECASE)
"""Names of headers and query parameters that may carry a key, wherever the API wants it."""


@dataclass(slots=True)
class Entry:
    """One request. `status` is None while it is being answered, and for good where it got no answer.

    `body` is None where the request was refused before its body was read; `size` is its length in bytes. `faults` are
    those that struck it.
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

    def read(self, body: bytes) -> None:
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
            "body": _told(self.body),
            "size": self.size,
            "faults": list(self.faults),
        }


class Journal:
    """The latest requests, at most `length` of them."""

    def __init__(self, length: int, clock: Clock, contract: Contract) -> None:
        self._entries: deque[Entry] = deque(maxlen=length)
        self._clock = clock
        places = contract.auth.places if contract.auth is not None else ()
        self._secrets = frozenset(name.lower() for _, name in places)
        self.clear()

    def clear(self) -> None:
        self._entries.clear()
        self._numbers = itertools.count(1)

    def open(self, request: Request) -> Entry:
        """A new entry, which is completed while the request is answered. Keys never get into it."""
        scope = request.scope
        query = scope["query_string"].decode("latin-1")
        entry = Entry(
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

    def entries(self, *, model: str | None = None, status: int | None = None) -> list[Entry]:
        """The requests in order; of one model, or answered with one status, where that is asked for."""
        return [
            entry
            for entry in self._entries
            if model in (None, entry.model) and (status is None or entry.status == status)
        ]

    def _without_keys(self, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
        return {name: REDACTED if _is_secret(name, self._secrets) else value for name, value in pairs}


def _is_secret(name: str, secrets: frozenset[str]) -> bool:
    """Whether a value under this name may be a key; `secrets` are the names of the API's auth, in lower case."""
    return name.lower() in secrets or _SECRET.search(name) is not None


def _told(body: bytes | None) -> Any:
    """The value of a body, or its text where it is no JSON."""
    if body is None:
        return None
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
