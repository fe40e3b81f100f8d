"""Fixtures: a repository of a user with one API, and Speccast's own, as hooks and actions get it. No network is needed.

pip installs Speccast in the usual way, into the environment that is made for it, but finds what Speccast needs in the
environment of the tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = (
    "generator",
    "templates",
    "*.md",
    "LICENSE",
    "pyproject.toml",
    "action.yml",
    ".pre-commit-hooks.yaml",
)
API = """\
speccast: 1
title: Acme
base_url: https://api.acme.example
package: acme_client
distribution: acme-client
command: acme-client
client: Acme
version: 0.1.0
sync: { path: "/v1/{slug}" }
"""
MODEL = """\
speccast: 1
slug: {slug}
title: A Model
surfaces: [sync]
returns: [image/png]
parameters:
  steps: {{ type: integer, minimum: 1, maximum: {maximum} }}
"""


class Repository:
    """A git repository of a user."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.write("specs/acme/api.yaml", API)
        self.model("fox")
        self.model("owl")
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit()

    def git(self, *words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=self.folder, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "--message", "Change specs")

    def write(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def model(self, slug: str, maximum: object = 50) -> Path:
        return self.write(f"specs/acme/{slug}.yaml", MODEL.format(slug=slug, maximum=maximum))


@pytest.fixture(scope="session")
def pip_environment(environment: Mapping[str, str]) -> Mapping[str, str]:
    return {
        **environment,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # "0" turns build isolation off
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


@pytest.fixture
def repository(tmp_path: Path, environment: Mapping[str, str]) -> Repository:
    folder = tmp_path / "user"
    folder.mkdir()
    return Repository(folder, environment)


@pytest.fixture(scope="session")
def speccast_repository(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Path:
    """The tracked files as they are on the disk, in a repository with one commit."""
    folder = tmp_path_factory.mktemp("speccast") / "repository"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *PUBLISHED],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
    for words in (
        ["init", "--quiet", "--initial-branch", "main"],
        ["add", "--all"],
        ["commit", "--quiet", "--message", "A version"],
        ["tag", "v0.1.0"],
    ):
        subprocess.run(["git", *words], cwd=folder, env=dict(environment), check=True)
    return folder
