"""What contributors rely on: the hooks of this repository, CI, and the architecture that CONTRIBUTING draws."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "generator" / "speccast"
CLIENT = ROOT / "generated" / "segmind" / "python" / "segmind_client"
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


class TestHooks:
    @pytest.fixture
    def clone(self, tmp_path: Path, run: Callable[..., Any]) -> Path:
        """A clone of this repository that uses the tools of the tests."""
        if not (ROOT / ".git").exists():
            pytest.skip("needs a git repository")
        folder = tmp_path / "clone"
        run(["git", "clone", "--quiet", ROOT, folder], cwd=tmp_path, code=0)
        tools = folder / ".venv" / "bin"
        tools.mkdir(parents=True)
        for name in ("ruff", "mypy"):
            (tools / name).symlink_to(Path(sys.executable).with_name(name))
        program = tools / "speccast"
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH="{folder}/generator" exec "{sys.executable}" -m speccast "$@"\n'
        )
        program.chmod(0o755)
        return folder

    def commit(self, clone: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        for command in (
            ["git", "add", "--all"],
            [sys.executable, "-m", "pre_commit", "run", "--color", "never"],
        ):
            done = subprocess.run(
                command,
                cwd=clone,
                env={**environment, "PRE_COMMIT_HOME": str(clone.parent / "home"), "SKIP": "mypy"},
                capture_output=True,
                text=True,
                check=False,
            )
        return done

    def test_hooks_pass_on_good_changes(self, clone: Path, environment: Mapping[str, str]) -> None:
        (clone / "tests" / "test_new.py").write_text("def test_nothing() -> None:\n    assert True\n")
        spec = next((clone / "specs" / "segmind").glob("sd2*.yaml"))
        spec.write_text(spec.read_text(encoding="utf-8") + "\n# a comment\n", encoding="utf-8")
        done = self.commit(clone, environment)
        assert done.returncode == 0, done.stdout
        assert re.findall(r"^(.+?)\.+Passed$", done.stdout, re.MULTILINE) == [
            "ruff check",
            "ruff format",
            "speccast lint",
            "speccast generate --check",
        ]

    def test_hooks_stop_what_ci_would_reject(self, clone: Path, environment: Mapping[str, str]) -> None:
        (clone / "tests" / "test_new.py").write_text("import os\ndef test_nothing(): undefined\n")
        spec = next((clone / "specs" / "segmind").glob("sd2*.yaml"))
        spec.write_text(re.sub("maximum: [0-9]+", "maximum: -1", spec.read_text(encoding="utf-8"), count=1))
        done = self.commit(clone, environment)
        assert done.returncode == 1
        assert re.findall(r"^(.+?)\.+Failed$", done.stdout, re.MULTILINE) == [
            "ruff check",
            "ruff format",
            "speccast lint",
            "speccast generate --check",
        ]


class TestContinuousIntegration:
    def test_workflow_runs_the_same_script_and_measures_coverage_and_speed(self) -> None:
        workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
        commands = [
            [step["run"] for step in job["steps"] if "run" in step] for job in workflow["jobs"].values()
        ]
        assert commands == [[".ci/run"], ["make coverage"], ["make bench-check"], ["make cluster"]]
        assert (ROOT / ".ci" / "run").stat().st_mode & 0o111

    def test_actions_are_pinned(self) -> None:
        text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
        uses = re.findall(r"uses: (.*)", text)
        assert uses
        assert [action for action in uses if not re.fullmatch(r"\S+@[0-9a-f]{40} # v[0-9.]+", action)] == []

    def test_script_runs_make_targets(self) -> None:
        script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
        targets = re.findall(r"^make (.*)$", script, re.MULTILINE)
        assert targets == ["check", "test", "judges"]


def modules(package: Path = PACKAGE) -> dict[str, Path]:
    """Return the modules of a package by their dotted names."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: Mapping[str, Path], *, with_types: bool) -> Iterator[str]:
    """Yield the modules of the package that a module imports, at the top or in a function, with those for types only."""
    name = next(name for name, each in known.items() if each == path)
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    nodes = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    if not with_types:
        blocks = [
            node for node in nodes if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        ]
        typing = {inner for block in blocks for statement in block.body for inner in ast.walk(statement)}
        nodes = [node for node in nodes if node not in typing]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            parts = [*package[: len(package) - node.level + 1]] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            for alias in node.names:
                name = f"{base}.{alias.name}"
                if name in known or base in known:
                    yield name if name in known else base


def graph(package: Path = PACKAGE, *, with_types: bool) -> dict[str, set[str]]:
    known = modules(package)
    return {name: {*imports(path, known, with_types=with_types)} - {name} for name, path in known.items()}


LAYERS = [
    re.findall(r"`(\w+)`", row)
    for row in re.findall(
        r"^\| (`.*?) \|",
        CONTRIBUTING.partition("| packages and modules |")[2].partition("\n\n")[0],
        re.MULTILINE,
    )
]


class TestArchitecture:
    def test_table_lists_every_package(self) -> None:
        there = {name.split(".")[1] for name in modules() if "." in name} - {"__main__"}
        assert sorted(name for layer in LAYERS for name in layer) == sorted(there)

    def test_imports_lead_to_lower_layers(self) -> None:
        row = {name: number for number, layer in enumerate(LAYERS) for name in layer}
        wrong = [
            f"{importing} imports {imported}"
            for importing, found in graph(with_types=True).items()
            for imported in found
            if (above := row.get(_part(importing))) is not None
            and (below := row.get(_part(imported))) is not None
            and _part(importing) != _part(imported)
            and above >= below
        ]
        assert sorted(wrong) == []

    @pytest.mark.parametrize("package", [PACKAGE, CLIENT], ids=["generator", "client"])
    def test_modules_do_not_import_each_other_in_circles(self, package: Path) -> None:
        try:
            TopologicalSorter(graph(package, with_types=False)).prepare()
        except CycleError as error:
            pytest.fail(f"imports in a circle: {' -> '.join(error.args[1])}")

    def test_core_needs_only_the_standard_library(self) -> None:
        found = set()
        for path in (PACKAGE / "core").rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    # Relative imports work under any name, so that the client's copy needs no change.
                    found |= set() if node.level else {str(node.module).partition(".")[0]}
        assert found <= sys.stdlib_module_names


def _part(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_every_dependency_has_a_purpose() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = {name: texts for name, texts in project["dependency-groups"].items() if name != "bench"}
    texts = chain(
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *groups.values(),
    )
    names = {Requirement(text).name for text in texts if isinstance(text, str)} - {"speccast"}
    rows = re.findall(r"^\| (.*?) \|", CONTRIBUTING.partition("## Dependencies")[2], re.MULTILINE)
    listed = {name.strip() for row in rows[1:] for name in re.sub(r"\(.*\)", "", row).split(",")}
    types = {name for name in names if name.startswith("types-")}
    assert names - types == listed - {r"types-\*"}
