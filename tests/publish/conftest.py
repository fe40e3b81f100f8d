"""Fixtures: a project on the disk, and git configured as for a user."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from speccast.publish.manifest import MANIFEST
from speccast.publish.plan import OutputFolder, Plan, make_plan
from speccast.publish.transaction import apply, lock
from tests.publish.runs import AFTER, BEFORE, contents, publish_both

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VERSIONS = {"speccast": "0.1.0", "ruff": "0.17.5", "datamodel-code-generator": "0.89.0"}
ATTRIBUTES = "* text=auto eol=lf\ngenerated/** linguist-generated=true -merge\n"


@dataclass(frozen=True)
class Project:
    """A project's folder with one output folder in it."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "generated" / "acme" / "python"

    @property
    def cache(self) -> Path:
        return self.folder / ".speccast_cache"

    @property
    def manifest(self) -> Path:
        return self.root / MANIFEST

    def target(
        self, wanted: Mapping[str, str | bytes], versions: Mapping[str, str] = VERSIONS
    ) -> OutputFolder:
        contents = {path: text.encode() if isinstance(text, str) else text for path, text in wanted.items()}
        return OutputFolder(self.root, contents, versions, "make generate", output=self.folder / "generated")

    def plan(
        self,
        wanted: Mapping[str, str | bytes],
        *,
        force: bool = False,
        versions: Mapping[str, str] = VERSIONS,
    ) -> Plan:
        return make_plan(self.target(wanted, versions), force=force)

    def publish(
        self,
        wanted: Mapping[str, str | bytes],
        *,
        force: bool = False,
        versions: Mapping[str, str] = VERSIONS,
    ) -> Plan:
        """Make and apply a plan, as `generate` does, and return it."""
        with lock(self.cache) as held:
            plan = self.plan(wanted, force=force, versions=versions)
            apply([plan], held)
        return plan

    def files(self) -> dict[str, str]:
        """Return every file in the root except the manifest."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes().decode()
            for path in self.root.rglob("*")
            if path.is_file() and path != self.manifest
        }

    def state(self, plan: Plan, path: str) -> tuple[str, str]:
        return next((str(entry.state), str(entry.action)) for entry in plan.entries if entry.path == path)

    def git(self, *arguments: str, fails: bool = False) -> str:
        """Run git in the project's folder. `fails` is for a merge that is expected to conflict."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert bool(done.returncode) is fails, done.stdout + done.stderr
        return done.stdout

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def init_git(self, attributes: str = ATTRIBUTES) -> None:
        self.git("init", "--quiet", "--initial-branch", "main")
        (self.folder / ".gitattributes").write_text(attributes)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with the cache folders of all programs of the user."""
    home = tmp_path / "home-cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    return home


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "project"
    folder.mkdir()
    return Project(folder)


@pytest.fixture
def repository(project: Project, git_environment: None) -> Project:
    """A project that is a git repository with the attributes that Speccast recommends."""
    project.init_git()
    return project


@pytest.fixture
def git_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """git with a separate user and without the configuration of this machine."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "somebody@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_EDITOR", "true")


@pytest.fixture
def both_states(project: Project) -> tuple[dict[str, str], dict[str, str]]:
    """Return the files before and after the run. The project is left in the state before it."""
    publish_both(project, AFTER)
    after = contents(project)
    publish_both(project, BEFORE)
    return contents(project), after
