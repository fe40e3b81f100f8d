# speccast: if events
"""Streamed text: `TextStream`, and `AsyncTextStream` of an asynchronous client."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from .._core.places import EventPlaces, read, read_first
from .calls import Call, open_call
from .cost import number_in, of_call
from .errors import ConfigurationError, InvalidResponseError
from .execution import settings_for
from .headers import Headers
from .plain_text import clean
from .response import (
    MAY_BE_BILLED,
    NOT_JSON,
    as_object,
    connection_error,
    invalid_response,
    metadata,
    parse_json,
    request_id_of,
    status_error,
)
from .response_check import find_error
from .settings import Settings
from .sse import EventReader, EventTooLargeError, ServerEvent
from .steps import Close, RequestFailure, Response
from .steps import read as read_piece
from .transport import AsyncBody, AsyncTransport, Body, SyncTransport

if TYPE_CHECKING:
    from .steps import Program

__all__ = ["AsyncTextStream", "TextStream"]

_MEDIA_TYPE = "text/event-stream"
_MAX_EVENT = 4 * 1024 * 1024
"""Bytes of the largest event."""
_DEEPEST = 64


class _TextStream:
    """What both kinds of streams share: everything but reading."""

    status_code: int
    headers: Mapping[str, str]
    """The headers of the response; names in any case."""
    metadata: dict[str, str | int | float]
    """Values of the documented headers, such as the cost; the spec defines the keys."""
    request_id: str | None
    """The server's id of the request."""

    def __init__(self, settings: Settings, call: Call, places: EventPlaces) -> None:
        self._settings = settings_for(settings, call)
        self._call = call
        self._places = places
        self._reader = EventReader(_MAX_EVENT)
        self._waiting: deque[ServerEvent] = deque()
        """Events that have arrived and are not read yet."""
        self._pieces: list[str] = []
        self._size = 0
        self._paid: dict[str, float] = {}
        """Cost and remaining credits, as far as events report them."""
        self._is_counted = False
        self._is_sent = self._is_open = self._is_over = False

    def _mark_sent(self) -> None:
        """Raise ConfigurationError if the request was sent before, also in vain: it may have been billed."""
        if self._is_sent:
            raise ConfigurationError("the stream was opened before: create another one to repeat the call")
        self._is_sent = True

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._pieces)

    @property
    def cost(self) -> float | None:
        """What the call cost, in the unit of the API; None unless a header or an event so far says it."""
        return self._number("cost")

    @property
    def remaining_credits(self) -> float | None:
        """What is left on the account, in the unit of the API; None unless a header or an event so far says it."""
        return self._number("remaining_credits")

    def _number(self, name: str) -> float | None:
        in_headers = of_call(name, self.__dict__.get("metadata", {}), b"", ())
        return self._paid.get(name) if in_headers is None else in_headers

    def _begin(self, response: Response) -> None:
        self.status_code = response.status
        self.headers = Headers(response.headers)
        self.metadata = metadata(response.headers, self._settings.api)
        self.request_id = request_id_of(response, self._settings.api)
        self._is_open = True

    def _next(self) -> ServerEvent | None:
        """Return the next event that has arrived, if there is one. Raises the error that it reports."""
        if not (self._is_open or self._is_over):
            raise ConfigurationError("the stream is not open: read it inside its `with` block")
        if not self._waiting:
            return None
        event = self._waiting.popleft()
        value = parse_json(event.data)
        self._note_cost(value)
        is_text = self._places.event in ("", event.event)
        piece = _join(read(self._places.text, value) if self._places.text else event.data) if is_text else ""
        if self._is_last(event):
            self._is_over = True
            self._waiting.clear()
        elif piece:
            self._pieces.append(piece)
            return event._replace(text=piece)
        elif (error := self._error_in(event, value)) is not None:
            raise self._reported(error, value, event.data)
        return event

    def _take(self, chunk: bytes | RequestFailure) -> None:
        """Take what the connection has brought. Raises errors of the connection, and of a response that ends early."""
        if isinstance(chunk, RequestFailure):
            raise self._broken(chunk)
        limit = self._settings.max_response_bytes
        self._size += len(chunk)
        try:
            self._waiting += self._reader.feed(chunk)
        except EventTooLargeError:
            raise self._broken(
                RequestFailure("too_large", sent=True, text=f"an event is larger than {_MAX_EVENT} bytes")
            ) from None
        if limit is not None and self._size > limit:
            raise self._broken(
                RequestFailure("too_large", sent=True, text=f"the response is larger than {limit} bytes")
            )
        if not chunk:
            if self._places.last_event or self._places.last_data is not None:
                raise self._broken(
                    RequestFailure("connection", sent=True, text="the response ended without its last event")
                )
            self._is_over = True

    def _note_cost(self, value: object) -> None:
        for name, paths in (
            ("cost", self._places.cost),
            ("remaining_credits", self._places.remaining_credits),
        ):
            number = number_in(read_first(paths, value)) if paths else None
            if number is not None:
                self._paid[name] = number

    def _end(self) -> None:
        self._is_open = False
        self._waiting.clear()
        if not self._is_counted and "cost" in self._paid:
            self._is_counted = True
            if of_call("cost", self.metadata, b"", ()) is None:  # a cost in the headers was counted before
                self._settings.count_cost(self._paid["cost"])

    def _is_last(self, event: ServerEvent) -> bool:
        if self._places.last_event:
            return event.event == self._places.last_event
        return event.data == self._places.last_data

    def _error_in(self, event: ServerEvent, value: object) -> str | None:
        """Return the text of the error that an event reports; None if it reports none."""
        if event.event == "error":
            return find_error(value, self._settings.api) or event.data
        members = as_object(value)
        if members is None or event.event not in ("message", self._places.event):
            return None
        # An object of that name is a message of the conversation.
        kept = {name: each for name, each in members.items() if name != "message" or isinstance(each, str)}
        return find_error(kept, self._settings.api)

    def _reported(self, error: str, value: object, data: str) -> Exception:
        """Return the exception for an error in the stream: that of its status, if it has one."""
        hint = f"The error came after {self._so_far()}. {MAY_BE_BILLED}"
        if (status := _status_in(value)) is not None:
            response = Response(status, "", dict(self.headers), data.encode(errors="replace"))
            return status_error(self._settings, response, hints=(hint,))
        redactor = self._settings.redactor
        return InvalidResponseError(
            f"the server reported an error: {redactor.text(error).rstrip('.')}. {hint}",
            status=self.status_code,
            detail=redactor.text(error),
            request_id=redactor.text(self.request_id) if self.request_id else None,
            body=redactor.text(data) if value is NOT_JSON else redactor.json(value),
            headers={name: redactor.text(each) for name, each in self.headers.items()},
        )

    def _broken(self, failure: RequestFailure) -> Exception:
        """Return the exception for a response that is not complete."""
        text = f"{failure.text}, after {self._so_far()}"
        return connection_error(
            self._settings, failure._replace(text=text, headers=self.headers), billed=True
        )

    def _so_far(self) -> str:
        size = len(self.text)
        return f"{size} character{'' if size == 1 else 's'} of the text"

    def __repr__(self) -> str:
        if "_pieces" not in self.__dict__:
            return f"<{type(self).__name__}, not initialized>"
        state = "complete" if self._is_over else "open" if self._is_open else "not opened"
        return clean(f"<{type(self).__name__} of {self._call.slug}, {state}, {len(self.text)} characters>")


