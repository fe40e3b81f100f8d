"""A small project with one API and one model, and commands that are run in it as a user would."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

API = """\
speccast: 1
title: Acme
base_url: https://api.acme.example
package: acme_client
distribution: acme-client
command: acme-client
client: Acme
version: 1.2.0
sync:
  path: /v1/{slug}
"""
FOX = """\
speccast: 1
slug: fox
title: Fox
surfaces: [sync]
returns: [image/png]
parameters:
  steps:
    type: integer
    minimum: 1
    maximum: 50
    description: Number of steps.
"""


@dataclass(frozen=True)
class Project:
    """A project's folder and the command line in it."""

    folder: Path
    speccast: Callable[..., Any]

    @property
    def output(self) -> Path:
        return self.folder / "generated" / "acme" / "python"

    @property
    def fox(self) -> Path:
        return self.folder / "specs" / "acme" / "fox.yaml"

    def run(self, *words: str, code: int = 0, cwd: Path | None = None, **options: Any) -> Any:
        return self.speccast(*words, cwd=cwd or self.folder, code=code, **options)

    def write(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def spec(self, slug: str) -> Path:
        """Add a model."""
        return self.write(f"specs/acme/{slug}.yaml", FOX.replace("slug: fox", f"slug: {slug}"))

    def change(self, file: Path, before: str, after: str) -> None:
        text = file.read_text(encoding="utf-8")
        assert before in text
        file.write_text(text.replace(before, after), encoding="utf-8")

    def snapshot(self, *, cache: bool = False) -> dict[str, tuple[int, bytes]]:
        """Return the modification time and content of every file of the project, by default without the cache."""
        return {
            path.relative_to(self.folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and (cache or ".speccast_cache" not in path.parts)
        }


@pytest.fixture(scope="session")
def project_in(speccast: Callable[..., Any]) -> Callable[[Path], Project]:
    """Return the project in a folder."""
    return lambda folder: Project(folder, speccast)


@pytest.fixture
def empty(tmp_path: Path, speccast: Callable[..., Any]) -> Project:
    """An empty folder."""
    folder = tmp_path / "acme"
    folder.mkdir()
    return Project(folder, speccast)


@pytest.fixture
def project(empty: Project) -> Project:
    """A project with specs, not yet generated."""
    _write_specs(empty)
    return empty


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory, speccast: Callable[..., Any]) -> Path:
    """A project generated once and copied for each test, since generation is slow."""
    folder = tmp_path_factory.mktemp("pattern") / "acme"
    _write_specs(Project(folder, speccast))
    speccast("generate", cwd=folder, code=0)
    return folder


@pytest.fixture
def generated(empty: Project, pattern: Path) -> Project:
    """A project whose output is up to date."""
    shutil.copytree(pattern, empty.folder, dirs_exist_ok=True)
    return empty


def _write_specs(project: Project) -> None:
    project.write("specs/acme/api.yaml", API)
    project.write("specs/acme/fox.yaml", FOX)
