"""`generate` killed at any moment: every file is complete, and the next run brings the output up to date."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from speccast.generation.renderer import CHUNK
from speccast.publish.transaction import has_unfinished_swap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.generation.conftest import Project

# Kills itself and its child processes at the n-th operation that changes the project on the disk.
KILLED = """
import os, signal, sys
from speccast.cli import run

steps, last_step, root = 0, int(sys.argv[1]), os.getcwd()

def count(event, arguments):
    global steps
    if event == "open" and isinstance(arguments[2], int) and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
        return
    if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir") and str(arguments[0]).startswith(root):
        steps += 1
        if steps == last_step:
            os.killpg(0, signal.SIGKILL)

sys.addaudithook(count)
code = run(["generate", "--quiet"])
print(steps)
sys.exit(code)
"""


def kill(project: Project, environment: Mapping[str, str], step: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(step)],
        cwd=project.folder,
        env={**environment, "SPECCAST_WORKERS": "1"},
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )


def change(project: Project, most: int) -> None:
    """Change one spec, add one and delete one."""
    project.model("fox", most)
    for added, deleted in [("yak", "owl"), ("owl", "yak")][:: 1 if most % 2 else -1][:1]:
        project.model(added)
        (project.folder / f"specs/acme/{deleted}.yaml").unlink(missing_ok=True)


def test_at_any_operation_on_the_disk(project: Project, environment: Mapping[str, str]) -> None:
    project.run("generate")
    states = []
    for most in (61, 60):
        change(project, most)
        project.run("generate")
        states.append(project.output())
    change(project, 63)
    complete = kill(project, environment, 0)
    assert complete.returncode == 0, complete.stderr
    steps = int(complete.stdout.splitlines()[-1])
    assert steps > 20
    for round_, step in enumerate(range(1, steps, max(1, steps // 8))):
        before = project.output()
        change(project, 61 - round_ % 2)
        ended = kill(project, environment, step)
        assert ended.returncode in (-signal.SIGKILL, 0), ended.stderr
        possible = [before, *states]
        for path, content in project.output().items():
            if "staging-" not in path:
                assert any(state.get(path) == content for state in possible), f"{path} is incomplete"
        project.run("generate", "--quiet")
        assert project.output() == states[round_ % 2]
        assert not [path.name for path in project.cache.iterdir() if path.name not in (".gitignore", "lock")]


@pytest.mark.parametrize("delay", [0.2, 0.5, 0.9])
def test_at_any_time_with_worker_processes(
    project: Project, environment: Mapping[str, str], delay: float
) -> None:
    project.run("generate")
    before = project.output()
    project.write("templates/small/more.txt", "more\n")
    count = CHUNK + 3
    for number in range(count):
        project.model(f"model-{number}")
    process = subprocess.Popen(
        [sys.executable, "-m", "speccast", "generate", "--quiet"],
        cwd=project.folder,
        env={**environment, "SPECCAST_WORKERS": "2"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(delay)
    process.kill()
    process.wait()
    output = project.output()
    assert before.keys() <= output.keys()
    project.run("generate", "--quiet")
    after = project.output()
    assert len(after) == len(before) + count * 3 + 1
    assert all(content in (before.get(path), after.get(path)) for path, content in output.items())
    assert not list(project.cache.glob("staging-*"))


@pytest.fixture
def interrupted(project: Project, environment: Mapping[str, str]) -> Project:
    """A project in which a run was killed while it wrote output."""
    project.run("generate")
    change(project, 61)
    steps = int(kill(project, environment, 0).stdout.splitlines()[-1])
    for step in range(steps, 0, -1):
        change(project, 60 + step % 2)
        kill(project, environment, step)
        if has_unfinished_swap(project.cache):
            return project
        project.run("generate")
    pytest.fail("no operation is part of a swap")


def test_a_command_that_reads_output_finishes_an_interrupted_run(
    interrupted: Project, environment: Mapping[str, str]
) -> None:
    for words, code, message in (
        (["generate", "--check"], 1, "to finish it, run speccast generate"),
        (["generate", "--dry-run"], 0, "to finish it, run speccast generate"),
        (["explain", "generated/acme/small/fox.md"], 0, "finished an interrupted run"),
    ):
        before = contents(interrupted)
        ran = subprocess.run(
            [sys.executable, "-m", "speccast", *words],
            cwd=interrupted.folder,
            env={**environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == code, ran.stderr
        assert message in ran.stderr
        writes = words[0] != "generate"
        assert (contents(interrupted) != before) == writes
        assert has_unfinished_swap(interrupted.cache) != writes


def test_the_emulator_of_output_finishes_an_interrupted_run(interrupted: Project) -> None:
    interrupted.run("serve", "generated/acme/small/acme_client", "--fault", "none such", code=2)
    assert not has_unfinished_swap(interrupted.cache)


def contents(project: Project) -> dict[str, bytes]:
    """Return the contents of all files of the project, including `.speccast_cache/`."""
    return {str(path): path.read_bytes() for path in project.folder.rglob("*") if path.is_file()}
