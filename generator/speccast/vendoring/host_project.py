"""Find the root of a host project and the copies in it, by file names only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from speccast.publish.manifest import MANIFEST
from speccast.publish.paths import SKIPPED_FOLDERS
from speccast.vendoring.record import RECORD

_ROOTS: Final = (".git", "pyproject.toml", "speccast.toml", "setup.py", "setup.cfg")
"""Files and folders that mark the root of a project."""


def find_host_root(place: Path) -> Path:
    """Return the root of the project that contains a path, which need not exist; by default the current folder."""
    for folder in (place, *place.parents):
        if any((folder / name).exists() for name in _ROOTS):
            return folder
    here = Path.cwd()
    return here if place.is_relative_to(here) else place.parent


def find_copies(home: Path) -> list[Path]:
    """Return the folders of all copies in a project, sorted. Environments and hidden folders are skipped."""
    found: list[Path] = []
    for place, folders, files in os.walk(home):
        if RECORD in files and MANIFEST in files:
            found.append(Path(place))
            folders.clear()
        searched = (name for name in folders if not name.startswith(".") and name not in SKIPPED_FOLDERS)
        folders[:] = [] if "pyvenv.cfg" in files else searched
    return sorted(found)
