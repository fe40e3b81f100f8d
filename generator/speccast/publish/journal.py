"""The journal: what a swap is about to do, written down so that any later command can finish it.

It exists only while a run changes the output. Before everything is staged it lists just the staging folders (to be
discarded); once complete it holds every step, and carrying out all of them again is always right. It is replaced in
one step, so a journal that can be read is whole.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from speccast.errors import SpeccastError
from speccast.publish.disk import explained
from speccast.publish.manifest import MANIFEST
from speccast.publish.paths import path_problem

JOURNAL = "journal.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Removal:
    """Remove `path` if it still has the digest `before`."""

    path: str
    before: str


@dataclass(frozen=True, slots=True)
class Write:
    """Move file `number` of staging folder `folder` (an index into the journal's list) to `path`.

    It has the digest `after`; what it replaces has the digest `before`, or None if nothing was there.
    """

    path: str
    folder: int
    number: int
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Swap:
    """All steps for one output folder, in their order: removals, writes, the manifest."""

    root: Path
    output: Path
    removals: tuple[Removal, ...]
    writes: tuple[Write, ...]
    manifest: Write | Removal | None

    @property
    def steps(self) -> tuple[Removal | Write, ...]:
        last = () if self.manifest is None else (self.manifest,)
        return (*self.removals, *self.writes, *last)


@dataclass(frozen=True, slots=True)
class Journal:
    """The staging folders, and the swaps once all their files are staged (None before)."""

    folders: tuple[Path, ...]
    swaps: tuple[Swap, ...] | None = None

    def staged(self, write: Write) -> Path:
        return self.folders[write.folder] / str(write.number)


def write_journal(cache: Path, journal: Journal, *, durable: bool) -> None:
    """Put the journal into the cache folder, in one step. Paths in the project are kept relative to it."""
    content = json.dumps({"format": FORMAT, **asdict(journal)}, default=lambda path: _portable(cache, path))
    place, draft = cache / JOURNAL, cache / f"{JOURNAL}.new"
    with explained("write", place):
        with draft.open("w", encoding="utf-8") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(place)
        if durable:
            sync_folder(cache)


def read_journal(cache: Path) -> Journal | None:
    """Security boundary: read a journal as text that anyone may have written.

    Every path in it is checked as an output path is. None for one that is not a journal: there is nothing to finish.
    Whether its folders may be written to is for the caller to say.
    """
    try:
        value = json.loads((cache / JOURNAL).read_text(encoding="utf-8"))
        if value["format"] != FORMAT:
            raise SpeccastError(
                f"{cache / JOURNAL} was written by another version of speccast",
                hint="run that version once more, or delete the file",
            )
        folders = tuple(cache.parent / _text(folder) for folder in value["folders"])
        swaps = value["swaps"]
        return Journal(
            folders, None if swaps is None else tuple(_swap(cache, swap, len(folders)) for swap in swaps)
        )
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return None


def sync_folder(folder: Path) -> None:
    """Make renames in a folder last, where the system can do that (Windows cannot)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _portable(cache: Path, path: object) -> str:
    """Relative where possible: a project may be moved, or be mounted elsewhere, before its run is finished."""
    if not isinstance(path, Path):
        raise TypeError(f"no place in a journal for {path!r}")
    path, project = path.absolute(), cache.parent.absolute()
    return path.relative_to(project).as_posix() if path.is_relative_to(project) else str(path)


def _swap(cache: Path, value: Any, folders: int) -> Swap:
    last = value["manifest"]
    swap = Swap(
        root=cache.parent / _text(value["root"]),
        output=cache.parent / _text(value["output"]),
        removals=tuple(_removal(removal) for removal in value["removals"]),
        writes=tuple(_write(write, folders) for write in value["writes"]),
        manifest=None if last is None else _write(last, folders) if "after" in last else _removal(last),
    )
    for step in swap.steps:
        if path_problem(step.path) if step is not swap.manifest else step.path != MANIFEST:
            raise ValueError(f"not an output path: {step.path!r}")
    return swap


def _removal(value: Any) -> Removal:
    return Removal(_text(value["path"]), _text(value["before"]))


def _write(value: Any, folders: int) -> Write:
    before = value["before"]
    return Write(
        path=_text(value["path"]),
        folder=range(folders)[value["folder"]],
        number=int(value["number"]),
        before=None if before is None else _text(before),
        after=_text(value["after"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError(f"not a text that can be a path: {value!r}")
    os.fsencode(value)  # raises ValueError for what no file can be called
    return value
