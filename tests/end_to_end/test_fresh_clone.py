"""A clone is complete: generating in it changes nothing.

`tools/scripts/fresh-clone.sh` runs `make generate` and `make test` in clones, which needs a package index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


def test_generating_in_a_clone_leaves_nothing_to_commit(
    clone: Path, own_code: Mapping[str, str], speccast: Callable[..., Any], git: Callable[..., str]
) -> None:
    ran = speccast("generate", cwd=clone, env=own_code, code=0)
    assert git("status", "--porcelain", cwd=clone) == ""
    assert "0 written" in ran.out


def test_a_clone_passes_its_own_check(
    clone: Path, own_code: Mapping[str, str], speccast: Callable[..., Any]
) -> None:
    speccast("lint", cwd=clone, env=own_code, code=0)
    speccast("generate", "--check", cwd=clone, env=own_code, code=0)


def test_generated_files_are_marked_for_git(clone: Path, git: Callable[..., str]) -> None:
    path = "generated/segmind/python/.speccast-manifest"
    listed = git("check-attr", "eol", "linguist-generated", "merge", "--", path, cwd=clone)
    assert [line.rpartition(": ")[2] for line in listed.splitlines()] == ["lf", "true", "unset"]
