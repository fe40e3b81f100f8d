"""The secret with which this user's Speccast signs what it keeps.

A cache lies in the project, so it may have come with a checkout or from another machine, and what it says ends up in
generated code. The secret lies in the user's own cache folder: whoever can read it there could do anything else, too.
"""

from __future__ import annotations

import os
import stat
import sys
from functools import cache
from pathlib import Path

_NAME = "cache-secret"
_BYTES = 32


@cache
def user_secret() -> bytes | None:
    """Security boundary: the user's secret, made when it is first asked for. None where there is no place to keep one.

    One that others could have read or written is not used but replaced.
    """
    try:
        place = _folder() / _NAME
        return _read(place) or _made(place)
    except (OSError, RuntimeError):  # the latter where nothing says what the user's home is
        return None


def _folder() -> Path:
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif chosen := os.environ.get("XDG_CACHE_HOME"):
        base = Path(chosen)
    else:
        base = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    if not base.is_absolute():
        raise OSError(f"{base} is not absolute")
    return base / "speccast"


def _read(place: Path) -> bytes | None:
    try:
        handle = os.open(place, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        said = os.fstat(file.fileno())
        if not stat.S_ISREG(said.st_mode):
            return None
        if sys.platform != "win32" and (said.st_uid != os.geteuid() or said.st_mode & 0o077):
            return None
        content = file.read(_BYTES + 1)
    return content if len(content) == _BYTES else None


def _made(place: Path) -> bytes | None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_name(f"{_NAME}.{os.urandom(8).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(_BYTES))
    draft.replace(place)
    return _read(place)  # of two runs that make one at once, both go on with that of the second
