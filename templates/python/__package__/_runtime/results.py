"""The results of blocking calls: `Result`, and `AsyncResult` of an asynchronous client."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from .._core.omit import OMIT
from .._core.places import outputs_in_words, read_first
from .._core.places import text_of as as_text
from .calls import Call
from .cost import of_call
from .errors import InvalidResponseError, OutputError
from .headers import Headers
from .media import START, family, is_media, media_type, sniff
from .outputs import Inline, Media, OutputSource, find, find_documented, find_in_text, may_return_media
from .plain_text import clean
from .request_summary import request_of
from .response import NOT_JSON, metadata, parse_json, request_id_of, text_of
from .result_outputs import HasAsyncOutputs, HasMedia, HasOutputs
from .settings import Settings, clean_text
from .steps import Response
from .transport import AsyncTransport, SyncTransport

__all__ = ["AsyncResult", "Result"]

_BYTES = "application/octet-stream"
"""The media type of content without one."""


class _Response(HasMedia):
    """The response to a blocking call, without what may need requests."""

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
        self._source = OutputSource(call.slug, call.url, call.returns, request_of(settings, call))
        self._settings = settings
        self.__dict__["_transport"] = transport

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

    @property
    def cost(self) -> float | None:
        """What the call cost, in the unit of the API; None if the response does not say it."""
        return of_call("cost", self.metadata, self.content, self._places.get("cost", ()))

    @property
    def remaining_credits(self) -> float | None:
        """What is left on the account, in the unit of the API; None if the response does not say it."""
        paths = self._places.get("remaining_credits", ())
        return of_call("remaining_credits", self.metadata, self.content, paths)

    def json(self) -> Any:
        """Return the body as JSON. Raises InvalidResponseError if it is not JSON."""
        value = parse_json(self.content)
        if value is NOT_JSON:
            kind = self.content_type or "a body without a content type"
            raise InvalidResponseError(
                f"the response is not JSON but {kind}, {len(self.content)} bytes",
                status=self.status_code,
                request_id=self.request_id,
            )
        return value

    @cached_property
    def images(self) -> list[bytes]:
        """The images in the response, as bytes or as base64 in JSON, but not those that it only links to."""
        inline = [output for output in self._media if isinstance(output, Inline)]
        return [output.content for output in inline if output.may_be_image]

    def _is_json(self) -> bool:
        """Return whether the content is a JSON object or array, regardless of its media type."""
        may_be = self.content[:START].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
        return may_be and parse_json(self.content) is not NOT_JSON

    @property
    def _media(self) -> list[Media]:
        return self._found

    @cached_property
    def _found(self) -> list[Media]:
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

    def _all(self) -> list[Media]:
        if not self.content:
            raise OutputError("nothing to save: the response is empty", request_id=self.request_id)
        if not self._media and "text" in self._places:
            return [Inline(self.text.encode(errors="replace"), "text/plain")]
        return self._media or [Inline(self.content, "application/json")]

    def _read_metadata(self) -> tuple[object, float | None, str | None]:
        seed: object = self.metadata.get("seed", OMIT)
        if seed is OMIT and (paths := self._places.get("seed")):
            seed = read_first(paths, parse_json(self.content))
        return seed, self.cost, self.request_id

    def __repr__(self) -> str:
        if "_source" not in self.__dict__:
            return f"<{type(self).__name__}, not initialized>"
        kind = self.content_type or "without content type"
        request = clean_text(f", request {self.request_id}", self._settings) if self.request_id else ""
        return clean(f"<{type(self).__name__} {kind}, {len(self.content)} bytes{request}>")

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_settings": None, "_transport": None}


class Result(_Response, HasOutputs):
    """The response to a blocking call: usually the bytes of an image, else JSON or text."""


class AsyncResult(_Response, HasAsyncOutputs):
    """The response to a call of an asynchronous client: a `Result` whose `save` and `pil` are awaited."""
