"""Files in the body of a request, which are read while they are sent."""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, TypeAlias, cast

from .frozen_classes import Frozen
from .inputs import find_exceeded
from .media import START, Content

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .parameter import Keyword, Parameter

__all__ = [
    "EncodedUpload",
    "Form",
    "FormBody",
    "JsonBody",
    "MultipartBody",
    "StreamedBody",
    "Upload",
    "UploadError",
]

Form: TypeAlias = Literal["file", "url", "base64", "data_uri"]
"""How a file is sent: as a file of a multipart body, as the address of an upload, or encoded in a text."""

_CHUNK = 255 * 1024
"""Bytes that are read at once, a multiple of three: base64 encodes three bytes at a time."""


class UploadError(OSError):
    """A file cannot be read while it is sent."""


@dataclass(slots=True, eq=False)
class Upload:
    """A file to send. `source` is its content, its path, or a file object that is read from `offset` on."""

    name: str
    media_type: str
    source: bytes | memoryview | str | BinaryIO
    size: int | None
    """Number of bytes; None for a file object that cannot seek."""
    offset: int = 0
    start: bytes = b""
    """What was read of a file object that cannot seek, to recognize its type."""
    max_size: int | None = None
    is_consumed: bool = False
    """Whether a file object that cannot seek was read."""
    form: Form = "file"
    can_be_address: bool = False
    """Whether the API also takes the address of an upload."""
    address: str = ""
    """Where the API has the file, for the form `url`."""
    digest: str = ""
    """SHA-256 of the content in hexadecimal, once it was read whole."""

    @property
    def can_repeat(self) -> bool:
        """Whether the file can be read from its beginning."""
        return self.size is not None or not self.is_consumed

    def find_exceeded(self, parameter: Parameter) -> Iterator[Keyword]:
        """Yield the limits of a parameter that the file exceeds."""
        yield from find_exceeded(parameter, self.content)

    @property
    def content(self) -> Content:
        """The file as content that can be recognized and measured; unknown content if it cannot be read."""
        try:
            start = self.start or self.read_at(0, START)
        except (OSError, ValueError):  # reported when it is sent
            start = bytes(START)
        return Content("file", self.size, self.read_at, self.media_type, start)

    def read_at(self, offset: int, length: int) -> bytes:
        """Return a part of the content. Of a file object that cannot seek, only its beginning is known."""
        if isinstance(self.source, bytes | memoryview):
            return bytes(self.source[offset : offset + length])
        if isinstance(self.source, str):
            with Path(self.source).open("rb", buffering=0) as file:
                file.seek(offset)
                return file.read(length)
        if self.size is None:
            return self.start[offset : offset + length]
        self.source.seek(self.offset + offset)
        part = self.source.read(length)
        self.source.seek(self.offset)
        return part

    def chunks(self) -> Iterator[bytes]:
        """Yield the content. Raises UploadError if it cannot be read, or is not as long as it was."""
        import hashlib  # few requests have files

        digest = hashlib.sha256()
        try:
            for chunk in self._pieces():
                digest.update(chunk)
                yield chunk
        except UploadError:
            raise
        except Exception as error:  # what the file object of a caller raises
            known = error.strerror if isinstance(error, OSError) else None
            reason = known or str(error) or type(error).__name__
            raise UploadError(f"{self.name} cannot be read: {reason}") from None
        self.digest = digest.hexdigest()

    def _pieces(self) -> Iterator[bytes]:
        if isinstance(self.source, bytes | memoryview):
            for begin in range(0, len(self.source), _CHUNK):
                yield bytes(self.source[begin : begin + _CHUNK])
        elif isinstance(self.source, str):
            with Path(self.source).open("rb", buffering=0) as file:
                yield from self._read(file)
        elif self.size is None:
            self.is_consumed = True
            yield from self._read_once(self.source)
        else:
            self.source.seek(self.offset)
            yield from self._read(self.source)

    def _read(self, file: BinaryIO) -> Iterator[bytes]:
        left = self.size or 0
        while left:
            chunk = file.read(min(_CHUNK, left))
            if not chunk:
                raise UploadError(f"{self.name} became shorter while it was sent")
            left -= len(chunk)
            if not left and file.read(1):  # before the last chunk, so that half of a file is not processed
                raise UploadError(f"{self.name} became longer while it was sent")
            yield chunk

    def _read_once(self, file: BinaryIO) -> Iterator[bytes]:
        sent, chunk = 0, self.start or file.read(_CHUNK)
        while chunk:
            sent += len(chunk)
            if self.max_size is not None and sent > self.max_size:
                raise UploadError(f"{self.name} is larger than {self.max_size} bytes")
            yield chunk
            chunk = file.read(_CHUNK)

    def __repr__(self) -> str:
        size = "of unknown size" if self.size is None else f"{self.size} bytes"
        uploaded = ", to be uploaded" if self.form == "url" else ""
        return f"<{self.name}, {self.media_type}, {size}{uploaded}>"


