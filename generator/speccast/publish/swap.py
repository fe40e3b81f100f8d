"""The swap: carry out a complete journal, step by step, so that every file is whole at every moment.

Each step may have been done already, by this run or by one that was killed; repeating it changes nothing. A file that
changed since the plan was made is left alone, and a staged file that does not have the digest in the journal is not used.
The order of steps over all output folders is: removals, empty folders, writes, manifests.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speccast.atomic import write_atomically
from speccast.cache import read_own_file
from speccast.portable_names import fold_path
from speccast.publish.content import digest
from speccast.publish.disk import CACHE_FOLDER, Disk, is_byte_code_of_removed, translate_os_errors
from speccast.publish.journal import Removal, Swap, SwapJournal, Write
from speccast.publish.paths import RESERVED_PREFIX, parent_folders

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


@dataclass(slots=True)
class SwapRun:
    """One attempt to carry out a journal. `done` are the files written or removed, `skipped` those that had changed."""

    journal: SwapJournal
    done: list[Path] = field(default_factory=list)
    skipped: list[Path] = field(default_factory=list)

    def run(self) -> None:
        """Security boundary: do every step that is not done yet, without following a symbolic link.

        Raises `SpeccastError` if a step fails; the journal is then still valid. Nothing is flushed here: the files are on
        the disk already, and file systems keep the order of renames and of the journal's removal.
        """
        swaps = self.journal.swaps or ()
        for swap in swaps:
            disk = Disk(swap.root, swap.output)
            disk.check_root()
            for step in swap.steps:
                disk.check(step.path)
        for swap in swaps:
            self._remove_all(swap)
        for swap in swaps:
            for write in swap.writes:
                self._write(swap.root, write)
        for swap in swaps:
            self._finish(swap)

    def _remove_all(self, swap: Swap) -> None:
        placed = {
            fold_path(write.path): swap.root / write.path
            for write in swap.writes
            if not self.journal.staging_path(write).exists()
        }
        for removal in swap.removals:
            self._remove(swap.root / removal.path, removal, placed.get(fold_path(removal.path)))
        removed = {removal.path for removal in swap.removals}
        for folder in sorted({folder for path in removed for folder in parent_folders(path)}, reverse=True):
            _remove_if_empty(swap.root, folder, removed)

    def _remove(self, place: Path, removal: Removal, new: Path | None = None) -> None:
        if not place.is_file():
            return
        if new is not None and place.samefile(new):
            return  # the file system ignores case, and this is the new file
        with translate_os_errors("remove", place):
            if digest(place.read_bytes()) != removal.before:
                self.skipped.append(place)
                return
            place.unlink()
            self.done.append(place)

    def _write(self, root: Path, write: Write) -> None:
        place, staged = root / write.path, self.journal.staging_path(write)
        with translate_os_errors("write", place):
            present = digest(place.read_bytes()) if place.is_file() else None
            content = read_own_file(staged)
            if content is None or digest(content) != write.after:
                if present != write.after:
                    self.skipped.append(place)
                return
            if present not in (None, write.before, write.after) or place.is_dir():
                self.skipped.append(place)
                return
            place.parent.mkdir(parents=True, exist_ok=True)
            _move(staged, place)
            self.done.append(place)

    def _finish(self, swap: Swap) -> None:
        """Put the manifest in place, unless a file was left alone: the old manifest is then still valid."""
        if any(place.is_relative_to(swap.root) for place in self.skipped):
            return
        match swap.manifest:
            case Write():
                self._write(swap.root, swap.manifest)
            case Removal():
                self._remove(swap.root / swap.manifest.path, swap.manifest)
                _remove_if_empty(swap.root, "", {removal.path for removal in swap.removals})


def _remove_if_empty(root: Path, folder: str, removed: Collection[str]) -> None:
    """Remove a folder that is empty, or holds only the byte code of removed modules."""
    place = root / folder
    with translate_os_errors("remove", place):
        if not place.is_dir():
            return
        names = [entry.name for entry in place.iterdir()]
        if names == [CACHE_FOLDER] and is_byte_code_of_removed(root, folder, removed):
            for file in (place / CACHE_FOLDER).iterdir():
                file.unlink()
            (place / CACHE_FOLDER).rmdir()
            names = []
        if not names:
            place.rmdir()


def _move(staged: Path, place: Path) -> None:
    try:
        staged.replace(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # One device with two mounts: a rename between them fails. The name of the copy is fixed, so that repeating the step
        # after a crash overwrites it.
        draft = place.with_name(f"{RESERVED_PREFIX}{staged.parent.name}-{staged.name}")
        write_atomically(place, staged.read_bytes(), draft=draft, durable=True)
        staged.unlink()
