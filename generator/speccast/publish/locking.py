"""One run at a time: a lock that the system releases by itself when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from speccast.cache import make_cache_folder
from speccast.errors import SpeccastError
from speccast.publish.disk import explained

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK = "lock"
_SAY_SO_AFTER_S = 1.0
_LOOK_EVERY_S = 0.05


@contextmanager
def exclusive(cache: Path, timeout: float) -> Iterator[None]:
    """Hold a project's lock, which is a file in its cache folder.

    Waits for `timeout` seconds, saying so on stderr after one second, and then raises `SpeccastError`. Deleting the
    cache while it is locked lets another run in.
    """
    handle = _acquire(cache, timeout)
    try:
        yield
    finally:
        os.close(handle)


def open_cache(cache: Path) -> None:
    """Create the cache folder, which keeps itself out of git by its own `.gitignore`."""
    with explained("create", cache):
        make_cache_folder(cache)


def _acquire(cache: Path, timeout: float) -> int:
    started = time.monotonic()
    said = False
    while True:
        open_cache(cache)
        with explained("lock", cache / _LOCK):
            # The file is never written to, and a symbolic link in its place is not followed.
            handle = os.open(cache / _LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
            if _try_lock(handle):
                return handle
            os.close(handle)
        waited = time.monotonic() - started
        if waited >= timeout:
            raise SpeccastError(
                f"another speccast run has been working on this project for more than {timeout:g} s",
                hint="wait until it is done, or end it, and run the command again",
            )
        if waited >= _SAY_SO_AFTER_S and not said:
            print("waiting for another speccast run to finish ...", file=sys.stderr, flush=True)
            said = True
        time.sleep(_LOOK_EVERY_S)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
