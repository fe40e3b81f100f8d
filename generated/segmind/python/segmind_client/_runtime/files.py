"""Output files: their names, and writing them atomically."""

from __future__ import annotations

import os
import re
import secrets
import stat
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from .errors import OutputError
from .media import START, family_of_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

__all__ = [
    "ContentInMemory",
    "Destination",
    "PartFile",
    "Received",
    "expand",
    "find_destination",
    "safe_name",
    "suffix_of_name",
]

_DEVICE = r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)"
"""Names that are devices on Windows, with any extension."""
_NAMED = r"\.[A-Za-z][A-Za-z0-9]{0,4}"
"""An extension that a user may have meant, even an unknown one. A version such as `.1` is not an extension."""


class Destination(NamedTuple):
    """Where the outputs of one `save` are written."""

    folder: Path
    stem: str
    suffix: str
    """Empty if the extension is not known yet."""
    overwrite: bool
    is_named: bool
    """Whether the caller passed the full name, so that no other name may be used."""

    def names(self, extension: str, number: int) -> Iterator[Path]:
        """Yield the possible names, the preferred one first; `number` is 0 for a single output, else counts from 1."""
        if self.is_named or self.overwrite:
            yield self._name(extension, number)
        else:
            yield from (self._name(extension, each) for each in count(number))

    def _name(self, extension: str, number: int) -> Path:
        return self.folder / f"{self.stem}{f'-{number}' if number else ''}{self.suffix or extension}"


def find_destination(
    path: str | os.PathLike[str] | None, *, name: str, overwrite: bool | None
) -> Destination:
    """Return where to save to. For a folder, no path, or a name without an extension, the rest of the name is generated.

    `~` is the home folder. `name` is the default stem. With `overwrite` None, a file whose full name was passed is replaced, and a generated name
    never replaces a file. Raises OutputError for a path that is not a regular file or folder.
    """
    text = "" if path is None else os.fspath(path)
    requested = expand(text)
    mode = _mode(requested)
    if text == "" or text.endswith(("/", os.sep)) or stat.S_ISDIR(mode):
        return Destination(requested, safe_name(name), "", bool(overwrite), is_named=False)
    if mode and not stat.S_ISREG(mode):
        raise OutputError(f"cannot save to {text}: it is not a regular file")
    suffix = suffix_of_name(requested.name, default=name)
    if not suffix:
        stem = requested.name.rstrip(".") or requested.name
        return Destination(requested.parent, stem, "", bool(overwrite), is_named=False)
    stem = requested.name.removesuffix(suffix)
    return Destination(requested.parent, stem, suffix, overwrite is not False, is_named=True)


def expand(path: str) -> Path:
    """Return the path, with `~` as the home folder."""
    try:
        return Path(path).expanduser()
    except RuntimeError:  # no such user: a file that is called so
        return Path(path)


def suffix_of_name(name: str, *, default: str = "") -> str:
    """Return the extension of a file name, empty if it only looks as if it had one: `sd2.1-txt2img`, `v1.5`, or the name of a
    model.

    `default` is the generated name, which has no extension.
    """
    suffix = Path(name).suffix
    is_extension = family_of_suffix(suffix) is not None or re.fullmatch(_NAMED, suffix)
    return suffix if is_extension and name != default else ""


class Received:
    """What is known of content that arrives in pieces. Raises OutputError if there is too much of it."""

    def __init__(self, max_bytes: int | None) -> None:
        self.content_type = ""
        self.start = b""
        """The first bytes."""
        self.size = 0
        self._limit = max_bytes

    def begin(self, headers: Mapping[str, str]) -> None:
        """Start again, with the headers of a new response."""
        self.content_type = headers.get("content-type", "")
        length = headers.get("content-length", "")
        if length.isdecimal():
            self._check(int(length[:30]))
        self.start, self.size = b"", 0

    def write(self, chunk: bytes) -> None:
        """Append."""
        self.size += len(chunk)
        self._check(self.size)
        if len(self.start) < START:
            self.start += chunk[: START - len(self.start)]

    def read(self, limit: int) -> bytes:
        """Return the content, if it is not longer than a limit; else only the first bytes."""
        raise NotImplementedError

    def _check(self, size: int) -> None:
        if self._limit is not None and size > self._limit:
            raise OutputError(
                f"the output is larger than {self._limit} bytes; to allow more, pass max_bytes="
            )


