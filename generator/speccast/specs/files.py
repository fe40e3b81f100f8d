"""Finds the specs of a project and takes their bytes from the disk. What stands in them is nobody's business here.

A folder with an `api.yaml` is an API, every other YAML file in it a model. In which order things are found depends on
their names alone, not on the file system or the locale.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ENDINGS: Final = (".yaml", ".yml")
API: Final = "api"
"""Name of an API's own file, without its ending."""
MAX_BYTES: Final = 1024 * 1024
"""What a spec may have; of a larger file one byte more is read, so that it is seen to be too large."""
MAX_FILES: Final = 20_000
"""Specs that a folder may have: several times more than the largest vendor has models."""
MAX_TOTAL: Final = 256 * 1024 * 1024
"""Bytes that the specs of a folder may have together, since all of them are held at once."""


@dataclass(frozen=True, slots=True)
class SpecFile:
    """A file and its content. `shown` is how findings name it."""

    path: Path
    shown: str
    content: bytes

    @property
    def is_api(self) -> bool:
        return self.path.stem == API


@dataclass(frozen=True, slots=True)
class SpecFolder:
    """A folder that holds specs, with its files by name. It is an API if one of them is the API's own."""

    path: Path
    files: tuple[SpecFile, ...]


def spec_folders(
    specs: Path, *, shown_from: Path | None = None, unsaved: Mapping[Path, bytes] = MappingProxyType({})
) -> Iterator[SpecFolder]:
    """The API that the folder is, or else what is right below it, one after the other. Hidden names do not count.

    Files are named as seen from `shown_from`, the project's root. `unsaved` has the content of files, by resolved path,
    that differ from those on the disk or are not there yet, as an editor has them.

    Raises:
        SpeccastError: there is no such folder or no API in it, or a file cannot be read.
    """
    finder = _Finder(shown_from, unsaved)
    for folder, paths in finder.folders(specs):
        yield SpecFolder(folder, finder.files(folder, paths))


class _Finder:
    def __init__(self, shown_from: Path | None, unsaved: Mapping[Path, bytes]) -> None:
        self._shown_from = None if shown_from is None else shown_from.absolute()
        self._unsaved = unsaved

    def folders(self, specs: Path) -> list[tuple[Path, list[Path]]]:
        """The folders that hold specs, each with its files."""
        own, below = self._entries(specs)
        if _has_api(own):
            return [(specs, own)]
        folders = [(folder, self._entries(folder)[0]) for folder in below]
        found = [(folder, files) for folder, files in [(specs, own), *folders] if files]
        if not any(_has_api(files) for _, files in found):
            raise SpeccastError(
                f"{self._shown(specs)}: no API found: neither the folder nor one in it has an {API}.yaml",
                hint="`speccast init` makes an API to start from",
            )
        return found

    def files(self, folder: Path, paths: list[Path]) -> tuple[SpecFile, ...]:
        if len(paths) > MAX_FILES:
            message = f"{self._shown(folder)}: has {len(paths)} specs, and an API may have {MAX_FILES}"
            raise SpeccastError(message, hint="divide them among several APIs, a folder each")
        files, total = [], 0
        for path in paths:
            content = self._content(path)
            total += len(content)
            if total > MAX_TOTAL:
                message = f"{self._shown(folder)}: its specs have more than {MAX_TOTAL} bytes together"
                raise SpeccastError(
                    message, hint="look for what is no spec, or divide them among several APIs"
                )
            files.append(SpecFile(path, self._shown(path), content))
        return tuple(files)

    def _entries(self, folder: Path) -> tuple[list[Path], list[Path]]:
        """The specs in a folder and the folders in it, each sorted by name (code points)."""
        files, folders = [], []
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
            hint = "`speccast init` makes an API to start from"
            raise SpeccastError(f"{self._shown(folder)}: there is no such folder", hint=hint) from None
        except NotADirectoryError:
            hint = "name the folder that holds the specs"
            raise SpeccastError(f"{self._shown(folder)}: is a file, not a folder", hint=hint) from None
        except OSError as error:
            raise self._failed(folder, error) from None
        if self._unsaved:
            here = folder.resolve()
            known = {(folder / name).resolve() for name in files}
            files += [path.name for path in self._unsaved if path.parent == here and path not in known]
        return [folder / name for name in sorted(files)], [folder / name for name in sorted(folders)]

    def _content(self, path: Path) -> bytes:
        if self._unsaved and (content := self._unsaved.get(path.resolve())) is not None:
            return content
        try:
            path.name.encode()
            # Anything but a plain file, such as a pipe, could keep the reader waiting for ever.
            if not stat.S_ISREG(path.stat().st_mode):
                raise SpeccastError(f"{self._shown(path)}: is no plain file", hint="move it out of the specs")
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except UnicodeEncodeError:
            message = f"{self._shown(path)}: the file's name is not UTF-8"
            raise SpeccastError(message, hint="rename the file") from None
        except OSError as error:
            raise self._failed(path, error) from None

    def _failed(self, path: Path, error: OSError) -> SpeccastError:
        return SpeccastError(f"{self._shown(path)}: cannot be read: {error.strerror}")

    def _shown(self, path: Path) -> str:
        if self._shown_from:
            whole = path.absolute()
            if whole.is_relative_to(self._shown_from):
                path = whole.relative_to(self._shown_from)
        return path.as_posix()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle: whoever reads it is told
        return False


def _has_api(files: list[Path]) -> bool:
    return any(path.stem == API for path in files)
