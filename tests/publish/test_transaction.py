"""Transactions: the cache, files that change during a run, and ready files."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from speccast.errors import SpeccastError
from speccast.publish.plan import make_plan
from speccast.publish.transaction import apply, lock, recover
from tests.publish.runs import (
    AFTER,
    BEFORE,
    KILLED,
    assert_whole,
    contents,
    leftovers,
    publish_both,
    run,
    trials,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.publish.conftest import Project


@pytest.mark.parametrize("name", ["", "lock"])
@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "file", "folder"])
def test_something_else_in_place_of_the_cache_or_its_lock_is_refused(
    project: Project, tmp_path: Path, name: str, kind: str
) -> None:
    place, outside = project.cache / name, tmp_path / "outside"
    place.parent.mkdir(exist_ok=True)
    outside.mkdir()
    (outside / "staging-0123456789abcdef").mkdir()
    (outside / "staging-0123456789abcdef" / "0").touch()
    match kind:
        case "link":
            place.symlink_to(outside)
        case "dangling":
            place.symlink_to(tmp_path / "absent")
        case "pipe":
            os.mkfifo(place)
        case "file":
            place.touch()
        case "folder":
            place.mkdir()
    if (name, kind) in (("lock", "file"), ("", "folder")):
        project.publish(AFTER)
    else:
        assert recover(project.cache) is None
        with pytest.raises(SpeccastError, match=re.escape(str(project.cache))):
            project.publish(AFTER)
        assert not project.root.exists()
    assert [path.name for path in outside.rglob("*")] == ["staging-0123456789abcdef", "0"]
    assert not (tmp_path / "absent").exists()


def test_without_a_folder_of_the_user_there_is_no_journal(
    project: Project, both_states: tuple[dict[str, str], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container without a home and with a read-only file system, files are whole and the next run starts over."""
    before, after = both_states
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    monkeypatch.setenv("TMPDIR", "/dev/null")
    for trial, step in trials(project):
        code, _, err = run(trial.folder, KILLED, json.dumps(AFTER), step)
        assert_whole(contents(trial), before, after)
        if code == 0:
            break
        assert code == -9, err
        recover(trial.cache)
        publish_both(trial, AFTER)
        assert contents(trial) == after
        assert leftovers(trial) == []
    assert step > 20


def test_recovery_without_an_interrupted_run_writes_nothing(project: Project) -> None:
    assert recover(project.cache) is None
    assert list(project.folder.iterdir()) == []


def test_the_cache_is_ignored_by_git(project: Project) -> None:
    project.publish(BEFORE)
    assert (project.cache / ".gitignore").read_bytes() == b"*\n"


def test_a_file_changed_during_a_run_is_not_overwritten(project: Project) -> None:
    project.publish(BEFORE)
    with lock(project.cache) as held:
        plan = project.plan(AFTER)
        (project.root / "acme/fox.py").write_text("FOX = 'mine'\n")
        (project.root / "acme/old/owl.py").write_text("OWL = 'mine'\n")
        (project.root / "acme/new").mkdir()
        (project.root / "acme/new/elk.py").write_text("ELK = 'mine'\n")
        with pytest.raises(SpeccastError, match="changed while the output was being written") as refused:
            apply([plan], held)
    assert "run the command again" in refused.value.hint
    assert {path: text for path, text in project.files().items() if "mine" in text} == {
        "acme/fox.py": "FOX = 'mine'\n",
        "acme/new/elk.py": "ELK = 'mine'\n",
        "acme/old/owl.py": "OWL = 'mine'\n",
    }
    assert [entry.path for entry in project.publish(AFTER).kept] == [
        "acme/fox.py",
        "acme/new/elk.py",
        "acme/old/owl.py",
    ]


def test_a_ready_file_is_linked_into_the_output(project: Project, tmp_path: Path) -> None:
    ready = tmp_path / "rendered.py"
    ready.write_bytes(b"a = 1\n")
    target = replace(
        project.target({"a.py": "a = 1\n", "b.py": "b = 1\n"}), linkable_file={"a.py": str(ready)}.get
    )
    with lock(project.cache) as held:
        apply([make_plan(target)], held)
    assert (project.root / "a.py").samefile(ready)
    assert (project.root / "b.py").read_bytes() == b"b = 1\n"
    assert leftovers(project) == []


def test_a_ready_file_is_copied_if_it_cannot_be_linked(project: Project, tmp_path: Path) -> None:
    target = replace(project.target({"a.py": "a = 1\n"}), linkable_file=lambda _: str(tmp_path / "elsewhere"))
    with lock(project.cache) as held:
        apply([make_plan(target)], held)
    assert (project.root / "a.py").read_bytes() == b"a = 1\n"
