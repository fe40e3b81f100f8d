"""Uploads: files that are sent before the request that needs them, each file once.

An upload costs nothing, so in contrast to a request that runs a model it is repeated whenever a failure may be temporary.
Security: the key is sent to the origin that the API's documentation names, and not to the address in its response.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal, cast

from .._core.encoding import ENCODINGS
from .._core.omit import OMIT
from .._core.places import in_words, read_first
from .._core.upload_surface import fill_sample
from .._core.uploads import MultipartBody, StreamedBody, UploadError
from .attempts import announce_pause, attempt
from .errors import APITimeoutError, ConfigurationError, InvalidResponseError
from .hosts import host_problem, join_url, scheme_problem
from .log import logger
from .plain_text import clean
from .request import basic_headers
from .response import connection_error, invalid_response, parse_json, status_error
from .retry import LONGEST_DELAY, backoff, is_transient, read_delay
from .steps import ApiRequest, Response, Sleep, block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .._core.encoding import Body
    from .._core.places import Paths
    from .._core.upload_surface import UploadSurface
    from .._core.uploads import FormPart, Upload
    from .clock import Deadline
    from .errors import ApiError
    from .settings import Settings
    from .steps import Program

__all__ = ["upload_files"]

_PAUSE = 0.05
"""Seconds between two looks at an upload of the same file in another call."""
_LARGE = 16 * 1024 * 1024
"""Bytes of an upload that takes so long that a user interface should mention it."""


def upload_files(settings: Settings, body: Body, deadline: Deadline) -> Program[None]:
    """Upload the files of a body that are sent as addresses. Raises what `errors` lists; nothing is billed."""
    surface = settings.api.upload
    if surface is None or isinstance(body, bytes):
        return
    for file in body.uploads:
        if file.form == "url" and not file.address:
            file.address = yield from _address(settings, surface, file, deadline)


def _address(settings: Settings, surface: UploadSurface, file: Upload, deadline: Deadline) -> Program[str]:
    """Return the address of a file, which is uploaded unless it was before or is being uploaded by another call."""
    if file.size is None:
        return (yield from _upload(settings, surface, file, deadline))  # it can be read only once
    digest = yield from block(partial(_digest, file))
    if isinstance(digest, UploadError):
        raise _make_error(file, ConfigurationError(str(digest)))
    # An address is used for half of the time for which it is valid.
    period = settings.clock.now() // (surface.retention / 2)
    sender = (settings.upload_origin, settings.key, *settings.extra_headers.items())
    key = (digest, file.media_type, period, os.getpid(), sender)
    while not (known := settings.addresses.reserve(key)):
        if known is None:
            try:
                address = yield from _upload(settings, surface, file, deadline)
            except BaseException:
                settings.addresses.release(key)
                raise
            settings.addresses.keep(key, address)
            return address
        if deadline.remaining <= 0:
            raise _make_error(
                file, APITimeoutError(f"another call is still uploading the file after {deadline.limit:g} s")
            )
        yield Sleep(min(_PAUSE, deadline.remaining))
    logger.debug("%s is uploaded already: %s", file.name, settings.redactor.text(known))
    return known


def _size(size: int | None) -> str:
    """Return a number of bytes for people, rounded."""
    if size is None:
        return "of unknown size"
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{math.ceil(size / 1e3)} kB"


def _digest(file: Upload) -> str | UploadError:
    found = hashlib.sha256()
    try:
        for chunk in file.chunks():
            found.update(chunk)
    except UploadError as error:
        return error
    return found.hexdigest()


def _upload(settings: Settings, surface: UploadSurface, file: Upload, deadline: Deadline) -> Program[str]:
    is_large = file.size is None or file.size > _LARGE
    logger.info("uploading %s (%s)", file.name, _size(file.size), extra={"is_pause": is_large})
    content_type, body = _body(surface, file)
    send = partial(_send, settings, file, deadline)
    response = yield from send(body, partial(_first_request, settings, surface, content_type, body))
    address = _text(settings, file, response, surface.places["url"])
    method: Literal["PUT", "POST"]
    content: StreamedBody
    if places := surface.places.get("put_url"):
        method, content = "PUT", _FileBody(file)
    elif places := surface.places.get("post_url"):
        fields = _fields(surface, parse_json(response.content))
        method, content = "POST", MultipartBody([*fields, ("file", replace(file, form="file"))])
    else:
        return address
    target = _text(settings, file, response, places)
    if (problem := (yield from _address_problem(settings.upload_origin, target))) is not None:
        raise _make_error(file, InvalidResponseError(settings.redactor.text(problem)))
    yield from send(content, partial(_second_request, settings, method, target, content))
    return address


def _address_problem(origin: str, target: str) -> Program[str | None]:
    """Security: why a file must not be sent to an address in a response; None if it may be."""
    try:
        join_url("", target)
        is_valid = target.isprintable()
    except ValueError:
        is_valid = False
    if not is_valid:
        return "the address for the file is not a valid URL"
    if (problem := scheme_problem(origin, target)) is not None:
        return f"the address for the file leads {problem}"
    return (yield from host_problem(origin, target))


def _first_request(
    settings: Settings, surface: UploadSurface, content_type: str, body: Body, deadline: Deadline
) -> ApiRequest:
    """Return the request that the API's documentation shows, to the origin that it names."""
    # Security: this request may go to another origin than those about models, and to no other one.
    credentials = settings.credentials._replace(origin=settings.upload_origin, other_origins=())
    own = {"content-type": content_type}
    if settings.is_origin_given and surface.base_url is not None:
        own["x-forwarded-host"] = surface.base_url.partition("://")[2].lower()
    demanded = {name.lower(): value for name, value in settings.api.request_headers.items()}
    return ApiRequest(
        "POST",
        settings.upload_origin + surface.path,
        {**basic_headers(settings.api), **own, **demanded, **settings.extra_headers},
        settings.timeout,
        body,
        credentials,
        total_seconds=deadline.seconds_for_request(),
        total_limit=deadline.limit,
        max_bytes=settings.max_response_bytes,
    )


