"""Cache entries: content by key, in one folder for all projects of a user.

An entry that is incomplete or belongs to another key is ignored. Errors of reading and writing are ignored as well: the
cache never fails a run. When the entries exceed the limit, those that were unused for longest are deleted.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from speccast.atomic import write_atomically
from speccast.cache.user import read_own_file, user_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

T = TypeVar("T")

LIMIT: Final = 256 * 1024 * 1024
"""Bytes that all entries may take together."""

_FOLDER: Final = "entries"
_FORMAT: Final = b"speccast cache 3\n"
_DIGEST_BYTES: Final = 32
_OWN_NAME: Final = re.compile(r"[0-9a-f]{64}|\.[0-9a-f]{16}")
"""An entry, or an unfinished one."""


def key_of(*parts: str | bytes) -> str:
    """Return a key for everything that an entry depends on. Different parts, or parts split differently, give another key."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(b"%d:" % len(content))
        digest.update(content)
    return digest.hexdigest()


class Entries:
    """The entries of this user. Without `writes`, nothing on the disk changes."""

    def __init__(self, *, limit: int = LIMIT, writes: bool = True, enabled: bool = True) -> None:
        self._folder = user_folder(_FOLDER, create=writes) if enabled else None
        self._limit = limit
        self._writes = writes and self._folder is not None
        self._has_grown = False
        self._is_enabled = enabled
        self._shared: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._has_grown:
            with suppress(OSError):
                self._shrink()

    def get(self, key: str) -> bytes | None:
        """Return the content stored under a key, or None."""
        if key in self._shared:
            return self._shared[key]
        if self._folder is None:
            return None
        place = self._folder / _file_name(key)
        stored = read_own_file(place, self._limit + 1)
        if stored is None:
            return None
        if self._writes:
            with suppress(OSError):
                # Marks it as used. Windows cannot do that without following links.
                os.utime(place, follow_symlinks=os.utime not in os.supports_follow_symlinks)
        start = len(_FORMAT) + _DIGEST_BYTES
        content = stored[start:]
        return content if stored[:start] == _head(key, content) else None

    def put(self, key: str, content: bytes) -> None:
        """Store content under a key. Concurrent writers never leave an incomplete entry."""
        if self._folder is None or not self._writes:
            return
        with suppress(OSError):
            write_atomically(self._folder / _file_name(key), _head(key, content) + content)
            self._has_grown = True

    def get_json(self, key: str, read: Callable[[Any], T]) -> T | None:
        """Return what `read` makes of the JSON stored under a key; None if there is none or `read` cannot use it."""
        content = self.get(key)
        if content is None:
            return None
        try:
            return read(json.loads(content))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def put_json(self, key: str, value: object) -> None:
        """Store JSON data under a key."""
        self.put(key, _json(value))

    def share_json(self, key: str, value: object) -> None:
        """Store JSON data, and pass it on with these entries to other processes, even if nothing may be written."""
        if self._is_enabled:
            self._shared[key] = _json(value)
            self.put(key, self._shared[key])

    def _shrink(self) -> None:
        """Security boundary: delete old entries, and no file whose name is not one of an entry."""
        assert self._folder is not None
        files: list[tuple[int, str, int]] = []
        with os.scandir(self._folder) as found:
            for entry in found:
                status = entry.stat(follow_symlinks=False)
                if _OWN_NAME.fullmatch(entry.name) and stat.S_ISREG(status.st_mode):
                    files.append((status.st_mtime_ns, entry.name, status.st_size))
        size = sum(file_size for _, _, file_size in files)
        for _, name, file_size in sorted(files):
            if size <= self._limit:
                break
            with suppress(OSError):  # another run may have deleted it
                (self._folder / name).unlink()
            size -= file_size


NO_ENTRIES: Final = Entries(enabled=False, writes=False)
"""An empty cache that stores nothing."""


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _file_name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _head(key: str, content: bytes) -> bytes:
    digest = hashlib.blake2b(key.encode(), digest_size=_DIGEST_BYTES)
    digest.update(content)
    return _FORMAT + digest.digest()
