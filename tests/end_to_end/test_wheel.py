"""An installed `speccast` works: its wheel contains the templates and schemas, and declares its dependencies."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import distributions
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def wheels(
    tmp_path_factory: pytest.TempPathFactory, repository: Path, run: Callable[..., Any]
) -> tuple[Path, Path]:
    """The wheel built from the repository, and the one built from its sdist."""
    direct, rebuilt = tmp_path_factory.mktemp("direct"), tmp_path_factory.mktemp("rebuilt")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir"]
    run([*build, direct, "--wheel", repository], cwd=direct, code=0)
    run([*build, rebuilt, repository], cwd=rebuilt, code=0)
    return next(direct.glob("*.whl")), next(rebuilt.glob("*.whl"))


def _members(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_contains_the_package_and_the_templates_only(
    wheels: tuple[Path, Path], repository: Path
) -> None:
    if not (repository / ".git").exists():
        pytest.skip("not a git repository")
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "templates",
            "generator/speccast",
        ],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    sources = {path for path in listed.split("\0") if path and (repository / path).is_file()}
    expected = {
        f"speccast/{path}" if path.startswith("templates/") else path.removeprefix("generator/")
        for path in sources
        if not path.endswith(".speccast-manifest")
    }
    found = {name for name in _members(wheels[0]) if ".dist-info/" not in name}
    assert found == expected
    assert "speccast/templates/python/__package__/py.typed" in found
    assert "speccast/specs/schema/model.schema.json" in found
    assert not any("__pycache__" in name for name in found)


def test_the_sdist_builds_the_same_wheel(wheels: tuple[Path, Path]) -> None:
    direct, rebuilt = map(_members, wheels)
    assert sorted(direct) == sorted(rebuilt)
    assert [name for name in direct if direct[name] != rebuilt[name]] == []


def test_the_sdist_contains_no_output(wheels: tuple[Path, Path]) -> None:
    [sdist] = wheels[1].parent.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"generator", "templates", "LICENSE", "README.md", "pyproject.toml"} <= tops
    assert not tops & {"generated", "specs", "tests", ".venv"}


@pytest.fixture(scope="module")
def installed(wheels: tuple[Path, Path], make_environment: Callable[..., Any]) -> Any:
    """An environment with the wheel and its dependencies only."""
    [wheel] = distributions(path=[str(wheels[1])])
    requirements = [Requirement(text) for text in wheel.requires or ()]
    environment = make_environment(*(str(each) for each in requirements if "extra" not in str(each.marker)))
    environment.install(wheels[1])
    return environment


def test_the_installed_wheel_generates_a_project(
    installed: Any, tmp_path: Path, repository: Path, harmonia: Path, run: Callable[..., Any]
) -> None:
    speccast = installed.bin / "speccast"
    shutil.copytree(repository / "tests" / "apis" / "harmonia", tmp_path / "specs" / "harmonia")
    run([speccast, "lint"], cwd=tmp_path, code=0)
    run([speccast, "generate"], cwd=tmp_path, code=0)
    output = tmp_path / "generated" / "harmonia" / "python"
    for file in harmonia.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            assert (output / file.relative_to(harmonia)).read_bytes() == file.read_bytes(), file
    run([speccast, "generate", "--check"], cwd=tmp_path, code=0)


def test_the_installed_wheel_creates_a_project(
    installed: Any, tmp_path: Path, run: Callable[..., Any]
) -> None:
    for words in (["init", "acme"], ["init", "--model", "fox"], ["generate"]):
        run([installed.bin / "speccast", *words], cwd=tmp_path, code=0)
    assert (tmp_path / "generated/acme/python/acme_client/models/fox.py").is_file()


def test_without_the_extra_the_installed_wheel_says_what_to_install(
    installed: Any, tmp_path: Path, repository: Path, run: Callable[..., Any]
) -> None:
    specs = repository / "tests" / "apis" / "minimal"
    refused = run([installed.bin / "speccast", "serve", specs], cwd=tmp_path, code=2)
    assert 'pip install "speccast[serve]"' in refused.err
    place = run([installed.python, "-c", "import speccast; print(speccast.__file__)"], cwd=tmp_path)
    assert place.out.startswith(str(installed.folder))
