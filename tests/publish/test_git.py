"""What a manifest of the history recorded is not an edit: all kinds of merges, with real repositories."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.publish.conftest import Project

NO_ATTRIBUTES = "* text=auto\n"


def client(*models: str, shift: int = 0) -> dict[str, str]:
    """Return the output for some models: one file each, and an index that changes with every one of them."""
    lines = "".join(f'    "{model}": {len(model)},\n' for model in sorted(models))
    index = "# The models.\nMODELS = {\n" + lines + "}\n" + "# filler\n" * (20 + shift)
    return {"acme/_index.py": index} | {f"acme/models/{model}.py": f"NAME = '{model}'\n" for model in models}


def branches(project: Project, base: dict[str, str], **sides: dict[str, str]) -> None:
    """Publish and commit `base` on main, and each side on a branch of its name that starts there."""
    project.publish(base)
    project.commit("base")
    for name, wanted in sides.items():
        project.git("switch", "--quiet", "--create", name, "main")
        project.publish(wanted)
        project.commit(name)


def assert_regenerated(project: Project, wanted: dict[str, str]) -> None:
    """Assert that no file is reported as edited and that one run updates all files."""
    plan = project.publish(wanted)
    assert [entry.path for entry in plan.kept] == []
    assert {path: text.replace("\r\n", "\n") for path, text in project.files().items()} == wanted
    assert not project.plan(wanted).drift


@pytest.mark.parametrize("attributes", [None, NO_ATTRIBUTES], ids=["-merge", "merged by git"])
@pytest.mark.parametrize("crlf", [False, True])
def test_two_branches_that_each_add_a_model_can_be_merged(
    repository: Project, attributes: str | None, crlf: bool
) -> None:
    if attributes:
        (repository.folder / ".gitattributes").write_text(attributes)
    if crlf:
        repository.git("config", "core.autocrlf", "true")
        (repository.folder / ".gitattributes").write_text("generated/** -merge\n" if not attributes else "")
    branches(repository, client("fox"), ours=client("fox", "owl"), theirs=client("fox", "elk"))
    repository.git("switch", "--quiet", "ours")
    repository.git("merge", "theirs", fails=True)
    assert_regenerated(repository, client("fox", "owl", "elk"))
    repository.commit("merged")
    assert_regenerated(repository, client("fox", "owl", "elk"))


def test_files_that_git_merged_automatically_are_stale(repository: Project) -> None:
    """Neither side has the merged text; it is in the index, and in HEAD after the commit."""
    (repository.folder / ".gitattributes").write_text(NO_ATTRIBUTES)
    ours, theirs = client("fox", shift=1), client("fox", "aardvark")
    branches(repository, client("fox"), ours=ours, theirs=theirs)
    repository.git("switch", "--quiet", "ours")
    repository.git("merge", "theirs", fails=True)
    merged = (repository.root / "acme/_index.py").read_text()
    assert merged not in (ours["acme/_index.py"], theirs["acme/_index.py"])
    assert "<<<<<<<" not in merged
    wanted = client("fox", "aardvark", shift=2)
    assert repository.state(repository.plan(wanted), "acme/_index.py") == ("stale", "write")
    assert_regenerated(repository, wanted)


@pytest.mark.parametrize("is_committed", [False, True])
def test_an_edit_that_git_merged_with_the_other_side_is_an_edit(
    repository: Project, is_committed: bool
) -> None:
    (repository.folder / ".gitattributes").write_text(NO_ATTRIBUTES)
    branches(repository, client("fox"), ours=client("fox", shift=1))
    repository.git("switch", "--quiet", "--create", "theirs", "main")
    index = repository.root / "acme/_index.py"
    edited = "# by hand\n" + client("fox")["acme/_index.py"]
    index.write_text(edited)
    repository.commit("edited")
    repository.git("switch", "--quiet", "ours")
    repository.git("merge", "theirs", *([] if is_committed else ["--no-commit"]))
    assert index.read_text() == f"{edited}# filler\n"
    kept = repository.publish(client("fox", shift=2)).kept
    assert [entry.path for entry in kept] == ["acme/_index.py"]


def test_an_octopus_merge(repository: Project) -> None:
    sides = {name: client("fox", name) for name in ("owl", "elk", "bee")}
    branches(repository, client("fox"), **sides)
    repository.git("switch", "--quiet", "--create", "all", "main")
    octopus = "".join(repository.git("rev-parse", name) for name in sides)
    (repository.folder / ".git/MERGE_HEAD").write_text(octopus)
    for name in sides:
        repository.git("checkout", name, "--", f"generated/acme/python/acme/models/{name}.py")
    for name in sides:
        index = repository.git("show", f"{name}:generated/acme/python/acme/_index.py")
        (repository.root / "acme/_index.py").write_text(index)
        wanted = client("fox", "owl", "elk", "bee", shift=1)
        assert repository.state(repository.plan(wanted), "acme/_index.py") == ("stale", "write")
    assert_regenerated(repository, client("fox", "owl", "elk", "bee"))


@pytest.mark.parametrize("command", [["rebase", "theirs"], ["cherry-pick", "theirs"], ["revert", "theirs~"]])
def test_rebase_cherry_pick_and_revert(repository: Project, command: list[str]) -> None:
    branches(repository, client("fox"), ours=client("fox", "owl"), theirs=client("fox", "elk"))
    repository.publish(client("fox", "elk", "bee"))
    repository.commit("more")
    if command[0] != "revert":
        repository.git("switch", "--quiet", "ours")
    repository.git(*command, fails=True)
    assert_regenerated(repository, client("fox", "owl", "bee"))


def test_a_stash_that_conflicts(repository: Project) -> None:
    branches(repository, client("fox"))
    repository.publish(client("fox", "owl"))
    repository.git("stash", "--include-untracked")
    repository.publish(client("fox", "elk"))
    repository.commit("elk")
    repository.git("stash", "pop", fails=True)
    for side in ("ours", "theirs"):
        repository.git("checkout", f"--{side}", "--", "generated/acme/python/acme/_index.py")
        assert not repository.plan(client("fox", "owl", "elk")).kept
    assert_regenerated(repository, client("fox", "owl", "elk"))


def test_a_model_that_one_side_removed_and_the_other_changed(repository: Project) -> None:
    """git keeps the changed file, which is only in the manifest of the other side. It is removed with its spec."""
    base = client("fox", "owl")
    theirs = base | {"acme/models/owl.py": "NAME = 'another owl'\n"}
    branches(repository, base, theirs=theirs, ours=client("fox"))
    repository.git("merge", "theirs", fails=True)
    assert (repository.root / "acme/models/owl.py").exists()
    assert "owl.py" not in repository.manifest.read_text()
    assert_regenerated(repository, client("fox"))


def test_a_file_with_conflict_markers_is_stale_also_without_git(project: Project) -> None:
    project.publish(client("fox"))
    markers = "<<<<<<< HEAD\nNAME = 'fox'\n=======\nNAME = 'vixen'\n>>>>>>> theirs\n"
    (project.root / "acme/models/fox.py").write_bytes(markers.replace("\n", "\r\n").encode())
    plan = project.plan(client("fox"))
    assert project.state(plan, "acme/models/fox.py") == ("stale", "write")
    assert [entry.reason for entry in plan.written] == ["it has conflict markers"]
    assert_regenerated(project, client("fox"))


@pytest.mark.parametrize(
    "text",
    ["=======\n", "<<<<<<< a\n>>>>>>> b\n", "x <<<<<<<\n=======\n>>>>>>>\n", "<<<<<<<<\n=======\n>>>>>>>\n"],
)
def test_half_a_conflict_is_an_edit(project: Project, text: str) -> None:
    project.publish(client("fox"))
    (project.root / "acme/models/fox.py").write_text(text)
    assert project.state(project.plan(client("fox")), "acme/models/fox.py") == ("edited", "keep")


def test_an_edit_is_an_edit_also_when_it_is_committed(repository: Project) -> None:
    branches(repository, client("fox"))
    (repository.root / "acme/models/fox.py").write_text("NAME = 'mine'\n")
    for step in ("saved", "staged", "committed"):
        if step == "staged":
            repository.git("add", "--all")
        if step == "committed":
            repository.commit("an edit")
        plan = repository.publish(client("fox"))
        assert [(entry.path, entry.reason) for entry in plan.kept] == [
            ("acme/models/fox.py", "changed by hand")
        ]
    assert (repository.root / "acme/models/fox.py").read_text() == "NAME = 'mine'\n"
    assert not repository.publish(client("fox"), force=True).kept


def test_an_edit_that_is_staged_or_committed_in_a_merge_is_an_edit(repository: Project) -> None:
    branches(repository, client("fox"), ours=client("fox", "owl"), theirs=client("fox", "elk"))
    repository.git("merge", "ours", fails=True)
    (repository.root / "acme/_index.py").write_text("MODELS = {}  # mine\n")
    (repository.root / "acme/models/owl.py").write_text("NAME = 'mine'\n")
    for finish in (lambda: repository.git("add", "--all"), lambda: repository.commit("merged")):
        finish()
        kept = repository.plan(client("fox", "owl", "elk")).kept
        assert [entry.path for entry in kept] == ["acme/_index.py", "acme/models/owl.py"]


def test_what_an_earlier_generation_wrote_is_stale_wherever_it_is_from(
    repository: Project, tmp_path: Path
) -> None:
    branches(repository, client("fox"), other=client("fox", "elk"))
    old = repository.git("rev-parse", "main").strip()
    repository.git("switch", "--quiet", "main")
    for shift in (1, 2):
        repository.publish(client("fox", "owl", shift=shift))
        repository.commit("more")
    index = "generated/acme/python/acme/_index.py"
    for revision in (old, "HEAD~", "other"):
        repository.git("checkout", revision, "--", index)
        plan = repository.plan(client("fox", "owl", shift=3))
        assert [(entry.path, entry.reason) for entry in plan.written] == [
            ("acme/_index.py", "written by an earlier run")
        ]
    clone = replace(repository, folder=tmp_path / "shallow")
    repository.git("clone", "--quiet", "--depth", "2", repository.folder.as_uri(), str(clone.folder))
    assert clone.plan(client("fox", "owl", shift=3)).written
    clone.git("checkout", "HEAD~", "--", index)
    assert not clone.plan(client("fox", "owl", shift=3)).kept
    assert_regenerated(clone, client("fox", "owl", shift=3))


def test_a_merge_that_is_committed_before_generating_is_stale(repository: Project) -> None:
    (repository.folder / ".gitattributes").write_text(NO_ATTRIBUTES)
    branches(repository, client("fox"), ours=client("fox", shift=1), theirs=client("fox", "aardvark"))
    repository.git("switch", "--quiet", "ours")
    repository.git("merge", "theirs", fails=True)
    repository.git("checkout", "--ours", "--", "generated/acme/python/.speccast-manifest")
    repository.commit("merged")
    assert_regenerated(repository, client("fox", "aardvark", shift=2))


def test_output_that_git_ignores_is_compared_with_its_manifest(repository: Project) -> None:
    (repository.folder / ".gitignore").write_text("generated/\n")
    branches(repository, client("fox"))
    (repository.root / "acme/models/fox.py").write_text("NAME = 'mine'\n")
    assert [entry.path for entry in repository.publish(client("fox", "owl")).kept] == ["acme/models/fox.py"]


def test_an_edit_during_a_merge_is_an_edit(repository: Project) -> None:
    branches(repository, client("fox"), ours=client("fox", "owl"), theirs=client("fox", "elk"))
    repository.git("merge", "ours", fails=True)
    (repository.root / "acme/_index.py").write_text("MODELS = {}  # mine\n")
    plan = repository.publish(client("fox", "owl", "elk"))
    assert [entry.path for entry in plan.kept] == ["acme/_index.py"]
    assert (repository.root / "acme/_index.py").read_text() == "MODELS = {}  # mine\n"


def test_the_committed_content_of_another_file_is_an_edit(repository: Project) -> None:
    branches(repository, client("fox", "owl"))
    (repository.root / "acme/models/fox.py").write_text("NAME = 'owl'\n")
    (repository.root / "acme/models/owl.py").write_text("NAME = 'fox'\n")
    kept = repository.plan(client("fox", "owl")).kept
    assert [entry.path for entry in kept] == ["acme/models/fox.py", "acme/models/owl.py"]


def test_an_edited_orphan_and_a_foreign_file_are_kept_also_when_they_are_committed(
    repository: Project,
) -> None:
    repository.root.mkdir(parents=True)
    (repository.root / "new.py").write_text("written by somebody\n")
    repository.publish(client("fox", "owl"))
    (repository.root / "acme/models/owl.py").write_text("NAME = 'mine'\n")
    repository.commit("everything")
    plan = repository.publish(client("fox") | {"new.py": "generated\n"})
    assert [(entry.path, str(entry.state)) for entry in plan.kept] == [
        ("acme/models/owl.py", "orphan-edited"),
        ("new.py", "foreign"),
    ]


@pytest.mark.parametrize(("in_git", "on_disk"), [("\n", "\r\n"), ("\r\n", "\n"), ("\r\n", "\r\n")])
def test_line_endings_of_a_checkout_are_ignored(
    project: Project, git_environment: None, in_git: str, on_disk: str
) -> None:
    project.init_git(attributes="")
    branches(project, client("fox"))
    file = project.root / "acme/models/fox.py"
    project.publish(client("fox") | {"acme/models/fox.py": f"NAME = 'old'{in_git}"})
    project.commit("old")
    project.publish(client("fox"))
    project.commit("new")
    file.write_bytes(f"NAME = 'old'{on_disk}".encode())
    assert project.state(project.plan(client("fox")), "acme/models/fox.py") == ("stale", "write")


@pytest.mark.parametrize("place", ["worktree", "sub-directory", "submodule"])
def test_a_project_in_a_subfolder_a_worktree_or_a_submodule(
    repository: Project, tmp_path: Path, place: str
) -> None:
    branches(repository, client("fox"), ours=client("fox", "owl"), theirs=client("fox", "elk"))
    folder = tmp_path / "elsewhere"
    if place == "worktree":
        repository.git("worktree", "add", "--quiet", str(folder), "main")
        inner = outer = replace(repository, folder=folder)
    elif place == "submodule":
        folder.mkdir()
        outer = replace(repository, folder=folder)
        outer.git("init", "--quiet")
        outer.git(
            "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository.folder), "sub"
        )
        inner = outer = replace(repository, folder=folder / "sub")
        outer.git("branch", "--quiet", "ours", "origin/ours")
    else:
        folder.mkdir()
        outer = replace(repository, folder=folder)
        outer.init_git(NO_ATTRIBUTES)
        inner = replace(repository, folder=folder / "some" / "sub directory")
        inner.folder.mkdir(parents=True)
        branches(inner, client("fox"), ours=client("fox", "owl"), theirs=client("fox", "elk"))
        outer.git("switch", "--quiet", "theirs")
    if place != "sub-directory":
        outer.git(
            "switch", "--quiet", "--create", "here", "theirs" if place == "worktree" else "origin/theirs"
        )
    outer.git("merge", "ours", fails=True)
    assert inner.plan(client("elk")).manifest.before is not None
    assert [entry.path for entry in inner.plan(client("fox")).removed] == [
        "acme/models/elk.py",
        "acme/models/owl.py",
    ]
    assert_regenerated(inner, client("fox", "owl", "elk"))
    inner.commit("merged")
    (inner.root / "acme/_index.py").write_text(client("fox", "elk")["acme/_index.py"])
    assert_regenerated(inner, client("fox", "owl", "elk"))


def test_inside_of_a_git_hook(repository: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    branches(repository, client("fox"), ours=client("fox", "owl"), theirs=client("fox", "elk"))
    repository.git("merge", "ours", fails=True)
    repository.git("checkout", "--theirs", "--", "generated")
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    monkeypatch.setenv("GIT_PREFIX", "")
    repository.manifest.unlink()
    assert_regenerated(repository, client("fox", "owl", "elk"))


def test_without_git_everything_else_works(repository: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    branches(repository, client("fox"))
    repository.publish(client("fox", "owl"))
    (repository.root / "acme/_index.py").write_text(client("fox")["acme/_index.py"])
    assert not repository.plan(client("fox", "owl")).kept
    monkeypatch.setenv("PATH", os.devnull)
    assert [entry.path for entry in repository.publish(client("fox", "owl")).kept] == ["acme/_index.py"]


def test_a_broken_repository_is_ignored(project: Project) -> None:
    project.publish(client("fox"))
    (project.root / "acme/models/fox.py").write_text("NAME = 'mine'\n")
    (project.folder / ".git").write_text("gitdir: nowhere\n")
    assert [entry.path for entry in project.plan(client("fox")).kept] == ["acme/models/fox.py"]


def test_git_is_started_only_when_something_looks_edited(
    repository: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    branches(repository, client("fox"), ours=client("fox", "owl"), theirs=client("fox", "elk"))
    calls, real = tmp_path / "calls", shutil.which("git")
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {calls}\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    path = os.environ["PATH"]

    monkeypatch.setenv("PATH", f"{wrapper.parent}{os.pathsep}{path}")
    repository.publish(client("fox", "elk"))
    repository.publish(client("fox", "bee"))
    assert not calls.exists()

    monkeypatch.setenv("PATH", path)
    repository.commit("bee")
    repository.git("merge", "ours", fails=True)
    for file in client("fox", "bee"):
        (repository.root / file).write_text("mine\n")
    monkeypatch.setenv("PATH", f"{wrapper.parent}{os.pathsep}{path}")
    assert len(repository.plan(client("fox", "owl", "bee")).kept) == 3
    started = [
        line.removeprefix("-c log.showRoot=true ").split()[0] for line in calls.read_text().splitlines()
    ]
    # Three edited files in one merge, of which both sides changed one.
    assert Counter(started) == {"log": 1, "merge-base": 2, "cat-file": 1 + 3, "merge-file": 1}
