"""Find installed packages without importing them, also in zip archives."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from speccast.errors import SpeccastError

MOST_BYTES: Final = 500_000_000
"""Maximum size of the files in an archive."""


def find_package(name: str) -> Path | None:
    """Return the folder of an installed package, which may be in another one such as `acme._vendor.fox_client`.

    Neither is imported: `find_spec` alone would import the packages before the last dot. A package in a zip archive is
    unpacked into a temporary folder.

    Raises:
        SpeccastError: an archive cannot be unpacked.
    """
    top, *names = name.split(".")
    try:
        found = find_spec(top)
        for inner in names:
            inside = found.submodule_search_locations if found is not None else None
            # Under its full name, a namespace package would look for its parent among the imported modules.
            found = PathFinder.find_spec(inner, list(inside)) if inside else None
    except (ImportError, ValueError):
        return None
    if found is None or not found.submodule_search_locations:
        return None
    return unpack(Path(found.submodule_search_locations[0]))


def unpack(place: Path) -> Path:
    """Return a path, or its copy in a temporary folder if it leads into a zip archive or is one.

    Raises:
        SpeccastError: the archive is damaged or too large.
    """
    if place.is_dir():
        return place
    archive = next((each for each in (place, *place.parents) if each.is_file()), None)
    if archive is None:
        return place
    status = archive.stat()
    return _unpack(archive, status.st_mtime_ns, status.st_size) / place.relative_to(archive)


@cache
def _unpack(archive: Path, _changed_at: int, _size: int) -> Path:
    """Unpack an archive, once for each of its states. The folder is deleted when the process ends."""
    import zipfile

    from speccast.temporary_folders import temporary_folder

    try:
        with zipfile.ZipFile(archive) as packed:
            if sum(each.file_size for each in packed.infolist()) > MOST_BYTES:
                raise SpeccastError(f"{archive} has more than {MOST_BYTES // 1_000_000} MB of files")
            stack = ExitStack()
            folder = stack.enter_context(temporary_folder())
            atexit.register(stack.close)
            packed.extractall(folder)  # removes `..` and drives from names
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
        raise SpeccastError(f"cannot read {archive} as a zip archive: {error}") from error
    return folder
