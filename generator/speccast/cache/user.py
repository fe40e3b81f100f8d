"""The user's cache folder: the only folder whose contents Speccast trusts without checking them against something else.

It is the platform's cache folder for the user. If that cannot be used, such as in a container without a home folder, a
folder in the system's temporary folder is used instead. Neither is used if it is in a checkout, which can bring contents
along: CI systems are often configured to cache in the project.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from platformdirs import user_cache_path

from speccast.reading import read_regular_file

_NAME = "speccast"
_PRIVATE = 0o700
_CHECKOUT = (".git", "pyproject.toml", "speccast.toml")
"""Names in the folder of a repository or project."""


def user_folder(name: str, *, create: bool = False) -> Path | None:
    """Security boundary: return a folder inside the user's cache folder that no other user can write to.

    Returns None if there is no such folder and, with `create`, none can be created. Links, folders of other users,
    folders that others can write to and folders in a checkout are not used.
    """
    for base in _bases():
        folder = base / name
        if create and not (_create(base) and _is_private(base) and _create(folder)):
            continue
        if _is_private(base) and _is_private(folder):
            return folder
    return None


def read_own_file(path: Path | str, limit: int = -1) -> bytes | None:
    """Security boundary: return the content of a regular file of this user, or None if there is no such file.

    Does not follow a link in the last part of the path.
    """
    owner = None if sys.platform == "win32" else os.geteuid()
    try:
        return read_regular_file(path, limit, follow_links=False, owner=owner)
    except OSError:
        return None


def _create(folder: Path) -> bool:
    """Create a private folder, unless there is one. Return whether that was possible."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(_PRIVATE, exist_ok=True)
    except OSError:
        return False
    return True


def _bases() -> list[Path]:
    bases = [user_cache_path(_NAME, appauthor=False)]
    if sys.platform != "win32":
        bases.append(Path(os.environ.get("TMPDIR") or "/tmp") / f"{_NAME}-{os.geteuid()}")
    return [base for base in bases if base.is_absolute() and not _is_in_checkout(base)]


def _is_in_checkout(base: Path) -> bool:
    folders = {folder for start in (base, base.resolve()) for folder in start.parents}
    return any(
        os.path.lexists(folder / name) for folder in folders for name in _CHECKOUT if not _is_shared(folder)
    )


def _is_shared(folder: Path) -> bool:
    """Return whether all users share a folder, such as `/tmp`: it is not a checkout, and anyone could create a `.git` there."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return bool(mode & stat.S_ISVTX and mode & stat.S_IWOTH)


def _is_private(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    is_own = sys.platform == "win32" or status.st_uid == os.geteuid()
    return stat.S_ISDIR(status.st_mode) and is_own and not status.st_mode & 0o022
