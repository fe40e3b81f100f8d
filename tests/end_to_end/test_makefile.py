"""The make targets tell what they are, and the lock installs the same packages from wherever pip is set up to."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tomllib
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROMISED = {"generate", "test", "check", "judges", "lint", "serve", "bench", "help"}


@pytest.fixture
def rules(repository: Path) -> dict[str, str]:
    """The targets of the Makefile, each with what it says of itself."""
    text = (repository / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z-]+):(?!=)[^#\n]*(?:## (.*))?$", text, re.MULTILINE))


def test_every_target_says_what_it_does(rules: dict[str, str]) -> None:
    assert rules.keys() >= PROMISED
    assert [name for name, told in rules.items() if not told] == []


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("words", [["make"], ["make", "help"]], ids=" ".join)
def test_help_lists_every_target(
    repository: Path, run: Callable[..., Any], rules: dict[str, str], words: list[str]
) -> None:
    ran = run(words, cwd=repository, code=0)
    assert {line.split()[1]: line.split(maxsplit=2)[2] for line in ran.lines} == rules


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_the_environment_is_set_up_once_for_each_state_of_the_lock(
    repository: Path, run: Callable[..., Any], tmp_path: Path
) -> None:
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(repository / name, tmp_path)
    ready = tmp_path / ".venv" / ".ready"
    ready.parent.mkdir()
    ready.touch()
    made = ready.stat().st_mtime

    def is_set_up(target: str) -> bool:
        return "pip install" in run(["make", "--dry-run", target], cwd=tmp_path, code=0).out

    for name, age in (("requirements.lock", -9), ("pyproject.toml", -9)):
        os.utime(tmp_path / name, (made + age, made + age))
    assert not any(is_set_up(target) for target in ("generate", "test", "check"))
    os.utime(tmp_path / "requirements.lock", (made + 9, made + 9))
    assert all(is_set_up(target) for target in ("generate", "test", "check"))


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_an_old_python_is_told_so(repository: Path, run: Callable[..., Any], tmp_path: Path) -> None:
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(repository / name, tmp_path)
    old = tmp_path / "python3.9"
    old.write_text(
        '#!/bin/sh\nexec python3 -c "import sys; sys.version_info = (3, 9); exec(sys.argv[2])" "$@"\n'
    )
    old.chmod(0o755)
    ran = run(["make", "generate", f"PYTHON={old}"], cwd=tmp_path, code=2)
    assert "needs Python 3.11 or newer" in ran.err
    assert not (tmp_path / ".venv").exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_an_environment_that_was_left_half_made_is_made_again(
    repository: Path, run: Callable[..., Any], tmp_path: Path
) -> None:
    """As `python3 -m venv` leaves it where a package of the system is missing that brings pip."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(repository / name, tmp_path)
    without_pip = tmp_path / ".venv" / "bin" / "python"
    without_pip.parent.mkdir(parents=True)
    without_pip.write_text("#!/bin/sh\nexit 1\n")
    python = tmp_path / "python3"
    python.write_text(
        f'#!/bin/sh\n[ "$1" != -m ] || {{ echo "asked for $2"; exit 1; }}\nexec {sys.executable} "$@"\n'
    )
    for program in (without_pip, python):
        program.chmod(0o755)
    ran = run(["make", "generate", f"PYTHON={python}"], cwd=tmp_path, code=2)
    assert "asked for venv" in ran.lines


def _locked(repository: Path) -> dict[str, str]:
    """Each package of the lock with its lines, joined."""
    text = (repository / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {canonicalize_name(re.split(r"[=\s;\[]", line, maxsplit=1)[0]): line for line in lines}


def test_every_locked_package_has_one_version_and_hashes(repository: Path) -> None:
    locked = _locked(repository)
    assert len(locked) > 20
    for name, line in locked.items():
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+ ", line), name
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", line), name


def test_the_lock_names_no_registry(repository: Path) -> None:
    text = (repository / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(
        r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b", text, re.MULTILINE
    )


def test_the_lock_of_the_judges_names_no_registry_either(repository: Path) -> None:
    locked = json.loads((repository / "judges" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {path: package for path, package in locked["packages"].items() if path}
    assert len(packages) > 20
    for path, package in packages.items():
        assert "resolved" not in package, path
        assert package["integrity"].startswith("sha512-"), path


def test_the_lock_has_what_the_project_asks_for(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = _locked(repository)
    for text in chain(project["dependencies"], *project["optional-dependencies"].values()):
        wanted = Requirement(text)
        if wanted.name == project["name"]:
            continue
        version = re.search(r"==([^\s;]+)", locked[canonicalize_name(wanted.name)])
        assert version, text
        assert wanted.specifier.contains(version[1], prereleases=True), text
