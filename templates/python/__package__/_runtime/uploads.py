# speccast: if files
"""Files that a caller passes, as files to send: where their content is, how long it is and of which type."""

from __future__ import annotations

import io
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from .._core.omit import OMIT, Omit
from .._core.uploads import Upload
from .errors import Violation
from .media import START, bare, is_generic, media_type, suffix_of, type_of_name
from .wording import accepted, shown

if TYPE_CHECKING:
    from .._core.parameter import Parameter

__all__ = ["to_upload"]

_UNKNOWN = "application/octet-stream"


class _RefusedError(ValueError):
    """A value that cannot be sent as a file; the text says why."""


def to_upload(parameter: Parameter, value: object, path: str, violations: list[Violation]) -> Upload | Omit:
    """Return a path, bytes, a binary file object or (name, content) as a file to send.

    What cannot be read is added to `violations`, and is `OMIT` in the result. A file is not read whole: its beginning shows
    its type. A type that neither content nor name shows is taken to be the first documented one.
    """
    if isinstance(value, Upload):
        return value
    try:
        name, content, kind = _parts(value)
        found = _found(content, parameter)
        _complete(found, name, kind, parameter)
    except _RefusedError as error:
        violations.append(Violation(path, shown(value), str(error), accepted(parameter)))
        return OMIT
    return found


def _parts(value: object) -> tuple[str, object, str]:
    """The name, the content and the media type, if they are given."""
    if not isinstance(value, tuple):
        return "", value, ""
    parts = cast("tuple[object, ...]", value)
    name, content, kind = (*parts, "")[:3] if len(parts) in (2, 3) else (None, None, "")
    if not isinstance(name, str) or not name or not isinstance(kind, str):
        raise _RefusedError("must be (name, content) or (name, content, media type)")
    if not re.fullmatch(r"([\w.+-]+/[\w.+-]+([ ;][\x20-\x7e]*)?)?", kind, re.ASCII):
        raise _RefusedError(f"has an invalid media type: {shown(kind)}")
    return name, content, kind


def _found(content: object, parameter: Parameter) -> Upload:
    """The file without its type; its name is empty for bytes. Raises _RefusedError."""
    if isinstance(content, bytes | bytearray | memoryview):
        data = bytes(cast("bytes | bytearray | memoryview[int]", content))
        return Upload("", "", data, len(data), start=data[:START])
    if isinstance(content, str | os.PathLike):
        return _on_disk(os.fspath(cast("str | os.PathLike[str]", content)))
    if callable(getattr(content, "read", None)):
        return _open(cast("BinaryIO", content), parameter.max_size)
    raise _RefusedError(
        f"must be a file: a path, bytes or a binary file object, not {type(content).__name__}"
    )


def _on_disk(path: str) -> Upload:
    # Without waiting for a writer, if it is a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        place = Path(path).expanduser()
        with open(
            place, "rb", buffering=0, opener=lambda name, _: os.open(name, flags)
        ) as file:  # a path has no opener
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise _RefusedError(f"{path} is not a regular file: pass an open file object instead")
            start = file.read(START)
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, _RefusedError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        hint = "; this parameter takes a file, not a URL" if re.match(r"(https?|data):", path) else ""
        raise _RefusedError(f"cannot read {path}: {reason}{hint}") from None
    return Upload(place.name, "", str(place), status.st_size, start=start)


def _open(file: BinaryIO, limit: int | None) -> Upload:
    """A file object, from its position on."""
    found = getattr(file, "name", "")
    name = Path(found).name if isinstance(found, str) else ""
    label = name or "the file object"
    try:
        if isinstance(file, io.TextIOBase):
            raise _RefusedError(f"{label} is open as text: open it in binary mode")
        try:
            position = file.tell()
            offset: int | None = position
            size = file.seek(0, os.SEEK_END) - position
            file.seek(position)
        except (AttributeError, io.UnsupportedOperation):
            offset = size = None
        start = cast("object", file.read(START))
        if not isinstance(start, bytes):
            raise _RefusedError(f"{label} is open as text: open it in binary mode")
        if offset is not None:
            file.seek(offset)
    except (OSError, ValueError) as error:
        if isinstance(error, _RefusedError):
            raise
        raise _RefusedError(f"cannot read {label}: {error}") from None
    return Upload(name, "", file, None if size is None else max(size, 0), offset or 0, start, limit)


def _complete(upload: Upload, name: str, kind: str, parameter: Parameter) -> None:
    """Set the name and the type of a file."""
    name = Path(name).name or upload.name
    known = kind or media_type(type_of_name(name), upload.start)
    if is_generic(known):
        known = next((each for each in parameter.media_types if "*" not in each), _UNKNOWN)
    upload.media_type = kind or bare(known)
    upload.name = name or f"{parameter.wire.strip('[]') or 'file'}{suffix_of(upload.media_type)}"
    if upload.size is not None:
        upload.start = b""


# speccast: end
