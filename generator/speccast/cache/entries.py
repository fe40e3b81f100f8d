"""Entries of one kind, in a folder of the project's cache.

Security boundary: an entry that is not whole, not of this format, not of this key, or not signed with the user's secret
does not exist. What cannot be read or written only costs time: a cache never fails a run. On leaving, entries that were not
used for longest go until the rest is small enough.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from speccast.cache.secret import user_secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Self

T = TypeVar("T")

LIMIT: Final = 64 * 1024 * 1024
"""Bytes that the entries of a folder may take together."""

_FORMAT: Final = b"speccast cache 2\n"
_DIGEST_BYTES: Final = 32


def key_of(*parts: str | bytes) -> str:
    """A key made of everything that decides what an entry holds; other parts, or the same cut elsewhere, make another."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(b"%d:" % len(content))
        digest.update(content)
    return digest.hexdigest()


def make_cache_folder(cache: Path) -> None:
    """Makes a project's cache folder, which keeps itself out of git by its own `.gitignore`.

    Raises:
        OSError: it cannot be made.
    """
    cache.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), (cache / ".gitignore").open("x", encoding="utf-8", newline="\n") as file:
        file.write("*\n")


class Entries:
    """The entries of one kind, in a folder right below the project's cache folder. `limit` is in bytes.

    A run that must leave the disk as it is does not write.
    """

    def __init__(self, folder: Path | None, limit: int = LIMIT, *, writes: bool = True) -> None:
        self._folder = folder
        self._limit = limit
        self._writes = writes
        self._has_grown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._has_grown:
            with suppress(OSError):
                self._shrink()

    def get(self, key: str) -> bytes | None:
        """What was put under a key, to the byte; None where nothing was, or what is there is not whole."""
        secret = user_secret()
        if self._folder is None or secret is None:
            return None
        place = self._folder / _name(key)
        try:
            with open(place, "rb", opener=_not_through_links) as file:
                stored = file.read(self._limit + 1)
            if self._writes:
                os.utime(place)  # when it was used last
        except OSError:
            return None
        start = len(_FORMAT) + _DIGEST_BYTES
        content = stored[start:]
        return content if hmac.compare_digest(stored[:start], _head(secret, key, content)) else None

    def put(self, key: str, content: bytes) -> None:
        """Keeps content under a key, as a whole or not at all, whoever else is writing."""
        secret = user_secret()
        if self._folder is None or secret is None or not self._writes:
            return
        unfinished = self._folder / f".{os.getpid()}-{os.urandom(8).hex()}"
        try:
            make_cache_folder(self._folder.parent)
            self._folder.mkdir(exist_ok=True)
            unfinished.write_bytes(_head(secret, key, content) + content)
            unfinished.replace(self._folder / _name(key))
            self._has_grown = True
        except OSError:
            with suppress(OSError):
                unfinished.unlink()

    def get_json(self, key: str, read: Callable[[Any], T]) -> T | None:
        """What `read` makes of the JSON under a key. Of what an older version put there, it may make nothing."""
        content = self.get(key)
        if content is None:
            return None
        try:
            return read(json.loads(content))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def put_json(self, key: str, value: object) -> None:
        """Keeps JSON data under a key."""
        self.put(key, json.dumps(value, separators=(",", ":")).encode())

    def _shrink(self) -> None:
        assert self._folder is not None
        with os.scandir(self._folder) as found:
            files = [(entry.stat(follow_symlinks=False), entry.name) for entry in found]
        size = sum(status.st_size for status, _ in files)
        for status, name in sorted(files, key=lambda file: (file[0].st_mtime_ns, file[1])):
            if size <= self._limit:
                break
            with suppress(OSError):  # another run may have been quicker
                (self._folder / name).unlink()
            size -= status.st_size


NOTHING: Final = Entries(None, writes=False)
"""What keeps nothing."""


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _head(secret: bytes, key: str, content: bytes) -> bytes:
    signature = hashlib.blake2b(key_of(key).encode(), key=secret, digest_size=_DIGEST_BYTES)
    signature.update(content)
    return _FORMAT + signature.digest()


def _not_through_links(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))
