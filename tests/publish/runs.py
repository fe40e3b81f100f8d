"""Runs in separate processes, which a test can kill, and what they leave behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import speccast
from speccast.publish.plan import make_plan
from speccast.publish.transaction import apply, lock

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

# A run in a separate process: publishes AFTER and dies, by SIGKILL, right before the n-th thing it does to the disk.
RUN = """
import concurrent.futures.thread, json, os, signal, sys
from pathlib import Path
from speccast.errors import SpeccastError
from speccast.publish.plan import OutputFolder, make_plan
from speccast.publish.transaction import apply, lock, recover

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
FAILS = "try:\n    run()\nexcept SpeccastError as error:\n    print(error.message, error.hint, sep='|')"
"""What a run prints that fails."""
NOBODY = 65534
"""A user who owns nothing."""


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


def leftovers(project: Project) -> list[str]:
    """Return the files that a run must not leave behind."""
    found = [path.name for path in project.cache.iterdir() if path.name not in (".gitignore", "lock")]
    return found + [path.name for path in project.folder.rglob(".speccast-staging*")]


def assert_whole(now: dict[str, str], before: dict[str, str], after: dict[str, str]) -> None:
    for path, text in now.items():
        assert text in (before.get(path), after.get(path)), f"{path} is not whole"
    assert {path for path in before if path in after} <= now.keys()


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


def trials(project: Project) -> Iterator[tuple[Project, int]]:
    """Yield fresh copies of a project, and the step at which each is interrupted."""
    for step in range(1, 200):
        folder = project.folder.with_name(f"trial-{step}")
        shutil.copytree(project.folder, folder)
        yield replace(project, folder=folder), step
