"""The configurations in docs/linting.md do what the page says."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from speccast.lint.configuration import configuration

from .documents import ROOT, blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

API = """\
speccast: 1
title: Acme
base_url: https://api.acme.example
package: acme_client
distribution: acme-client
command: acme-client
client: Acme
version: 0.1.0
sync: { path: "/v1/{slug}" }
"""
HEAD = "speccast: 1\nslug: fox\ntitle: Fox\nsurfaces: [sync]\nreturns: [image/png]\nparameters:\n"
BLOCKS = [block for block in blocks("docs/linting.md") if block.language in ("yaml", "toml", "text")]


def block_with(text: str) -> str:
    [found] = [block.text for block in BLOCKS if text in block.text]
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "specs" / "acme"
    folder.mkdir(parents=True)
    (folder / "api.yaml").write_text(API, encoding="utf-8")
    return tmp_path


def fox(project: Path, parameters: str) -> None:
    (project / "specs" / "acme" / "fox.yaml").write_text(HEAD + parameters, encoding="utf-8")


def test_shown_finding_is_reported(project: Path, speccast: Callable[..., Any]) -> None:
    above = "".join(f"  p{number}: {{ type: string }}\n" for number in range(7))
    fox(project, f"{above}  steps:\n    type: integer\n    minimum: 50\n    maximum: 1\n")

    assert speccast("lint", cwd=project, code=1).out == block_with("error[P201]")


def test_shown_comment_suppresses_its_rule(project: Path, speccast: Callable[..., Any]) -> None:
    shown = block_with("# speccast: ignore")

    fox(project, shown)
    with_comment = speccast("lint", "--fail-on", "warning", cwd=project)
    fox(project, shown.partition(" # ")[0] + "\n    maximum: 1\n")
    without = speccast("lint", "--fail-on", "warning", cwd=project)

    assert with_comment.code == 0
    assert without.code == 1
    assert "warning[P303]" in without.out


def test_shown_table_configures_the_linter() -> None:
    table = tomllib.loads(block_with("[tool.speccast.lint]"))["tool"]["speccast"]["lint"]

    assert configuration(table).fail_on == "warning"


def test_shown_hooks_exist() -> None:
    [repository] = yaml.safe_load(block_with("repos:"))["repos"]
    offered = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert {hook["id"] for hook in repository["hooks"]} <= {hook["id"] for hook in offered}
    page = (ROOT / "docs/linting.md").read_text(encoding="utf-8")
    assert [hook["id"] for hook in offered if hook["id"] not in page] == []


def test_shown_inputs_of_the_action_exist() -> None:
    steps = yaml.safe_load(block_with("runs-on"))["jobs"]["specs"]["steps"]
    [ours] = [step for step in steps if step["uses"].startswith("OWNER/speccast@")]
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "linting.md").read_text(encoding="utf-8")

    assert ours["with"].keys() <= action["inputs"].keys()
    assert all(f"`{name}`" in page for name in action["inputs"].keys() - ours["with"].keys())
    assert ours["with"]["sarif"] == steps[-1]["with"]["sarif_file"]


@pytest.mark.parametrize(("maximum", "found"), [(50, []), (0, ["P201"])])
def test_shown_job_for_gitlab_reports_findings(
    project: Path,
    environment: Mapping[str, str],
    speccast: Callable[..., Any],
    maximum: int,
    found: list[str],
) -> None:
    """Run the lines of the script as GitLab does, except for the first one, which needs a network."""
    [job] = yaml.safe_load(block_with("codequality")).values()
    install, *script = job["script"]
    assert install.startswith('pip install "speccast @ git+https://')
    fox(project, "  steps: { type: integer, minimum: 1, maximum: 50 }\n")
    speccast("generate", cwd=project, code=0)
    fox(project, f"  steps: {{ type: integer, minimum: 1, maximum: {maximum} }}\n")
    program = project / "bin" / "speccast"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m speccast "$@"\n')
    program.chmod(0o755)

    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", "\n".join(script)],
        cwd=project,
        env={
            **environment,
            "CI": "true",
            "GITLAB_CI": "true",
            "PATH": f"{program.parent}:{environment['PATH']}",
        },
        check=False,
        capture_output=True,
    )

    report = json.loads((project / job["artifacts"]["reports"]["codequality"]).read_text())
    assert done.returncode == bool(found)
    assert [issue["check_name"] for issue in report] == found
    assert job["artifacts"]["when"] == "always"
