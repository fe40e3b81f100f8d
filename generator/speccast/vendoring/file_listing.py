"""List the files in a folder, without those that tools and systems leave behind."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Final

from speccast.publish.disk import translate_os_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEFT_BY_TOOLS: Final = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".DS_Store"})


def list_files(root: Path) -> Iterator[str]:
    """Yield the paths of the files in a folder, relative to it. A link counts as a file.

    Raises:
        SpeccastError: a folder cannot be listed.
    """
    return _below(root, root)


def _below(root: Path, folder: Path) -> Iterator[str]:
    with translate_os_errors("list", folder):
        entries = sorted(folder.iterdir())
    for entry in entries:
        if entry.name in LEFT_BY_TOOLS or entry.name.endswith(".pyc"):
            continue
        with translate_os_errors("read", entry):
            mode = entry.lstat().st_mode
        if stat.S_ISDIR(mode):
            yield from _below(root, entry)
        else:
            yield entry.relative_to(root).as_posix()
