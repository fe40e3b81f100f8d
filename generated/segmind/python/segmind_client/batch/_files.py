"""The files of a batch: their names, and writing them so that a crash leaves neither parts nor orphans.

A file is first written to a hidden folder, named by the number of its row. The journal then notes the row as done, with the
final names; only then the files get these names. After a crash, the next start gives the files of rows that are done their
names, and removes the other files in the hidden folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from string import Formatter
from typing import TYPE_CHECKING, TextIO

from .._runtime.errors import ConfigurationError
from .._runtime.files import safe_name
from .errors import JournalError

if TYPE_CHECKING:
    from .._runtime.batching import RowResult

__all__ = ["Files", "create_text", "is_below"]

PARTS = ".parts"
_SIDECAR = ".json"
_PART = r"(?P<row>\d+)(-(?P<output>\d+))?(\.\w+(?P<beside>\.json)?)?"
_UNFINISHED = r"\.\d+\.[0-9a-f]+\.part"
"""Files of a process that ended while it wrote them."""
_LONGEST_NAME = 230
"""Characters between slashes, without the numbers and extensions that are added. Most file systems allow 255 bytes."""
_SEPARATORS = re.compile(r"[-_.]+(?=$|/)|(?<=/)[-_.]+")
_FIELDS = frozenset({"key", "seed", "model", "number"})


class Files:
    """The files in the folder of a batch."""

    def __init__(self, folder: Path, template: str) -> None:
        """Raises ConfigurationError for a template with unknown fields, or one that is the same for all rows."""
        self._folder, self._parts = folder, folder / PARTS
        self._template = template
        self._taken: set[str] = set()
        """Names that are reserved until the journal is written."""
        try:
            fields = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
        except ValueError as error:
            raise ConfigurationError(f"name {template!r} is not a template: {error}") from None
        if fields - _FIELDS or not fields & {"key", "number"}:
            raise ConfigurationError(
                f"name must contain {{key}} or {{number}}, and may contain {{seed}} and {{model}} (got {template!r})"
            )
        _check_names(template)

    def part(self, number: int) -> Path:
        """Return the temporary path of the outputs of a row, without an extension."""
        return self._parts / str(number)

    def names(self, saved: Sequence[Path], number: int, key: str, model: str, seed: object) -> list[str]:
        """Return the final names of the saved files of a row, below the folder, and reserve them until `publish`."""
        values = {"key": safe_name(key), "model": safe_name(model), "number": str(number)}
        values["seed"] = "" if seed is None else safe_name(str(seed))
        stem = _SEPARATORS.sub("", self._template.format_map(values)) or values["key"]
        several = [f"-{each}" for each in range(1, len(saved) + 1)] if len(saved) > 1 else [""]
        attempt = 0
        while True:
            # The number of the row, because the names of many rows may be the same.
            tail = f"-{number}" * bool(attempt) + f"-{attempt}" * (attempt > 1)
            names = [f"{stem}{tail}{index}{path.suffix}" for index, path in zip(several, saved, strict=True)]
            # On some systems, names that differ in case are those of the same file.
            if not any(name.casefold() in self._taken or os.path.lexists(self._at(name)) for name in names):
                self._taken.update(name.casefold() for name in names)
                return names
            attempt += 1

    def _at(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def publish(self, saved: Sequence[Path], names: Sequence[str], *, with_records: bool) -> None:
        """Give files their final names. Calling it again completes an interrupted call. Raises JournalError."""
        for part, name in zip(saved, names, strict=True):
            path = self._at(name)
            try:
                if "/" in name:
                    Path(path).parent.mkdir(parents=True, exist_ok=True)
                if with_records and (beside := part.with_name(part.name + _SIDECAR)).exists():
                    beside.replace(path + _SIDECAR)
                part.replace(path)
            except FileNotFoundError:
                raise JournalError(f"{self._folder} was removed while the batch was running") from None
            self._taken.discard(name.casefold())

    def discard(self, number: int) -> None:
        """Remove the files of a row without a result."""
        for part in self._parts.glob(f"{number}[.-]*"):
            part.unlink(missing_ok=True)

    @staticmethod
    def with_records(saved: Sequence[Path]) -> list[Path]:
        """Return the files and the records beside them."""
        beside = (path.with_name(path.name + _SIDECAR) for path in saved)
        return [*saved, *(path for path in beside if path.exists())]

    def recover(self, done: Callable[[int], RowResult | None]) -> None:
        """Publish the files of rows that were done before a crash, and remove the files of other rows.

        `done` returns the result of a row by its number.

        Security: the folder may come from elsewhere. Nothing is replaced, and other files stay. Raises ConfigurationError if
        the hidden folder is a link to another one.
        """
        if self._parts.is_symlink():
            raise ConfigurationError(f"{self._parts} is a symbolic link: remove it")
        for part in self.list_left():
            found = re.fullmatch(_PART, part.name)
            result = done(int(found["row"][:18])) if found else None
            index = int((found["output"] or "1")[:9]) - 1 if found else 0
            if found is None or result is None or not 0 <= index < len(result.paths):
                if found is not None or re.fullmatch(_UNFINISHED, part.name):
                    part.unlink(missing_ok=True)
                continue
            path = result.paths[index]
            path = path.with_name(path.name + _SIDECAR) if found["beside"] else path
            path.parent.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(path):
                part.unlink(missing_ok=True)
            else:
                part.replace(path)

    def list_left(self) -> list[Path]:
        """Return the files that a crash left in the hidden folder."""
        if not self._parts.is_dir():
            return []
        return sorted(path for path in self._parts.iterdir() if path.is_symlink() or not path.is_dir())

    def close(self) -> None:
        """Remove the hidden folder if it is empty."""
        try:
            self._parts.rmdir()
        except OSError:
            return


def _check_names(template: str) -> None:
    """Raise ConfigurationError for a template that can make invalid file names. Checked before any call is paid for."""
    try:
        longest = template.format(key="k" * 100, model="m" * 60, number="9" * 10, seed="8" * 20)
        shortest = template.format(key="k", model="m", number="1", seed="")
    except (ValueError, LookupError, AttributeError, TypeError, MemoryError) as error:
        raise ConfigurationError(f"name {template!r} is not a template: {error}") from None
    if any(len(part.encode(errors="replace")) > _LONGEST_NAME for part in re.split(r"[/\\]", longest)):
        raise ConfigurationError(f"name {template!r} makes file names that can be too long")
    for text in (template, longest, shortest):
        if not is_below(text):
            raise ConfigurationError(f"name must be a path below the folder of the batch, not {template!r}")
    if re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", longest):
        raise ConfigurationError(f"name {template!r} has characters that file names cannot have")


def is_below(name: str) -> bool:
    """Return whether a relative path stays below its folder, on every system."""
    paths = (PurePosixPath(name), PureWindowsPath(name))
    return "\x00" not in name and not any(path.anchor or ".." in path.parts for path in paths)


def create_text(path: Path) -> TextIO:
    """Create a text file. It replaces one that a crash has left.

    Security: a symbolic link in its place is removed, and not followed.
    """
    path.unlink(missing_ok=True)
    return path.open("x", encoding="utf-8", newline="\n")