class TextStream(_TextStream):
    """The text of a model, piece by piece as it arrives.

        with client.chat.stream(prompt="…") as stream:
            for piece in stream:
                print(piece, end="", flush=True)

    The request is sent at the beginning of the `with` block, and its end closes the connection. Nothing is read ahead.
    """

    _body: Body | None = None

    def __init__(self, settings: Settings, transport: SyncTransport, call: Call, places: EventPlaces) -> None:
        """Models create streams."""
        super().__init__(settings, call, places)
        self._transport = transport

    def __enter__(self) -> TextStream:
        self._mark_sent()
        response, self._body = self._transport.run(_open(self._settings, self._call))
        self._begin(response)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[str]:
        """Return the pieces of the text. Raises errors of the API and the connection also in the middle of it."""
        return (event.text for event in self.events() if event.text)

    def events(self) -> Iterator[ServerEvent]:
        """Yield all events, also those without text."""
        try:
            while True:
                while (event := self._next()) is not None:
                    yield event
                if self._body is None or self._is_over:
                    break
                self._take(self._body.read())
        except Exception:
            self.close()
            raise
        self.close()

    def close(self) -> None:
        """Close the connection. What the model still writes is billed as well."""
        self._end()
        body, self._body = self._body, None
        if body is not None:
            body.close()


class AsyncTextStream(_TextStream):
    """`TextStream`, asynchronous: `async with` and `async for`."""

    _body: AsyncBody | None = None

    def __init__(
        self, settings: Settings, transport: AsyncTransport, call: Call, places: EventPlaces
    ) -> None:
        """Models create streams."""
        super().__init__(settings, call, places)
        self._transport = transport

    async def __aenter__(self) -> AsyncTextStream:
        self._mark_sent()
        response, self._body = await self._transport.run(_open(self._settings, self._call))
        self._begin(response)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def __aiter__(self) -> AsyncIterator[str]:
        """Yield the pieces of the text. Raises errors of the API and the connection also in the middle of it."""
        async for event in self.events():
            if event.text:
                yield event.text

    async def events(self) -> AsyncIterator[ServerEvent]:
        """Yield all events, also those without text."""
        try:
            while True:
                while (event := self._next()) is not None:
                    yield event
                if self._body is None or self._is_over:
                    break
                self._take(await self._body.read())
        except Exception:
            await self.close()
            raise
        await self.close()

    async def close(self) -> None:
        """Close the connection. What the model still writes is billed as well."""
        self._end()
        body, self._body = self._body, None
        if body is not None:
            await body.close()


def _open(settings: Settings, call: Call) -> Program[tuple[Response, Any]]:
    """Make the call: the response, and its body unread. What is not a stream of events is read for the error."""
    # A server that compresses may hold pieces back.
    headers = {"accept-encoding": "identity", **settings.extra_headers}
    response, body = yield from open_call(replace(settings, extra_headers=headers), call)
    if response.content_type == _MEDIA_TYPE:
        return response, body
    content = b""
    while len(content) <= _MAX_EVENT and isinstance(piece := (yield from read_piece(body)), bytes) and piece:
        content += piece
    yield Close(body)
    error = find_error(parse_json(content), settings.api)
    raise invalid_response(
        settings, response._replace(content=content), _MEDIA_TYPE, billed=True, error=error
    )


def _join(value: object, depth: int = 0) -> str:
    """Return a piece of text, or the pieces of a list."""
    if isinstance(value, list) and depth < _DEEPEST:
        return "".join(_join(each, depth + 1) for each in cast("list[object]", value))
    return value if isinstance(value, str) else ""


def _status_in(value: object) -> int | None:
    """Return the HTTP status that an error in a stream names."""
    members = as_object(value) or {}
    for each in (members, as_object(members.get("error")) or {}):
        for name in ("status", "status_code", "code"):
            status: Any = each.get(name)
            if isinstance(status, int) and 400 <= status < 600:
                return status
    return None


# speccast: end
