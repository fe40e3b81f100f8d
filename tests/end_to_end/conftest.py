"""Fixtures of the end-to-end tests: generated projects, clones, environments to install into, an emulator.

No fixture needs a network: an environment has the packages that a distribution requires, and no others, as links into
the environment of the tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

REPOSITORY = Path(__file__).resolve().parents[2]
INVENTED = ("harmonia", "minimal", "twins")


@dataclass(frozen=True)
class Environment:
    """A virtual environment with the given packages and their dependencies."""

    folder: Path
    run: Callable[..., Any]

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    @property
    def python(self) -> Path:
        return self.bin / "python"

    def install(self, *what: str | Path) -> None:
        """Run `pip install` without an index: a missing dependency is an error."""
        self.run(
            [
                *(sys.executable, "-m", "pip", "--python", self.python, "--disable-pip-version-check"),
                *("install", "--quiet", "--no-index", "--no-build-isolation", *what),
            ],
            cwd=self.folder,
            code=0,
        )
        self.run([sys.executable, "-m", "pip", "--python", self.python, "check"], cwd=self.folder, code=0)


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory, speccast: Callable[..., Any]) -> Path:
    """A generated project with the specs of this repository and both invented APIs."""
    folder = tmp_path_factory.mktemp("generated") / "project"
    shutil.copytree(REPOSITORY / "specs", folder / "specs")
    for name in INVENTED:
        shutil.copytree(REPOSITORY / "tests" / "apis" / name, folder / "specs" / name)
    speccast("generate", cwd=folder, code=0)
    return folder


@pytest.fixture(scope="session")
def segmind(generated: Path) -> Path:
    """The generated client of Segmind."""
    return generated / "generated" / "segmind" / "python"


@pytest.fixture(scope="session")
def harmonia(generated: Path) -> Path:
    """The generated client of an API that uses every key of the format."""
    return generated / "generated" / "harmonia" / "python"


@pytest.fixture
def clone(tmp_path: Path, repository: Path) -> Path:
    """A clone of the last commit."""
    if not (repository / ".git").exists():
        pytest.skip("not a git repository")
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", repository, folder], check=True, timeout=120)
    return folder


@pytest.fixture
def own_code(clone: Path) -> Mapping[str, str]:
    """Variables that make a process use the generator and templates of the clone."""
    return {"PYTHONPATH": str(clone / "generator")}


@pytest.fixture(scope="session")
def git(run: Callable[..., Any]) -> Callable[..., str]:
    """Run git in a folder and return its output. With `fails`, a conflict is expected."""

    def ran(*words: str, cwd: Path, fails: bool = False) -> str:
        return str(run(["git", *words], cwd=cwd, code=1 if fails else 0).out)

    return ran


@pytest.fixture(scope="session")
def emulator(segmind: Path, environment: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Environment variables that make a client use an emulator of Segmind."""
    specs = segmind / "segmind_client" / "_specs.json"
    with subprocess.Popen(
        [sys.executable, "-m", "speccast", "serve", "--port", "0", "--progress", "polls:1", specs],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "http://" in line, "the emulator did not start"
            url = "http://" + line.partition("http://")[2].strip()
            yield {"SEGMIND_API_KEY": "emulated-key", "SEGMIND_BASE_URL": url}
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def make_environment(
    tmp_path_factory: pytest.TempPathFactory, run: Callable[..., Any]
) -> Callable[..., Environment]:
    """Create an environment with the given requirements and their dependencies."""

    def made(*requirements: str) -> Environment:
        folder = tmp_path_factory.mktemp("environment")
        venv.create(folder, with_pip=False, symlinks=True)
        environment = Environment(folder, run)
        [packages] = folder.glob("lib/python*/site-packages")
        for found in _closure(requirements):
            _link(found, packages, environment.bin)
        return environment

    return made


def _closure(requirements: Iterable[str]) -> list[Distribution]:
    found: dict[str, Distribution] = {}
    seen: set[str] = set()
    open_ = [Requirement(text) for text in requirements]
    while open_:
        requirement = open_.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        found[requirement.name] = package = distribution(requirement.name)
        for text in package.requires or ():
            further = Requirement(text)
            if further.marker is None or any(
                further.marker.evaluate({"extra": extra}) for extra in ("", *requirement.extras)
            ):
                open_.append(further)
    return list(found.values())


def _link(package: Distribution, packages: Path, scripts: Path) -> None:
    """Link the packages, metadata and programs of a distribution. Scripts are left out, since they name another Python."""
    for file in package.files or ():
        place = Path(os.path.normpath(str(package.locate_file(file))))
        if file.parts[0] == "..":
            link, target = scripts / file.name, place
            if not place.is_file() or place.read_bytes()[:2] == b"#!":
                continue
        else:
            link, target = packages / file.parts[0], Path(str(package.locate_file(file.parts[0])))
        if link.name != "__pycache__" and not link.is_symlink():
            link.symlink_to(target)


@pytest.fixture(scope="session")
def client_environment(make_environment: Callable[..., Environment], segmind: Path) -> Environment:
    """An environment in which the client of Segmind is installed with its command line."""
    environment = make_environment("httpx2", "pydantic", "click", "rich", "hatchling")
    environment.install(f"{segmind}[cli]")
    return environment
