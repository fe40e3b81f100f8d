"""Write files atomically."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_atomically(path: Path, content: bytes, *, draft: Path | None = None, durable: bool = False) -> None:
    """Write a file so that it has either its old or its new content at every moment. Its mode is kept.

    The content is first written to `draft` in the same folder, by default a hidden file with a random name. With `durable`,
    the content is on the disk when the function returns.

    Raises:
        OSError: the file cannot be written. It is unchanged.
    """
    draft = draft or path.with_name(f".{os.urandom(8).hex()}")
    try:
        draft.unlink(missing_ok=True)
        with draft.open("xb") as file:  # never through a link
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        with suppress(OSError):  # a new file
            draft.chmod(path.stat().st_mode & 0o777)
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush renames in a folder to the disk, where the system supports it (Windows does not)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
