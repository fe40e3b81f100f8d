"""Find out from the history whether a file was generated or edited by hand.

After a merge, files can come from one side and the manifest from the other. They differ although no file was edited by hand.
What a manifest in the history recorded was generated; everything else is an edit, committed or not. git is started only if a
file looks edited.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from speccast.publish.disk import translate_os_errors
from speccast.reading import read_regular_file
from speccast.temporary_folders import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_TIMEOUT_S = 30.0

# Set by git for its hooks. They describe the repository in which git was started, which may not contain the output, and
# relative paths in them would be wrong here. (From `git rev-parse --local-env-vars`.)
_HOOK_VARIABLES = frozenset(
    [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    ]
)
_HEADS = ("HEAD", "ORIG_HEAD", "REBASE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD")
_IN_PROGRESS = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
_UNMERGED = (":1", ":2", ":3")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Merge(NamedTuple):
    """The revisions of a merge."""

    base: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Repository:
    """The working tree that contains `folder`. `directory` is its git directory, also in a linked worktree."""

    folder: Path
    directory: Path

    @property
    def is_merging(self) -> bool:
        """Whether a merge, rebase, cherry-pick or revert is in progress."""
        return any((self.directory / name).exists() for name in _IN_PROGRESS)

    def read_recorded(self, manifest: str) -> bytes:
        """Return all lines that a manifest (relative to `folder`) ever had, in the history of all branches and commits at hand.

        In a shallow clone, that is the history which it has.
        """
        # Without --full-history, git leaves out a branch whose manifest a merge did not take over.
        words = ["-c", "log.showRoot=true", "log", "--all", "--full-history", "-m", "--ignore-missing"]
        words += ["--format=", "--patch", "--unified=0", "--text", "--no-color", "--no-ext-diff"]
        words += ["--no-textconv", "--no-renames", "--no-show-signature", *self._commits(), "--", manifest]
        output = _git(self.folder, words)
        return b"".join(line[1:] for line in output.splitlines(keepends=True) if line[:1] in (b"+", b"-"))

    def merges(self) -> Iterator[Merge]:
        """Yield each merge, cherry-pick or revert in progress, and HEAD if it is a merge."""
        for ours, theirs in [*(("HEAD", parent) for parent in self._merge_parents()), ("HEAD^1", "HEAD^2")]:
            if base := _git(self.folder, ["merge-base", ours, theirs]).decode("ascii").strip():
                yield Merge(base, ours, theirs)
        for picked in ("CHERRY_PICK_HEAD", "REBASE_HEAD"):
            if (self.directory / picked).exists():
                yield Merge(f"{picked}~", "HEAD", picked)
        if (self.directory / "REVERT_HEAD").exists():
            yield Merge("REVERT_HEAD", "HEAD", "REVERT_HEAD~")

    def read_merged(
        self, path: str, merges: Iterable[Merge], is_generated: Callable[[bytes], bool]
    ) -> Iterator[bytes]:
        """Yield what git made of a file (relative to `folder`) that both sides of a merge have changed, without conflicts.

        A side that was edited by hand makes the result an edit.
        """
        for merge in merges:
            versions = self._contents(f"{revision}:./{path}" for revision in merge)
            if (
                len(set(versions)) == len(merge)
                and all(map(is_generated, versions[1:]))
                and (content := self._merge_file(*versions))
            ):
                yield content

    def versions(self, path: str) -> list[bytes]:
        """Return the contents of one path in the commits that are being merged and in the unmerged index."""
        revisions = [*(commit for commit in self._commits() if commit != "ORIG_HEAD"), *_UNMERGED]
        # A file that git merged automatically is only in the index until the merge is committed.
        revisions += [":0"] if self.is_merging else []
        return list(dict.fromkeys(self._contents(f"{revision}:./{path}" for revision in revisions)))

    def _contents(self, names: Iterable[str]) -> list[bytes]:
        """Return the contents of the blobs that exist."""
        output = _git(self.folder, ["cat-file", "--batch"], "".join(f"{name}\n" for name in names))
        contents: list[bytes] = []
        while output:
            line, _, rest = output.partition(b"\n")
            found = re.fullmatch(rb"[0-9a-f]+ ([a-z]+) ([0-9]+)", line)
            if found and found[1] == b"blob":
                contents.append(rest[: int(found[2])])
            output = rest[int(found[2]) + 1 :] if found else rest
        return contents

    def _commits(self) -> list[str]:
        return [*_HEADS, *self._merge_parents()]

    def _merge_parents(self) -> list[str]:
        """Return all merged commits; the name MERGE_HEAD means only the first parent of an octopus merge."""
        try:
            lines = read_regular_file(self.directory / "MERGE_HEAD").decode("ascii").split()
        except (OSError, UnicodeDecodeError):
            return []
        return [line for line in lines if _COMMIT.fullmatch(line)]

    def _merge_file(self, base: bytes, ours: bytes, theirs: bytes) -> bytes:
        """Return the merged content, or nothing if there are conflicts."""
        with temporary_folder() as folder:
            names = []
            for name, content in (("ours", ours), ("base", base), ("theirs", theirs)):
                names.append(str(folder / name))
                Path(names[-1]).write_bytes(content)
            return _git(self.folder, ["merge-file", "--stdout", "--quiet", *names])


def _git(folder: Path, words: Iterable[str], given: str = "") -> bytes:
    """Return the output of git; empty if it failed, is missing or refuses the repository."""
    import subprocess  # seldom needed and slow to import

    try:
        done = subprocess.run(
            ["git", *words],
            input=given.encode(),
            cwd=folder,
            env=git_environment(),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return b""
    return done.stdout


def git_environment() -> dict[str, str]:
    """Return the environment for git processes that only read: no variables of hooks, no network, no questions."""
    environment = {name: value for name, value in os.environ.items() if name not in _HOOK_VARIABLES}
    return environment | {
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "none",
    }


def find_repository(folder: Path) -> Repository | None:
    """Return the repository whose working tree contains an existing folder, without starting a process."""
    folder = folder.resolve()
    for parent in (folder, *folder.parents):
        entry = parent / ".git"
        with translate_os_errors("read", entry):
            if entry.is_dir():
                return Repository(folder, entry)
            if entry.is_file():  # a linked worktree or a submodule, whose file names the directory
                named = os.fsdecode(read_regular_file(entry)).removeprefix("gitdir:").strip()
                return Repository(folder, parent / named)
    return None
