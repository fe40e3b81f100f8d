"""The outputs of models: `Result` of a blocking call, `JobResult` of a job."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from .._core.api import JobSurface
from .._core.omit import OMIT
from .._core.places import outputs_in_words, read_first
from .._core.places import text_of as as_text
from .._core.protocol import JobProtocol
from .calls import Call
from .errors import InvalidResponseError, OutputError
from .headers import Headers
from .media import START, bare, family, is_media, media_type, sniff
from .outputs import Inline, Media, Remote, find, find_documented, find_in_text, is_wrapped_address
from .plain import clean
from .response import NOT_JSON, error_text, metadata, parse_json, request_id_of, text_of
from .returned import reported_error
from .saving import MAX_BYTES, Source, save
from .settings import Settings
from .steps import Program, Response, finish
from .transport import AsyncTransport, SyncTransport

__all__ = ["AsyncJobResult", "JobResult", "Result", "job_result", "name_files"]

R = TypeVar("R", bound="_JobOutput")

_SHOWN = 100
"""Characters of an output that an error quotes."""
_BYTES = "application/octet-stream"
"""The media type of content without one."""


class Result:
    """The response to a blocking call: usually the bytes of an image, else JSON or text."""

    content: bytes
    """The body of the response."""
    content_type: str
    """Its media type in lower case, without parameters: what the first bytes prove, else what the server says."""
    status_code: int
    headers: Mapping[str, str]
    """The headers of the response; names in any case."""
    metadata: dict[str, str | int | float]
    """Values of the documented headers, such as the cost; the spec defines the keys."""
    request_id: str | None
    """The server's id of the request."""

    def __init__(
        self, response: Response, settings: Settings, transport: SyncTransport | AsyncTransport, call: Call
    ) -> None:
        """Clients create results."""
        self.content = response.content
        self.content_type = media_type(response.content_type, response.content)
        if family(self.content_type) in ("image", "audio", "video") and self._is_json():
            self.content_type = "application/json"
        self.status_code = response.status
        self.headers = Headers(response.headers)
        self.metadata = metadata(response.headers, settings.api)
        self.request_id = request_id_of(response, settings.api)
        self._places = settings.api.places.sync
        self._source = Source(call.slug, call.url, call.returns)
        self._settings: Settings | None = settings
        self._transport: SyncTransport | AsyncTransport | None = transport

    @property
    def text(self) -> str:
        """The text of the model, where the API documents it, else the body as text.

        Raises InvalidResponseError if JSON does not have the text where it is documented.
        """
        value = parse_json(self.content) if "text" in self._places else NOT_JSON
        if value is NOT_JSON:
            return text_of(Response(self.status_code, "", self.headers, self.content))
        text = read_first(self._places["text"], value)
        if text is OMIT:
            raise InvalidResponseError(
                f"there is no {outputs_in_words({'text': self._places['text']})} in the response",
                status=self.status_code,
                request_id=self.request_id,
                body=value,
            )
        return as_text(text)

    def json(self) -> Any:
        """The body as JSON. Raises InvalidResponseError if it is not JSON."""
        value = parse_json(self.content)
        if value is NOT_JSON:
            kind = self.content_type or "a body without a content type"
            raise InvalidResponseError(
                f"the response is not JSON but {kind}, {len(self.content)} bytes",
                status=self.status_code,
                request_id=self.request_id,
            )
        return value

    @property
    def outputs(self) -> list[bytes | str]:
        """The files in the response as bytes, and the addresses of those that it links to."""
        return contents(self._outputs)

    @cached_property
    def images(self) -> list[bytes]:
        """The images in the response, as bytes or as base64 in JSON, but not those that it only links to."""
        inline = [output for output in self._outputs if isinstance(output, Inline)]
        return [output.content for output in inline if output.may_be_image]

    def save(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        overwrite: bool | None = None,
        max_bytes: int | None = MAX_BYTES,
    ) -> list[Path]:
        """Save the output of the model, and return the paths of the files.

        `path` is a file (an extension is added if it has none), a folder, or None for the current folder. Several outputs
        are numbered: `name-1`, `name-2` and so on. A file whose full name was passed is replaced unless `overwrite` is
        False; a generated name never replaces a file unless it is True. Outputs that the response only links to are
        downloaded, without the key and up to `max_bytes` each. JSON without an output is saved unchanged.

        Raises OutputError, also for an output that cannot be a file of the passed name (such as JSON as `fox.png`), or
        APIConnectionError if a download fails.
        """
        program = self._program(path, overwrite, max_bytes)
        if isinstance(self._transport, SyncTransport):
            return self._transport.run_even_if_closed(program)
        if self._transport is not None and any(isinstance(output, Remote) for output in self._outputs):
            program.close()
            raise OutputError(
                "the response links to outputs that must be downloaded: use `await result.asave(…)`"
            )
        return finish(program)

    async def asave(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        overwrite: bool | None = None,
        max_bytes: int | None = MAX_BYTES,
    ) -> list[Path]:
        """`save`, awaited, for responses of an asynchronous client that link to outputs."""
        if not isinstance(self._transport, AsyncTransport):
            return self.save(path, overwrite=overwrite, max_bytes=max_bytes)
        return await self._transport.run_even_if_closed(self._program(path, overwrite, max_bytes))

    def _program(
        self, path: str | os.PathLike[str] | None, overwrite: bool | None, max_bytes: int | None
    ) -> Program[list[Path]]:
        return save(
            self._settings,
            self._all(),
            path,
            source=self._source,
            overwrite=overwrite,
            max_bytes=max_bytes,
        )

    def _is_json(self) -> bool:
        """Whether the content is a JSON object or array, whatever the server calls it."""
        may_be = self.content[:START].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
        return may_be and parse_json(self.content) is not NOT_JSON

    @cached_property
    def _outputs(self) -> list[Media]:
        if not self.content:
            return []
        if not sniff(self.content) and (value := parse_json(self.content)) is not NOT_JSON:
            only_links = not may_return_media(self._source.returns)
            found = find_documented(self._places, value, only_links=only_links)
            if found is None and "text" not in self._places:
                found = find(value, only_links=only_links)
            return found or []
        if not is_media(self.content_type) and may_return_media(self._source.returns):
            output = find_in_text(self.text)
            if output is not None:
                return [output]
        return [Inline(self.content, self.content_type or _BYTES)]

    def _repr_png_(self) -> bytes | None:
        """The first image for a notebook, if it is a PNG."""
        return _first(self.images, "image/png")

    def _repr_jpeg_(self) -> bytes | None:
        """The first image for a notebook, if it is a JPEG."""
        return _first(self.images, "image/jpeg")

    def _all(self) -> list[Media]:
        if not self.content:
            raise OutputError("nothing to save: the response is empty", request_id=self.request_id)
        if not self._outputs and "text" in self._places:
            return [Inline(self.text.encode(errors="replace"), "text/plain")]
        return self._outputs or [Inline(self.content, "application/json")]

    def __repr__(self) -> str:
        if "_source" not in self.__dict__:
            return f"<{type(self).__name__}, not initialized>"
        kind = self.content_type or "without content type"
        request = f", request {self.request_id}" if self.request_id else ""
        return clean(f"<{type(self).__name__} {kind}, {len(self.content)} bytes{request}>")

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_settings": None, "_transport": None}


