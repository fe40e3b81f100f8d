"""Fixtures: a project that generates a client of three models, and a host package for copies."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

API = """\
speccast: 1
title: Acme
base_url: https://api.acme.example
environment: { api_key: ACME_API_KEY, base_url: ACME_BASE_URL }
auth: { in: header, name: x-api-key }
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
slug: SLUG
title: The SLUG model
surfaces: [sync]
returns: [image/png]
parameters:
  prompt:
    type: string
    required: true
  steps:
    type: integer
    minimum: 1
    maximum: 50
    description: Number of steps.
  style:
    type: string
    enum: [plain, rich]
"""
SLUGS = ("3-birds.v2", "fox", "owl")
COPY = "src/shop/_vendor/acme"


@dataclass(frozen=True)
class Desk:
    """A folder with a project that generates (`maker`) and one that vendors (`host`), and the command line in the latter."""

    folder: Path
    speccast: Callable[..., Any]

    @property
    def maker(self) -> Path:
        return self.folder / "maker"

    @property
    def host(self) -> Path:
        return self.folder / "host"

    @property
    def made(self) -> Path:
        """The generated package."""
        return self.maker / "generated" / "acme" / "python" / "acme_client"

    @property
    def copy(self) -> Path:
        return self.host / COPY

    def run(self, *words: str, code: int = 0, env: Mapping[str, str] | None = None) -> Any:
        return self.speccast("vendor", *words, cwd=self.host, code=code, env=env)

    def vendor(self, *words: str, code: int = 0) -> Any:
        return self.run("--into", COPY, "--from", "../maker/generated/acme/python", *words, code=code)

    def spec(self, slug: str) -> Path:
        return self.maker / "specs" / "acme" / f"{slug}.yaml"

    def change(self, file: Path, before: str, after: str) -> None:
        text = file.read_text(encoding="utf-8")
        assert before in text
        file.write_text(text.replace(before, after), encoding="utf-8")

    def generate(self) -> None:
        self.speccast("generate", "--quiet", cwd=self.maker, code=0)

    def files(self, folder: Path | None = None) -> dict[str, bytes]:
        """Return the files of the copy, or of another folder, with their contents."""
        root = folder or self.copy
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory, speccast: Callable[..., Any]) -> Callable[..., Path]:
    """Both projects, generated and vendored with the given options once and copied for each test, since both are slow."""

    @cache
    def made(*words: str) -> Path:
        desk = Desk(tmp_path_factory.mktemp("pattern") / "desk", speccast)
        if words:
            shutil.copytree(made(), desk.folder)
            desk.vendor(*words)
            return desk.folder
        desk.spec("fox").parent.mkdir(parents=True)
        (desk.maker / "specs/acme/api.yaml").write_text(API, encoding="utf-8")
        for slug in SLUGS:
            desk.spec(slug).write_text(MODEL.replace("SLUG", slug), encoding="utf-8")
        desk.generate()
        desk.host.mkdir()
        (desk.host / "pyproject.toml").write_text(
            '[project]\nname = "shop"\nversion = "1"\n', encoding="utf-8"
        )
        return desk.folder

    return made


@pytest.fixture
def desk(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    pattern: Callable[..., Path],
    speccast: Callable[..., Any],
) -> Desk:
    """A generated client, and a host without a copy, or with the one of `with_copy`."""
    shutil.copytree(pattern(*getattr(request, "param", ())), tmp_path / "desk")
    return Desk(tmp_path / "desk", speccast)


def with_copy(*words: str) -> pytest.MarkDecorator:
    """Let the host of a test have a copy that was vendored with these options."""
    return pytest.mark.parametrize("desk", [words], ids=[" ".join(words)], indirect=True)
