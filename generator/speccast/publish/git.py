"""Find out whether git has a file: a committed file is not lost when it is regenerated.

After a merge, files can come from one side and the manifest from the other. They differ although no file was edited by hand.
Only files that look edited are looked up, with at most two processes in a run.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.publish.disk import translate_os_errors
from speccast.reading import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Repository:
    """The working tree that contains `folder`. `directory` is its git directory, also in a linked worktree."""

    folder: Path
    directory: Path

    @property
    def is_merging(self) -> bool:
        """Whether a merge, rebase, cherry-pick or revert is in progress."""
        return any((self.directory / name).exists() for name in _IN_PROGRESS)

    def blobs(self, paths: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Return the blob names of each path (relative to `folder`) in the current commits and in an unmerged index."""
        revisions = self._revisions()
        paths = list(paths)
        names = [f"{revision}:./{path}" for path in paths for revision in revisions]
        output = (
            self._cat_file("--batch-check=%(objectname)", names)
            .decode("ascii", errors="replace")
            .splitlines()
        )
        if len(output) != len(names):
            return {}
        width = len(revisions)
        return {path: frozenset(output[row * width : (row + 1) * width]) for row, path in enumerate(paths)}

    def versions(self, path: str) -> list[bytes]:
        """Return the contents of one path in the commits that are being merged and in the unmerged index."""
        names = [f"{revision}:./{path}" for revision in self._revisions() if revision != "ORIG_HEAD"]
        output = self._cat_file("--batch", names)
        contents: list[bytes] = []
        while output:
            line, _, rest = output.partition(b"\n")
            found = re.fullmatch(rb"[0-9a-f]+ ([a-z]+) ([0-9]+)", line)
            if found and found[1] == b"blob":
                contents.append(rest[: int(found[2])])
            output = rest[int(found[2]) + 1 :] if found else rest
        return list(dict.fromkeys(contents))

    def _revisions(self) -> list[str]:
        revisions = [*_HEADS, *_UNMERGED, *self._merge_parents()]
        # Files that git merged automatically are only in the index until the merge is committed.
        return [*revisions, ":0"] if self.is_merging else revisions

    def _merge_parents(self) -> list[str]:
        """Return all merged commits; the name MERGE_HEAD means only the first parent of an octopus merge."""
        try:
            lines = read_regular_file(self.directory / "MERGE_HEAD").decode("ascii").split()
        except (OSError, UnicodeDecodeError):
            return []
        return [line for line in lines if _COMMIT.fullmatch(line)]

    def _cat_file(self, option: str, names: Iterable[str]) -> bytes:
        """Return the output of `git cat-file`; empty if git is missing or refuses the repository."""
        import subprocess  # seldom needed and slow to import

        try:
            done = subprocess.run(
                ["git", "cat-file", option],
                input="".join(f"{name}\n" for name in names).encode(),
                cwd=self.folder,
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
