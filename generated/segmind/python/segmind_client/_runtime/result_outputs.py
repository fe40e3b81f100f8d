"""What results do with their outputs: save, read and show them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from . import types
from .errors import InvalidResponseError, OutputError
from .outputs import MAX_BYTES, Inline, Media, OutputSource
from .settings import Settings
from .steps import Program, finish
from .transport import AsyncTransport, SyncTransport

if TYPE_CHECKING:
    from .output import AnyOutput
    from .record import Record

__all__ = ["HasAsyncOutputs", "HasMedia", "HasOutputs", "name_files"]

T = TypeVar("T", bound="AnyOutput")


class HasMedia:
    """What the outputs are made of."""

    _source = OutputSource("output")
    _settings: Settings | None = None

    @property
    def _media(self) -> list[Media]:
        """The outputs that were found."""
        raise NotImplementedError

    def _all(self) -> list[Media]:
        """Return what is saved: the outputs, else text or JSON. Raises OutputError if there is nothing."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, str]:
        """Return the outputs as a notebook shows them, by media type."""
        from .display import mime_bundle
        from .output import AnyOutput

        origin = self._settings.origin if self._settings is not None else ""
        return mime_bundle(self._outputs_of(AnyOutput, None), origin)

    def _outputs_of(self, kind: type[T], transport: SyncTransport | AsyncTransport | None) -> list[T]:
        media, source, settings = self._media or self._texts(), self._source, self._settings
        first = 1 if len(media) > 1 else 0
        return [
            kind(each, source, number, settings, transport, record=self._record)
            for number, each in enumerate(media, first)
        ]

    def _texts(self) -> list[Media]:
        """Return the text that is saved, if there is one."""
        try:
            return [
                each for each in self._all() if isinstance(each, Inline) and each.content_type == "text/plain"
            ]
        except (InvalidResponseError, OutputError):
            return []

    def _read_metadata(self) -> tuple[object, float | None, str | None]:
        """Return the seed, the cost and the id of the request, as the API reports them."""
        raise NotImplementedError

    def _record(self) -> Record:
        from .record import make_record  # few results are saved with it

        seed, cost, request_id = self._read_metadata()
        return make_record(self._settings, self._source.request, seed=seed, cost=cost, request_id=request_id)

    def _saving(
        self,
        path: str | os.PathLike[str] | None,
        *,
        overwrite: bool | None,
        max_bytes: int | None,
        embed: bool,
    ) -> Program[list[Path]]:
        from .saving import save

        return save(
            self._settings,
            self._all(),
            path,
            source=self._source,
            overwrite=overwrite,
            max_bytes=max_bytes,
            record=self._record() if embed else None,
        )


class HasOutputs(HasMedia):
    """The outputs of a result of a client."""

    _transport: SyncTransport | None = None

    @property
    def outputs(self) -> list[types.Output]:
        """The files in the result and those that it links to, else the text of the model."""
        from .output import Output

        return self._outputs_of(Output, self._transport)

    def save(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        overwrite: bool | None = None,
        max_bytes: int | None = MAX_BYTES,
        embed: bool = False,
    ) -> list[Path]:
        """Save the outputs of the model, and return the paths of the files.

        `path` is a file (an extension is added if it has none), a folder, or None for the current folder. Several outputs
        are numbered: `name-1`, `name-2` and so on. A file whose full name was passed is replaced unless `overwrite` is
        False; a generated name never replaces a file unless it is True. Outputs that the result only links to are
        downloaded as a stream, without the key and up to `max_bytes` each. Other output is saved as text or JSON.
        `embed` adds the record of the request: to PNG, JPEG and WebP themselves, else as a JSON file beside the output. See
        `read_record`.

        Raises OutputError, also for an output that cannot be a file of the passed name (such as JSON as `fox.png`), or
        APIConnectionError if a download fails.
        """
        with self._source.names_job():
            program = self._saving(path, overwrite=overwrite, max_bytes=max_bytes, embed=embed)
            return finish(program) if self._transport is None else self._transport.run_even_if_closed(program)

    def pil(self) -> Any:
        """Return the first picture as a `PIL.Image.Image`: `Output.pil` of it."""
        return _first_picture(self.outputs).pil()

    def numpy(self) -> Any:
        """Return the first picture as a `numpy.ndarray`: `Output.numpy` of it."""
        return _first_picture(self.outputs).numpy()

    def stream(self, *, max_bytes: int | None = MAX_BYTES) -> types.ByteStream:
        """Return the first output in pieces: `Output.stream` of it."""
        from .stream import ByteStream

        media, source, record = self._all()[0], self._source, self._record
        return ByteStream(
            self._settings, self._transport, source, media=media, record=record, max_bytes=max_bytes
        )


class HasAsyncOutputs(HasMedia):
    """The outputs of a result of an asynchronous client: what may download or write files is awaited."""

    _transport: AsyncTransport | None = None

    @property
    def outputs(self) -> list[types.AsyncOutput]:
        """The files in the result and those that it links to, else the text of the model."""
        from .output import AsyncOutput

        return self._outputs_of(AsyncOutput, self._transport)

    async def save(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        overwrite: bool | None = None,
        max_bytes: int | None = MAX_BYTES,
        embed: bool = False,
    ) -> list[Path]:
        """`Result.save`, awaited."""
        with self._source.names_job():
            program = self._saving(path, overwrite=overwrite, max_bytes=max_bytes, embed=embed)
            if self._transport is None:
                return finish(program)
            return await self._transport.run_even_if_closed(program)

    async def pil(self) -> Any:
        """`Result.pil`, awaited."""
        return await _first_picture(self.outputs).pil()

    async def numpy(self) -> Any:
        """`Result.numpy`, awaited."""
        return await _first_picture(self.outputs).numpy()

    def stream(self, *, max_bytes: int | None = MAX_BYTES) -> types.AsyncByteStream:
        """Return the first output in pieces: `AsyncOutput.stream` of it."""
        from .stream import AsyncByteStream

        media, source, record = self._all()[0], self._source, self._record
        return AsyncByteStream(
            self._settings, self._transport, source, media=media, record=record, max_bytes=max_bytes
        )


def _first_picture(outputs: Sequence[T]) -> T:
    """Return the first picture, else the first output that may be one. Raises OutputError."""
    found = [output for output in outputs if output.kind == "image"]
    if not found:
        found = [output for output in outputs if not output.content_type]
    if not found:
        kinds = ", ".join(output.content_type for output in outputs)
        raise OutputError("there is no picture in the result" + (f", but {kinds}" if kinds else ""))
    return found[0]


def name_files(result: object, name: str) -> None:
    """Set the beginning of the file names that `save` generates for a result or a stream."""
    source: OutputSource = result.__dict__["_source"]
    result.__dict__["_source"] = source._replace(name=name)
