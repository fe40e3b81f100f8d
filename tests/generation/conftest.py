"""A project with a small target, so that it can be generated many times. It uses every kind of template."""

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
"""A folder of installed packages that contains the target `small`."""

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
    """A project's folder. Commands run in this process."""

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

    def clear_cache(self) -> None:
        """Delete all entries of the cache."""
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
        """Run a command, check its exit code and return its standard output."""
        self.monkeypatch.chdir(self.folder)
        self.capsys.readouterr()
        exit_code = run([*words])
        printed = self.capsys.readouterr()
        assert exit_code == code, printed.out + printed.err
        return printed.out

    def output(self) -> dict[str, bytes]:
        """Return the contents of all generated files."""
        files = [path for path in (self.folder / "generated").rglob("*") if path.is_file()]
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in files}

    def sources(self) -> dict[str, str]:
        """Return the texts of specs, templates and configuration."""
        folders = [self.folder / "specs", self.folder / "templates"]
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        files += self.folder.glob("*.toml")
        return {path.relative_to(self.folder).as_posix(): path.read_text() for path in files}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> Path:
    """The cache folder of the user, in this process and in processes that use `environment`."""
    home = tmp_path / "home-cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    monkeypatch.setitem(environment, "XDG_CACHE_HOME", str(home))
    monkeypatch.setitem(environment, "PYTHONPATH", str(SITE))
    return home


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    """A project with three models and no output yet."""
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
