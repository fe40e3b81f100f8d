"""The operations that pass an output on in pieces: its beginning is checked as all of it would be, then it is not kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .calls import open_call
from .downloading import LONGEST_ERROR, Download
from .files import ContentInMemory, PartFile, find_destination
from .media import START, is_text, media_type, sniff
from .outputs import Inline
from .response import connection_error
from .response_check import check_returned
from .saving import check_name, commit, deadline_of

# speccast: if cost
from .spending import count_content

# speccast: end
from .steps import Close, RequestFailure, Response, read

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from pathlib import Path

    from .calls import Call
    from .errors import ApiError
    from .outputs import Media, OutputSource
    from .record import Record
    from .settings import Settings
    from .steps import OpenBody, Program

__all__ = ["Head", "close_head", "open_call_output", "open_output", "read_piece", "save_rest"]


class Head(NamedTuple):
    """An output whose beginning is read."""

    start: bytes
    """The beginning, which is checked; all of an output inside a response."""
    content_type: str
    size: int | None = None
    """Number of bytes of the whole output, if it is known."""
    response: Response | None = None
    """The response that the rest is read from, without content."""
    body: OpenBody | None = None
    fail: Callable[[RequestFailure], ApiError] | None = None
    """Returns the exception for a rest that cannot be read."""


def open_call_output(settings: Settings, call: Call) -> Program[Head | Response]:
    """Make one blocking call: return the beginning of the output, or the whole response if it is text or JSON.

    Raises what `generate` raises.
    """
    response, body = yield from open_call(settings, call)
    returns = call.returns if settings.validate else ()
    limit = settings.max_response_bytes
    received = ContentInMemory(None)
    received.begin(response.headers)
    while received.size < START or _is_read_whole(received.start):
        if limit is not None and received.size > limit and _is_read_whole(received.start):
            piece: bytes | RequestFailure = RequestFailure(
                "too_large", sent=True, text=f"the response is larger than {limit} bytes"
            )
        else:
            piece = yield from read(body)
        if isinstance(piece, RequestFailure):
            raise connection_error(settings, piece, billed=True)
        if not piece:
            break
        received.write(piece)
    response = response._replace(content=received.content)
    # speccast: if cost
    count_content(settings, response)
    # speccast: end
    check_returned(settings, response, returns)
    if _is_read_whole(received.start):
        return response
    kind = media_type(response.content_type, received.start)
    fail = partial(connection_error, settings, billed=True)
    return Head(response.content, kind, _length(response), response._replace(content=b""), body, fail)


def open_output(
    settings: Settings | None, output: Media, source: OutputSource, max_bytes: int | None
) -> Program[Head]:
    """Return the beginning of an output, whose download is started if it is a link. Raises what `saving.read` raises."""
    if isinstance(output, Inline):
        return Head(output.content, output.content_type, len(output.content))
    download = Download(settings, output.url, source, deadline_of(settings))
    while True:
        response, body = yield from download.open()
        received = ContentInMemory(max_bytes)
        received.begin(response.headers)
        piece: bytes | RequestFailure = b""
        while received.size < START or (_is_read_whole(received.start) and received.size <= LONGEST_ERROR):
            piece = yield from read(body)
            if not piece or isinstance(piece, RequestFailure):
                break
            received.write(piece)
        if isinstance(piece, RequestFailure):
            yield from download.pause(piece)
            continue
        download.check(received)
        kind = media_type(response.content_type, received.start)
        return Head(received.content, kind, _length(response), response, body, download.error)


def read_piece(head: Head) -> Program[bytes]:
    """Return the next piece of the rest of an output; empty at its end. Raises APIConnectionError."""
    if head.body is None or head.fail is None:
        return b""
    piece = yield from read(head.body)
    if isinstance(piece, RequestFailure):
        raise head.fail(piece)
    return piece


def close_head(head: Head) -> Program[None]:
    """Close the connection of an output that is not read to its end."""
    if head.body is not None:
        yield Close(head.body)


def save_rest(
    head: Head,
    path: str | os.PathLike[str] | None,
    *,
    source: OutputSource,
    overwrite: bool | None,
    max_bytes: int | None,
    record: Record | None,
) -> Program[Path]:
    """Write an output to a file, beginning and rest, as `saving.save` does.

    Nothing is read if its content cannot be that of a file with this name.
    """
    place = find_destination(path, name=source.name, overwrite=overwrite)
    check_name(place, head.content_type, head.start)
    with PartFile(place, max_bytes) as part:
        part.begin(head.response.headers if head.response is not None else {})
        part.write(head.start)
        while piece := (yield from read_piece(head)):
            part.write(piece)
        return commit(part, place, head.content_type, 0, record=record)


def _is_read_whole(start: bytes) -> bool:
    """Return whether content is text, of which only the whole says whether it is an output, an error or a page."""
    return is_text(start) and not sniff(start)


def _length(response: Response) -> int | None:
    """Return the size of the content, unless it is compressed on the way."""
    length = response.headers.get("content-length", "")
    return int(length[:30]) if length.isdecimal() and "content-encoding" not in response.headers else None
