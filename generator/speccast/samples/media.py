"""Content of requests for tests in the ways that a client takes it. It is made when it is sent."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, TypeAlias, cast

from speccast.core.uploads import Form, Upload

if TYPE_CHECKING:
    from speccast.core.parameter import Parameter

ANY_FILE: Final = "application/octet-stream"
_OF_RANGE: Final = {"image": "image/png", "audio": "audio/wav", "video": "video/mp4", "text": "text/plain"}

MAX_IN_MEMORY: Final = 1024 * 1024
"""Bytes of the largest content that is held in memory."""

ZEROS: Final = bytes(64)
"""Content that no rule recognizes, so that it passes as any."""

Given: TypeAlias = Literal[
    "tuple", "bytes", "path", "missing_path", "file", "picture", "result", "base64", "data_uri"
]
"""How a caller passes content: as (name, content, type), … as a picture of Pillow, as a result of a model, or as a text."""


@dataclass(frozen=True, slots=True)
class MediaSample:
    """Content of a type, any if `content` is empty, and of exactly `size` bytes unless that is 0.

    `given` is how it is passed to a client, `sent` how the client sends it.
    """

    media_type: str
    content: bytes = b""
    given: Given = "tuple"
    sent: Form = "file"
    size: int = 0

    def resize(self, content: bytes) -> bytes:
        """Return content with the size, cut or followed by zeros."""
        return content[: self.size].ljust(self.size, b"\0") if self.size else content

    def upload(self) -> Upload:
        """Return a file with the content, or with zeros if it is any: no rule recognizes them."""
        content = self.content or ZEROS
        if self.size > MAX_IN_MEMORY:
            file = cast("BinaryIO", SparseFile(content, self.size))
            return Upload("sample", self.media_type, file, self.size)
        content = self.resize(content)
        return Upload("sample", self.media_type, content, len(content))

    def text(self) -> str:
        """Return the text that a client sends for it."""
        if self.sent == "url":
            return "https://example.com/sample"
        return text_of(self.sent, self.media_type, self.resize(self.content or ZEROS))


class SparseFile(io.RawIOBase):
    """A file object of any size that needs no memory: some bytes, then zeros."""

    def __init__(self, start: bytes, size: int) -> None:
        self._start = start
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._position = max(offset + (0, self._position, self._size)[whence], 0)
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        length = max(min(len(buffer), self._size - self._position), 0)
        part = self._start[self._position : self._position + length]
        buffer[:length] = part.ljust(length, b"\0")
        self._position += length
        return length


def text_of(form: str, media_type: str, content: bytes) -> str:
    """Return content as base64 or a data URI."""
    encoded = base64.b64encode(content).decode()
    return f"data:{media_type};base64,{encoded}" if form == "data_uri" else encoded


def media_type_of(media_range: str) -> str:
    """Return a media type, or a type in a range such as `image/*`."""
    main, _, rest = media_range.partition("/")
    return _OF_RANGE.get(main, ANY_FILE) if rest == "*" else media_range


def sent_form(parameter: Parameter) -> Form:
    """Return the form in which a client sends a file."""
    if parameter.type == "file":
        return "file"
    forms: tuple[Form, ...] = ("data_uri", "base64")
    return next((form for form in forms if form in parameter.forms), "url")
