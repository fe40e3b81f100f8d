"""Finds the specs of a project and reads their bytes. File contents are not parsed here.

A folder with an `api.yaml` is an API, and every other YAML file in it is a model, also in folders below it: the file of
the slug `owner/model` is `owner/model.yaml`. The order of the results depends only on
the names, not on the file system or the locale.

A spec, or the folder of an API, can be a symbolic link to a place in the project. A link elsewhere is an error: lint quotes
specs, and a checkout could have it quote any file.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from speccast.config import format_path
from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ENDINGS: Final = (".yaml", ".yml")
API: Final = "api"
"""Name of an API's own file, without its ending."""
MAX_BYTES: Final = 1024 * 1024
"""Maximum size of a spec. One more byte is read of a larger file, so that it is recognized as too large."""
MAX_FILES: Final = 20_000
"""Maximum number of specs in a folder: several times the models of the largest vendor."""
MAX_DEPTH: Final = 8
"""Folders within each other below an API; slugs of known APIs have up to three parts."""
MAX_TOTAL: Final = 256 * 1024 * 1024
"""Maximum total size of the specs in a folder, which are all held in memory at once."""


@dataclass(frozen=True, slots=True)
class SpecFile:
    """A file and its content. `shown` is its path in findings."""

    path: Path
    shown: str
    content: bytes
    is_nested: bool = False
    """Whether the file is in a folder below that of its API, where no file is an API's own one."""

    @property
    def is_api(self) -> bool:
        return self.path.stem == API and not self.is_nested


@dataclass(frozen=True, slots=True)
class SpecFolder:
    """A folder with specs, and its files sorted by name. It is an API if one of them is an `api.yaml`."""

    path: Path
    files: tuple[SpecFile, ...]
    apis: tuple[str, ...] = ()
    """Names of the folders of all APIs beside it, sorted, with its own if it is one."""


def spec_folders(
    specs: Path, *, shown_from: Path | None = None, unsaved: Mapping[Path, bytes] = MappingProxyType({})
) -> Iterator[SpecFolder]:
    """Yield the folder itself if it is an API, else each folder directly below it. Hidden names are ignored.

    Args:
        specs: the folder to search.
        shown_from: the project's root; findings show paths relative to it.
        unsaved: contents by resolved path that replace the files on disk, as for an unsaved file in an editor.

    Raises:
        SpeccastError: the folder does not exist or contains no API, or a file cannot be read.
    """
    finder = _Finder(shown_from, unsaved)
    found = finder.folders(specs)
    apis = tuple(folder.name for folder, paths in found if _has_api(paths) and folder != specs)
    for folder, paths in found:
        yield SpecFolder(folder, finder.files(folder, paths), apis)


def spec_paths(specs: Path, unsaved: Mapping[Path, bytes]) -> list[Path]:
    """Return the paths of the files that `spec_folders` reads, also if none of the folders is an API."""
    return [path for _, paths in _Finder(None, unsaved).find_folders(specs) for path in paths]


