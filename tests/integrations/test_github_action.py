"""The action: its steps, run by the same shell and with the same variables as on GitHub."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.integrations.conftest import API

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Action = Callable[..., "Workflow"]

ROOT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SHELL = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
"""The command of `shell: bash`."""
EXPRESSION = re.compile(r"\$\{\{ inputs\.([a-z]+)(?: (==|!=) '([a-z]*)')? \}\}")


@dataclass
class Workflow:
    """A job whose one step uses the action."""

    code: int = 0
    out: str = ""
    steps: tuple[str, ...] = ()


def evaluate(text: str, inputs: Mapping[str, str]) -> str:
    """Match an expression of a workflow, of the kinds that the action uses."""
    match = EXPRESSION.fullmatch(text)
    assert match is not None, text
    value = inputs[match[1]]
    if match[2] is None:
        return value
    return str((value == match[3]) is (match[2] == "==")).lower()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of a runner. What the first job installs is used by the next."""
    return tmp_path_factory.mktemp("runner")


@pytest.fixture
def action(
    repository: Any,
    speccast_repository: Path,
    pip_environment: Mapping[str, str],
    installed: Path,
    tmp_path: Path,
) -> Action:
    def run(**given: str) -> Workflow:
        unknown = given.keys() - ACTION["inputs"].keys()
        assert not unknown
        inputs = {name: str(each["default"]) for name, each in ACTION["inputs"].items()} | given
        workflow = Workflow()
        path_file = tmp_path / "path"
        path_file.touch()
        for step in ACTION["runs"]["steps"]:
            assert step["shell"] == "bash"
            if "if" in step and evaluate(step["if"], inputs) != "true":
                continue
            assert "${{" not in step["run"], "text of an input must not become a part of the script"
            script = tmp_path / "script.sh"
            script.write_text(step["run"])
            workflow.steps += (step["name"],)
            if "Install" in step["name"] and not inputs["packages"] and (installed / "path").exists():
                path_file.write_text((installed / "path").read_text())
                continue  # pip would take seconds to find that nothing is to be done
            added = path_file.read_text().split()
            done = subprocess.run(
                [*SHELL, script],
                cwd=repository.folder,
                env={
                    **pip_environment,
                    **{name: evaluate(text, inputs) for name, text in step.get("env", {}).items()},
                    "CI": "true",
                    "GITHUB_ACTIONS": "true",
                    "GITHUB_ACTION_PATH": str(speccast_repository),
                    "GITHUB_PATH": str(path_file),
                    "RUNNER_TEMP": str(installed),
                    "PATH": ":".join([*reversed(added), pip_environment["PATH"]]),
                },
                capture_output=True,
                text=True,
                check=False,
            )
            workflow.code, workflow.out = done.returncode, workflow.out + done.stdout + done.stderr
            if done.returncode:
                break
            if "Install" in step["name"]:
                (installed / "path").write_text(path_file.read_text())
        return workflow

    return run


def test_a_project_with_current_output_passes(action: Action, repository: Any) -> None:
    stale = action()
    generated = action(check="false")

    assert stale.code == 1
    assert stale.steps == ("Install Speccast", "Lint", "Check generated output")
    assert "All 2 specs are fine." in stale.out
    assert (generated.code, generated.steps) == (0, ("Install Speccast", "Lint"))


def test_errors_are_annotated_and_fail_the_job(action: Action, repository: Any) -> None:
    repository.model("fox", maximum=0)

    done = action(sarif="reports/speccast.sarif")

    assert (done.code, done.steps[-1]) == (1, "Lint")
    assert "specs/acme/fox.yaml:7:36: error[P201]" in done.out
    assert "::error file=specs/acme/fox.yaml,line=7,col=36,title=P201 bounds-inverted" in done.out
    sarif = json.loads((repository.folder / "reports" / "speccast.sarif").read_text())
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]] == ["P201"]


def test_paths_and_options_reach_the_linter(action: Action, repository: Any) -> None:
    repository.model("fox", maximum=0)
    folder = repository.write("with blank/acme/api.yaml", "").parent
    for file in (repository.folder / "specs" / "acme").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())

    one = action(paths="specs/acme/owl.yaml\n", check="false")
    two = action(paths="specs/acme/owl.yaml\nwith blank/acme", check="false")
    never = action(options="--fail-on never --format concise", check="false")
    nothing = action(paths="specs/acme/wolf.yaml")

    assert (one.code, two.code, never.code, nothing.code) == (0, 1, 0, 2)
    assert "with blank/acme/fox.yaml:7:36: P201" in two.out.replace(" error[P201]", " P201")
    assert "::error" not in never.out


def test_packages_are_installed_beside_speccast(
    action: Action, repository: Any, installed: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}_for_the_action.py").write_text("")
        (folder / "pyproject.toml").write_text(
            f'[project]\nname = "{name}-for-the-action"\nversion = "1"\n'
            '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
            '[tool.hatch.build.targets.wheel]\ninclude = ["*.py"]\n'
        )

    done = action(packages=f"{tmp_path / 'one'} {tmp_path / 'two'}", check="false")

    assert done.code == 0, done.out
    found = {path.name for path in installed.rglob("*_for_the_action.py")}
    assert found == {"one_for_the_action.py", "two_for_the_action.py"}


def test_a_project_in_a_subfolder_can_be_named(action: Action, repository: Any) -> None:
    repository.model("fox", maximum=0)
    (repository.folder / "sub").mkdir()
    (repository.folder / "specs").rename(repository.folder / "sub" / "specs")

    done = action(project="sub", sarif="speccast.sarif")

    assert (done.code, done.steps[-1]) == (1, "Lint")
    assert "::error file=sub/specs/acme/fox.yaml,line=7" in done.out
    [result] = json.loads((repository.folder / "speccast.sarif").read_text())["runs"][0]["results"]
    [location] = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "sub/specs/acme/fox.yaml"


def test_changes_are_annotated_and_written_for_a_comment(action: Action, repository: Any) -> None:
    repository.model("fox", maximum=40)

    done = action(diff="HEAD", comment="reports/comment.md", check="false")
    too_small = action(diff="HEAD", bump="true", check="false")
    repository.write("specs/acme/api.yaml", API.replace("0.1.0", "0.2.0"))
    enough = action(diff="HEAD", bump="true", check="false")

    assert (done.code, done.steps[-1]) == (0, "Compare with another version")
    assert "::error title=V303 range-changed,file=specs/acme/fox.yaml,line=7" in done.out
    comment = (repository.folder / "reports/comment.md").read_text()
    assert comment.startswith("### Changes from `HEAD` to `specs`")
    assert "#### Breaking (1)" in comment
    assert (too_small.code, enough.code) == (1, 0)


def test_a_version_that_does_not_exist_fails_the_job(action: Action, repository: Any) -> None:
    done = action(diff="v9", comment="comment.md", check="false")

    assert done.code == 2
    assert "git fetch --depth=1 origin tag" in done.out


def test_no_input_becomes_a_command(action: Action, repository: Any) -> None:
    text = "$(touch touched) `touch touched`; touch touched"
    for names in (("packages",), ("project",), ("paths", "options", "sarif"), ("diff", "comment")):
        action(**{"diff": "HEAD", "check": "false"} | dict.fromkeys(names, text))

    assert not (repository.folder / "touched").exists()


def test_every_input_is_explained_and_used() -> None:
    used = {match[1] for match in EXPRESSION.finditer((ROOT / "action.yml").read_text(encoding="utf-8"))}

    assert used == ACTION["inputs"].keys()
    assert all(each["description"] for each in ACTION["inputs"].values())
