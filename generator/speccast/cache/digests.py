"""Digests of files, without reading a file that is unchanged since an earlier run.

As in git, a file is unchanged if its size, inode and the times of its last modification and status change are the same.
Times have a limited resolution, so a file that was modified within the last seconds before it was read is read again.
"""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from speccast.cache.entries import NO_ENTRIES, Entries, key_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RESOLUTION_NS = 2_000_000_000
"""Nanoseconds; the coarsest file times in use are those of FAT, two seconds."""

_KIND = "file digests"


@dataclass(slots=True)
class FileDigests:
    """Digests of files by absolute path. `compute` returns the digest of a content."""

    entries: Entries = NO_ENTRIES
    name: str = ""
    compute: Callable[[bytes], str] = key_of
    _before: dict[str, list[Any]] = field(default_factory=dict)
    _now: dict[str, list[Any]] = field(default_factory=dict)
    _changed: bool = False

    @classmethod
    def load(cls, entries: Entries, name: str, compute: Callable[[bytes], str] = key_of) -> FileDigests:
        """Return the digests that an earlier run saved under this name."""
        return cls(entries, name, compute, entries.get_json(key_of(_KIND, name), dict) or {})

    def of(self, path: Path | str, status: os.stat_result | None = None) -> str:
        """Return the digest of a regular file. `status` is its `os.lstat` result if the caller has it.

        Raises:
            OSError: it cannot be read or is not a regular file.
        """
        path = os.fspath(path)
        status = os.stat(path) if status is None else status  # noqa: PTH116 - thousands of calls; a Path takes as long
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{path} is not a regular file")
        mark = _mark(status)
        before = self._before.get(path)
        if before is not None and before[1:] == mark:
            self._now[path] = before
            return str(before[0])
        now = time.time_ns()
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            digest = self.compute(file.read())
            is_same = mark == _mark(os.fstat(file.fileno()))
        if is_same and max(status.st_mtime_ns, status.st_ctime_ns) < now - RESOLUTION_NS:
            self._now[path] = [digest, *mark]
            self._changed = True
        return digest

    def save(self) -> None:
        """Store the digests of the files that this run asked for."""
        if self._changed or self._now.keys() != self._before.keys():
            self.entries.put_json(key_of(_KIND, self.name), self._now)


def _mark(status: os.stat_result) -> list[int]:
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev]