class ContentInMemory(Received):
    """Content in memory."""

    def __init__(self, max_bytes: int | None) -> None:
        super().__init__(max_bytes)
        self._file = BytesIO()

    @property
    def content(self) -> bytes:
        """All bytes, which are not copied."""
        return self._file.getvalue()

    def begin(self, headers: Mapping[str, str]) -> None:
        super().begin(headers)
        self._file = BytesIO()

    def write(self, chunk: bytes) -> None:
        super().write(chunk)
        self._file.write(chunk)

    def read(self, limit: int) -> bytes:
        return self.content if self.size <= limit else self.start


class PartFile(Received):
    """A temporary file beside its destination, as a context manager that removes it unless it was committed.

    Raises OutputError for all problems with files.
    """

    def __init__(self, destination: Destination, max_bytes: int | None) -> None:
        super().__init__(max_bytes)
        self._destination = destination
        self._path = destination.folder / f".{destination.stem[:40]}.{secrets.token_hex(8)}.part"
        self._descriptor = -1

    def __enter__(self) -> Self:
        try:
            self._destination.folder.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(
                self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
            )
        except (OSError, ValueError) as error:
            raise self._write_error(self._destination.folder, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        self._path.unlink(missing_ok=True)

    def begin(self, headers: Mapping[str, str]) -> None:
        super().begin(headers)
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)

    def write(self, chunk: bytes) -> None:
        super().write(chunk)
        try:
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            raise self._write_error(self._path, error) from error

    def read(self, limit: int) -> bytes:
        if self.size > limit:
            return self.start
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        return os.read(self._descriptor, limit)

    def read_at(self, offset: int, length: int) -> bytes:
        """Return a part of the content."""
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        parts: list[bytes] = []
        while length and (part := os.read(self._descriptor, length)):
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def commit(self, names: Iterator[Path]) -> Path:
        """Rename the file to the first free name, and return its path."""
        self._close()
        for path in names:
            try:
                if self._destination.overwrite:
                    self._replace(Path(os.path.realpath(path)))
                else:
                    self._link(path)
            except FileExistsError:
                continue
            except (OSError, ValueError) as error:
                raise self._write_error(path, error) from error
            return path
        raise OutputError(
            f"{self._destination.folder / self._destination.stem}{self._destination.suffix} already exists"
        )

    def _replace(self, path: Path) -> None:
        """Replace a file, which keeps its permissions."""
        if mode := _mode(path):
            self._path.chmod(stat.S_IMODE(mode) & 0o777)
        self._path.replace(path)

    def _link(self, path: Path) -> None:
        """Take a free name atomically."""
        try:
            path.hardlink_to(self._path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            path.touch(exist_ok=False)
            self._path.replace(path)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    @staticmethod
    def _write_error(path: Path, error: OSError | ValueError) -> OutputError:
        reason = error.strerror if isinstance(error, OSError) else None
        return OutputError(f"cannot write {path}: {reason or error}")


def _mode(path: Path) -> int:
    """Return the mode of the file at a path; 0 if it does not exist."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0


def safe_name(name: str) -> str:
    """Return a file name from a slug or an id, of at most 100 bytes, and without the names of devices on Windows."""
    if not name.isascii():
        from unicodedata import normalize  # rarely needed

        name = normalize("NFC", name)
    cleaned = re.sub(r"[^\w.-]+", "_", name).strip("._")
    short = cleaned.encode(errors="ignore")[:100].decode(errors="ignore") or "output"
    return f"_{short}" if re.match(_DEVICE, short) else short
