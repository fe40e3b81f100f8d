"""Files that a caller passes, as files to send: where their content is, how long it is and of which type."""

from __future__ import annotations

import io
import os
import re
import stat
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from .._core.media import SIGNED, sniff
from .._core.uploads import Upload
from .media import START, bare, is_generic, is_text, media_type, suffix_of, type_of_name
from .wording import format_value

if TYPE_CHECKING:
    from .._core.parameter import Parameter

__all__ = ["UnusableFileError", "make_upload"]

_UNKNOWN = "application/octet-stream"
_LONGEST_PATH = 1024
"""Characters of the longest path that a message shows whole."""


class UnusableFileError(ValueError):
    """A value that cannot be sent as a file; the text says why."""


def make_upload(value: object, parameter: Parameter, kind: str = "") -> Upload:
    """Return a path, bytes, a binary file object, a picture or (name, content) as a file to send.

    A file is not read whole: its beginning shows its type. A type that neither content nor name shows is taken to be the
    first documented one, unless `kind` is known. Raises UnreadableError.
    """
    name, content, kind = _parts(value, kind)
    found = _find(content, parameter)
    if found.size == 0:
        raise UnusableFileError(f"{found.name or 'the content'} is empty")
    _complete(found, name, kind, parameter)
    return found


def _parts(value: object, kind: str) -> tuple[str, object, str]:
    """Return the name, the content and the media type, if they are given."""
    if not isinstance(value, tuple):
        return "", value, kind if _is_media_type(kind) else ""
    parts = cast("tuple[object, ...]", value)
    name, content, given = (*parts, "")[:3] if len(parts) in (2, 3) else (None, None, "")
    if not isinstance(name, str) or not name or not isinstance(given, str):
        raise UnusableFileError("must be (name, content) or (name, content, media type)")
    if given and not _is_media_type(given):
        raise UnusableFileError(f"has an invalid media type: {format_value(given)}")
    return name, content, given


def _is_media_type(kind: str) -> bool:
    return re.fullmatch(r"[\w.+-]+/[\w.+-]+([ ;][\x20-\x7e]*)?", kind, re.ASCII) is not None


def _find(content: object, parameter: Parameter) -> Upload:
    """Return the file without its type; its name is empty for bytes. Raises UnreadableError."""
    if isinstance(content, bytes | bytearray | memoryview):
        return _in_memory(cast("bytes | bytearray | memoryview[int]", content))
    if isinstance(content, os.PathLike):
        path = os.fspath(cast("os.PathLike[str]", content))
        return _on_disk(os.fsdecode(path))
    if callable(getattr(content, "read", None)):
        return _open(cast("BinaryIO", content), parameter.max_size)
    if (picture := _picture(content)) is not None:
        return _in_memory(_encode(picture, parameter))
    forms = "a path (Path), bytes or a binary file object"
    if _takes_pictures(parameter):
        forms = "a path (Path), bytes, a binary file object or a picture"
    raise UnusableFileError(f"must be a file: {forms}, not {type(content).__name__}")


def _takes_pictures(parameter: Parameter) -> bool:
    kinds = {kind.partition("/")[0] for kind in (*parameter.media_types, *parameter.media)}
    return not kinds or bool(kinds & {"image", "*"})


def _in_memory(content: bytes | bytearray | memoryview[int]) -> Upload:
    """Return content that is not copied while it is sent."""
    data = content if isinstance(content, bytes) else memoryview(content)
    if isinstance(data, memoryview):
        data = data.cast("B") if data.c_contiguous else data.tobytes()
    return Upload("", "", data, len(data), start=bytes(data[:START]))


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
                raise UnusableFileError(
                    f"{path} is not a regular file: pass an open file object, or - on the command line"
                )
            start = file.read(START)
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, UnusableFileError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnusableFileError(f"cannot read {_short(_text(path))}: {reason}") from None
    return Upload(place.name, "", str(place), status.st_size, start=start)


