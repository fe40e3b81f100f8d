"""Staging: every file that a run will put into the output is first written in full on the same file system.

Staged files are numbered files in flat folders, one folder for each file system of the output, so that a rename puts them
in place, which needs no space and cannot leave half a file. The folder in `.speccast_cache/` always exists: its name leads
the next command to the journal.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from speccast.atomic import sync_folder
from speccast.errors import SpeccastError
from speccast.publish.disk import nearest_folder, translate_os_errors
from speccast.publish.journal import STAGING, Removal, Swap, SwapJournal, Write, is_staging_folder
from speccast.publish.locking import is_real_folder
from speccast.publish.paths import RESERVED_PREFIX
from speccast.publish.plan import Action, Plan, PlannedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_UNTOUCHED = "nothing in the output was changed"
_SYNC_THREADS = 8  # a disk flushes many files in about the time of one


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A staged file, the output file it will become, and its content, which is read when it is written.

    `ready` is a file of this run that already has the content, if there is one.
    """

    file: Path
    place: Path
    content: Callable[[], bytes]
    ready: str | None = None


@dataclass(slots=True)
class Staging:
    """Assigns a staging place to each file of some plans, and writes the files there."""

    cache: Path
    _token: str = field(default_factory=lambda: os.urandom(8).hex())
    _folders: dict[int, Path] = field(default_factory=dict)
    """Device number → staging folder."""
    _contents: list[StagedFile] = field(default_factory=list)
    _devices: dict[Path, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._folders[self.cache.stat().st_dev] = self.cache / f"{STAGING}{self._token}"

    def journal(self, plans: Sequence[Plan]) -> SwapJournal:
        """Return the complete journal of some plans. Writes nothing; raises `SpeccastError` for a read-only folder."""
        swaps = tuple(self._swap(plan) for plan in plans)
        return SwapJournal(self._token, tuple(self._folders.values()), swaps)

    def begin(self) -> None:
        """Create the staging folder in `.speccast_cache/`, before the journal is written."""
        self._create(next(iter(self._folders.values())))

    def write(self) -> None:
        """Write every staged file and flush it to the disk. Raises `SpeccastError` that names the file it is for."""
        for folder in list(self._folders.values())[1:]:
            self._create(folder)
        for staged in self._contents:
            if _link(staged):
                continue
            content = staged.content()
            with translate_os_errors("write", staged.place, hint=_UNTOUCHED), staged.file.open("xb") as file:
                file.write(content)
        from concurrent.futures import ThreadPoolExecutor  # slow to import, and most runs change nothing

        # Flushing after everything is written is faster: the first flush includes most of the others.
        shares = [self._contents[start::_SYNC_THREADS] for start in range(_SYNC_THREADS)]
        with ThreadPoolExecutor(_SYNC_THREADS) as threads:
            list(threads.map(_sync, shares))
        for folder in self._folders.values():
            with translate_os_errors("write", folder):
                sync_folder(folder)

    def _create(self, folder: Path) -> None:
        with translate_os_errors("create", folder):
            folder.mkdir(0o700)

    def _swap(self, plan: Plan) -> Swap:
        target, manifest = plan.target, plan.manifest
        last: Write | Removal | None = None
        if manifest.action is Action.WRITE:
            last = self._write(target.root, manifest, lambda: plan.manifest_content)
        elif manifest.action is Action.REMOVE:
            last = _removal(target.root, manifest)
        removals = tuple(_removal(target.root, entry) for entry in plan.removed)
        writes = tuple(
            self._write(
                target.root,
                each,
                partial(target.files.__getitem__, each.path),
                target.linkable_file(each.path),
            )
            for each in plan.written
        )
        return Swap(target.root, target.output or target.root, removals, writes, last)

    def _write(
        self, root: Path, entry: PlannedFile, content: Callable[[], bytes], ready: str | None = None
    ) -> Write:
        place = root / entry.path
        device = self._device(place.parent)
        if device not in self._folders:
            self._folders[device] = nearest_folder(place.parent) / f"{RESERVED_PREFIX}{STAGING}{self._token}"
        folder = list(self._folders).index(device)
        number = len(self._contents)
        self._contents.append(StagedFile(self._folders[device] / str(number), place, content, ready))
        return Write(entry.path, folder, number, entry.before, entry.after or "")

    def _device(self, folder: Path) -> int:
        """Return the device of a folder, which must be writable."""
        if folder not in self._devices:
            self._devices[folder] = _writable(folder).stat().st_dev
        return self._devices[folder]


def discard(folder: Path, token: str) -> bool:
    """Security boundary: delete a staging folder and the numbered files in it, and nothing else.

    Returns whether it is gone. Links are not followed.
    """
    if not is_staging_folder(folder.name, token) or not is_real_folder(folder):
        return True
    with suppress(OSError):  # it holds something else, or is in use
        for file in folder.iterdir():
            if file.name.isdecimal() and not is_real_folder(file):
                file.unlink(missing_ok=True)
        folder.rmdir()
    return not folder.exists()


def _removal(root: Path, entry: PlannedFile) -> Removal:
    _writable((root / entry.path).parent)
    return Removal(entry.path, entry.before or "")


def _writable(folder: Path) -> Path:
    folder = nearest_folder(folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SpeccastError(f"{folder} is not writable", hint=_UNTOUCHED)
    return folder


def _link(staged: StagedFile) -> bool:
    """Stage a ready file as a hard link, where the file system supports it: copying thousands of files takes long."""
    if staged.ready is None:
        return False
    try:
        os.link(staged.ready, staged.file, follow_symlinks=False)
    except (OSError, NotImplementedError):
        # Another file system, or one without hard links. Copying reports every other problem.
        return False
    return True


def _sync(files: Sequence[StagedFile]) -> None:
    for staged in files:
        with translate_os_errors("write", staged.place, hint=_UNTOUCHED), staged.file.open("rb") as file:
            os.fsync(file.fileno())
