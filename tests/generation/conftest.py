"""A project whose own target is small enough to be generated many times, with everything in it that generation can do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from speccast.cache import user_folder
from speccast.cli import run
from speccast.targets import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

SITE = Path(__file__).parent / "site"
"""A folder of installed packages, with the target `small`."""

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
MODEL = """\
speccast: 1
slug: {slug}
title: The {slug}
surfaces: [sync]
returns: [image/png]
parameters:
  steps: {{ type: integer, minimum: 1, maximum: {most} }}
"""
TEMPLATES = {
    "__package__/__init__.py.jinja": "{% for model in api.models %}\n{{ model.module | literal }}\n{% endfor %}\n",
    "__package__/_specs.json.jinja": "{{ specs_json(api) | bundle }}",
    "__package__/_params/__model__.py.jinja": "{{ params_source(model) | params_source }}",
    "__model__.md.jinja": "# {{ model.title | markdown }} of {{ api.title | markdown }}, one of {{ api.models | length | json }}\n",
    "docs/__model__.txt": "The same for every model.\n",
    "py.typed": "",
}


@dataclass(frozen=True)
class Project:
    """A project's folder and the command line in it, run in this process."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    @property
    def cache(self) -> Path:
        return self.folder / ".speccast_cache"

    @property
    def entries(self) -> list[Path]:
        folder = user_folder("entries")
        assert folder is not None
        return sorted(folder.iterdir())

    def forget(self) -> None:
        """Delete the cache."""
        for entry in self.entries if user_folder("entries") else []:
            entry.unlink()

    def write(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def model(self, slug: str, most: int = 50) -> Path:
        return self.write(f"specs/acme/{slug}.yaml", MODEL.format(slug=slug, most=most))

    def run(self, *words: str, code: int = 0) -> str:
        """Answers what stands on standard output."""
        self.monkeypatch.chdir(self.folder)
        self.capsys.readouterr()
        ended = run([*words])
        said = self.capsys.readouterr()
        assert ended == code, said.out + said.err
        return said.out

    def output(self) -> dict[str, bytes]:
        """Every generated file."""
        files = [path for path in (self.folder / "generated").rglob("*") if path.is_file()]
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in files}

    def sources(self) -> dict[str, str]:
        """Everything that the output comes from."""
        folders = [self.folder / "specs", self.folder / "templates"]
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        files += self.folder.glob("*.toml")
        return {path.relative_to(self.folder).as_posix(): path.read_text() for path in files}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> Path:
    """The folder that holds the cache folders of all programs of the user, also for processes in `environment`."""
    home = tmp_path / "home-cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    monkeypatch.setitem(environment, "XDG_CACHE_HOME", str(home))
    monkeypatch.setitem(environment, "PYTHONPATH", str(SITE))
    return home


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    """Three models, not yet generated."""
    made = Project(tmp_path / "project", monkeypatch, capsys)
    made.write("specs/acme/api.yaml", API)
    for slug in ("elk", "fox", "owl"):
        made.model(slug)
    for path, text in TEMPLATES.items():
        made.write(f"templates/small/{path}", text)
    made.write("speccast.toml", 'targets = ["small"]\n')
    monkeypatch.syspath_prepend(SITE)
    monkeypatch.setenv("PYTHONPATH", str(SITE))  # for processes that the command starts
    registry.installed_targets.cache_clear()
    return made
