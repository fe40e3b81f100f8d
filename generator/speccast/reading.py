"""Read files that come from elsewhere, such as with a checkout or an archive, without ever waiting."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read_regular_file(
    path: Path | str, limit: int = -1, *, follow_links: bool = True, owner: int | None = None
) -> bytes:
    """Security boundary: return the content of a file, at most `limit` bytes if it is not negative.

    Opening a pipe or a device would wait or have an effect, so it is refused. `follow_links` applies to the last part of
    the path. `owner` is the user that the file must belong to.

    Raises:
        OSError: the file cannot be read, is not a regular file, or belongs to another user.
    """
    path = Path(path)
    _check(path, path.stat(follow_symlinks=follow_links), owner)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follow_links:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        _check(path, os.fstat(file.fileno()), owner)  # it may have been replaced
        return file.read(limit)


def _check(path: Path, status: os.stat_result, owner: int | None) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    if owner is not None and status.st_uid != owner:
        raise OSError(errno.EPERM, "belongs to another user", str(path))
