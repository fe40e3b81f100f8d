"""What git can give back: a file that git has is not lost when it is regenerated.

After a merge the files on the disk are one side's, while the manifest may be the other's. Neither side was edited by
hand, and git can tell. It is asked only about files that look edited, in at most two processes a run.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.publish.disk import explained

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_TIMEOUT_S = 30.0

# Set by git for its hooks. They say where git was started, not where the output lies, and relative ones would be taken
# relative to the output; so the repository is looked for anew. (From `git rev-parse --local-env-vars`.)
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
    """The working tree that `folder` lies in. `directory` is its own git directory, also in a linked worktree."""

    folder: Path
    directory: Path

    @property
    def merging(self) -> bool:
        """Whether a merge, rebase, cherry-pick or revert waits to be finished."""
        return any((self.directory / name).exists() for name in _IN_PROGRESS)

    def blobs(self, paths: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The blob names of each path (relative to `folder`) in the commits at hand and in an unmerged index."""
        places = self._places()
        paths = list(paths)
        names = [f"{place}:./{path}" for path in paths for place in places]
        answer = (
            self._ask("--batch-check=%(objectname)", names).decode("ascii", errors="replace").splitlines()
        )
        if len(answer) != len(names):
            return {}
        width = len(places)
        return {path: frozenset(answer[row * width : (row + 1) * width]) for row, path in enumerate(paths)}

    def versions(self, path: str) -> list[bytes]:
        """The contents of one path in the commits that are being merged and in the unmerged index."""
        names = [f"{place}:./{path}" for place in self._places() if place != "ORIG_HEAD"]
        answer = self._ask("--batch", names)
        contents: list[bytes] = []
        while answer:
            line, _, rest = answer.partition(b"\n")
            found = re.fullmatch(rb"[0-9a-f]+ ([a-z]+) ([0-9]+)", line)
            if found and found[1] == b"blob":
                contents.append(rest[: int(found[2])])
            answer = rest[int(found[2]) + 1 :] if found else rest
        return list(dict.fromkeys(contents))

    def _places(self) -> list[str]:
        places = [*_HEADS, *_UNMERGED, *self._merge_parents()]
        # What git merged by itself is in the index only, until the merge is committed.
        return [*places, ":0"] if self.merging else places

    def _merge_parents(self) -> list[str]:
        """All of them: the name MERGE_HEAD means only the first parent of an octopus."""
        try:
            lines = (self.directory / "MERGE_HEAD").read_text(encoding="ascii").split()
        except (OSError, UnicodeDecodeError):
            return []
        return [line for line in lines if _COMMIT.fullmatch(line)]

    def _ask(self, option: str, names: Iterable[str]) -> bytes:
        """What `git cat-file` answers about objects; nothing where git is missing or refuses the repository."""
        import subprocess  # seldom needed, and not for free

        environment = {name: value for name, value in os.environ.items() if name not in _HOOK_VARIABLES}
        environment |= {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
        try:
            done = subprocess.run(
                ["git", "cat-file", option],
                input="".join(f"{name}\n" for name in names).encode(),
                cwd=self.folder,
                env=environment,
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return b""
        return done.stdout


def find_repository(folder: Path) -> Repository | None:
    """The repository whose working tree an existing folder lies in. Starts no process."""
    folder = folder.resolve()
    for parent in (folder, *folder.parents):
        entry = parent / ".git"
        with explained("read", entry):
            if entry.is_dir():
                return Repository(folder, entry)
            if entry.is_file():  # a linked worktree or a submodule: it names the directory
                named = os.fsdecode(entry.read_bytes()).removeprefix("gitdir:").strip()
                return Repository(folder, parent / named)
    return None