class _Finder:
    def __init__(self, shown_from: Path | None, unsaved: Mapping[Path, bytes]) -> None:
        self._shown_from = None if shown_from is None else shown_from.absolute()
        self._unsaved = unsaved
        self._allowed: list[Path] = []

    def find_folders(self, specs: Path) -> list[tuple[Path, list[Path]]]:
        """Return the folders with specs, each with its files."""
        own, below = self._entries(specs)
        if _has_api(own):
            return [(specs, [*own, *self._below(below)])]
        folders = [(folder, self._files_of(folder)) for folder in below]
        return [(folder, files) for folder, files in [(specs, own), *folders] if files]

    def folders(self, specs: Path) -> list[tuple[Path, list[Path]]]:
        """Return the folders with specs, one of which is an API, each with its files."""
        if self._shown_from is not None:
            self._allowed = [specs.resolve(), self._shown_from.resolve()]
        found = self.find_folders(specs)
        if not any(_has_api(files) for _, files in found):
            raise SpeccastError(
                f"{format_path(specs)}: no API found: neither the folder nor one in it has an {API}.yaml",
                hint="to create an API, run: speccast init",
            )
        return found

    def _files_of(self, folder: Path) -> list[Path]:
        """Return the specs in a folder, and those below it if it is an API."""
        own, below = self._entries(folder)
        return [*own, *self._below(below)] if _has_api(own) else own

    def _below(self, folders: list[Path], depth: int = 1) -> Iterator[Path]:
        """Yield the specs in folders of an API, at any depth. Links are not followed there, since they could lead back."""
        for folder in folders:
            if folder.is_symlink() or folder.name.endswith(ENDINGS):
                continue
            if depth > MAX_DEPTH:
                message = f"{format_path(folder)}: folders of specs are nested more than {MAX_DEPTH} deep"
                raise SpeccastError(message, hint="move it out of the folder of the API")
            own, below = self._entries(folder)
            yield from own
            yield from self._below(below, depth + 1)

    def files(self, folder: Path, paths: list[Path]) -> tuple[SpecFile, ...]:
        if len(paths) > MAX_FILES:
            message = (
                f"{format_path(folder)}: has {len(paths)} specs, but an API can have at most {MAX_FILES}"
            )
            raise SpeccastError(message, hint="split them into several APIs, one folder each")
        files, total = [], 0
        for path in paths:
            content = self._content(path)
            total += len(content)
            if total > MAX_TOTAL:
                message = f"{format_path(folder)}: the specs have more than {MAX_TOTAL} bytes in total"
                raise SpeccastError(
                    message, hint="remove files that are not specs, or split them into several APIs"
                )
            files.append(SpecFile(path, self._format_path(path), content, is_nested=path.parent != folder))
        return tuple(files)

    def _entries(self, folder: Path) -> tuple[list[Path], list[Path]]:
        """Return the specs and the folders in a folder, each sorted by name (code points)."""
        files, folders = [], []
        self._check_link(folder)
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if _is_folder(entry):
                        folders.append(entry.name)
                    elif entry.name.endswith(ENDINGS):
                        files.append(entry.name)
        except FileNotFoundError:
            hint = "to create an API, run: speccast init"
            raise SpeccastError(f"{format_path(folder)}: the folder does not exist", hint=hint) from None
        except NotADirectoryError:
            hint = "give the folder that contains the specs"
            raise SpeccastError(f"{format_path(folder)}: is a file, not a folder", hint=hint) from None
        except OSError as error:
            raise self._make_error(folder, error) from None
        if self._unsaved:
            here = folder.resolve()
            files += [path.name for path in self._unsaved if path.parent == here and path.name not in files]
        return [folder / name for name in sorted(files)], [folder / name for name in sorted(folders)]

    def _content(self, path: Path) -> bytes:
        if self._unsaved and (content := self._unsaved.get(path.parent.resolve() / path.name)) is not None:
            return content
        try:
            path.name.encode()
            self._check_link(path)
            # Reading anything but a regular file, such as a pipe, could block forever.
            if not stat.S_ISREG(path.stat().st_mode):
                raise SpeccastError(
                    f"{format_path(path)}: is not a regular file", hint="move it out of the folder"
                )
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except UnicodeEncodeError:
            message = f"{format_path(path)}: the file's name is not UTF-8"
            raise SpeccastError(message, hint="rename the file") from None
        except OSError as error:
            raise self._make_error(path, error) from None

    def _check_link(self, path: Path) -> None:
        """Security boundary: refuse a symbolic link that leads out of the project."""
        if not self._allowed or not path.is_symlink():
            return
        target = path.resolve()
        if not any(target.is_relative_to(folder) for folder in self._allowed):
            raise SpeccastError(
                f"{format_path(path)}: is a symbolic link that leads out of the project",
                hint="replace it with the file or folder itself",
            )

    def _make_error(self, path: Path, error: OSError) -> SpeccastError:
        return SpeccastError(f"{format_path(path)}: cannot be read: {error.strerror}")

    def _format_path(self, path: Path) -> str:
        if self._shown_from:
            whole = path.absolute()
            if whole.is_relative_to(self._shown_from):
                path = whole.relative_to(self._shown_from)
        return path.as_posix()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a circular link, which is reported when it is read
        return False


def _has_api(files: list[Path]) -> bool:
    return any(path.stem == API for path in files)
