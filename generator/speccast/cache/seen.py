"""What files held when they were last read, so that a file that nobody has touched since need not be read again.

It is known as git knows it: by size, the times of the last change of content and of the file itself, and the inode. The
latter time is set by the system alone. It has a grain, though, so what was changed within the last moments before it was
read is not relied upon: it could have been changed once more in the same grain.
"""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from speccast.cache.entries import NOTHING, Entries, key_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GRAIN_NS = 2_000_000_000
"""Nanoseconds; FAT has the coarsest times that are met with, of two seconds."""

_KIND = "seen"


@dataclass(slots=True)
class Seen:
    """Digests of files by absolute path. `digest` is how a file's content is digested."""

    entries: Entries = NOTHING
    name: str = ""
    digest: Callable[[bytes], str] = key_of
    _known: dict[str, list[Any]] = field(default_factory=dict)
    _found: dict[str, list[Any]] = field(default_factory=dict)
    _changed: bool = False

    @classmethod
    def load(cls, entries: Entries, name: str, digest: Callable[[bytes], str] = key_of) -> Seen:
        """What an earlier run saw under this name."""
        return cls(entries, name, digest, entries.get_json(key_of(_KIND, name), dict) or {})

    def of(self, path: Path | str, said: os.stat_result | None = None) -> str:
        """The digest of a plain file. `said` is what `os.lstat` says of it, if that was asked already.

        Raises:
            OSError: it cannot be read, or is no plain file.
        """
        path = os.fspath(path)
        said = os.stat(path) if said is None else said  # noqa: PTH116 - thousands of times, and a Path takes as long
        if not stat.S_ISREG(said.st_mode):
            raise OSError(f"{path} is no plain file")
        mark = [said.st_size, said.st_mtime_ns, said.st_ctime_ns, said.st_ino, said.st_dev]
        known = self._known.get(path)
        if known is not None and known[1:] == mark:
            self._found[path] = known
            return str(known[0])
        now = time.time_ns()
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            digest = self.digest(file.read())
            after = os.fstat(file.fileno())
        is_whole = mark == [after.st_size, after.st_mtime_ns, after.st_ctime_ns, after.st_ino, after.st_dev]
        if is_whole and max(said.st_mtime_ns, said.st_ctime_ns) < now - GRAIN_NS:
            self._found[path] = [digest, *mark]
            self._changed = True
        return digest

    def save(self) -> None:
        """Keep what was seen in this run."""
        if self._changed or self._found.keys() != self._known.keys():
            self.entries.put_json(key_of(_KIND, self.name), self._found)
