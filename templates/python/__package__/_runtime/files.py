"""Files on disk: which name an output gets, and writing it so that it is there whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
import stat
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from .errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

__all__ = ["PartFile", "Target", "target"]

_START = 64


class Target(NamedTuple):
    """Where the outputs of one save go."""

    folder: Path
    stem: str
    suffix: str
    """Empty where the extension is still to be guessed."""
    overwrite: bool
    is_named: bool
    """Whether the caller named the file in full, so that no other name will do."""

    def names(self, extension: str, number: int) -> Iterator[Path]:
        """The file's names in the order of preference; `number` is 0 for a single output, else counts from 1."""
        if self.is_named or self.overwrite:
            yield self._name(extension, number)
        else:
            yield from (self._name(extension, each) for each in count(number))

    def _name(self, extension: str, number: int) -> Path:
        return self.folder / f"{self.stem}{f'-{number}' if number else ''}{self.suffix or extension}"


def target(path: str | os.PathLike[str] | None, *, name: str, overwrite: bool | None) -> Target:
    """Where to save to. A folder, no path at all, or a name without an extension leave the rest to be guessed.

    `name` is the stem where the path has none. With `overwrite` None, a file that was named in full is replaced, and a
    guessed name never replaces anything. Raises OutputError for what is no place for a file.
    """
    text = "" if path is None else os.fspath(path)
    given = Path(text)
    mode = _mode(given)
    if text == "" or text.endswith(("/", os.sep)) or stat.S_ISDIR(mode):
        return Target(given, _safe(name), "", bool(overwrite), is_named=False)
    if mode and not stat.S_ISREG(mode):
        raise OutputError(f"cannot save to {text}: it is no regular file")
    if not given.suffix:
        return Target(given.parent, given.name, "", bool(overwrite), is_named=False)
    return Target(given.parent, given.stem, given.suffix, overwrite is not False, is_named=True)


class PartFile:
    """A file under a name of its own beside its target, as a context manager: it is gone at the end if not committed.

    What can go wrong with a file comes out as OutputError.
    """

    def __init__(self, target: Target, max_bytes: int | None) -> None:
        self.content_type = ""
        self.start = b""
        """The first bytes."""
        self._target = target
        self._limit = max_bytes
        self._size = 0
        self._path = target.folder / f".{target.stem[:40]}.{secrets.token_hex(8)}.part"
        self._descriptor = -1

    def __enter__(self) -> Self:
        try:
            self._target.folder.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(
                self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
            )
        except (OSError, ValueError) as error:
            raise self._cannot(self._target.folder, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        self._path.unlink(missing_ok=True)

    def begin(self, headers: Mapping[str, str]) -> None:
        """Start anew with what an answer's headers announce."""
        self.content_type = headers.get("content-type", "")
        length = headers.get("content-length", "")
        if length.isdecimal():
            self._check(int(length[:30]))
        self.start, self._size = b"", 0
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)

    def write(self, chunk: bytes) -> None:
        """Append."""
        self._size += len(chunk)
        self._check(self._size)
        if len(self.start) < _START:
            self.start += chunk[: _START - len(self.start)]
        try:
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            raise self._cannot(self._path, error) from error

    def commit(self, names: Iterator[Path]) -> Path:
        """Give the file the first of the names that may be had; answers it."""
        self._close()
        for path in names:
            try:
                if self._target.overwrite:
                    self._path.replace(os.path.realpath(path))
                else:
                    self._link(path)
            except FileExistsError:
                continue
            except (OSError, ValueError) as error:
                raise self._cannot(path, error) from error
            return path
        raise OutputError(f"{self._target.folder / self._target.stem}{self._target.suffix} exists already")

    def _link(self, path: Path) -> None:
        """Take a name that is free, without a moment in which another process could take it."""
        try:
            path.hardlink_to(self._path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            path.touch(exist_ok=False)
            self._path.replace(path)

    def _check(self, size: int) -> None:
        if self._limit is not None and size > self._limit:
            raise OutputError(f"the output is larger than {self._limit} bytes; max_bytes= allows more")

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    @staticmethod
    def _cannot(path: Path, error: OSError | ValueError) -> OutputError:
        reason = error.strerror if isinstance(error, OSError) else None
        return OutputError(f"cannot write {path}: {reason or error}")


def _mode(path: Path) -> int:
    """What kind of file a path leads to; 0 for none."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0


def _safe(name: str) -> str:
    """A file name made from a slug or an id."""
    return re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII).strip("._")[:100] or "output"
