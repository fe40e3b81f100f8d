"""Temporary folders of runs, in the system's temporary folder.

A run that is killed leaves its folder behind, and the next one deletes it: a folder is in use while its file `lock` is locked.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from speccast.errors import SpeccastError
from speccast.locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX: Final = "speccast-run-"
_NAME: Final = re.compile(rf"{_PREFIX}[a-z0-9_]{{8}}")
_LOCK: Final = "lock"
_STARTING_S: Final = 60.0
"""A run locks its folder sooner than this after creating it."""
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield an empty folder that is deleted afterwards.

    Raises:
        SpeccastError: the folder cannot be created, or writing to it failed, such as when the disk is full.
    """
    base = _base()
    _delete_abandoned(base)
    folder, handle = None, -1
    try:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try_lock(handle)
        content = folder / "files"
        content.mkdir()
        yield content
    except OSError as error:
        if _is_about(error, base if folder is None else folder):
            raise SpeccastError(
                f"could not write to the temporary folder {base}: {error.strerror or error}",
                hint="free some space there, or set TMPDIR to another folder",
            ) from error
        raise
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        if handle >= 0:
            os.close(handle)
        if folder is not None and sys.platform == "win32":
            shutil.rmtree(folder, ignore_errors=True)  # an open file cannot be deleted there


def _base() -> Path:
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError as error:
        raise SpeccastError(
            f"no temporary folder is usable: {error.strerror or error}",
            hint="set TMPDIR to a folder with free space",
        ) from None


def _is_about(error: OSError, folder: Path) -> bool:
    if error.filename is None:  # an error of writing to an open file
        return error.errno in _FULL
    return Path(os.fsdecode(error.filename)).is_relative_to(folder)


def _delete_abandoned(base: Path) -> None:
    """Security boundary: delete folders of this user with names of Speccast's own form that no run has locked."""
    with suppress(OSError), os.scandir(base) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name):
                with suppress(OSError):
                    _delete_if_abandoned(Path(entry.path))


def _delete_if_abandoned(folder: Path) -> None:
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or (sys.platform != "win32" and status.st_uid != os.geteuid()):
        return
    try:
        handle = os.open(
            folder / _LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        )
    except FileNotFoundError:
        if time.time() - status.st_mtime > _STARTING_S:
            shutil.rmtree(folder, ignore_errors=True)
        return
    try:
        is_abandoned = try_lock(handle)
    finally:
        os.close(handle)
    if is_abandoned:
        shutil.rmtree(folder, ignore_errors=True)
