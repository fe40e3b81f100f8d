"""Runs at the same time take turns."""

from __future__ import annotations

import json
import shutil
import subprocess
import textwrap
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from speccast.errors import SpeccastError
from speccast.publish.transaction import lock
from tests.publish.runs import (
    AFTER,
    RUN,
    leftovers,
    start,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.publish.conftest import Project


HOLDS = RUN + textwrap.dedent("""
    with lock(folder / ".speccast_cache"):
        print("locked", flush=True)
        sys.stdin.readline()
""")


@contextmanager
def hold_elsewhere(project: Project) -> Iterator[subprocess.Popen[str]]:
    with start(project.folder, HOLDS, "{}", 0, stdin=subprocess.PIPE) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "locked\n"
            yield other
        finally:
            other.kill()


def test_the_second_of_two_runs_waits_and_prints_a_notice(project: Project) -> None:
    with hold_elsewhere(project) as first:
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
        hold_elsewhere(project),
        pytest.raises(SpeccastError, match=r"for more than 0\.2 s") as refused,
        lock(project.cache, timeout=0.2),
    ):
        pytest.fail("two runs at once")
    assert "run the command again" in refused.value.hint


def test_a_killed_run_holds_no_lock(project: Project) -> None:
    with hold_elsewhere(project) as other:
        other.kill()
        other.wait()
        with lock(project.cache, timeout=5):
            pass


def test_a_cache_deleted_while_a_run_waits_is_created_again(project: Project) -> None:
    with hold_elsewhere(project):
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
