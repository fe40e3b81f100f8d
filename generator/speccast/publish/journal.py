"""The journal: the steps of a swap, written down before the first one so that a later command can finish it.

It exists only while a run changes the output. Until everything is staged it lists the staging folders only, which are then
deleted; once complete it holds every step, and each step can be repeated. It is replaced atomically.

Security boundary: journals are files in the user's cache folder, named after the random token in the names of the staging
folders. A checkout can bring staging folders along, but no journal for them, so they are deleted and never used.
"""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from speccast.atomic import write_atomically
from speccast.cache import read_own_file, user_folder
from speccast.errors import SpeccastError
from speccast.publish.disk import translate_os_errors
from speccast.publish.locking import is_own_folder, is_real_folder
from speccast.publish.manifest import MANIFEST
from speccast.publish.paths import RESERVED_PREFIX, path_problem

FORMAT: Final = 2
STAGING: Final = "staging-"
"""Prefix of the names of staging folders in `.speccast_cache/`; elsewhere, `RESERVED_PREFIX` precedes it."""

_FOLDER: Final = "journals"
_TOKEN: Final = re.compile(r"[0-9a-f]{16}")
_EXPIRY_S: Final = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Removal:
    """Remove `path` if its digest is still `before`."""

    path: str
    before: str


@dataclass(frozen=True, slots=True)
class Write:
    """Move file `number` of staging folder `folder` (an index into the journal's list) to `path`.

    The staged file has the digest `after`; the file that it replaces has the digest `before`, None if there is none.
    """

    path: str
    folder: int
    number: int
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Swap:
    """All steps for one output folder, in order: removals, writes, the manifest."""

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
class SwapJournal:
    """The staging folders and, once all files are staged, the swaps (None before).

    The first folder is in `.speccast_cache/` and exists for as long as the journal does.
    """

    token: str
    folders: tuple[Path, ...]
    swaps: tuple[Swap, ...] | None = None

    def staging_path(self, write: Write) -> Path:
        return self.folders[write.folder] / str(write.number)


def find_interrupted(cache: Path) -> list[str]:
    """Return the tokens of this user's runs that left a staging folder in `.speccast_cache/`; one may still be running."""
    if not is_real_folder(cache):
        return []
    with translate_os_errors("list", cache):
        names = [entry.name for entry in cache.iterdir() if entry.name.startswith(STAGING)]
    tokens = [name.removeprefix(STAGING) for name in sorted(names) if is_own_folder(cache / name)]
    return [token for token in tokens if _TOKEN.fullmatch(token)]


def write_journal(cache: Path, journal: SwapJournal, *, durable: bool) -> None:
    """Write a journal atomically. Paths in the project are stored relative to it, since a project can be moved.

    Without a usable cache folder of the user there is no journal, and an interrupted run cannot be finished.
    """
    folder = user_folder(_FOLDER, create=True)
    if folder is None:
        return
    _delete_expired(folder)
    content = {"format": FORMAT, **asdict(journal)}
    text = json.dumps(content, default=lambda path: _portable(cache, path))
    place = folder / f"{journal.token}.json"
    with translate_os_errors("write", place):
        write_atomically(place, text.encode(), draft=place.with_suffix(".new"), durable=durable)


def read_journal(cache: Path, token: str) -> SwapJournal | None:
    """Security boundary: read the journal of the staging folders with a token; None if this user has none.

    Every path in it is checked as an output path is. The caller decides whether its folders may be written to.
    """
    folder = user_folder(_FOLDER)
    content = None if folder is None else read_own_file(folder / f"{token}.json")
    if content is None:
        return None
    try:
        value = json.loads(content)
        if value["format"] != FORMAT:
            raise SpeccastError(
                f"an interrupted run of another version of speccast left {cache / (STAGING + token)}",
                hint="to finish it, run that version again; to discard it, delete the folder",
            )
        if value["token"] != token:
            return None
        folders = tuple(_staging_folder(cache, path, token) for path in value["folders"])
        swaps = value["swaps"]
        return SwapJournal(
            token,
            folders,
            None if swaps is None else tuple(_swap(cache, swap, len(folders)) for swap in swaps),
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return None


def delete_journal(token: str) -> None:
    """Delete a journal, and an unfinished one, if they exist."""
    folder = user_folder(_FOLDER)
    if folder is not None:
        for suffix in ("new", "json"):
            with translate_os_errors("remove", folder / f"{token}.{suffix}"):
                (folder / f"{token}.{suffix}").unlink(missing_ok=True)


def is_staging_folder(name: str, token: str) -> bool:
    """Return whether a name is one that Speccast gives to a staging folder of the run with this token."""
    return name.removeprefix(RESERVED_PREFIX) == f"{STAGING}{token}"


def _delete_expired(folder: Path) -> None:
    """Delete journals of projects that were deleted before their run was finished."""
    for file in folder.iterdir():
        with suppress(OSError):
            is_own = _TOKEN.fullmatch(file.stem) and file.suffix in (".json", ".new")
            if is_own and time.time() - file.lstat().st_mtime > _EXPIRY_S:
                file.unlink()


def _portable(cache: Path, path: object) -> str:
    if not isinstance(path, Path):
        raise TypeError(f"{path!r} cannot be part of a journal")
    path, project = path.absolute(), cache.parent.absolute()
    return path.relative_to(project).as_posix() if path.is_relative_to(project) else str(path)


def _staging_folder(cache: Path, value: object, token: str) -> Path:
    folder = cache.parent / _text(value)
    if not is_staging_folder(folder.name, token):
        raise ValueError(f"not a staging folder: {folder}")
    return folder


def _swap(cache: Path, value: Any, folders: int) -> Swap:
    last = value["manifest"]
    swap = Swap(
        root=cache.parent / _text(value["root"]),
        output=cache.parent / _text(value["output"]),
        removals=tuple(_removal(removal) for removal in value["removals"]),
        writes=tuple(_write(write, folders) for write in value["writes"]),
        manifest=None if last is None else _step(last, folders),
    )
    for step in swap.steps:
        if path_problem(step.path) if step is not swap.manifest else step.path != MANIFEST:
            raise ValueError(f"not an output path: {step.path!r}")
    return swap


def _step(value: Any, folders: int) -> Removal | Write:
    return _write(value, folders) if "after" in value else _removal(value)


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
        raise TypeError(f"not a valid path: {value!r}")
    os.fsencode(value)  # raises ValueError for a name that no file can have
    return value
