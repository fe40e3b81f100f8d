# speccast: if events
"""Server-sent events, read piece by piece as the HTML standard says ("Interpreting an event stream").

The HTTP library has a reader too, which keeps a byte order mark, reports events without data, holds an event back whose
last line ends with a lone carriage return, and decodes other character sets than UTF-8.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

__all__ = ["EventReader", "EventTooLargeError", "ServerEvent"]

_BOM = b"\xef\xbb\xbf"
_END_OF_LINE = re.compile(rb"\r\n|\r|\n")


class EventTooLargeError(Exception):
    """An event has more bytes than allowed."""


class ServerEvent(NamedTuple):
    """A server-sent event."""

    event: str
    """Its name; `message` if the server sends none."""
    data: str
    id: str = ""
    """The last id that the server sent."""
    text: str = ""
    """The piece of the text in it; empty if it has none."""

    def json(self) -> Any:
        """Return the data as JSON. Raises ValueError if it is not JSON."""
        return json.loads(self.data, strict=False)


class EventReader:
    """Reads the bytes of a stream."""

    def __init__(self, max_bytes: int) -> None:
        """`max_bytes` limits each event, so that a line without an end cannot fill the memory."""
        self._max_bytes = max_bytes
        self._line = bytearray()
        """The beginning of a line whose end is still to come."""
        self._is_first = True
        self._skips_newline = False
        """Whether the last line ended with a carriage return: a newline after it belongs to that end."""
        self._name = self._id = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """Return the events that the next bytes complete. Raises EventTooLargeError."""
        if self._skips_newline and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._skips_newline = False
        self._skips_newline |= chunk.endswith(b"\r")
        *complete, rest = _END_OF_LINE.split(chunk)
        events: list[ServerEvent] = []
        for line in complete:
            self._extend(line)
            whole = bytes(self._line)
            self._line.clear()
            if (event := self._read(whole)) is not None:
                events.append(event)
        self._extend(rest)
        return events

    def _extend(self, part: bytes) -> None:
        self._line += part
        if self._size + len(self._line) > self._max_bytes:
            raise EventTooLargeError

    def _read(self, line: bytes) -> ServerEvent | None:
        """Read a line. Return the event if the line ends one."""
        if self._is_first:
            line, self._is_first = line.removeprefix(_BOM), False
        if not line:
            return self._complete()
        self._size += len(line)
        name, _, value = line.decode(errors="replace").partition(":")
        value = value.removeprefix(" ")
        match name:
            case "event":
                self._name = value
            case "data":
                self._data.append(value)
            case "id" if "\0" not in value:
                self._id = value
            case _:
                """A comment, the time to wait before connecting again, or a field that the standard does not have."""
        return None

    def _complete(self) -> ServerEvent | None:
        event = ServerEvent(self._name or "message", "\n".join(self._data), self._id) if self._data else None
        self._name, self._size = "", 0
        self._data.clear()
        return event


# speccast: end
