"""The user's cache folder: the only folder whose contents Speccast trusts without checking them against something else.

It is the platform's cache folder for the user. If that cannot be used, such as in a container without a home folder, a
folder in the system's temporary folder is used instead.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from platformdirs import user_cache_path

_NAME = "speccast"
_PRIVATE = 0o700


def user_folder(name: str, *, create: bool = False) -> Path | None:
    """Security boundary: return a folder inside the user's cache folder that no other user can write to.

    Returns None if there is no such folder and, with `create`, none can be created. Links, folders of other users and
    folders that others can write to are not used.
    """
    for base in _bases():
        folder = base / name
        if create:
            try:
                base.parent.mkdir(parents=True, exist_ok=True)
                for each in (base, folder):
                    each.mkdir(_PRIVATE, exist_ok=True)
            except OSError:
                continue
        if _is_private(base) and _is_private(folder):
            return folder
    return None


def read_regular_file(path: Path | str, limit: int = -1) -> bytes | None:
    """Security boundary: return the content of a file of this user, or None for a link, a pipe, a folder or nothing.

    Never follows a link in the last part of the path and never waits. Reads at most `limit` bytes if it is not negative.
    """
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            return file.read(limit) if stat.S_ISREG(status.st_mode) and _is_own(status) else None
    except OSError:
        return None


def _bases() -> list[Path]:
    bases = [user_cache_path(_NAME, appauthor=False)]
    if sys.platform != "win32":
        bases.append(Path(os.environ.get("TMPDIR") or "/tmp") / f"{_NAME}-{os.geteuid()}")
    return [base for base in bases if base.is_absolute()]


def _is_private(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and _is_own(status) and not status.st_mode & 0o022


def _is_own(status: os.stat_result) -> bool:
    return sys.platform == "win32" or status.st_uid == os.geteuid()
