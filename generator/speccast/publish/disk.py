"""Read files in the output folder without following symbolic links out of it."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.publish.content import digest
from speccast.publish.paths import parent_folders
from speccast.reading import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from speccast.publish.digest_cache import DigestCache

CACHE_FOLDER = "__pycache__"
LEFT_BY_TOOLS = frozenset({
    CACHE_FOLDER, ".DS_Store", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv", "build", "dist",
})  # fmt: skip
"""Files and folders of a generated project that building, testing and looking at it leave behind."""


@dataclass(frozen=True, slots=True)
class DiskEntry:
    """The content of a file, or None if there is no file.

    `blocker` is the path of a folder in place of the file, or of a file in place of one of its folders.
    """

    content: bytes | None = None
    blocker: str | None = None


@dataclass(frozen=True, slots=True)
class Disk:
    """The files below `root`. Nothing below `output`, which is `root` or a folder above it, may be a symbolic link."""

    root: Path
    output: Path
    digests: DigestCache | None = None
    _folders: dict[str, str] = field(default_factory=dict)
    """Kinds of the folders checked so far."""

    def check_root(self) -> None:
        """Security boundary: raise an error for a symbolic link on the way from the output folder to the root."""
        for folder in reversed([self.root, *self.root.parents]):
            if folder == self.output or folder.is_relative_to(self.output):
                kind, _ = _file_kind(folder)
                if kind == "link" and folder != self.output:
                    raise _symlink_error(folder)
                if kind not in ("absent", "folder", "link"):
                    raise SpeccastError(
                        f"{folder} is a file, but generated files are written to a folder with this name"
                    )

    def check(self, path: str) -> DiskEntry | os.stat_result:
        """Security boundary: raise an error if a path or a folder on the way to it is a symbolic link.

        Returns the status of a regular file, and a `DiskEntry` without content for everything else.
        """
        for folder in parent_folders(path):
            if folder not in self._folders:
                self._folders[folder], _ = _file_kind(self.root / folder)
            match self._folders[folder]:
                case "link":
                    raise _symlink_error(self.root / folder)
                case "absent":
                    return DiskEntry()
                case "file" | "other":
                    return DiskEntry(blocker=folder)
        # A string, because creating thousands of Paths takes longer than lstat.
        kind, status = _file_kind(f"{self.root}{os.sep}{path}")
        match kind:
            case "link":
                raise _symlink_error(self.root / path)
            case "other":
                raise SpeccastError(f"{self.root / path} is not a regular file")
            case "folder":
                return DiskEntry(blocker=path)
        return DiskEntry() if status is None else status

    def read(self, path: str) -> DiskEntry:
        """Security boundary: read a file below the root without following a symbolic link.

        Raises `SpeccastError` if the path or a folder on the way is a symbolic link, or if it cannot be read.
        """
        found = self.check(path)
        if isinstance(found, DiskEntry):
            return found
        with translate_os_errors("read", self.root / path):
            return DiskEntry(read_regular_file(self.root / path, follow_links=False))

    def digest(self, path: str) -> str | DiskEntry:
        """Security boundary: return the digest of a file below the root, or a `DiskEntry` if there is no file.

        Raises the same errors as `read`.
        """
        found = self.check(path)
        if isinstance(found, DiskEntry):
            return found
        if self.digests is not None and (known := self.digests.get(path, found)) is not None:
            return known
        place = f"{self.root}{os.sep}{path}"
        try:
            with open(place, "rb", buffering=0) as file:  # noqa: PTH123 - a Path for each file takes longer
                result = digest(file.read())
        except OSError as error:
            raise _unreadable(place, error) from error
        if self.digests is not None:
            self.digests.add(path, found, result)
        return result

    def strays(self, known: Collection[str]) -> set[str]:
        """Return the paths of files below the root that are not among the known ones, nor left by tools. A link is a file.

        Raises:
            SpeccastError: a folder cannot be listed.
        """
        found: set[str] = set()
        folders = [""] if self.root.is_dir() else []
        while folders:
            folder = folders.pop()
            for entry in _entries(self.root / folder):
                path = f"{folder}{entry.name}"
                if entry.name in LEFT_BY_TOOLS or entry.name.endswith((".egg-info", ".pyc")) or path in known:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{path}/")
                else:
                    found.add(path)
        return found

    def becomes_empty(self, folder: str, removed: Collection[str]) -> bool:
        """Return whether a folder is empty after the files, and the byte code of removed modules, are removed."""
        entries = _entries(self.root / folder)
        return bool(entries) and all(self._is_removed(folder, entry, removed) for entry in entries)

    def _is_removed(self, folder: str, entry: os.DirEntry[str], removed: Collection[str]) -> bool:
        path = f"{folder}/{entry.name}"
        if not entry.is_dir(follow_symlinks=False):
            return path in removed
        if entry.name == CACHE_FOLDER:
            return is_byte_code_of_removed(self.root, folder, removed)
        return self.becomes_empty(path, removed)


def is_byte_code_of_removed(root: Path, folder: str, removed: Collection[str]) -> bool:
    """Return whether a folder's `__pycache__` contains only the byte code of modules that are removed from the folder."""
    return all(
        entry.is_file(follow_symlinks=False)
        and entry.name.endswith(".pyc")
        and f"{folder}/{entry.name.partition('.')[0]}.py".removeprefix("/") in removed
        for entry in _entries(root / folder / CACHE_FOLDER)
    )


def nearest_folder(path: Path) -> Path:
    """Return the path if it is a folder, otherwise the nearest folder above it."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


@contextmanager
def translate_os_errors(action: str, path: Path, *, hint: str = "") -> Iterator[None]:
    """Convert an `OSError` into the `SpeccastError` "could not <action> <path>: <reason>"."""
    try:
        yield
    except OSError as error:
        raise SpeccastError(f"could not {action} {path}: {error.strerror or error}", hint=hint) from error


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with translate_os_errors("list", folder), os.scandir(folder) as entries:
        return list(entries)


def _file_kind(path: Path | str) -> tuple[str, os.stat_result | None]:
    """Return "absent", "folder", "file", "link" or "other", and the status of the path itself."""
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return "absent", None
    except OSError as error:
        raise _unreadable(path, error) from error
    if stat.S_ISREG(status.st_mode):
        return "file", status
    if stat.S_ISLNK(status.st_mode):
        return "link", status
    return "folder" if stat.S_ISDIR(status.st_mode) else "other", status


def _unreadable(path: Path | str, error: OSError) -> SpeccastError:
    return SpeccastError(f"could not read {path}: {error.strerror or error}")


def _symlink_error(path: Path) -> SpeccastError:
    return SpeccastError(
        f"{path} is a symbolic link; generated files are never written or removed through one",
        hint="remove the link and run the command again",
    )
