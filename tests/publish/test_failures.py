"""Transactions that fill the disk or lack permission."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from speccast.errors import SpeccastError
from speccast.publish.journal import find_interrupted
from speccast.publish.transaction import recover
from tests.publish.runs import (
    AFTER,
    BEFORE,
    FAILS,
    NOBODY,
    OTHER,
    RUN,
    contents,
    interrupt,
    leftovers,
    publish_both,
    run,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.publish.conftest import Project


def test_a_file_too_large_to_stage_leaves_the_output_untouched(
    project: Project, both_states: tuple[dict[str, str], dict[str, str]]
) -> None:
    before, _ = both_states
    wanted = AFTER | {"acme/fox.py": "FOX = 2\n" * 10_000}
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    _, out, err = run(project.folder, RUN + limit + FAILS, json.dumps(wanted), 0)
    assert out.startswith(f"could not write {project.root / 'acme/fox.py'}: File too large|"), err
    assert "nothing in the output was changed" in out
    assert contents(project) == before
    assert leftovers(project) == []


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=777", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a disk cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("full", ["generated", ""])
def test_a_full_disk_leaves_the_output_untouched(project: Project, full: str) -> None:
    with small_disk(project.folder / full, "256k"):
        project.publish(BEFORE)
        with pytest.raises(SpeccastError, match=r"could not write .*: No space left on device"):
            project.publish(AFTER | {"acme/fox.py": "FOX = 2\n" * 100_000})
        assert project.files() == BEFORE
        assert leftovers(project) == []
        project.publish(AFTER)
        assert project.files() == AFTER


def test_a_full_disk_of_the_journal_leaves_the_output_untouched(project: Project, home: Path) -> None:
    project.publish(BEFORE)
    with small_disk(home, "64k"):
        project.publish(BEFORE)
        with suppress(OSError):
            (home / "filler").write_bytes(bytes(100_000))
        with pytest.raises(
            SpeccastError, match=r"could not write .*[0-9a-f]{16}\.json: No space left on device"
        ):
            project.publish(AFTER)
        assert project.files() == BEFORE
        assert leftovers(project) == []


def test_output_on_another_file_system_is_staged_there(project: Project) -> None:
    with small_disk(project.folder / "generated", "1m"):
        interrupt(project)
        assert len(list(project.folder.rglob(".speccast-staging-*"))) == 1
        recover(project.cache)
        assert project.files() == AFTER
        assert leftovers(project) == []


def test_a_staging_folder_that_cannot_be_deleted_is_named_and_deleted_later(project: Project) -> None:
    with small_disk(project.folder / "generated", "1m"):
        interrupt(project)
        [staging] = project.folder.rglob(".speccast-staging-*")
        (staging / "in use").touch()
        message = recover(project.cache)
        assert message is not None
        assert message.startswith("finished an interrupted run (")
        assert f"could not delete {staging}, which an interrupted run left; delete it" in message
        assert (
            recover(project.cache) == f"could not delete {staging}, which an interrupted run left; delete it"
        )
        (staging / "in use").unlink()
        assert project.files() == AFTER
        assert recover(project.cache) == "undid an interrupted run; it had not changed any file"
        assert leftovers(project) == []
        assert recover(project.cache) is None


def test_output_on_another_mount_of_the_same_device(project: Project) -> None:
    """A rename between two mounts is refused although the device is the same."""
    project.publish(BEFORE)
    command = ["mount", "--bind", str(project.root), str(project.root)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a folder cannot be mounted here")
    try:
        project.publish(AFTER)
        assert project.files() == AFTER
        assert leftovers(project) == []
    finally:
        subprocess.run(["umount", str(project.root)], check=True)


@pytest.fixture
def shared_project(project: Project) -> Iterator[Project]:
    """A project that another user than root can reach."""
    if os.geteuid() != 0:
        pytest.skip("only root can take the part of another user")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield replace(project, folder=folder)


def give_away(project: Project) -> None:
    for path in (project.folder, *project.folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)


AS_NOBODY = RUN + f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n" + FAILS


def test_a_read_only_folder_leaves_the_output_untouched(shared_project: Project) -> None:
    project = shared_project
    publish_both(project, BEFORE)
    before = contents(project)
    give_away(project)
    (project.root / "acme").chmod(0o555)
    _, out, err = run(project.folder, AS_NOBODY, json.dumps(AFTER), 0)
    assert out == f"{project.root / 'acme'} is not writable|nothing in the output was changed\n", err
    assert contents(project) == before
    assert leftovers(project) == []


def test_a_read_only_cache_is_an_error_that_names_it(shared_project: Project) -> None:
    project = shared_project
    publish_both(project, BEFORE)
    before = contents(project)
    _, out, err = run(project.folder, AS_NOBODY, json.dumps(AFTER), 0)
    assert out.startswith(f"could not lock {project.cache / 'lock'}: Permission denied"), err
    assert contents(project) == before


def test_permission_lost_during_the_swap_is_reported_and_the_next_run_finishes_it(
    shared_project: Project,
) -> None:
    """A sticky folder looks writable, but its files belong to another user."""
    project = shared_project
    publish_both(project, BEFORE)
    before = contents(project)
    give_away(project)
    os.chown(project.root / "acme/fox.py", 0, 0)
    os.chown(project.root / "acme", 0, 0)
    (project.root / "acme").chmod(0o1777)
    _, out, err = run(project.folder, AS_NOBODY, json.dumps(AFTER), 0)
    assert out.startswith(f"could not write {project.root / 'acme/fox.py'}: Operation not permitted ("), err
    assert "the next speccast command finishes the rest" in out
    assert len(find_interrupted(project.cache)) == 0, "it is another user's"
    assert list(project.cache.glob("staging-*"))
    _, out, err = run(project.folder, AS_NOBODY, json.dumps(AFTER), 0)
    assert out.startswith("could not finish an interrupted run: could not write"), err
    give_away(project)
    _, out, err = run(project.folder, AS_NOBODY, json.dumps(AFTER), 0)
    assert (out, err) == ("", "")
    assert leftovers(project) == []
    after = contents(project)
    assert before.keys() != after.keys()
    assert project.files() == AFTER
    assert not project.plan(AFTER, versions={"speccast": "1"}).drift


def test_permission_lost_before_the_first_step_rolls_back(shared_project: Project) -> None:
    project = shared_project
    publish_both(project, BEFORE)
    before = contents(project)
    give_away(project)
    for root in (project.root, project.root.with_name(OTHER)):
        for path in ("acme/old", "acme/old/owl.py"):
            os.chown(root / path, 0, 0)
        (root / "acme/old").chmod(0o1777)
    _, out, err = run(project.folder, AS_NOBODY, json.dumps(AFTER), 0)
    assert out.startswith(f"could not remove {project.root / 'acme/old/owl.py'}: Operation not permitted|"), (
        err
    )
    assert contents(project) == before
    assert leftovers(project) == []
