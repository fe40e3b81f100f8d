"""Outputs in pieces, which are not kept: `ByteStream`, and `AsyncByteStream` of an asynchronous client."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from . import types
from .calls import Call
from .cost import of_call
from .errors import ConfigurationError, OutputError
from .files import Received
from .headers import Headers
from .outputs import MAX_BYTES, Media, OutputSource
from .plain_text import clean
from .request_summary import request_of
from .response import metadata, request_id_of
from .settings import Settings
from .steps import Program, Response, finish
from .streaming import Head, close_head, open_call_output, open_output, read_piece, save_rest
from .transport import AsyncTransport, SyncTransport

__all__ = ["AsyncByteStream", "ByteStream"]

T = TypeVar("T")
S = TypeVar("S", bound="ByteStream")
A = TypeVar("A", bound="AsyncByteStream")

_PIECE = 64 * 1024
"""Bytes of an output in memory that are yielded at once."""


class _Stream:
    """What both kinds of streams have in common."""

    _source: OutputSource
    _recorded: Callable[[], types.Record] | None
    """Returns the record of the request; None for a stream of a call."""

    def __init__(
        self,
        settings: Settings | None,
        source: OutputSource,
        call: Call | None,
        record: Callable[[], types.Record] | None,
        max_bytes: int | None,
    ) -> None:
        self._settings, self._source, self._max_bytes = settings, source, max_bytes
        self._call, self._recorded = call, record
        self._open: Head | None = None
        self._response: Response | None = None
        """The response to the call."""
        self._is_sent = self._is_read = False

    @property
    def content_type(self) -> str:
        """The media type: what the first bytes prove, else what the server says. Empty if it is not known."""
        return self._head.content_type

    @property
    def size(self) -> int | None:
        """Number of bytes of the whole output, if the server says it."""
        return self._head.size

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the response that the output is read from; names in any case."""
        response = self._head.response
        return Headers({} if response is None else response.headers)

    @property
    def metadata(self) -> dict[str, str | int | float]:
        """Values of the documented headers, such as the cost; of a `result`, those of its response."""
        response, settings = self._response, self._settings
        return {} if response is None or settings is None else metadata(response.headers, settings.api)

    @property
    def request_id(self) -> str | None:
        """The server's id of the request."""
        response, settings = self._response, self._settings
        return None if response is None or settings is None else request_id_of(response, settings.api)

    @property
    def cost(self) -> float | None:
        """What the call cost, in the unit of the API; None if the response does not say it."""
        return self._number("cost")

    @property
    def remaining_credits(self) -> float | None:
        """What is left on the account, in the unit of the API; None if the response does not say it."""
        return self._number("remaining_credits")

    def _number(self, name: str) -> float | None:
        """Return a number of the `result` if there is one, else of the headers of the response."""
        result = self.__dict__.get("result")
        number: float | None = (
            of_call(name, self.metadata, b"", ()) if result is None else getattr(result, name)
        )
        return number

    @property
    def _head(self) -> Head:
        if self._open is None:
            raise ConfigurationError("the stream is not open: use it in a `with` block")
        return self._open

    def _begin_body(self, head: Head) -> None:
        """Take the response to the call, whose body is the output."""
        self._open, self._response = head, head.response
        if self._settings is not None and self._call is not None:
            self._source = self._source._replace(request=request_of(self._settings, self._call))

    def _record(self) -> types.Record:
        """Return the record of the request. Raises OutputError if it is not known."""
        if self._recorded is not None:
            return self._recorded()
        from .record import make_record  # few outputs are saved with it

        return make_record(
            self._settings,
            self._source.request,
            seed=self.metadata.get("seed"),
            cost=self.cost,
            request_id=self.request_id,
        )

    def _begin(self) -> tuple[Head, Received]:
        """Return the beginning of the output, and a counter of its bytes. Raises OutputError if it was already read."""
        head = self._head
        if self._is_read:
            raise OutputError(
                "the stream was already read: outputs are not kept, so they can be read only once"
            )
        self._is_read = True
        received = Received(self._max_bytes)
        received.write(head.start)
        return head, received

    @contextmanager
    def _saving(self) -> Generator[Head]:
        """The beginning of the output, for saving. After a name that the output cannot have, another one can be used."""
        head, _ = self._begin()
        try:
            yield head
        except OutputError as error:
            self._is_read = not error.is_misnamed
            raise

    def __repr__(self) -> str:
        head = self.__dict__.get("_open")
        what = "not open" if head is None else head.content_type or "without content type"
        return clean(f"<{type(self).__name__} {what}>")


