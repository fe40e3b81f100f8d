"""Files in the body of a request, which are read while they are sent."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .check import Keyword
    from .parameter import Parameter

__all__ = ["MultipartBody", "Upload", "UploadError"]

_CHUNK = 256 * 1024


class UploadError(OSError):
    """A file cannot be read while it is sent."""


@dataclass(slots=True, eq=False)
class Upload:
    """A file to send. `source` is its content, its path, or a file object that is read from `offset` on."""

    name: str
    media_type: str
    source: bytes | str | BinaryIO
    size: int | None
    """Number of bytes; None for a file object that cannot seek."""
    offset: int = 0
    start: bytes = b""
    """What was read of a file object that cannot seek, to recognize its type."""
    max_size: int | None = None
    is_consumed: bool = False
    """Whether a file object that cannot seek was read."""

    @property
    def can_repeat(self) -> bool:
        """Whether the file can be read from its beginning."""
        return self.size is not None or not self.is_consumed

    def exceeded(self, parameter: Parameter) -> Iterator[Keyword]:
        """Yield the limits of a parameter that the file exceeds."""
        if parameter.media_types and not any(map(self._is_covered, parameter.media_types)):
            yield "media_types"
        if parameter.max_size is not None and self.size is not None and self.size > parameter.max_size:
            yield "max_size"

    def chunks(self) -> Iterator[bytes]:
        """Yield the content. Raises UploadError if it cannot be read, or is not as long as it was."""
        try:
            if isinstance(self.source, bytes):
                yield self.source
            elif isinstance(self.source, str):
                with Path(self.source).open("rb", buffering=0) as file:
                    yield from self._read(file)
            elif self.size is None:
                self.is_consumed = True
                yield from self._read_once(self.source)
            else:
                self.source.seek(self.offset)
                yield from self._read(self.source)
        except UploadError:
            raise
        except (OSError, ValueError) as error:  # a ValueError if the file object is closed
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise UploadError(f"{self.name} cannot be read: {reason}") from None

    def _read(self, file: BinaryIO) -> Iterator[bytes]:
        left = self.size or 0
        while left:
            chunk = file.read(min(_CHUNK, left))
            if not chunk:
                raise UploadError(f"{self.name} became shorter while it was sent")
            left -= len(chunk)
            yield chunk

    def _read_once(self, file: BinaryIO) -> Iterator[bytes]:
        sent, chunk = 0, self.start or file.read(_CHUNK)
        while chunk:
            sent += len(chunk)
            if self.max_size is not None and sent > self.max_size:
                raise UploadError(f"{self.name} is larger than {self.max_size} bytes")
            yield chunk
            chunk = file.read(_CHUNK)

    def _is_covered(self, media_type: str) -> bool:
        main, _, rest = media_type.partition("/")
        return media_type == self.media_type or (rest == "*" and self.media_type.startswith(f"{main}/"))

    def __repr__(self) -> str:
        size = "of unknown size" if self.size is None else f"{self.size} bytes"
        return f"<{self.name}, {self.media_type}, {size}>"


class MultipartBody:
    """A body of the type multipart/form-data. Iterating reads the files."""

    def __init__(self, fields: list[tuple[str, str | Upload]]) -> None:
        self.fields = fields
        """Names and values, in order."""
        self._boundary = os.urandom(16).hex()
        self.content_type = f"multipart/form-data; boundary={self._boundary}"

    @property
    def size(self) -> int | None:
        """Number of bytes; None if it is not known."""
        sizes = [part.size if isinstance(part, Upload) else len(part) for part in self._parts()]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None

    @property
    def can_repeat(self) -> bool:
        """Whether the body can be sent once more."""
        return all(value.can_repeat for _, value in self.fields if isinstance(value, Upload))

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts():
            if isinstance(part, Upload):
                yield from part.chunks()
            else:
                yield part

    def _parts(self) -> Iterator[bytes | Upload]:
        before = f"--{self._boundary}\r\n"
        for name, value in self.fields:
            head = f'{before}Content-Disposition: form-data; name="{_quoted(name)}"'
            if isinstance(value, Upload):
                yield f'{head}; filename="{_quoted(value.name)}"\r\nContent-Type: {value.media_type}\r\n\r\n'.encode()
                yield value
                yield b"\r\n"
            else:
                yield f"{head}\r\n\r\n{value}\r\n".encode()
        yield f"--{self._boundary}--\r\n".encode()


def _quoted(text: str) -> str:
    """Return a name as HTML forms write it in a header."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
