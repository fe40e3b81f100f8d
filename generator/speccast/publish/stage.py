"""Staging: everything a run will put into the output is first written in full, next to it.

Staged files are numbered files in flat folders, one folder for each file system that the output lies on, so that
putting them in place is a rename, which needs no room and cannot leave half a file.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.publish.disk import explained, nearest_folder
from speccast.publish.journal import Journal, Removal, Swap, Write, sync_folder
from speccast.publish.paths import RESERVED_PREFIX
from speccast.publish.plan import Action, Entry, Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

_FOLDER = re.compile(rf"(?:{re.escape(RESERVED_PREFIX)})?staging-[0-9a-f]{{16}}")
_UNTOUCHED = "nothing in the output was changed"
_SYNC_THREADS = 8  # a disk takes many flushes at once about as fast as one


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged file, the file it will become, and its content, which is read when it is written.

    `ready` is a file that has that content already, if there is one.
    """

    file: Path
    place: Path
    content: Callable[[], bytes]
    ready: str | None = None


@dataclass(slots=True)
class Staging:
    """Decides for each file of some plans where it is staged, and writes it there."""

    cache: Path
    _token: str = field(default_factory=lambda: os.urandom(8).hex())
    _folders: dict[int, Path] = field(default_factory=dict)
    """Device number → staging folder."""
    _contents: list[Staged] = field(default_factory=list)

    def journal(self, plans: Sequence[Plan]) -> Journal:
        """The complete journal of some plans. Writes nothing, but sees to it that every folder may be written to."""
        swaps = tuple(self._swap(plan) for plan in plans)
        return Journal(tuple(self._folders.values()), swaps)

    def write(self) -> None:
        """Write every staged file and make it last. Raises `SpeccastError` that names the file it was for."""
        for folder in self._folders.values():
            with explained("create", folder):
                folder.mkdir()
        for staged in self._contents:
            if _link(staged):
                continue
            content = staged.content()
            with explained("write", staged.place, hint=_UNTOUCHED), staged.file.open("xb") as file:
                file.write(content)
        from concurrent.futures import ThreadPoolExecutor  # only runs that change something need it

        # All at once after all are written: the first flush then carries most of the others.
        with ThreadPoolExecutor(_SYNC_THREADS) as threads:
            for _ in threads.map(_sync, self._contents):
                pass
        for folder in self._folders.values():
            with explained("write", folder):
                sync_folder(folder)

    def _swap(self, plan: Plan) -> Swap:
        root, manifest = plan.target.root, plan.manifest
        last: Write | Removal | None = None
        if manifest.action is Action.WRITE:
            last = self._write(root, manifest, lambda: plan.manifest_content)
        elif manifest.action is Action.REMOVE:
            last = _removal(root, manifest)
        return Swap(
            root=root,
            output=plan.target.output or root,
            removals=tuple(_removal(root, entry) for entry in plan.removed),
            writes=tuple(
                self._write(
                    root,
                    entry,
                    partial(plan.target.wanted.__getitem__, entry.path),
                    plan.target.file(entry.path),
                )
                for entry in plan.written
            ),
            manifest=last,
        )

    def _write(
        self, root: Path, entry: Entry, content: Callable[[], bytes], ready: str | None = None
    ) -> Write:
        place = root / entry.path
        device = _writable(place.parent).stat().st_dev
        if device not in self._folders:
            self._folders[device] = self._folder(device, place.parent)
        folder = list(self._folders).index(device)
        number = len(self._contents)
        self._contents.append(Staged(self._folders[device] / str(number), place, content, ready))
        return Write(entry.path, folder, number, entry.before, entry.after or "")

    def _folder(self, device: int, near: Path) -> Path:
        if self.cache.stat().st_dev == device:
            return self.cache / f"staging-{self._token}"
        return nearest_folder(near) / f"{RESERVED_PREFIX}staging-{self._token}"


def discard(folders: Iterable[Path]) -> None:
    """Security boundary: remove staging folders and the numbered files in them, and nothing that is not such."""
    for folder in folders:
        if not _FOLDER.fullmatch(folder.name) or folder.is_symlink() or not folder.is_dir():
            continue
        for file in folder.iterdir():
            if file.name.isdecimal():
                file.unlink(missing_ok=True)
        with suppress(OSError):  # something else is in there: leave it
            folder.rmdir()


def _removal(root: Path, entry: Entry) -> Removal:
    _writable((root / entry.path).parent)
    return Removal(entry.path, entry.before or "")


def _writable(folder: Path) -> Path:
    folder = nearest_folder(folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SpeccastError(f"{folder} may not be written to", hint=_UNTOUCHED)
    return folder


def _link(staged: Staged) -> bool:
    """Give the ready file the staged one's name as well, where the file system can: to copy thousands takes a while."""
    if staged.ready is None:
        return False
    try:
        os.link(staged.ready, staged.file, follow_symlinks=False)
    except (OSError, NotImplementedError):
        # Another file system, or one without links; what else is wrong shows in copying.
        return False
    return True


def _sync(staged: Staged) -> None:
    with explained("write", staged.place, hint=_UNTOUCHED), staged.file.open("rb") as file:
        os.fsync(file.fileno())