def _second_request(
    settings: Settings, method: Literal["PUT", "POST"], url: str, body: StreamedBody, deadline: Deadline
) -> ApiRequest:
    """Return the request that sends a file to an address in the response: without the key and the caller's headers."""
    return ApiRequest(
        method,
        url,
        {**basic_headers(settings.api), "content-type": body.content_type},
        settings.timeout,
        body,
        total_seconds=deadline.seconds_for_request(),
        total_limit=deadline.limit,
        max_bytes=settings.max_response_bytes,
    )


def _body(surface: UploadSurface, file: Upload) -> tuple[str, Body]:
    """Return the content type and the body of the request that the API's documentation shows."""
    if surface.encoding == "binary":
        content = _FileBody(file)
        return content.content_type, content
    values = {
        "file": replace(file, form="file"),
        "data_uri": replace(file, form="data_uri"),
        "base64": replace(file, form="base64"),
        "name": file.name,
        "extension": PurePath(file.name).suffix.removeprefix("."),
        "media_type": file.media_type,
        "size": file.size,
    }
    body: dict[str, Any] = {} if surface.body is OMIT else fill_sample(surface.body, values)
    return ENCODINGS[surface.encoding].encode(body)


class _FileBody(StreamedBody):
    """A body that is a file and nothing else."""

    def __init__(self, file: Upload) -> None:
        self.uploads = [replace(file, form="file")]
        self.content_type = file.media_type

    def parts(self) -> Iterator[FormPart]:
        yield from self.uploads


def _send(
    settings: Settings,
    file: Upload,
    deadline: Deadline,
    body: Body,
    request: Callable[[Deadline], ApiRequest],
) -> Program[Response]:
    """Send a request until it succeeds, or fails in a way that is not temporary."""
    attempts = 0
    while True:
        attempts += 1
        outcome = yield from attempt(settings, request(deadline))
        if isinstance(outcome, Response) and outcome.ok:
            return outcome
        requested = read_delay(outcome, settings.api, settings.clock)
        delay = backoff(attempts, settings.clock) if requested is None else requested
        can_repeat = isinstance(body, bytes) or body.can_repeat
        is_last = attempts > settings.max_retries or delay > min(LONGEST_DELAY, deadline.remaining)
        if is_last or not can_repeat or not is_transient(outcome):
            if isinstance(outcome, Response):
                raise _make_error(file, status_error(settings, outcome))
            raise _make_error(file, connection_error(settings, outcome, billed=False))
        announce_pause(settings, outcome, delay, "next upload")
        yield Sleep(delay)


def _text(settings: Settings, file: Upload, response: Response, places: Paths) -> str:
    """Return the text at a place in the response. Raises InvalidResponseError if there is none."""
    value = read_first(places, parse_json(response.content))
    if isinstance(value, str) and value:
        return value
    missing = " or ".join(map(in_words, places))
    expected = "the address of the file"
    raise _make_error(file, invalid_response(settings, response, expected, billed=False, missing=missing))


def _fields(surface: UploadSurface, body: object) -> list[tuple[str, str | Upload]]:
    """Return the fields that a form has before the file: an object in the response, or its JSON as text."""
    value = read_first(surface.places.get("fields", ()), body)
    if isinstance(value, str):
        value = parse_json(value)
    if not isinstance(value, dict):
        return []
    fields = cast("dict[str, Any]", value)
    return [(name, each if isinstance(each, str) else json.dumps(each)) for name, each in fields.items()]


def _make_error(file: Upload, error: ApiError) -> ApiError:
    """Return an error that says that it is about an upload."""
    message = f"the upload of {file.name} failed: {error}"
    stop = "" if message.endswith((".", "!", "?")) else "."
    error.args = (clean(f"{message}{stop} The request itself was not sent, and nothing was billed."),)
    return error
