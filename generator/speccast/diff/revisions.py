"""Specs of a git revision, read from git's objects: the working tree is not touched, and nothing is fetched."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.publish.git import git_environment
from speccast.specs.files import ENDINGS, MAX_BYTES, MAX_FILES, SpecFile, SpecFolder

if TYPE_CHECKING:
    from collections.abc import Iterable

_TIMEOUT_S = 60.0
_LINK = "120000"


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit of the repository that contains a folder."""

    folder: Path
    name: str
    commit: str


def find_revision(folder: Path, name: str) -> Revision | None:
    """Return the commit with a name in the repository of a folder; None if it is unknown."""
    found = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return None if found is None else Revision(folder, name, found.decode("ascii").strip())


def last_tag(folder: Path) -> str | None:
    """Return the nearest tag in the history of HEAD."""
    found = _git(folder, "describe", "--tags", "--abbrev=0")
    return None if found is None else found.decode("utf-8", "surrogateescape").strip()


def spec_folders_of(revision: Revision, specs: Path) -> list[SpecFolder]:
    """Return the specs in a folder of a revision: the folder itself if it is an API, else each folder directly in it.

    Raises:
        SpeccastError: the revision does not have the folder, it has no API, or git fails.
    """
    found: dict[PurePosixPath, list[tuple[PurePosixPath, str]]] = defaultdict(list)
    here = specs.relative_to(revision.folder).as_posix()
    for mode, name, path in _tree(revision, here):
        if path.suffix not in ENDINGS or path.name.startswith("."):
            continue
        if mode == _LINK:
            raise SpeccastError(f"{revision.name}:{path} is a symbolic link, which is not followed")
        found[path.parent].append((path, name))
    top = PurePosixPath(here)
    folders = [top] if _has_api(found[top]) else [each for each in sorted(found) if each.parent == top]
    folders = [folder for folder in folders if _has_api(found[folder])]
    for folder, nested in list(found.items()):
        # The file of a slug with slashes is in folders below its API.
        api = next((each for each in folders if each in folder.parents), None)
        if api is not None and folder not in folders:
            found[api] += nested
    if not folders:
        raise SpeccastError(
            f"{revision.name} has no specs in {here}",
            hint="if its specs were in another folder, check it out in another work tree and name that folder",
        )
    files = [file for folder in folders for file in sorted(found[folder])]
    if len(files) > MAX_FILES:
        raise SpeccastError(f"{revision.name} has {len(files)} specs, but there can be at most {MAX_FILES}")
    contents = iter(_contents(revision, [name for _, name in files]))
    return [
        SpecFolder(
            revision.folder / folder,
            tuple(
                SpecFile(
                    revision.folder / path,
                    f"{revision.name}:{path}",
                    next(contents)[: MAX_BYTES + 1],
                    is_nested=path.parent != folder,
                )
                for path, _ in sorted(found[folder])
            ),
        )
        for folder in folders
    ]


def _has_api(files: Iterable[tuple[PurePosixPath, str]]) -> bool:
    return any(path.stem == "api" for path, _ in files)


def _tree(revision: Revision, folder: str) -> Iterable[tuple[str, str, PurePosixPath]]:
    """Yield mode, object name and path of every file in a folder of a revision."""
    listing = _git(revision.folder, "ls-tree", "-r", "-z", revision.commit, "--", f"{folder}/")
    if listing is None:
        raise SpeccastError(f"git cannot list the files of {revision.name}")
    for entry in filter(None, listing.split(b"\0")):
        about, _, path = entry.partition(b"\t")
        mode, _, name = about.decode("ascii").split()
        yield mode, name, PurePosixPath(path.decode("utf-8", "surrogateescape"))


def _contents(revision: Revision, names: list[str]) -> Iterable[bytes]:
    output = _git(revision.folder, "cat-file", "--batch", lines=names)
    if output is None:
        raise SpeccastError(
            f"git cannot read the files of {revision.name}",
            hint="in a partial clone, fetch them first: git fetch --refetch --no-filter origin",
        )
    for name in names:
        head, _, output = output.partition(b"\n")
        size = head.rpartition(b" ")[2]
        if not size.isdigit():  # a shallow or partial clone
            raise SpeccastError(
                f"git does not have the object {name} of {revision.name}",
                hint=f"to fetch it, run: git fetch origin {revision.name}",
            )
        yield output[: int(size)]
        output = output[int(size) + 1 :]


def _git(folder: Path, *arguments: str, lines: Iterable[str] = ()) -> bytes | None:
    """Return the output of git; None if it fails, is missing or refuses the repository."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            input="".join(f"{line}\n" for line in lines).encode(),
            cwd=folder,
            env=git_environment(),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
