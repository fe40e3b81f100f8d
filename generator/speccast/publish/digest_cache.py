"""Digests of files that were read before, so that a file is only read again if its status differs.

The kernel sets the time of the last status change, and it cannot be set back, so a changed file has another status. A file that
changed moments ago could change again at the same time, so it is read again. The digests are in the user's cache.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final, TypeAlias

from speccast.cache import key_of

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from speccast.cache import Entries

Known: TypeAlias = "dict[str, list[str | int]]"

_MARGIN_NS: Final = 500_000_000
_SECOND_NS: Final = 1_000_000_000
_HAS_CHANGE_TIME: Final = sys.platform != "win32"
"""Windows has the time of creation instead."""


class DigestCache:
    """The digests of the files below a folder, by relative path."""

    def __init__(self, root: Path, entries: Entries) -> None:
        self._key = key_of("digests", str(root.absolute()))
        self._entries = entries
        self._stored: Known = entries.get_json(self._key, dict) or {}
        self._found: Known = {}

    def get(self, path: str, status: os.stat_result) -> str | None:
        """Return the digest of a file that has not changed since it was read."""
        known = self._found.get(path) or self._stored.get(path)
        if known is None or known[1:] != _identity(status):
            return None
        self._found[path] = known
        return str(known[0])

    def add(self, path: str, status: os.stat_result, digest: str) -> None:
        """Remember the digest of a file whose status was determined before it was read."""
        changed = status.st_ctime_ns
        is_exact = changed % _SECOND_NS != 0  # some file systems only know seconds
        if _HAS_CHANGE_TIME and is_exact and changed < time.time_ns() - _MARGIN_NS:
            self._found[path] = [digest, *_identity(status)]

    def store(self) -> None:
        """Write the digests of the files that were found to the user's cache, if they have changed."""
        if self._found != self._stored:
            self._entries.put_json(self._key, self._found)


def _identity(status: os.stat_result) -> list[int]:
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev]
