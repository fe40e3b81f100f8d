"""Journals of interrupted runs: only those that this user wrote are applied, and only to outputs."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from speccast.errors import SpeccastError
from speccast.publish.content import digest
from speccast.publish.transaction import apply, lock, recover
from tests.publish.runs import (
    AFTER,
    BEFORE,
    DELETED,
    NOBODY,
    leftovers,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.publish.conftest import Project


TOKEN = "0123456789abcdef"
STAGING = f".speccast_cache/staging-{TOKEN}"


def put_journal(
    project: Project,
    home: Path,
    root: str = "generated/acme/python",
    *,
    content: str = "new\n",
    **steps: object,
) -> None:
    """Write a journal into the user's folder, as an interrupted run leaves it, and a staged file."""
    swap = {"root": root, "output": root, "removals": [], "writes": [], "manifest": None} | steps
    stage(project, content)
    put_text(home, json.dumps({"format": 2, "token": TOKEN, "folders": [STAGING], "swaps": [swap]}))


def stage(project: Project, content: str) -> None:
    (project.folder / STAGING).mkdir(parents=True, exist_ok=True)
    (project.folder / STAGING / "0").write_text(content)


def put_text(home: Path, text: str) -> None:
    for folder in (home / "speccast", home / "speccast" / "journals"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "speccast" / "journals" / f"{TOKEN}.json").write_text(text)


WRITE = {"path": "new", "folder": 0, "number": 0, "before": None, "after": digest(b"new\n")}


def test_a_journal_in_the_cache_folder_of_the_user_is_applied(project: Project, home: Path) -> None:
    """The other tests of journals use this one with one change."""
    put_journal(project, home, writes=[WRITE])
    assert recover(project.cache) == "finished an interrupted run (1 files written or removed)"
    assert project.files() == {"new": "new\n"}


@pytest.mark.parametrize("name", ["journal.json", f"{TOKEN}.json", f"staging-{TOKEN}/journal.json"])
@pytest.mark.parametrize("folder", [STAGING, "../outside", ".speccast_cache/staging-1", "outside"])
def test_a_journal_that_comes_with_the_project_is_ignored(project: Project, name: str, folder: str) -> None:
    project.publish(BEFORE)
    stage(project, "new\n")
    place = project.folder / folder
    place.mkdir(exist_ok=True)
    (place / "0").write_text("new\n")
    swap = {
        "root": ".",
        "output": ".",
        "removals": [],
        "writes": [WRITE | {"path": "evil.pth"}],
        "manifest": None,
    }
    for format_ in (1, 2):
        journal = {"format": format_, "token": TOKEN, "folders": [folder], "swaps": [swap]}
        (project.cache / name).write_text(json.dumps(journal))
        recover(project.cache)
        project.publish(AFTER)
        assert not (project.folder / "evil.pth").exists()
        assert (place / "0").exists() == (folder != STAGING)
        stage(project, "new\n")


@pytest.mark.parametrize(
    "root",
    [
        *(
            "..",
            "/tmp",
            "generated/../../x",
            ".git/hooks",
            "a/.GIT",
            "link",
            "generated/git~1",
            "generated/.git",
        ),
        *(".venv/lib", "node_modules/a", "lib/site-packages", ".github/workflows", "environment/lib", "."),
    ],
)
def test_a_journal_writes_only_to_outputs_and_where_copies_can_be(
    project: Project, home: Path, root: str
) -> None:
    (project.folder / "environment").mkdir()
    (project.folder / "environment" / "pyvenv.cfg").touch()
    if root == ".":
        (project.folder / "pyvenv.cfg").touch()
    (project.folder / "link").symlink_to(project.folder.parent)
    put_journal(project, home, root, writes=[WRITE])
    with pytest.raises(
        SpeccastError, match="neither in the output nor in a folder for vendored copies"
    ) as refused:
        recover(project.cache, outputs=[project.folder / "generated"])
    assert f"delete {project.folder / STAGING}" in refused.value.hint
    assert list(project.folder.parent.rglob("new")) == []


@pytest.mark.parametrize("path", ["../new", "/tmp/new", "a/../../new", ".git/hooks/new", "a\\new", "n\0ew"])
def test_a_journal_with_an_unsafe_path_is_ignored(project: Project, home: Path, path: str) -> None:
    put_journal(project, home, writes=[WRITE | {"path": path}])
    assert recover(project.cache) == DELETED
    assert list(project.folder.parent.rglob("new")) == []
    assert leftovers(project) == []


@pytest.mark.parametrize(
    "folder", ["../outside", "generated/acme/python", ".speccast_cache", "staging-0", f"x/staging-{'1' * 16}"]
)
@pytest.mark.parametrize(
    "swaps", [None, [{"root": "a", "output": "a", "removals": [], "writes": [WRITE], "manifest": None}]]
)
def test_a_journal_that_names_another_folder_is_ignored(
    project: Project, home: Path, folder: str, swaps: object
) -> None:
    place = project.folder / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / "0").write_text("new\n")
    stage(project, "new\n")
    put_text(home, json.dumps({"format": 2, "token": TOKEN, "folders": [folder], "swaps": swaps}))
    assert recover(project.cache) == DELETED
    assert (place / "0").exists()
    assert not (project.folder / "a").exists()


