"""The lock of a project, which allows one run at a time to write, and the folder that contains it.

`.speccast_cache/` holds the lock and, while a run writes, the files that it stages. Nothing in it is trusted: what a run
relies on is in the user's cache folder (`publish.journal`).
"""

from __future__ import annotations

import os
import stat
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.locks import try_lock
from speccast.publish.disk import translate_os_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK = "lock"
_NOTICE_AFTER_S = 1.0
_POLL_S = 0.05


@contextmanager
def hold_lock(cache: Path, timeout: float) -> Iterator[None]:
    """Hold a project's lock, a file in its `.speccast_cache/`, which the system releases when the process ends.

    Waits up to `timeout` seconds, with a notice on stderr after one second, and then raises `SpeccastError`. Deleting
    the folder while it is locked lets another run in.
    """
    handle = _acquire(cache, timeout)
    try:
        yield
    finally:
        os.close(handle)


def is_real_folder(path: Path) -> bool:
    """Security boundary: whether a path is a folder itself, not a link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def is_own_folder(path: Path) -> bool:
    """Security boundary: whether a path is a folder itself and belongs to this user."""
    return is_real_folder(path) and (sys.platform == "win32" or path.lstat().st_uid == os.geteuid())


def _create(cache: Path) -> None:
    """Create the folder with a `.gitignore` that keeps it out of git."""
    with translate_os_errors("create", cache):
        with suppress(FileExistsError):
            cache.mkdir(parents=True)
        if not is_real_folder(cache):
            raise SpeccastError(
                f"{cache} is a link or a file, but Speccast needs a folder there",
                hint="remove it and run the command again",
            )
        with (
            suppress(FileExistsError),
            (cache / ".gitignore").open("x", encoding="utf-8", newline="\n") as file,
        ):
            file.write("*\n")


def _acquire(cache: Path, timeout: float) -> int:
    started = time.monotonic()
    noticed = False
    while True:
        _create(cache)
        handle = _open(cache / _LOCK)
        if try_lock(handle):
            return handle
        os.close(handle)
        waited = time.monotonic() - started
        if waited >= timeout:
            raise SpeccastError(
                f"another speccast run has been working on this project for more than {timeout:g} s",
                hint="wait until it is done, or end it, and run the command again",
            )
        if waited >= _NOTICE_AFTER_S and not noticed:
            print("waiting for another speccast run to finish ...", file=sys.stderr, flush=True)
            noticed = True
        time.sleep(_POLL_S)


def _open(lock: Path) -> int:
    """Security boundary: open the lock file, which is never written to, without following a link or waiting for a pipe."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with translate_os_errors("lock", lock):
        handle = os.open(lock, flags, 0o666)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise SpeccastError(
                f"could not lock {lock}: not a regular file", hint="remove it and run the command again"
            )
    return handle
