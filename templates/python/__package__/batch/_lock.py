"""The lock of a journal: one process writes it. The system releases the lock when the process ends, however it ends."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

from .errors import InUseError, JournalError

__all__ = ["Lock", "holder_of"]

_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_ATTEMPTS = 5
"""Several, because a process that calls `holder_of` holds the lock for a moment."""

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30
    """Offset of the locked byte: the text before it stays readable."""

    def _try_lock(handle: int) -> bool:
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(handle, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _try_lock_again(handle: int) -> bool:
    for _ in range(_ATTEMPTS):
        if _try_lock(handle):
            return True
        time.sleep(0.02)
    return False


def holder_of(path: Path) -> str | None:
    """Return the process that holds the lock on a file; None if none does, or the file cannot be locked."""
    try:
        handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    try:
        return None if _try_lock(handle) else os.read(handle, 200).decode(errors="replace").strip()
    except OSError:
        return None
    finally:
        os.close(handle)


class Lock:
    """An exclusive lock on a file, which says who has it. The file stays: what counts is the lock of the system."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises InUseError if another process has it, and JournalError if it cannot be taken."""
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o666)
        except OSError as error:
            raise JournalError(f"cannot write {path}: {error.strerror or error}") from None
        try:
            is_ours = _try_lock_again(self._handle)
        except OSError as error:
            self.release()
            raise JournalError(f"{path} cannot be locked: {error.strerror or error}") from None
        if not is_ours:
            holder = os.read(self._handle, 200).decode(errors="replace").strip()
            self.release()
            raise InUseError(
                f"the batch in {path.parent} is running{f' in {holder}' if holder else ''}: wait until it ends, or stop it"
            )
        os.ftruncate(self._handle, 0)
        os.write(self._handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode())

    def release(self) -> None:
        """Release the lock. Releasing again does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