def test_a_staged_file_with_another_content_is_not_used(project: Project, home: Path) -> None:
    put_journal(project, home, content="evil\n", writes=[WRITE])
    message = recover(project.cache)
    assert message is not None
    assert "new changed since and was left unchanged" in message
    assert project.files() == {}
    assert leftovers(project) == []


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_only_a_regular_file_is_used_as_a_staged_file(project: Project, home: Path, kind: str) -> None:
    put_journal(project, home, writes=[WRITE])
    staged = project.folder / STAGING / "0"
    staged.unlink()
    if kind == "link":
        (project.folder / "outside").write_text("new\n")
        staged.symlink_to(project.folder / "outside")
    elif kind == "pipe":
        os.mkfifo(staged)
    else:
        staged.mkdir()
    recover(project.cache)
    assert project.files() == {}


def test_a_staging_folder_that_is_a_link_is_not_followed(project: Project, home: Path) -> None:
    put_journal(project, home, writes=[WRITE])
    (project.folder / STAGING).rename(project.folder / "outside")
    (project.folder / STAGING).symlink_to(project.folder / "outside")
    assert recover(project.cache) is None
    assert project.files() == {}
    assert (project.folder / "outside" / "0").exists()


def test_a_journal_does_not_reach_a_folder_through_a_link_in_the_project(
    project: Project, home: Path
) -> None:
    (project.folder / "specs").mkdir()
    project.root.parent.mkdir(parents=True)
    project.root.symlink_to(project.folder / "specs")
    put_journal(project, home, output="generated", writes=[WRITE])
    with pytest.raises(SpeccastError, match="is a symbolic link"):
        recover(project.cache)
    assert list((project.folder / "specs").iterdir()) == []


@pytest.mark.parametrize("root", ["generated\0", "generated\ud800"])
def test_a_journal_with_an_impossible_folder_is_ignored(project: Project, home: Path, root: str) -> None:
    put_journal(project, home, root, writes=[WRITE])
    assert recover(project.cache) == DELETED


def test_a_journal_does_not_write_through_a_link(project: Project, home: Path, tmp_path: Path) -> None:
    project.root.mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (project.root / "acme").symlink_to(tmp_path / "outside")
    put_journal(project, home, writes=[WRITE | {"path": "acme/new"}])
    with pytest.raises(SpeccastError, match=r"could not finish an interrupted run: .* is a symbolic link"):
        recover(project.cache)
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_journal_removes_only_what_it_describes(project: Project, home: Path) -> None:
    project.publish(BEFORE)
    put_journal(project, home, removals=[{"path": "README.md", "before": "x"}])
    recover(project.cache)
    assert project.files() == BEFORE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": 2}',
        "\0",
        "[" * 100_000,
        '{"format": 2, "token": "0123456789abcdef", "folders": [1], "swaps": []}',
        '{"format": 2, "token": "1123456789abcdef", "folders": [], "swaps": []}',
    ],
)
def test_a_damaged_journal_is_ignored(project: Project, home: Path, text: str) -> None:
    project.publish(BEFORE)
    stage(project, "new\n")
    put_text(home, text)
    assert recover(project.cache) == DELETED
    assert leftovers(project) == []
    assert project.files() == BEFORE


def test_a_journal_of_another_version_is_an_error(project: Project, home: Path) -> None:
    project.publish(BEFORE)
    stage(project, "new\n")
    put_text(home, '{"format": 3}')
    with pytest.raises(SpeccastError, match="interrupted run of another version of speccast"):
        project.publish(AFTER)
    assert (project.folder / STAGING / "0").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
@pytest.mark.parametrize("whose", ["journal", "journals", "staging"])
def test_files_of_another_user_are_not_used(project: Project, home: Path, whose: str) -> None:
    put_journal(project, home, writes=[WRITE])
    journals = home / "speccast" / "journals"
    owned = {"journal": journals / f"{TOKEN}.json", "journals": journals, "staging": project.folder / STAGING}
    os.chown(owned[whose], NOBODY, NOBODY)
    recover(project.cache)
    assert project.files() == {}


def test_removing_is_not_repeated_on_a_disk_that_ignores_case(project: Project, home: Path) -> None:
    """After the swap was killed, the new file also exists under the removed name on such a disk."""
    project.publish({"Fox.py": "FOX = 1\n"})
    with lock(project.cache) as held:
        apply([project.plan({"fox.py": "FOX = 1\n"})], held)
    removal = {"path": "Fox.py", "before": project.plan({"fox.py": "FOX = 1\n"}).entries[0].after}
    write = {"path": "fox.py", "folder": 0, "number": 0, "before": None, "after": removal["before"]}
    os.link(project.root / "fox.py", project.root / "Fox.py")
    put_journal(project, home, removals=[removal], writes=[write])
    (project.folder / STAGING / "0").unlink()
    recover(project.cache)
    assert (project.root / "fox.py").exists()
    assert (project.root / "Fox.py").exists()
