"""Two maintainers add models on the same day: `speccast generate` repairs the output after a merge."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODEL = """\
speccast: 1
slug: {slug}
title: {slug}
surfaces: [sync]
returns: [image/jpeg]
parameters:
  prompt:
    type: string
    required: true
    description: What the picture shows.
"""
OUTPUT = "generated/segmind/python"
EDITED = "sd2.1-txt2img"
"""The model whose spec both branches change in different places."""


@pytest.fixture(scope="module")
def branches(
    tmp_path_factory: pytest.TempPathFactory,
    repository: Path,
    generated: Path,
    speccast: Callable[..., Any],
    git: Callable[..., str],
) -> Path:
    """A repository with two branches. Each adds a model and changes one that both change."""
    folder = tmp_path_factory.mktemp("branches") / "repository"
    shutil.copytree(repository / "specs", folder / "specs")
    shutil.copytree(generated / "generated" / "segmind", folder / "generated" / "segmind")
    shutil.copy(repository / ".gitattributes", folder)
    (folder / ".gitignore").write_text(".speccast_cache/\n")
    git("init", "--quiet", "--initial-branch", "main", cwd=folder)
    _commit(git, folder, "start")
    for branch, (before, after) in {
        "first": ("Number of denoising steps.", "Number of steps."),
        "second": ("maximum: 10\n", "maximum: 12\n"),
    }.items():
        git("switch", "--quiet", "--create", branch, "main", cwd=folder)
        (folder / f"specs/segmind/{branch}.yaml").write_text(MODEL.format(slug=branch))
        spec = folder / f"specs/segmind/{EDITED}.yaml"
        text = spec.read_text(encoding="utf-8")
        assert before in text
        spec.write_text(text.replace(before, after), encoding="utf-8")
        speccast("generate", "--quiet", cwd=folder, code=0)
        _commit(git, folder, branch)
    git("switch", "--quiet", "first", cwd=folder)
    return folder


@pytest.fixture
def checkout(branches: Path, tmp_path: Path) -> Path:
    """A copy of the repository with the first branch checked out."""
    return shutil.copytree(branches, tmp_path / "checkout", symlinks=True)


@pytest.fixture(scope="module")
def expected(
    branches: Path, tmp_path_factory: pytest.TempPathFactory, speccast: Callable[..., Any]
) -> dict[str, bytes]:
    """The output of both branches together, generated in an empty folder."""
    folder = tmp_path_factory.mktemp("expected") / "project"
    shutil.copytree(branches / "specs", folder / "specs")
    (folder / "specs/segmind/second.yaml").write_text(MODEL.format(slug="second"))
    spec = folder / f"specs/segmind/{EDITED}.yaml"
    spec.write_text(
        spec.read_text(encoding="utf-8").replace("maximum: 10\n", "maximum: 12\n"), encoding="utf-8"
    )
    speccast("generate", cwd=folder, code=0)
    return _files(folder)


def _commit(git: Callable[..., str], folder: Path, message: str) -> None:
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--message", message, cwd=folder)


def _files(folder: Path) -> dict[str, bytes]:
    output = folder / OUTPUT
    return {
        path.relative_to(output).as_posix(): path.read_bytes() for path in output.rglob("*") if path.is_file()
    }


def _merge(git: Callable[..., str], folder: Path) -> tuple[str, ...]:
    git("merge", "second", cwd=folder, fails=True)
    return ("commit", "--quiet", "--no-edit")


def _rebase(git: Callable[..., str], folder: Path) -> tuple[str, ...]:
    git("rebase", "second", cwd=folder, fails=True)
    return ("rebase", "--continue")


def _cherry_pick(git: Callable[..., str], folder: Path) -> tuple[str, ...]:
    git("cherry-pick", "second", cwd=folder, fails=True)
    return ("cherry-pick", "--continue")


def _ours_committed(git: Callable[..., str], folder: Path) -> tuple[str, ...]:
    """Take all of our output, and commit the merge before the next generation."""
    git("merge", "second", cwd=folder, fails=True)
    git("checkout", "--ours", "--", OUTPUT, cwd=folder)
    _commit(git, folder, "merged")
    return ("commit", "--quiet", "--message", "regenerated")


def _theirs_taken(git: Callable[..., str], folder: Path) -> tuple[str, ...]:
    """Their output is taken for the files in conflict, and our manifest."""
    git("merge", "second", cwd=folder, fails=True)
    git("checkout", "--theirs", "--", OUTPUT, cwd=folder)
    git("checkout", "--ours", "--", f"{OUTPUT}/.speccast-manifest", cwd=folder)
    return ("commit", "--quiet", "--all", "--no-edit")


@pytest.mark.parametrize(
    "combine",
    [_merge, _rebase, _cherry_pick, _ours_committed, _theirs_taken],
    ids=lambda combine: combine.__name__.strip("_").replace("_", " "),
)
def test_one_run_repairs_the_output(
    checkout: Path,
    expected: dict[str, bytes],
    speccast: Callable[..., Any],
    git: Callable[..., str],
    combine: Callable[..., tuple[str, ...]],
) -> None:
    ending = combine(git, checkout)
    ran = speccast("generate", cwd=checkout, code=0)
    assert "kept" not in ran.out
    assert "changed by hand" not in ran.out + ran.err
    assert _files(checkout) == expected
    git("add", "--all", cwd=checkout)
    git(*ending, cwd=checkout)
    assert git("status", "--porcelain", cwd=checkout) == ""
    speccast("generate", "--check", cwd=checkout, code=0)


def test_a_check_of_a_merge_in_conflict_says_how_to_fix_it(
    checkout: Path, speccast: Callable[..., Any], git: Callable[..., str]
) -> None:
    _merge(git, checkout)
    ran = speccast("generate", "--check", cwd=checkout, code=1)
    assert ran.err.rstrip().endswith("to fix: speccast generate")


def test_files_edited_by_hand_are_kept_after_a_merge(
    checkout: Path, speccast: Callable[..., Any], git: Callable[..., str]
) -> None:
    _merge(git, checkout)
    module = checkout / OUTPUT / "segmind_client" / "models" / "first.py"
    module.write_text(module.read_text() + "# mine\n")
    ran = speccast("generate", cwd=checkout, code=1)
    assert [line for line in ran.lines if line.startswith("kept ")] == [
        f"kept {OUTPUT}/segmind_client/models/first.py (changed by hand)"
    ]
    assert module.read_text().endswith("# mine\n")
