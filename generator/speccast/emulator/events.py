"""Streamed responses: the server-sent events of the spec, sent one by one with a pause between them."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from speccast.emulator.responses import json_bytes
from speccast.emulator.writing import write_text
from speccast.samples.filling import fill, fill_headers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from starlette.types import Receive, Scope, Send

    from speccast.core.answers import Answer, Event
    from speccast.emulator.output_request import OutputRequest

MEDIA_TYPE = "text/event-stream"


class EventStream(Response):
    """A response whose body is sent event by event. `body` is all of it."""

    media_type = MEDIA_TYPE

    def __init__(
        self, events: Sequence[bytes], delay: float, status: int, headers: Mapping[str, str]
    ) -> None:
        super().__init__(b"".join(events), status, {"cache-control": "no-cache", **headers})
        del self.headers["content-length"]
        self._events = events
        self._delay = delay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send each event when its time has come."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for number, event in enumerate(self._events):
            await asyncio.sleep(self._delay if number else 0)
            await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def event_stream(
    answer: Answer,
    values: Mapping[str, Any],
    output: OutputRequest,
    *,
    delay: float,
    headers: Mapping[str, str],
    error: object = None,
) -> EventStream:
    """Return the streamed response of the spec.

    Args:
        answer: an answer with events.
        values: the values of placeholders, except the text.
        output: what the model writes.
        delay: seconds between two events.
        headers: further headers.
        error: JSON of an error that is sent after the first half of the events, instead of the others.
    """
    events = [_encode(event, values) for event in _events(answer, output)]
    if error is not None:
        name = "error" if any(event.event for event in answer.events) else ""
        events[len(events) // 2 :] = [encode_event(name, error)]
    return EventStream(events, delay, answer.status or 200, {**headers, **fill_headers(answer, values)})


def encode_event(name: str, data: object) -> bytes:
    """Return an event as it is sent: text line by line, other data as JSON."""
    text = data.encode("utf-8", "replace") if isinstance(data, str) else json_bytes(data)
    lines = [b"data: " + line for line in re.split(rb"\r\n|\r|\n", text)]
    return b"\n".join([*([b"event: " + name.encode()] if name else []), *lines, b"", b""])


def _events(answer: Answer, output: OutputRequest) -> Iterator[tuple[Event, str | None]]:
    """Yield the events in their order, those with text once for each piece."""
    for event in answer.events:
        if event.has_text:
            for number in range(output.count):
                for piece in re.findall(r"\S+\s*", write_text(output, number)):
                    yield event, piece
        else:
            yield event, None


def _encode(event: tuple[Event, str | None], values: Mapping[str, Any]) -> bytes:
    sample, piece = event
    data = fill(sample.data, values, [] if piece is None else [{"text": piece}])
    return encode_event(sample.event, data)
