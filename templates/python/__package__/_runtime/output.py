"""One output of a model: `Output`, and `AsyncOutput` of an asynchronous client."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, TypeAlias, TypeVar
from urllib.parse import unquote

from . import types
from .display import mime_bundle
from .errors import OutputError
from .files import safe_name
from .hosts import join_url
from .loops import run_in_thread
from .media import bare, family, suffix_of, type_of_name
from .outputs import MAX_BYTES, Inline, Media, OutputSource
from .pictures import to_array, to_picture
from .saving import read
from .settings import Settings, clean_text
from .steps import finish

__all__ = ["AnyOutput", "AsyncOutput", "Output", "OutputKind"]

T = TypeVar("T", bound="AnyOutput")
OutputKind: TypeAlias = Literal["image", "video", "audio", "document", "text", "json"]

_KINDS: dict[str, OutputKind] = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "text": "text",
    "json": "json",
}


class AnyOutput:
    """What is known of an output without a request."""

    kind: OutputKind
    """What it is: by its first bytes, else by its media type, its address, or what the model returns."""
    content: bytes | None
    """The bytes, if the response contains them; None if it only links to them."""
    url: str | None
    """The address, if the response links to the output."""
    content_type: str
    """The media type; of a link, that of the file name in its address. Empty if it is not known."""
    name: str
    """A file name, made of the address or of the model's slug."""
    size: int | None
    """Number of bytes; None for a link."""

    def __init__(
        self,
        media: Media,
        source: OutputSource,
        number: int,
        settings: Settings | None,
        transport: types.SyncTransport | types.AsyncTransport | None,
        *,
        record: Callable[[], types.Record] | None = None,
    ) -> None:
        """Results create outputs. `number` is 0 for a single output, else counts from 1."""
        self._media, self._source, self._settings = media, source, settings
        self.__dict__["_transport"] = transport  # whose class differs
        self._record = record
        stem = f"{safe_name(source.name)}{f'-{number}' if number else ''}"
        if isinstance(media, Inline):
            self.content, self.url, self.size = media.content, None, len(media.content)
            self.content_type = media.content_type
            self.name = stem + suffix_of(media.content_type, media.content)
            self.kind = "image" if media.may_be_image else _kind(media.content_type, ())
            return
        self.content, self.size = None, None
        self.url = _absolute(source.base, media.url)
        in_url = unquote(re.split(r"[?#]", self.url)[0].rpartition("/")[2])
        self.content_type = type_of_name(in_url)
        self.name = safe_name(in_url) if self.content_type else stem
        self.kind = _kind(self.content_type, source.returns)

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, str]:
        """Return the output as a notebook shows it, by media type."""
        return mime_bundle([self], self._settings.origin if self._settings is not None else "")

    def __repr__(self) -> str:
        name = type(self).__name__
        if "_media" not in self.__dict__:
            return f"<{name}, not initialized>"
        what = self.content_type or self.kind
        size = f"{self.size} bytes" if self.url is None else re.split(r"[?#]", self.url)[0]
        return clean_text(f"<{name} {what}, {size}>", self._settings)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_settings": None, "_transport": None, "_record": None}


class Output(AnyOutput):
    """One output of a model: a picture, a film, a sound, another file or a text."""

    _transport: types.SyncTransport | None

    def read(self, *, max_bytes: int | None = MAX_BYTES) -> bytes:
        """Return the bytes. A linked output is downloaded each time, without the key and up to `max_bytes`.

        Raises OutputError, or APIConnectionError if the download fails.
        """
        program = read(self._settings, self._media, source=self._source, max_bytes=max_bytes)
        with self._source.names_job():
            return finish(program) if self._transport is None else self._transport.run_even_if_closed(program)

    def stream(self, *, max_bytes: int | None = MAX_BYTES) -> types.ByteStream:
        """Return the output in pieces, for a loop or a `with` block. A linked output is downloaded, and not kept.

        Reading raises what `read` raises.
        """
        from .stream import ByteStream

        return ByteStream(
            self._settings,
            self._transport,
            self._source,
            media=self._media,
            record=self._record,
            max_bytes=max_bytes,
        )

    def pil(self) -> Any:
        """Return the picture as a `PIL.Image.Image`. Needs Pillow.

        Raises OutputError for other outputs and for pictures that Pillow refuses, ImportError without Pillow, and what
        `read` raises.
        """
        return to_picture(_picture(self).read())

    def numpy(self) -> Any:
        """Return the picture as a `numpy.ndarray` of height, width and, unless it is gray, channels. Needs Pillow and numpy.

        Raises what `pil` raises.
        """
        return to_array(_picture(self).read())


class AsyncOutput(AnyOutput):
    """An `Output` of an asynchronous client: what may download is awaited."""

    _transport: types.AsyncTransport | None

    async def read(self, *, max_bytes: int | None = MAX_BYTES) -> bytes:
        """`Output.read`, awaited."""
        program = read(self._settings, self._media, source=self._source, max_bytes=max_bytes)
        with self._source.names_job():
            if self._transport is None:
                return finish(program)
            return await self._transport.run_even_if_closed(program)

    def stream(self, *, max_bytes: int | None = MAX_BYTES) -> types.AsyncByteStream:
        """Return the output in pieces, for a loop or a `with` block. A linked output is downloaded, and not kept.

        Reading raises what `read` raises.
        """
        from .stream import AsyncByteStream

        return AsyncByteStream(
            self._settings,
            self._transport,
            self._source,
            media=self._media,
            record=self._record,
            max_bytes=max_bytes,
        )

    async def pil(self) -> Any:
        """`Output.pil`, awaited. The picture is decoded in a thread."""
        return await run_in_thread(partial(to_picture, await _picture(self).read()))

    async def numpy(self) -> Any:
        """`Output.numpy`, awaited. The picture is decoded in a thread."""
        return await run_in_thread(partial(to_array, await _picture(self).read()))


def _picture(output: T) -> T:
    """Return the output. Raises OutputError if it is known not to be a picture."""
    if output.kind == "image" or not output.content_type:
        return output
    raise OutputError(f"the output is not a picture but {output.content_type}")


def _absolute(base: str, url: str) -> str:
    try:
        return join_url(base, url)
    except ValueError:  # Downloading it raises an OutputError.
        return url


def _kind(content_type: str, returns: tuple[str, ...]) -> OutputKind:
    """Return the kind of a media type; of an unknown one, that of all outputs of the model."""
    kinds = [family(content_type)] if content_type else list({family(bare(each)) for each in returns})
    return _KINDS.get(kinds[0], "document") if len(kinds) == 1 else "document"
