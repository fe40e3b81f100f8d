"""Security boundary: which paths may be written. They must be safe on every file system.

Paths are relative and use forward slashes. They come from names of templates and in specs, and from manifests and journals,
which are untrusted. All of them are checked here before a file is opened.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.portable_names import GIT_NAMES, fold_path, name_problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

RESERVED_PREFIX = ".speccast-"
"""Prefix of the names of the manifest and of staging folders."""

SKIPPED_FOLDERS = frozenset({"node_modules", "site-packages", "__pycache__", "build", "dist"})
"""Folders of a project that are never searched for copies: their content is not the project's own."""

_FORBIDDEN = re.compile(r'[\\:*?"<>|]')
"""Invalid on Windows, where the backslash and the colon also change the path."""


def check_paths(paths: Iterable[str]) -> None:
    """Security boundary: check that output paths are safe and unambiguous on every file system.

    Raises `SpeccastError` for a path with a `path_problem`, for two paths (or their folders) that are the same on a file
    system that ignores case or normalizes Unicode, and for a path that is both a file and a folder.
    """
    spelled: dict[str, str] = {}
    files: set[str] = set()
    folders: set[str] = set()
    for path in sorted(paths):
        if problem := path_problem(path):
            raise SpeccastError(
                f"the output path {path!a} {problem}",
                hint="paths come from the file names of templates and from names in specs; to change a name in a spec, set `name:`",
            )
        above = parent_folders(path)
        is_known = bool(above) and above[-1] in folders
        for part in (path,) if is_known else (*above, path):
            other = spelled.setdefault(fold_path(part), part)
            if other != part:
                raise SpeccastError(
                    f"the output paths {other!a} and {part!a} are the same on file systems that ignore case"
                    " or normalize Unicode",
                    hint="rename one of them; in a spec, set `name:`",
                )
        files.add(path)
        folders.update(above)
    if both := sorted(files & folders):
        raise SpeccastError(
            f"the output path {both[0]!a} is both a file and a folder",
            hint="rename one of its templates",
        )


@lru_cache(maxsize=262_144)  # above the files of the largest project: a smaller cache is never hit
def path_problem(path: str) -> str:
    """Security boundary: return what is wrong with a relative output path, as the end of a sentence, or ""."""
    if not path:
        return "is empty"
    if not path.isprintable():
        return "has control or invisible characters"
    if path.startswith("/"):
        return "is absolute"
    if found := _FORBIDDEN.search(path):
        return f"has the character {found[0]}"
    return next(filter(None, map(_name_problem, path.split("/"))), "")


def parent_folders(path: str) -> list[str]:
    """Return the folders on the way to a path, outermost first: `a`, `a/b` for `a/b/c.py`."""
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]


def is_searched(folder: Path, home: Path) -> bool:
    """Return whether a folder in a project can hold a vendored copy: it is in no hidden folder, environment or build output."""
    names = folder.relative_to(home).parts
    environments = [parent for parent in (folder, *folder.parents) if parent.is_relative_to(home)]
    return not any(
        name.startswith(".") or name in SKIPPED_FOLDERS or fold_path(name) in GIT_NAMES for name in names
    ) and not any((parent / "pyvenv.cfg").is_file() for parent in environments)


def _name_problem(name: str) -> str:
    return name_problem(name) or (
        "has a part that is reserved" if fold_path(name).startswith(RESERVED_PREFIX) else ""
    )