class _JobOutput(dict[str, Any]):
    """The JSON of a job's result, as a dict."""

    raw: Response | None = None
    """The response: its status, reason, headers and content. A copy or pickle has none."""
    _protocol = JobProtocol(JobSurface("", "", ""))
    _source = Source("output")
    _settings: Settings | None = None

    def __init__(self, *args: Any, **members: Any) -> None:
        super().__init__(*args, **members)

    @property
    def output(self) -> Any:
        """The output of the model: a URL, a list of URLs, or other JSON."""
        return self._protocol.output(self)

    @property
    def text(self) -> str:
        """The text of the model, or an output that is a text. Raises InvalidResponseError if there is none."""
        places = self._protocol.places.result
        text = read_first(places.get("text", places.get("output", ())), self)
        if text is OMIT:
            raise InvalidResponseError(
                f"there is no {outputs_in_words(places)} in the result", body=dict(self)
            )
        return as_text(text)

    @property
    def outputs(self) -> list[bytes | str]:
        """The files in the result as bytes, and the addresses of those that it links to."""
        return contents(self._media)

    @property
    def metrics(self) -> dict[str, Any]:
        """Cost and times by name, such as `cost` and `queue_time`, if the API reports them."""
        return self._protocol.metrics(self)

    @property
    def _media(self) -> list[Media]:
        raw = self.raw
        if raw is not None and raw.content and "media" in self._protocol.places.result and not self:
            return [Inline(raw.content, media_type(raw.content_type, raw.content) or _BYTES)]
        only_links = not may_return_media(self._source.returns)
        return find_documented(self._protocol.places.result, self, only_links=only_links) or []

    def _all(self) -> list[Media]:
        if found := self._media:
            return found
        places = self._protocol.places.result
        output = self.output
        if output is None and (text := read_first(places.get("text", ()), self)) is not OMIT:
            output = as_text(text)
        if output is None or output in ("", [], {}):
            reason = error_text(self._protocol.error(self))
            raise OutputError(
                f"nothing to save: there is no {outputs_in_words(places) or 'output'} in the result"
                + (f"; the API says: {reason}" if reason else "")
            )
        if self._settings is not None and (error := reported_error(output, self._settings.api)) is not None:
            raise OutputError(f"nothing to save: the output is an error: {error}")
        if isinstance(output, str):
            returns = self._source.returns
            if is_wrapped_address(output) if not returns else all(is_media(bare(each)) for each in returns):
                raise OutputError(
                    "nothing to save: the output is not an address, a data URL or base64: "
                    + ascii(output if len(output) <= _SHOWN else f"{output[:_SHOWN]}…")
                )
            return [Inline(output.encode(errors="replace"), "text/plain")]
        text = json.dumps(output, ensure_ascii=False, indent=2)
        return [Inline(text.encode(errors="replace"), "application/json")]

    def _inline(self) -> list[bytes]:
        """The images in the output, decoded."""
        return [each.content for each in self._media if isinstance(each, Inline) and each.may_be_image]

    def _repr_png_(self) -> bytes | None:
        """The first image for a notebook, if it is a PNG inside the output."""
        return _first(self._inline(), "image/png")

    def _repr_jpeg_(self) -> bytes | None:
        """The first image for a notebook, if it is a JPEG inside the output."""
        return _first(self._inline(), "image/jpeg")

    def __reduce__(self) -> tuple[Any, ...]:
        return job_result, (type(self), dict(self), self._protocol, self._source)


