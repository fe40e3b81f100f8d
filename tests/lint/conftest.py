"""Specs as real files, read and linted as `speccast lint` does."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.lint.linter import run_rules
from speccast.lint.selection import choose
from speccast.specs.load import load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from speccast.findings import Finding

CASES = Path(__file__).parent / "cases"
TODAY = date(2026, 12, 31)

_API = (CASES / "api.yaml").read_text(encoding="utf-8")
_MODEL = "speccast: 1\nslug: flux\ntitle: Flux\nsurfaces: [sync]\nreturns: [image/png]\nparameters: {}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's root, with an API in `specs/acme` that the cases can rely on, and no models yet."""
    folder = tmp_path / "specs" / "acme"
    folder.mkdir(parents=True)
    (folder / "api.yaml").write_text(_API, encoding="utf-8")
    return tmp_path


@pytest.fixture
def lint(project: Path, speccast: Callable[..., Any]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `speccast lint` in the project. Named arguments are variables of its environment."""

    def lint(
        *arguments: str, stdin: str = "", cwd: Path = project, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        done = speccast("lint", *arguments, cwd=cwd, env=variables, stdin=stdin)
        return subprocess.CompletedProcess(arguments, done.code, done.out, done.err)

    return lint


@pytest.fixture
def lint_files(project: Path) -> Callable[[Mapping[str, str]], tuple[Finding, ...]]:
    """Writes files into the API's folder and lints it, by the default set and the rule that is named besides.

    What a fragment does not say is taken from a plain spec.
    """

    def run(files: Mapping[str, str], code: str = "default") -> tuple[Finding, ...]:
        for name, text in files.items():
            target = project / "specs" / "acme" / name
            target.write_text(text + _rest(_API if name == "api.yaml" else _MODEL, text), encoding="utf-8")
        return judge(project, code)

    return run


def judge(project: Path, code: str) -> tuple[Finding, ...]:
    """Return what the default set finds, and a rule besides, on the day on which all tests take place."""
    loaded = load(project / "specs", shown_from=project)
    return run_rules(loaded, choose(["default", code]), today=TODAY).findings


@pytest.fixture
def lint_case(project: Path) -> Callable[[Path, str], tuple[Finding, ...]]:
    """Lints a case of a rule: one model, put under the name of its slug, or the folder of a whole API."""

    def run(case: Path, code: str) -> tuple[Finding, ...]:
        folder = project / "specs" / "acme"
        if case.is_dir():
            shutil.copytree(case, folder, dirs_exist_ok=True)
        else:
            text = case.read_text(encoding="utf-8")
            slug = re.search(r"^slug: (\S+)$", text, re.MULTILINE)
            assert slug is not None
            (folder / f"{slug[1]}.yaml").write_text(text, encoding="utf-8")
        return judge(project, code)

    return run


def _rest(whole: str, fragment: str) -> str:
    """Return the top-level keys of a spec that a fragment does not have."""
    keys = set(re.findall(r"^([a-z_0-9]+):", fragment, re.MULTILINE))
    sections = re.split(r"^(?=[a-z])", whole, flags=re.MULTILINE)
    return "".join(section for section in sections if section.partition(":")[0] not in keys)