class ByteStream(_Stream):
    """The first output of a call or a result, in pieces that are not kept: iterate it, or `save` it.

    As a context manager, it closes the connection at the end of the block. Otherwise iterating opens and closes it.
    """

    result: types.Result | types.JobResult | None
    """The result of the call that has this output as its first one; None if the response itself is the output."""

    def __init__(
        self,
        settings: Settings | None,
        transport: SyncTransport | None,
        source: OutputSource,
        *,
        media: Media | None = None,
        call: Call | None = None,
        record: Callable[[], types.Record] | None = None,
        make_result: Callable[[Response, Settings, SyncTransport, Call], types.Result] | None = None,
        job: Callable[[], types.JobResult] | None = None,
        max_bytes: int | None = None,
    ) -> None:
        """Clients and results create streams: of media, of the response to a call, or of the result of a job."""
        super().__init__(settings, source, call, record, max_bytes)
        self.result = None
        self._transport, self._media, self._job = transport, media, job
        self._make_result = make_result
        self._own: SyncTransport | None = None

    def __enter__(self: S) -> S:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        try:
            self._start()
            head, received = self._begin()
            yield from _pieces(head.start)
            while piece := self._run(read_piece(head)):
                received.write(piece)
                yield piece
        finally:
            self.close()

    def send(self) -> types.Result | types.JobResult | None:
        """Send the request, and return the `result`; None if the response itself is the output. Sending again does nothing."""
        if self._is_sent:  # even if it failed: it may have been billed
            return self.result
        self._is_sent = True
        if self._call and self._make_result and self._settings and self._transport:
            found = self._run(open_call_output(self._settings, self._call))
            if isinstance(found, Head):
                self._begin_body(found)
                return None
            self._response = found
            self.result = self._make_result(found, self._settings, self._transport, self._call)
        elif self._job is not None:
            self.result = self._job()
        return self.result

    def save(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        overwrite: bool | None = None,
        max_bytes: int | None = MAX_BYTES,
        embed: bool = False,
    ) -> list[Path]:
        """Save the output and return the path of the file, as `Result.save` does; of a `result`, all of its outputs.

        `embed` adds the record of the request: to PNG, JPEG and WebP themselves, else as a JSON file beside the output.
        """
        if (result := self.send()) is not None:
            return result.save(path, overwrite=overwrite, max_bytes=max_bytes, embed=embed)
        self._start()
        record = self._record() if embed else None
        with self._saving() as head:
            program = save_rest(
                head,
                path,
                source=self._source,
                overwrite=overwrite,
                max_bytes=max_bytes,
                record=record,
            )
            return [self._run(program)]

    def close(self) -> None:
        """Close the connection, unless the output was read to its end. Closing again does nothing."""
        head, self._is_read = self._open, True
        if head is not None and head.body is not None:
            self._run(close_head(head))
        if self._own is not None:
            self._own.close()

    def _start(self) -> None:
        """Send the request, and read the beginning of the output."""
        result = self.send()
        if self._open is not None:
            return
        media, transport = self._media, self._transport
        if media is None and result is not None:
            first = result.stream()
            media, self._source, self._recorded = first._media, first._source, first._recorded
        if media is None:
            raise OutputError("the stream has no output: its request failed")
        if transport is not None and (usable := transport.usable()) is not transport:
            self._transport = self._own = usable
        try:
            self._open = self._run(open_output(self._settings, media, self._source, self._max_bytes))
        except BaseException:
            self.close()
            raise

    def _run(self, program: Program[T]) -> T:
        with self._source.names_job():
            return finish(program) if self._transport is None else self._transport.run(program)


