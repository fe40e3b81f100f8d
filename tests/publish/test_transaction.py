"""Transactions: runs that are killed, fill the disk, lack permission or run at the same time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import speccast
from speccast.errors import SpeccastError
from speccast.publish import apply, lock, make_plan, recover
from speccast.publish.content import digest
from speccast.publish.journal import interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.publish.conftest import Project

SOURCE = Path(speccast.__file__).parent.parent
BEFORE = {
    "README.md": "one\n",
    "acme/fox.py": "FOX = 1\n",
    "acme/old/owl.py": "OWL = 1\n",
    "same.py": "S = 1\n",
}
AFTER = {
    "README.md": "two\n",
    "acme/fox.py": "FOX = 2\n",
    "acme/new/elk.py": "ELK = 1\n",
    "same.py": "S = 1\n",
}
DELETED = "deleted staged files that no interrupted run of this user needs"
OTHER = "other"
"""A second output folder of the same run."""

# A run in a process of its own: publishes AFTER and dies, by SIGKILL, right before the n-th thing it does to the disk.
RUN = """
import concurrent.futures.thread, json, os, signal, sys
from pathlib import Path
from speccast.errors import SpeccastError
from speccast.publish import OutputFolder, apply, lock, make_plan, recover

folder, wanted = Path(sys.argv[1]), json.loads(sys.argv[2])
steps, last_step = 0, int(sys.argv[3])
kinds = ["open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"]

def count(event, arguments):
    global steps
    reads = event == "open" and not (isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR))
    if event in kinds and not reads:
        steps += 1
        if steps == last_step:
            os.kill(os.getpid(), signal.SIGKILL)

def target(name):
    contents = {path: text.encode() for path, text in wanted.items()}
    root = folder / "generated" / "acme" / name
    return OutputFolder(root, contents, {"speccast": "1"}, "make generate", output=folder / "generated")

def run():
    with lock(folder / ".speccast_cache") as held:
        apply([make_plan(target(name)) for name in ("python", "other")], held)
"""
KILLED = RUN + "sys.addaudithook(count)\nrun()"


def start(folder: Path, script: str, *arguments: object, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(folder), *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]  # passed on as they are
    )


def run(folder: Path, script: str, *arguments: object, **options: object) -> tuple[int, str, str]:
    process = start(folder, script, *arguments, **options)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def publish_both(project: Project, wanted: dict[str, str]) -> None:
    with lock(project.cache) as held:
        plans = [
            make_plan(replace(project.target(wanted, {"speccast": "1"}), root=root))
            for root in (project.root, project.root.with_name(OTHER))
        ]
        apply(plans, held)


def contents(project: Project) -> dict[str, str]:
    """Return every file of both output folders, including manifests, without staged files."""
    output = project.folder / "generated"
    files = [path for path in output.rglob("*") if path.is_file() and "staging-" not in path.parent.name]
    return {str(path.relative_to(output)): path.read_text() for path in files}


@pytest.fixture
def both_states(project: Project) -> tuple[dict[str, str], dict[str, str]]:
    """Return the files before and after the run. The project is left in the state before it."""
    publish_both(project, AFTER)
    after = contents(project)
    publish_both(project, BEFORE)
    return contents(project), after


def leftovers(project: Project) -> list[str]:
    """Return the files that a run must not leave behind."""
    found = [path.name for path in project.cache.iterdir() if path.name not in (".gitignore", "lock")]
    return found + [path.name for path in project.folder.rglob(".speccast-staging*")]


def assert_whole(now: dict[str, str], before: dict[str, str], after: dict[str, str]) -> None:
    for path, text in now.items():
        assert text in (before.get(path), after.get(path)), f"{path} is not whole"
    assert {path for path in before if path in after} <= now.keys()


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


def trials(project: Project) -> Iterator[tuple[Project, int]]:
    """Yield fresh copies of a project, and the step at which each is interrupted."""
    for step in range(1, 200):
        folder = project.folder.with_name(f"trial-{step}")
        shutil.copytree(project.folder, folder)
        yield replace(project, folder=folder), step


def interrupt(project: Project) -> None:
    """Leave BEFORE half replaced by AFTER: killed at the fifth rename, of which the journal takes two."""
    publish_both(project, BEFORE)
    before = contents(project)
    code, _, err = run(
        project.folder, RUN + "kinds = ['os.rename']\nsys.addaudithook(count)\nrun()", json.dumps(AFTER), 5
    )
    assert code == -9, err
    half = ["acme/python/README.md", "acme/python/acme/fox.py"]
    now = contents(project)
    assert [path for path, text in sorted(now.items()) if text != before.get(path)] == half


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


FAILS = "try:\n    run()\nexcept SpeccastError as error:\n    print(error.message, error.hint, sep='|')"


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


NOBODY = 65534
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
    assert len(interrupted(project.cache)) == 0, "it is another user's"
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


HOLDS = RUN + textwrap.dedent("""
    with lock(folder / ".speccast_cache"):
        print("locked", flush=True)
        sys.stdin.readline()
""")


@contextmanager
def held_elsewhere(project: Project) -> Iterator[subprocess.Popen[str]]:
    with start(project.folder, HOLDS, "{}", 0, stdin=subprocess.PIPE) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "locked\n"
            yield other
        finally:
            other.kill()


def test_the_second_of_two_runs_waits_and_prints_a_notice(project: Project) -> None:
    with held_elsewhere(project) as first:
        second = start(project.folder, RUN + "run()", json.dumps(AFTER), 0)
        assert second.stderr is not None
        assert second.stderr.readline() == "waiting for another speccast run to finish ...\n"
        assert not project.root.exists()
        assert second.poll() is None
        first.communicate("done\n")
        assert second.communicate(timeout=30) == ("", "")
        assert second.returncode == 0
    assert project.files() == AFTER


def test_a_wait_that_is_too_long_is_an_error(project: Project) -> None:
    with (
        held_elsewhere(project),
        pytest.raises(SpeccastError, match=r"for more than 0\.2 s") as refused,
        lock(project.cache, timeout=0.2),
    ):
        pytest.fail("two runs at once")
    assert "run the command again" in refused.value.hint


def test_a_killed_run_holds_no_lock(project: Project) -> None:
    with held_elsewhere(project) as other:
        other.kill()
        other.wait()
        with lock(project.cache, timeout=5):
            pass


def test_a_cache_deleted_while_a_run_waits_is_created_again(project: Project) -> None:
    with held_elsewhere(project):
        waiting = start(project.folder, RUN + "run()", json.dumps(AFTER), 0)
        assert waiting.stderr is not None
        assert waiting.stderr.readline().startswith("waiting for")
        shutil.rmtree(project.cache)
        assert waiting.communicate(timeout=30) == ("", "")
        assert waiting.returncode == 0
    assert project.files() == AFTER


def test_a_lock_that_is_a_link_is_not_followed(project: Project, tmp_path: Path) -> None:
    project.cache.mkdir()
    (project.cache / "lock").symlink_to(tmp_path / "outside")
    with pytest.raises(SpeccastError, match="could not lock"), lock(project.cache):
        pass
    assert not (tmp_path / "outside").exists()


def test_many_runs_at_once_leave_the_output_of_one(project: Project) -> None:
    loop = RUN + "for _ in range(10):\n    run()"
    wanted = [
        {f"acme/m{number}.py": f"{name}\n" * 100 for number in range(20)} | {f"{name}.py": name}
        for name in ("fox", "owl", "elk")
    ]
    runs = [start(project.folder, loop, json.dumps(files), 0) for files in wanted]
    for process in runs:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert project.files() in wanted
    assert leftovers(project) == []


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