def _open(file: BinaryIO, limit: int | None) -> Upload:
    """Return a file object, from its position on."""
    found = getattr(file, "name", "")
    # Standard input has the name <stdin>.
    name = Path(found).name if isinstance(found, str) and not found.startswith("<") else ""
    label = _text(name) or "the file object"
    try:
        if isinstance(file, io.TextIOBase):
            raise UnusableFileError(f"{label} is open as text: open it in binary mode")
        try:
            position = file.tell()
            offset: int | None = position
            file.seek(0, os.SEEK_END)
            size = file.tell() - position  # seek of a memory map returns nothing
            file.seek(position)
        except (AttributeError, OSError):  # a pipe
            offset = size = None
        start = cast("object", file.read(START))
        if isinstance(start, str):
            raise UnusableFileError(f"{label} is open as text: open it in binary mode")
        if not isinstance(start, bytes):
            raise UnusableFileError(f"read() of {label} returned {type(start).__name__}, not bytes")
        if offset is not None:
            file.seek(offset)
    except (OSError, ValueError) as error:
        if isinstance(error, UnusableFileError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnusableFileError(
            f"{label} is not open for reading"
            if isinstance(error, io.UnsupportedOperation)
            else f"cannot read {label}: {reason}"
        ) from None
    known = None if size is None else max(size, 0)
    if known == 0 and offset:
        raise UnusableFileError(f"{label} has no content after its position {offset}: seek to the beginning")
    if known is None and not start:
        known = 0
    return Upload(name, "", file, known, offset or 0, start, limit)


def _picture(value: Any) -> Any:
    """Return a picture of Pillow, also of an array of numpy; None for other values. Raises UnreadableError.

    Only programs that import these packages have such values, so they are not imported here.
    """
    # Another thread may be importing them: then they have no names yet.
    picture = getattr(sys.modules.get("PIL.Image"), "Image", None)
    kind = getattr(sys.modules.get("numpy"), "ndarray", None)
    if picture is not None and isinstance(value, picture):
        return value
    if kind is None or not isinstance(value, kind):
        return None
    array: Any = value
    try:
        image = import_module("PIL.Image")
    except ImportError:
        raise UnusableFileError(
            "is an array, which needs Pillow; to install it, run: pip install pillow"
        ) from None
    shape = "x".join(map(str, array.shape))
    problem = UnusableFileError(
        f"is an array of {array.dtype} and {shape}, which is not a picture: pass height, width and channels as uint8"
    )
    # Pillow takes other types as well, but not as what is meant: numbers from 0 to 1 would become black.
    if array.dtype.name not in ("bool", "uint8", "uint16") or array.ndim not in (2, 3):
        raise problem
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    try:
        return image.fromarray(array)
    except (TypeError, ValueError):
        raise problem from None


def _encode(picture: Any, parameter: Parameter) -> memoryview[int]:
    """Return the file of a picture: a PNG, unless only JPEG or WebP is documented. Raises UnreadableError."""
    known = {"image/jpeg": "JPEG", "image/webp": "WEBP"}
    documented = {bare(kind) for kind in parameter.media_types}
    is_png = not documented or bool(documented & {"image/png", "image/*", "*/*"})
    kind = "PNG" if is_png else next((known[each] for each in known if each in documented), "PNG")
    modes = {"PNG": ("1", "L", "LA", "I;16", "P", "RGB", "RGBA"), "JPEG": ("L", "RGB", "CMYK")}
    file = io.BytesIO()
    try:
        picture = _with_known_numbers(picture, is_deep=kind == "PNG")
        if picture.mode not in modes.get(kind, ("RGB", "RGBA")):
            has_alpha = kind != "JPEG" and picture.has_transparency_data
            picture = picture.convert("RGBA" if has_alpha else "RGB")
        picture.save(file, kind, **({"quality": 95} if kind != "PNG" else {}))
    except Exception as error:  # Pillow raises what its decoders do, down to SyntaxError and struct.error.
        if isinstance(error, UnusableFileError):
            raise
        raise UnusableFileError(
            f"is a picture that Pillow cannot encode: {error or type(error).__name__}"
        ) from None
    return file.getbuffer()


def _with_known_numbers(picture: Any, *, is_deep: bool) -> Any:
    """Return a picture of more than 8 bits a number as one of 16 bits, or of 8 bits unless it may be `is_deep`.

    Pillow itself would cut off what is larger than 255. Raises UnreadableError if the range of the numbers is not known.
    """
    if picture.mode == "La":
        return picture.convert("LA")
    if picture.mode == "F" or (
        picture.mode == "I" and not 0 <= min(picture.getextrema()) <= max(picture.getextrema()) < 2**16
    ):
        raise UnusableFileError(
            f"is a picture of the mode {picture.mode}, whose numbers have no known range: convert it to L, RGB or I;16"
        )
    if not picture.mode.startswith("I"):
        return picture
    if is_deep:
        return picture if picture.mode == "I;16" else picture.convert("I").convert("I;16")
    return picture.convert("I").point(_of_8_bits).convert("L")


def _of_8_bits(number: Any) -> Any:
    return number * (1 / 256)


def _complete(upload: Upload, name: str, kind: str, parameter: Parameter) -> None:
    """Set the name and the type of a file."""
    name = _text(Path(name).name or upload.name)
    known = kind or media_type(_guess_type(name, upload.start), upload.start)
    if is_generic(known):
        known = next((each for each in parameter.media_types if "*" not in each), _UNKNOWN)
    upload.media_type = kind or bare(known)
    upload.name = name or f"{parameter.wire.strip('[]') or 'file'}{suffix_of(upload.media_type)}"


def _guess_type(name: str, start: bytes) -> str:
    """Return the media type of a file's name, if the content can have it."""
    kind = type_of_name(name)
    if is_text(start):
        return kind if kind not in SIGNED else "text/plain"
    return kind if kind not in SIGNED or sniff(start) else ""


def _short(path: str) -> str:
    """Return a path in a message: base64 that is taken for a path can be very long."""
    return path if len(path) <= _LONGEST_PATH else f"{path[:60]}…"


def _text(name: str) -> str:
    """Return a name of a file without bytes that are not Unicode."""
    return name.encode(errors="replace").decode()