class EncodedUpload(Frozen):
    """A file as the text of its form. Iterating over `chunks` reads the file and encodes it piece by piece."""

    upload: Upload

    @property
    def size(self) -> int | None:
        """Number of bytes of the text; None if it is not known."""
        if self.upload.form == "url":
            return len(self.upload.address.encode())
        content = self.upload.size
        return None if content is None else len(self._head) + -(-content // 3) * 4

    def chunks(self) -> Iterator[bytes]:
        """Yield the text. Raises UploadError if the file cannot be read."""
        from binascii import b2a_base64

        yield self._head
        if self.upload.form == "url":
            yield self.upload.address.encode()
            return
        left = b""
        for chunk in self.upload.chunks():
            content = left + chunk if left else chunk
            end = len(content) - len(content) % 3
            left = content[end:]
            yield b2a_base64(memoryview(content)[:end], newline=False)
        yield b2a_base64(left, newline=False)

    @property
    def _head(self) -> bytes:
        return f"data:{self.upload.media_type};base64,".encode() if self.upload.form == "data_uri" else b""


FormPart: TypeAlias = bytes | Upload | EncodedUpload


class StreamedBody(ABC):
    """A body with files. Iterating over it reads them."""

    content_type: str
    uploads: Sequence[Upload]
    """The files."""

    @abstractmethod
    def parts(self) -> Iterator[FormPart]:
        """Yield the pieces of the body, in order."""

    @property
    def size(self) -> int | None:
        """Number of bytes; None if it is not known."""
        sizes = [len(part) if isinstance(part, bytes) else part.size for part in self.parts()]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None

    def prefer_addresses(self, above: int) -> None:
        """Send files that are larger than a number of bytes as addresses, where the API takes them."""
        for upload in self.uploads:
            if upload.can_be_address and (upload.size is None or upload.size > above):
                upload.form = "url"

    @property
    def can_repeat(self) -> bool:
        """Whether the body can be sent once more."""
        return all(upload.can_repeat for upload in self.uploads)

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts():
            if isinstance(part, bytes):
                yield part
            else:
                yield from filter(None, part.chunks())


class JsonBody(StreamedBody):
    """A JSON text in which some texts are files."""

    def __init__(self, content_type: str, pieces: Sequence[bytes | Upload]) -> None:
        self.content_type = content_type
        self.uploads = [piece for piece in pieces if isinstance(piece, Upload)]
        self._pieces = pieces

    def member(self) -> str | JsonBody:
        """Return the value of the only member of the object: a text, if it has no files."""
        before = len(b'{"":')
        pieces = list(self._pieces)
        first, last = cast("bytes", pieces[0]), cast("bytes", pieces[-1])
        if not self.uploads:
            return first[before:-1].decode()
        return JsonBody("", [first[before:], *pieces[1:-1], last[:-1]])

    def parts(self) -> Iterator[FormPart]:
        for piece in self._pieces:
            if isinstance(piece, bytes):
                yield piece
            elif piece.form == "url":
                yield json.dumps(piece.address).encode()
            else:
                yield b'"'
                yield EncodedUpload(piece)
                yield b'"'

    def __repr__(self) -> str:
        return self.describe()

    def describe(self) -> str:
        """Return the JSON with the name, type and size of each file instead of its content."""
        return "".join(
            piece.decode() if isinstance(piece, bytes) else json.dumps(repr(piece)) for piece in self._pieces
        )


class MultipartBody(StreamedBody):
    """A body of the type multipart/form-data."""

    def __init__(self, fields: list[tuple[str, str | Upload | JsonBody]]) -> None:
        self.fields = fields
        """Names and values, in order."""
        self.uploads = _uploads_in(fields)
        self._boundary = os.urandom(16).hex()
        self.content_type = f"multipart/form-data; boundary={self._boundary}"

    def parts(self) -> Iterator[FormPart]:
        before = f"--{self._boundary}\r\n"
        for name, value in self.fields:
            head = f'{before}Content-Disposition: form-data; name="{_quote(name)}"'
            if isinstance(value, Upload):
                if value.form == "file":
                    head += f'; filename="{_quote(value.name)}"\r\nContent-Type: {value.media_type}'
                yield f"{head}\r\n\r\n".encode()
                yield value if value.form == "file" else EncodedUpload(value)
                yield b"\r\n"
            elif isinstance(value, JsonBody):
                yield f"{head}\r\n\r\n".encode()
                yield from value.parts()
                yield b"\r\n"
            else:
                yield f"{head}\r\n\r\n{value}\r\n".encode()
        yield f"--{self._boundary}--\r\n".encode()


class FormBody(StreamedBody):
    """A body of the type application/x-www-form-urlencoded with addresses of files, which are known when it is sent."""

    content_type = "application/x-www-form-urlencoded"

    def __init__(self, fields: list[tuple[str, str | Upload | JsonBody]]) -> None:
        self.fields = fields
        self.uploads = _uploads_in(fields)

    def parts(self) -> Iterator[FormPart]:
        from urllib.parse import urlencode  # few bodies are forms

        pairs = [(name, _text_of(value)) for name, value in self.fields]
        yield urlencode(pairs).encode()


def _uploads_in(fields: Sequence[tuple[str, str | Upload | JsonBody]]) -> list[Upload]:
    values = [value for _, value in fields if not isinstance(value, str)]
    return [each for value in values for each in (value.uploads if isinstance(value, JsonBody) else [value])]


def _text_of(value: str | Upload | JsonBody) -> str:
    if isinstance(value, JsonBody):
        return b"".join(value).decode()
    return value if isinstance(value, str) else value.address


def _quote(text: str) -> str:
    """Return a name as HTML forms write it in a header."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
