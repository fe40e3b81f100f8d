"""Where a project is: the same for all commands, in a repository with several projects."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ERROR = ("maximum: 50", "maximum: 0")
OUTPUT = "generated/acme/python"


@pytest.fixture
def repository(tmp_path: Path, pattern: Path, project_in: Callable[..., Any]) -> Any:
    """A repository with the projects `one` and `two/deep`, and without one at its root."""
    import shutil

    for name in ("one", "two/deep"):
        shutil.copytree(pattern, tmp_path / "repository" / name)
    (tmp_path / "repository" / ".git").mkdir()
    return project_in(tmp_path / "repository")


def broken(repository: Any, *names: str) -> None:
    for name in names:
        repository.change(repository.folder / name / "specs/acme/fox.yaml", *ERROR)


def paths(report: str) -> set[str]:
    return {finding["path"] for finding in json.loads(report)["findings"] if finding["severity"] == "error"}


def test_a_path_belongs_to_the_project_that_it_lies_in(repository: Any) -> None:
    broken(repository, "one", "two/deep")
    repository.write("one/speccast.toml", '[lint]\nignore = ["default"]\nselect = ["P201"]\n')
    both = repository.run("lint", "one/specs/acme/fox.yaml", "two/deep/specs", code=1)
    assert [line.split(":")[0] for line in both.lines if "error[P201]" in line] == [
        "one/specs/acme/fox.yaml",
        "two/deep/specs/acme/fox.yaml",
    ]
    assert "2 models, 2 errors" in both.lines[-1]
    assert " | " in both.out  # the line of the spec


def test_paths_are_printed_from_where_the_user_stands_and_reported_from_the_root(repository: Any) -> None:
    broken(repository, "two/deep")
    inside = repository.folder / "two" / "deep" / "specs"
    text = repository.run("lint", cwd=inside, code=1, env={"GITHUB_ACTIONS": "true"})
    assert text.lines[0].startswith("acme/fox.yaml:")
    assert "::error file=two/deep/specs/acme/fox.yaml," in text.out
    assert paths(repository.run("lint", "--format", "json", cwd=inside, code=1).out) == {
        "two/deep/specs/acme/fox.yaml"
    }
    checked = repository.run("generate", "--check", cwd=inside, code=1)
    assert checked.lines[0].startswith("acme/fox.yaml:")
    checked = repository.run("generate", "--check", "--format", "json", cwd=inside, code=1)
    assert paths(checked.out) == {"two/deep/specs/acme/fox.yaml"}
    uri = json.loads(repository.run("lint", "--format", "sarif", cwd=inside, code=1).out)["runs"][0][
        "results"
    ][0]
    assert (
        uri["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "two/deep/specs/acme/fox.yaml"
    )


@pytest.mark.parametrize(
    "words", [["--project", "two/deep"], ["two/deep/specs/acme/fox.yaml", "two/other.txt"]]
)
def test_output_of_a_project_is_checked_from_the_root(repository: Any, words: list[str]) -> None:
    assert "files are up to date" in repository.run("generate", "--check", *words).out
    module = f"two/deep/{OUTPUT}/acme_client/models/fox.py"
    repository.write(module, "mine = True\n")
    checked = repository.run("generate", "--check", *words, code=1)
    assert checked.lines[0] == f"{module}: edited: changed by hand"
    assert f"speccast explain {module}" in checked.err
    assert (
        f"::error file={module},"
        in repository.run("generate", "--check", "--format", "github", *words, code=1).out
    )
    explained = repository.run("explain", module)
    assert explained.lines[0] == "spec      two/deep/specs/acme/fox.yaml"


def test_files_of_no_project_are_ignored(repository: Any) -> None:
    assert repository.run("generate", "--check", "web/templates/page.html").out == ""


@pytest.mark.parametrize(
    "command", ["draft", "drift", "lint", "explain", "generate", "diff", "vendor", "serve", "init"]
)
def test_every_command_has_the_option(repository: Any, command: str) -> None:
    assert "--project DIR" in repository.run(command, "--help").out
    ran = repository.run(command, "--project", "none", code=2)
    assert "none" in ran.err


def test_init_stays_in_the_repository_and_prints_where_the_files_are(repository: Any) -> None:
    repository.write("one/src/.keep", "")
    ran = repository.run("init", "zenith", cwd=repository.folder / "one" / "src")
    assert ran.lines[0] == "wrote ../specs/zenith/api.yaml"
    assert (repository.folder / "one/specs/zenith/api.yaml").exists()
    repository.write("specs/.keep", "")
    inner = repository.folder / "three"
    (inner / ".git").mkdir(parents=True)
    assert repository.run("init", "zenith", cwd=inner).lines[0] == "wrote specs/zenith/api.yaml"
    assert (inner / "specs/zenith/api.yaml").exists()
    repository.run("init", "zenith", "--project", "two/deep")
    assert (repository.folder / "two/deep/specs/zenith/api.yaml").exists()


def test_a_baseline_is_of_its_project_and_one_that_matches_nothing_is_reported(repository: Any) -> None:
    for name in ("one", "two/deep"):
        repository.change(
            repository.folder / name / "specs/acme/fox.yaml", "minimum: 1\n", "minimum: 1\n    default: 0\n"
        )
    spec = "one/specs/acme/fox.yaml"
    repository.run("lint", spec, "--baseline", "base.json", "--write-baseline")
    ran = repository.run("lint", spec, "--baseline", "base.json", "--fail-on", "warning")
    assert ran.err == ""
    text = (repository.folder / "base.json").read_text()
    (repository.folder / "base.json").write_text(text.replace("specs/acme/fox", "elsewhere/fox"))
    ran = repository.run("lint", spec, "--baseline", "base.json", "--fail-on", "warning", code=1)
    assert "base.json: no entry of the baseline matches a finding; its paths are relative to one" in ran.err


def test_templates_of_no_target_are_reported(generated: Any) -> None:
    generated.write("templates/pyhton/README.md.jinja", "mine\n")
    expected = 'templates/pyhton is ignored; to use it, add "pyhton" to `targets` in the configuration\n'
    assert generated.run("generate").err == expected
    generated.write("templates/_shared/macros.txt", "")
    assert generated.run("generate").err == expected


READING = [
    "lint",
    "generate",
    "generate --check",
    "serve --port 0",
    "drift",
    "explain OUTPUT",
    "vendor --into v",
]


@pytest.mark.parametrize("command", READING)
def test_errors_name_paths_relative_to_the_working_folder(repository: Any, command: str) -> None:
    root = repository.folder / "two/deep"
    (root / "specs/acme/owl.yaml").mkdir()  # a folder in place of a spec
    (root / "specs/acme/api.yaml").unlink()
    (root / "generated").rename(root / "clients")
    root.joinpath("speccast.toml").write_text("")
    (root / "src").mkdir()
    broken = "generated" if command.startswith("vendor") else "specs"
    for cwd, options, shown in (
        (root / "src", [], f"../{broken}"),
        (repository.folder, ["--project", "two/deep"], f"two/deep/{broken}"),
    ):
        output = root / "generated/acme/python/README.md"
        words = [str(output) if word == "OUTPUT" else word for word in command.split()]
        error = repository.run(*words, *options, cwd=cwd, code=2).err.splitlines()[0]
        assert f" {shown}" in error.replace(": no API found", " "), error


def test_errors_of_the_disk_name_paths_relative_to_the_working_folder(repository: Any) -> None:
    readme = repository.folder / "two/deep" / OUTPUT / "README.md"
    readme.unlink()
    os.mkfifo(readme)
    for cwd, options, shown in (
        (repository.folder / "two/deep/specs", [], f"../{OUTPUT}"),
        (repository.folder, ["--project", "two/deep"], f"two/deep/{OUTPUT}"),
    ):
        error = repository.run("generate", *options, cwd=cwd, code=2).err
        assert error == f"error: {shown}/README.md is not a regular file\n"


def test_errors_in_templates_name_paths_relative_to_the_working_folder(repository: Any) -> None:
    repository.write("two/deep/templates/python/bad.txt.jinja", "\n{{ nothing }}\n")
    for cwd, options, shown in (
        (repository.folder / "two/deep/specs", [], "../templates/python/bad.txt.jinja:2: "),
        (repository.folder, ["--project", "two/deep"], "two/deep/templates/python/bad.txt.jinja:2: "),
    ):
        error = repository.run("generate", *options, cwd=cwd, code=2).err
        assert f"error: {shown}" in error


def test_sources_of_clients_are_paths_relative_to_the_working_folder(repository: Any) -> None:
    words = ["--project", "one", "--from", f"one/{OUTPUT}", "--into", "one/src/shop/_vendor/acme"]
    assert repository.run("vendor", *words).lines[0] == "added one/src/shop/_vendor/acme/LICENSE"
    assert "one/src/shop/_vendor/acme: all" in repository.run("vendor", "--check", "--project", "one").out
    none = repository.run("vendor", "--check", "--project", "two/deep", code=2).err
    assert "no vendored client in two/deep" in none


def test_printed_commands_can_be_copied_into_a_shell(repository: Any, run: Callable[..., Any]) -> None:
    name = "it's $(touch ran) `touch ran` \u00fc"
    (repository.folder / "two").rename(repository.folder / name)
    edited = repository.folder / name / "deep" / OUTPUT / "acme_client" / "errors.py"
    content = edited.read_text()
    edited.write_text(content + "# by hand\n")
    found = repository.run("generate", "--check", "--project", f"{name}/deep", code=1)
    [line] = [line for line in found.err.splitlines() if line.startswith("to fix ")]
    explain = line.partition("that `")[2].rpartition("` names")[0]
    fix = line.rpartition("to discard it here: ")[2]
    for command in (explain, fix):
        run(
            ["sh", "-c", command.replace("speccast", '"$0" -m speccast'), sys.executable],
            cwd=repository.folder,
            code=0,
        )
    assert edited.read_text() == content
    assert not (repository.folder / "ran").exists()
    assert "up to date" in repository.run("generate", "--check", "--project", f"{name}/deep", code=0).out
