"""List the files in a folder, without those that tools and systems leave behind."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Final

from speccast.publish.disk import translate_os_errors
from speccast.reading import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEFT_BY_TOOLS: Final = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".DS_Store"})

_TIME_STAMP: Final = 0b00
_CHECKED_HASH: Final = 0b11
"""Flags of PEP 552."""


def list_files(root: Path, below: str = "") -> Iterator[str]:
    """Yield the paths of the files in a folder, relative to it. A link counts as a file.

    Raises:
        SpeccastError: a folder cannot be listed.
    """
    with translate_os_errors("list", root / below):
        entries = sorted((root / below).iterdir())
    for entry in entries:
        if entry.name in LEFT_BY_TOOLS or entry.name.endswith(".pyc"):
            continue
        path = f"{below}{entry.name}"
        with translate_os_errors("read", entry):
            mode = entry.lstat().st_mode
        if stat.S_ISDIR(mode):
            yield from list_files(root, f"{path}/")
        else:
            yield path


def list_byte_code(root: Path) -> Iterator[tuple[str, str]]:
    """Security boundary: yield byte code that Python runs although it may differ from the source, with the reason.

    Byte code with a time stamp of its source is what Python writes by default. It cannot come with a git checkout, which
    sets the times of files.
    """
    for place in sorted(root.rglob("*")):
        path = place.relative_to(root).as_posix()
        if place.name.endswith(".pyc"):
            if place.parent.name != "__pycache__":
                yield path, "byte code that Python imports without a source"
            elif not _is_compared(place):
                yield path, "byte code that Python does not compare with its source"
        elif place.parent.name == "__pycache__":
            yield path, "not byte code"


def _is_compared(place: Path) -> bool:
    """Return whether Python compares byte code with its source before it runs it: by time and size, or by a checked hash."""
    try:
        head = read_regular_file(place, 8, follow_links=False)
    except OSError:
        return False
    return len(head) == 8 and int.from_bytes(head[4:], "little") in (_TIME_STAMP, _CHECKED_HASH)