class AsyncByteStream(_Stream):
    """A `ByteStream` of an asynchronous client, with `async with`, `async for` and an awaited `save`."""

    result: types.AsyncResult | types.AsyncJobResult | None
    """The result of the call that has this output as its first one; None if the response itself is the output."""

    def __init__(
        self,
        settings: Settings | None,
        transport: AsyncTransport | None,
        source: OutputSource,
        *,
        media: Media | None = None,
        call: Call | None = None,
        record: Callable[[], types.Record] | None = None,
        make_result: Callable[[Response, Settings, AsyncTransport, Call], types.AsyncResult] | None = None,
        job: Callable[[], Awaitable[types.AsyncJobResult]] | None = None,
        max_bytes: int | None = None,
    ) -> None:
        """Clients and results create streams: of media, of the response to a call, or of the result of a job."""
        super().__init__(settings, source, call, record, max_bytes)
        self.result = None
        self._transport, self._media, self._job = transport, media, job
        self._make_result = make_result
        self._own: AsyncTransport | None = None

    async def __aenter__(self: A) -> A:
        await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            await self._start()
            head, received = self._begin()
            for piece in _pieces(head.start):
                yield piece
            while piece := await self._run(read_piece(head)):
                received.write(piece)
                yield piece
        finally:
            await self.close()

    async def send(self) -> types.AsyncResult | types.AsyncJobResult | None:
        """`ByteStream.send`, awaited."""
        if self._is_sent:  # even if it failed: it may have been billed
            return self.result
        self._is_sent = True
        if self._call and self._make_result and self._settings and self._transport:
            found = await self._run(open_call_output(self._settings, self._call))
            if isinstance(found, Head):
                self._begin_body(found)
                return None
            self._response = found
            self.result = self._make_result(found, self._settings, self._transport, self._call)
        elif self._job is not None:
            self.result = await self._job()
        return self.result

    async def save(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        overwrite: bool | None = None,
        max_bytes: int | None = MAX_BYTES,
        embed: bool = False,
    ) -> list[Path]:
        """`ByteStream.save`, awaited."""
        if (result := await self.send()) is not None:
            return await result.save(path, overwrite=overwrite, max_bytes=max_bytes, embed=embed)
        await self._start()
        record = self._record() if embed else None
        with self._saving() as head:
            program = save_rest(
                head,
                path,
                source=self._source,
                overwrite=overwrite,
                max_bytes=max_bytes,
                record=record,
            )
            return [await self._run(program)]

    async def close(self) -> None:
        """Close the connection, unless the output was read to its end. Closing again does nothing."""
        head, self._is_read = self._open, True
        if head is not None and head.body is not None:
            await self._run(close_head(head))
        if self._own is not None:
            await self._own.close()

    async def _start(self) -> None:
        """Send the request, and read the beginning of the output."""
        result = await self.send()
        if self._open is not None:
            return
        media, transport = self._media, self._transport
        if media is None and result is not None:
            first = result.stream()
            media, self._source, self._recorded = first._media, first._source, first._recorded
        if media is None:
            raise OutputError("the stream has no output: its request failed")
        if transport is not None and (usable := transport.usable()) is not transport:
            self._transport = self._own = usable
        try:
            self._open = await self._run(open_output(self._settings, media, self._source, self._max_bytes))
        except BaseException:
            await self.close()
            raise

    async def _run(self, program: Program[T]) -> T:
        with self._source.names_job():
            return finish(program) if self._transport is None else await self._transport.run(program)


def _pieces(content: bytes) -> Iterator[bytes]:
    """Yield the pieces of content in memory."""
    view = memoryview(content)
    for start in range(0, len(view), _PIECE):
        yield bytes(view[start : start + _PIECE])
