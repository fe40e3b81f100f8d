"""The hooks, run by pre-commit from a clone of this repository."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.integrations.conftest import API

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Commit = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for environments of pre-commit, shared by all tests."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def hooks(
    repository: Any, speccast_repository: Path, pip_environment: Mapping[str, str], home: Path
) -> Commit:
    """Run pre-commit on the staged files."""
    config = {
        "repos": [
            {
                "repo": speccast_repository.as_uri(),
                "rev": "v0.1.0",
                "hooks": [
                    {"id": "speccast-lint"},
                    {"id": "speccast-generate-check"},
                    {"id": "speccast-diff-check"},
                ],
            }
        ]
    }
    repository.write(".pre-commit-config.yaml", yaml.safe_dump(config))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        repository.git("add", "--all")
        return subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", "--color", "never", *words],
            cwd=repository.folder,
            env={
                **pip_environment,
                "PRE_COMMIT_HOME": str(home),
                "SKIP": "" if words else "speccast-diff-check",  # it needs a tag
            },
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def generate(repository: Any) -> None:
    command = [sys.executable, "-m", "speccast", "generate", "--quiet"]
    subprocess.run(command, cwd=repository.folder, env=repository.environment, check=True)


def test_a_valid_change_can_be_committed(hooks: Commit, repository: Any) -> None:
    repository.model("fox", maximum=60)
    generate(repository)

    done = hooks()

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == 2


def test_an_error_in_a_changed_spec_stops_the_commit(hooks: Commit, repository: Any) -> None:
    generate(repository)
    repository.model("owl", maximum=-1)
    repository.commit()
    repository.model("fox", maximum=0)

    done = hooks("speccast-lint")

    assert done.returncode == 1
    assert "specs/acme/fox.yaml:7:36: error[P201]" in done.stdout
    assert "owl.yaml" not in done.stdout, "only what changes is reported"


def test_the_other_specs_of_the_api_are_read(hooks: Commit, repository: Any) -> None:
    repository.write("specs/acme/wolf.yaml", repository.model("fox").read_text())

    done = hooks("speccast-lint")

    assert done.returncode == 1
    assert (
        "specs/acme/wolf.yaml:2:7: error[M101] the slug `fox` is already used in specs/acme/fox.yaml"
        in done.stdout
    )


def test_stale_output_stops_the_commit(hooks: Commit, repository: Any) -> None:
    generate(repository)
    repository.model("fox", maximum=60)

    done = hooks("speccast-generate-check")

    assert done.returncode == 1
    assert "fox.py" in done.stdout


def test_a_version_that_is_too_small_stops_the_commit(hooks: Commit, repository: Any) -> None:
    repository.git("tag", "v0.1.0")
    repository.model("fox", maximum=40)

    done = hooks("speccast-diff-check")
    repository.write("specs/acme/api.yaml", API.replace("0.1.0", "0.2.0"))
    released = hooks("speccast-diff-check")

    assert done.returncode == 1
    assert "acme: version 0.1.0 → 0.1.0 must be at least 0.2.0" in done.stdout
    assert released.returncode == 0, released.stdout


def test_a_project_in_a_subfolder_is_found(hooks: Commit, repository: Any) -> None:
    sub = repository.folder / "packages" / "image"
    sub.mkdir(parents=True)
    (repository.folder / "specs").rename(sub / "specs")
    stale = hooks("speccast-generate-check")
    command = [sys.executable, "-m", "speccast", "generate", "--quiet", "--project", sub]
    subprocess.run(command, cwd=repository.folder, env=repository.environment, check=True)
    fresh = hooks()
    spec = sub / "specs/acme/fox.yaml"
    spec.write_text(spec.read_text().replace("maximum: 50", "maximum: 0"))
    wrong = hooks("speccast-lint")

    assert "packages/image/generated/acme/python/README.md: missing" in stale.stdout
    assert fresh.stdout.count("Passed") == 2, fresh.stdout
    assert "packages/image/specs/acme/fox.yaml:7:36: error[P201]" in wrong.stdout


def test_other_files_run_no_hook(hooks: Commit, repository: Any) -> None:
    repository.write("README.md", "Foxes.\n")
    repository.write("src/settings.yaml", "a: 1\n")

    done = hooks()

    assert done.returncode == 0
    assert done.stdout.count("(no files to check)Skipped") == 2


@pytest.mark.parametrize(
    ("path", "is_spec"),
    [
        ("specs/acme/fox.yaml", True),
        ("specs/acme/fox.yml", True),
        ("specs/api.yaml", True),
        ("packages/image/specs/acme/fox.yaml", True),
        ("specs/acme/.fox.yaml", False),
        ("specs/.drafts/fox.yaml", False),
        ("specs/acme/pages/fox.yaml", False),
        ("specs/acme/fox.json", False),
        ("src/fox.yaml", False),
    ],
)
def test_the_hook_only_gets_specs(path: str, is_spec: bool) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    [lint] = [hook for hook in hooks if hook["id"] == "speccast-lint"]

    assert bool(re.search(lint["files"], path)) is is_spec
