"""Runs that are killed are finished or undone by the next command."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from speccast.publish.transaction import lock, recover
from tests.publish.runs import (
    AFTER,
    KILLED,
    OTHER,
    RUN,
    assert_whole,
    contents,
    interrupt,
    leftovers,
    publish_both,
    run,
    trials,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.publish.conftest import Project


def test_a_run_killed_at_any_step_is_finished_or_undone_by_the_next_command(
    project: Project, both_states: tuple[dict[str, str], dict[str, str]]
) -> None:
    before, after = both_states
    messages: list[str | None] = []
    for trial, step in trials(project):
        code, _, err = run(trial.folder, KILLED, json.dumps(AFTER), step)
        assert_whole(contents(trial), before, after)
        if code == 0:
            break
        assert code == -9, err
        messages.append(recover(trial.cache))
        finished = bool(messages[-1] and messages[-1].startswith("finished"))
        done = contents(trial) == after
        assert done or contents(trial) == before
        assert done or not finished
        with lock(trial.cache):
            assert leftovers(trial) == []
    assert contents(trial) == after
    assert len(messages) > 40
    outcomes = [(message or "nothing").split()[0] for message in messages]
    assert [name for name, _ in groupby(outcomes)] == ["nothing", "deleted", "undid", "finished", "deleted"]


def test_a_recovery_killed_at_any_step_is_finished_by_the_next(
    project: Project, both_states: tuple[dict[str, str], dict[str, str]], home: Path, tmp_path: Path
) -> None:
    before, after = both_states
    interrupt(project)
    journals = shutil.copytree(home / "speccast" / "journals", tmp_path / "journals")
    script = RUN + "sys.addaudithook(count)\nprint(recover(folder / '.speccast_cache'))"
    for trial, step in trials(project):
        shutil.copytree(journals, home / "speccast" / "journals", dirs_exist_ok=True)
        code, out, err = run(trial.folder, script, "{}", step)
        assert_whole(contents(trial), before, after)
        recover(trial.cache)
        assert contents(trial) == after
        assert leftovers(trial) == []
        if code == 0:
            assert out.startswith("finished an interrupted run (")
            break
        assert code == -9, err
    assert step > 10


def test_an_interrupted_run_is_finished_after_the_project_was_moved(project: Project) -> None:
    interrupt(project)
    moved = replace(project, folder=project.folder.rename(project.folder.with_name("moved")))
    message = recover(moved.cache)
    assert message is not None
    assert message.startswith("finished")
    assert moved.files() == AFTER


def test_a_file_edited_after_an_interruption_is_not_changed(project: Project) -> None:
    interrupt(project)
    for root in (project.root, project.root.with_name(OTHER)):
        (root / "acme/fox.py").write_text("FOX = 'mine'\n")
    message = recover(project.cache)
    assert message is not None
    assert "acme/fox.py and 1 more changed since and was left unchanged" in message
    assert project.files() == AFTER | {"acme/fox.py": "FOX = 'mine'\n"}
    assert leftovers(project) == []
    plan = project.publish(AFTER)
    assert [entry.path for entry in plan.kept] == ["acme/fox.py"]


def test_staged_files_lost_after_an_interruption_are_only_stale(project: Project) -> None:
    interrupt(project)
    for folder in project.cache.glob("staging-*"):
        shutil.rmtree(folder)
    assert recover(project.cache) is None
    plan = project.publish(AFTER)
    assert not plan.kept
    assert project.files() == AFTER


def test_the_cache_can_be_deleted_after_an_interruption(project: Project) -> None:
    interrupt(project)
    shutil.rmtree(project.cache)
    assert recover(project.cache) is None
    assert not project.cache.exists()
    publish_both(project, AFTER)
    assert project.files() == AFTER
