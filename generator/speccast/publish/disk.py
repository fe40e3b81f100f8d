"""The output folder as it is on the disk, read without ever leaving it."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.publish.content import digest
from speccast.publish.paths import folders_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

CACHE_FOLDER = "__pycache__"


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a path: a file's content, or nothing, perhaps because something is in the way.

    `blocker` is the path of a folder where the file would stand, or of a file where one of its folders would.
    """

    content: bytes | None = None
    blocker: str | None = None


@dataclass(frozen=True, slots=True)
class Disk:
    """The files below `root`. Nothing below `output`, which is `root` or a folder above it, may be a symbolic link."""

    root: Path
    output: Path
    _folders: dict[str, str] = field(default_factory=dict)
    """What stands at the folders looked at so far."""

    def check_root(self) -> None:
        """Security boundary: refuse a root that is reached through a symbolic link below the output folder."""
        for folder in reversed([self.root, *self.root.parents]):
            if folder == self.output or folder.is_relative_to(self.output):
                kind, _ = _kind(folder)
                if kind == "link" and folder != self.output:
                    raise _link_error(folder)
                if kind not in ("absent", "folder", "link"):
                    raise SpeccastError(f"{folder} is a file, but generated files are to go into it")

    def check(self, path: str) -> Found | os.stat_result:
        """Security boundary: see to it that neither a path nor a folder on the way to it is a symbolic link.

        Answers what the system says of a file that may be read; otherwise what stands there, without content.
        """
        for folder in folders_of(path):
            if folder not in self._folders:
                self._folders[folder], _ = _kind(self.root / folder)
            match self._folders[folder]:
                case "link":
                    raise _link_error(self.root / folder)
                case "absent":
                    return Found()
                case "file" | "other":
                    return Found(blocker=folder)
        kind, said = _kind(
            f"{self.root}{os.sep}{path}"
        )  # a text: there are thousands, and a Path takes longer than the question
        match kind:
            case "link":
                raise _link_error(self.root / path)
            case "other":
                raise SpeccastError(f"{self.root / path} is not a regular file")
            case "folder":
                return Found(blocker=path)
        return Found() if said is None else said

    def read(self, path: str) -> Found:
        """Security boundary: read a file below the root without following a symbolic link.

        Raises `SpeccastError` if the path or a folder on the way is a symbolic link, or if it cannot be read.
        """
        found = self.check(path)
        if isinstance(found, Found):
            return found
        with explained("read", self.root / path):
            return Found((self.root / path).read_bytes())

    def digest(self, path: str) -> str | Found:
        """Security boundary: the digest of a file below the root, or what stands there instead.

        Raises as `read` does.
        """
        found = self.check(path)
        if isinstance(found, Found):
            return found
        place = f"{self.root}{os.sep}{path}"
        try:
            return digest(Path(place).read_bytes())
        except OSError as error:
            raise _unreadable(place, error) from error

    def vanishes(self, folder: str, removed: Collection[str]) -> bool:
        """Whether a folder is left empty once the removed files are gone, and the byte code of removed modules."""
        entries = _entries(self.root / folder)
        return bool(entries) and all(self._entry_vanishes(folder, entry, removed) for entry in entries)

    def _entry_vanishes(self, folder: str, entry: os.DirEntry[str], removed: Collection[str]) -> bool:
        path = f"{folder}/{entry.name}"
        if not entry.is_dir(follow_symlinks=False):
            return path in removed
        if entry.name == CACHE_FOLDER:
            return is_byte_code_of_removed(self.root, folder, removed)
        return self.vanishes(path, removed)


def is_byte_code_of_removed(root: Path, folder: str, removed: Collection[str]) -> bool:
    """Whether a folder's `__pycache__` holds nothing but the byte code of modules that are removed from the folder."""
    return all(
        entry.is_file(follow_symlinks=False)
        and entry.name.endswith(".pyc")
        and f"{folder}/{entry.name.partition('.')[0]}.py".removeprefix("/") in removed
        for entry in _entries(root / folder / CACHE_FOLDER)
    )


def nearest_folder(path: Path) -> Path:
    """The path if it is a folder, else the nearest one above it."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


@contextmanager
def explained(action: str, path: Path, *, hint: str = "") -> Iterator[None]:
    """Turn an `OSError` inside into the `SpeccastError` "could not <action> <path>: <reason>"."""
    try:
        yield
    except OSError as error:
        raise SpeccastError(f"could not {action} {path}: {error.strerror or error}", hint=hint) from error


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with explained("list", folder), os.scandir(folder) as entries:
        return list(entries)


def _kind(path: Path | str) -> tuple[str, os.stat_result | None]:
    """What stands at a path itself: "absent", "folder", "file", "link" or "other", and what the system says of it."""
    try:
        said = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return "absent", None
    except OSError as error:
        raise _unreadable(path, error) from error
    if stat.S_ISREG(said.st_mode):
        return "file", said
    if stat.S_ISLNK(said.st_mode):
        return "link", said
    return "folder" if stat.S_ISDIR(said.st_mode) else "other", said


def _unreadable(path: Path | str, error: OSError) -> SpeccastError:
    return SpeccastError(f"could not read {path}: {error.strerror or error}")


def _link_error(path: Path) -> SpeccastError:
    return SpeccastError(
        f"{path} is a symbolic link; generated files are never written or removed through one",
        hint="remove the link and run the command again",
    )