class JobResult(_JobOutput):
    """The JSON of a job's result: a dict, with `output`, `metrics` and `save()`."""

    _transport: SyncTransport | None = None

    def save(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        overwrite: bool | None = None,
        max_bytes: int | None = MAX_BYTES,
    ) -> list[Path]:
        """Download the output of the model, and return the paths of the files.

        `path` is a file (an extension is added if it has none), a folder, or None for the current folder. Several outputs
        are numbered: `name-1`, `name-2` and so on. A file whose full name was passed is replaced unless `overwrite` is
        False; a generated name never replaces a file unless it is True. Downloads are streamed, without the key and up to
        `max_bytes` each. Other output is saved as text or JSON.

        Raises OutputError, or APIConnectionError if a download fails.
        """
        program = save(
            self._settings, self._all(), path, source=self._source, overwrite=overwrite, max_bytes=max_bytes
        )
        return finish(program) if self._transport is None else self._transport.run_even_if_closed(program)


class AsyncJobResult(_JobOutput):
    """The JSON of a job's result: a dict, with `output`, `metrics` and an awaited `save()`."""

    _transport: AsyncTransport | None = None

    async def save(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        overwrite: bool | None = None,
        max_bytes: int | None = MAX_BYTES,
    ) -> list[Path]:
        """`JobResult.save`, awaited."""
        program = save(
            self._settings, self._all(), path, source=self._source, overwrite=overwrite, max_bytes=max_bytes
        )
        return (
            finish(program) if self._transport is None else await self._transport.run_even_if_closed(program)
        )


def contents(outputs: Sequence[Media]) -> list[bytes | str]:
    """The bytes or the addresses of outputs."""
    return [output.content if isinstance(output, Inline) else output.url for output in outputs]


def may_return_media(returns: tuple[str, ...]) -> bool:
    """Whether a model may return something else than text and JSON; one that is not known may."""
    return not returns or any(is_media(bare(each)) for each in returns)


def _first(images: Sequence[bytes], kind: str) -> bytes | None:
    return images[0] if images and sniff(images[0]) == kind else None


def name_files(result: Result | JobResult | AsyncJobResult, name: str) -> None:
    """Set how the names of files begin that `save` generates."""
    source: Source = result.__dict__["_source"]
    result.__dict__["_source"] = source._replace(name=name)


def job_result(
    kind: type[R],
    body: Mapping[str, Any],
    protocol: JobProtocol,
    source: Source,
    *,
    settings: Settings | None = None,
    transport: SyncTransport | AsyncTransport | None = None,
) -> R:
    """The result of a job; without a client for copies and pickles."""
    result = kind(body)
    result.__dict__.update(_protocol=protocol, _source=source, _settings=settings, _transport=transport)
    return result
