"""`generate --check` for programs and for GitHub: the state of every file."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OUTPUT = "generated/acme/python"
PACKAGE = f"{OUTPUT}/acme_client"


@pytest.fixture(scope="module")
def drifted(tmp_path_factory: pytest.TempPathFactory, pattern: Path, project_in: Callable[..., Any]) -> Any:
    """A project with a file in each state, which is not written to."""
    folder = tmp_path_factory.mktemp("drifted") / "acme"
    shutil.copytree(pattern, folder)
    project = project_in(folder)
    owl = project.spec("owl")
    project.run("generate", "--quiet")
    owl.unlink()
    project.write(f"{PACKAGE}/models/owl.py", "mine = True\n")
    project.change(project.fox, "maximum: 50", "maximum: 60")
    project.write(f"{PACKAGE}/client.py", "mine = True\n")
    (folder / PACKAGE / "errors.py").unlink()
    project.write("templates/python/NEW.txt", "new\n")
    project.write(f"{OUTPUT}/NEW.txt", "somebody else's\n")
    project.write(f"{OUTPUT}/notes/mine.txt", "mine\n")
    return project


STATES = {
    f"{PACKAGE}/errors.py": "missing",
    f"{PACKAGE}/models/fox.py": "stale",
    f"{PACKAGE}/client.py": "edited",
    f"{OUTPUT}/NEW.txt": "foreign",
    f"{OUTPUT}/notes/mine.txt": "foreign",
    f"{OUTPUT}/docs/owl.md": "orphan",
    f"{PACKAGE}/models/owl.py": "orphan-edited",
}


def test_text_has_a_line_for_each_and_advice_for_those_that_need_it(drifted: Any) -> None:
    ran = drifted.run("generate", "--check", code=1)
    for path, state in STATES.items():
        assert any(line.startswith(f"{path}: {state}: ") for line in ran.lines)
    simple, *others = ran.err.splitlines()
    assert simple == "to fix: speccast generate"
    kept = [path for path, state in STATES.items() if state in ("edited", "foreign", "orphan-edited")]
    assert sorted(line.partition(": ")[0] for line in others) == sorted(f"to fix {path}" for path in kept)


def test_json_has_an_object_for_each_and_counts_them(drifted: Any) -> None:
    ran = drifted.run("generate", "--check", "--format", "json", code=1)
    report = json.loads(ran.out)
    found = {file["path"]: file for file in report["files"]}
    assert {path: found[path]["state"] for path in STATES} == STATES
    assert report["successful"] is True
    assert report["failure"] is None
    assert report["other_versions"] == []
    for state in STATES.values():
        assert report["summary"][state] == sum(file["state"] == state for file in report["files"])
    assert found[f"{PACKAGE}/client.py"]["fix"] == (
        f"move the edit to the spec or template that `speccast explain {PACKAGE}/client.py` names; "
        f"then, to discard it here: rm {PACKAGE}/client.py && speccast generate"
    )
    assert found[f"{OUTPUT}/notes/mine.txt"]["fix"] == "move the file elsewhere; then: speccast generate"
    assert found[f"{PACKAGE}/models/fox.py"]["fix"] == "speccast generate"
    assert "diff" not in found[f"{PACKAGE}/client.py"]


def test_json_has_the_diff_of_each_if_asked(drifted: Any) -> None:
    ran = drifted.run("generate", "--check", "--diff", "--format", "json", code=1)
    diffs = {file["path"]: file["diff"] for file in json.loads(ran.out)["files"]}
    assert "-mine = True" in diffs[f"{PACKAGE}/client.py"].splitlines()
    assert "+new" in diffs[f"{OUTPUT}/NEW.txt"].splitlines()


def test_github_has_an_annotation_for_each(drifted: Any) -> None:
    lines = drifted.run("generate", "--check", "--format", "github", code=1).lines
    assert all(line.startswith("::error file=generated/acme/") for line in lines)
    for path, state in STATES.items():
        [line] = [line for line in lines if f"file={path}," in line]
        assert f"title={state} output::" in line
        assert "to fix: " in line
        assert "--force" not in line


def test_text_has_the_annotations_too_under_github_actions(drifted: Any) -> None:
    plain = drifted.run("generate", "--check", code=1)
    there = drifted.run("generate", "--check", code=1, env={"GITHUB_ACTIONS": "true"})
    assert there.lines[: len(plain.lines)] == plain.lines
    assert sum(line.startswith("::error file=") for line in there.lines) == len(plain.lines) - 1


def test_nothing_is_written(drifted: Any) -> None:
    before = drifted.snapshot(cache=True)
    for format_ in ("text", "json", "github"):
        drifted.run("generate", "--check", "--diff", "--format", format_, code=1)
    assert drifted.snapshot(cache=True) == before


def with_ruff(project: Any, version: str) -> None:
    manifest = project.output / ".speccast-manifest"
    text = manifest.read_text()
    [line] = [line for line in text.splitlines() if line.startswith("# ruff: ")]
    manifest.write_text(text.replace(line, f"# ruff: {version}"))


def test_other_versions_that_wrote_the_same_bytes_are_not_drift(generated: Any) -> None:
    with_ruff(generated, "0.0.1")
    assert "files are up to date" in generated.run("generate", "--check").out
    assert "0 written" in generated.run("generate").out
    assert generated.run("generate", "--check", "--format", "github").out == ""


def test_other_versions_are_the_probable_reason_where_bytes_differ(generated: Any) -> None:
    with_ruff(generated, "0.0.1")
    generated.change(generated.fox, "maximum: 50", "maximum: 60")
    ran = generated.run("generate", "--check", code=1)
    assert f"probable reason: {OUTPUT} was generated by ruff 0.0.1, but ruff " in ran.err
    assert f"{PACKAGE}/models/fox.py: stale: " in ran.out
    report = json.loads(generated.run("generate", "--check", "--format", "json", code=1).out)
    [other] = report["other_versions"]
    assert (other["root"], other["tool"], other["version"]) == (OUTPUT, "ruff", "0.0.1")
    ran = generated.run("generate", "--check", "--format", "github", code=1)
    assert all("generated by ruff 0.0.1" in line for line in ran.lines)


def test_warnings_are_annotated_by_lint_alone(generated: Any) -> None:
    generated.change(generated.fox, "minimum: 1\n", "minimum: 1\n    default: 0\n")
    generated.run("generate", "--quiet")
    github = {"GITHUB_ACTIONS": "true"}
    assert "::warning file=" in generated.run("lint", env=github).out
    assert "warning[" in (checked := generated.run("generate", "--check", env=github)).out
    assert "::warning" not in checked.out


def test_headers_of_diffs_name_the_whole_path(drifted: Any) -> None:
    for words in (["--check"], ["--dry-run"]):
        lines = drifted.run("generate", *words, "--diff", code=1).lines
        assert f"--- a/{PACKAGE}/models/fox.py" in lines
        assert f"+++ b/{PACKAGE}/models/fox.py" in lines


def test_errors_in_specs_are_in_the_report(generated: Any) -> None:
    generated.change(generated.fox, "type: integer", "type: intger")
    ran = generated.run("generate", "--check", "--format", "json", code=1)
    [finding] = [each for each in json.loads(ran.out)["findings"] if each["severity"] == "error"]
    assert (finding["path"], finding["severity"]) == ("specs/acme/fox.yaml", "error")
    ran = generated.run("generate", "--check", "--format", "github", code=1)
    assert ran.out.startswith("::error file=specs/acme/fox.yaml,line=")


@pytest.mark.parametrize("format_", ["json", "github"])
def test_a_failure_is_in_the_report(empty: Any, format_: str) -> None:
    ran = empty.run("generate", "--check", "--format", format_, code=2)
    assert "the folder does not exist" in ran.err
    if format_ == "json":
        report = json.loads(ran.out)
        assert report["successful"] is False
        assert report["failure"]["message"] == "specs: the folder does not exist"
    else:
        assert ran.out.startswith("::error title=speccast generate --check failed::")


def test_a_clean_check_is_an_empty_report(generated: Any) -> None:
    assert generated.run("generate", "--check", "--format", "github").out == ""
    report = json.loads(generated.run("generate", "--check", "--format", "json").out)
    assert report["files"] == []
    assert {finding["severity"] for finding in report["findings"]} <= {"info"}
    assert report["summary"]["unchanged"] > 0


def test_a_format_is_one_of_a_check(generated: Any) -> None:
    assert "--format requires --check" in generated.run("generate", "--format", "json", code=2).err


@pytest.mark.parametrize("problem", ["configuration", "specs"])
def test_json_is_printed_also_if_the_check_cannot_start(
    tmp_path: Path, speccast: Callable[..., Any], problem: str
) -> None:
    if problem == "configuration":
        (tmp_path / "speccast.toml").write_text("unknown = 1\n")
    ran = speccast("generate", "--check", "--format", "json", cwd=tmp_path, code=2)
    value = json.loads(ran.out)
    assert not value["successful"]
    assert ran.err.startswith(f"error: {value['failure']['message']}\n")
    assert tmp_path.as_posix() not in ran.out


def reasons(project: Any) -> dict[str, str]:
    report = json.loads(project.run("generate", "--check", "--format", "json", code=1).out)
    return {file["path"].removeprefix(f"{OUTPUT}/"): file["reason"] for file in report["files"]}


def test_reasons_name_the_specs_and_templates_that_changed(drifted: Any) -> None:
    found = reasons(drifted)
    assert found["docs/fox.md"] == "specs/acme/fox.yaml has changed"
    assert found["docs/owl.md"] == "specs/acme/owl.yaml was removed"
    assert found["README.md"] == "specs/acme/fox.yaml has changed"
    dry = drifted.run("generate", "--dry-run", code=1)
    assert f"would write {OUTPUT}/docs/fox.md (specs/acme/fox.yaml has changed)" in dry.lines
    explained = drifted.run("explain", f"../{OUTPUT}/docs/fox.md", cwd=drifted.folder / "specs")
    assert explained.lines[-1] == "stale     acme/fox.yaml has changed since it was generated"


def test_reasons_for_templates_new_specs_and_api_yaml(generated: Any) -> None:
    generated.write("templates/python/README.md.jinja", "# Acme\n")
    generated.write("templates/python/__package__/py.typed", "partial\n")
    generated.spec("owl")
    found = reasons(generated)
    assert found["README.md"] == (
        "specs/acme/owl.yaml was added; templates/python/README.md.jinja has changed"
    )
    assert found["acme_client/py.typed"] == "templates/python/__package__/py.typed has changed"
    assert found["acme_client/_index.py"] == "specs/acme/owl.yaml was added"
    generated.change(generated.folder / "specs/acme/api.yaml", "1.2.0", "1.2.1")
    assert reasons(generated)["pyproject.toml"] == (
        "specs/acme/owl.yaml was added; specs/acme/api.yaml has changed"
    )
    generated.run("generate", "--quiet")
    explained = generated.run("explain", f"{OUTPUT}/README.md")
    assert [line.split()[0] for line in explained.lines] == ["spec", "template"]


def test_reasons_where_no_spec_or_template_changed(generated: Any) -> None:
    """The file on the disk is then of another version, or of another Speccast."""
    readme = generated.output / "README.md"
    manifest = generated.output / ".speccast-manifest"
    old = sha256(readme.read_bytes()).hexdigest()
    readme.write_text("old\n")
    manifest.write_text(manifest.read_text().replace(old, sha256(b"old\n").hexdigest()))
    assert reasons(generated) == {"README.md": "Speccast or its configuration has changed"}
    with_ruff(generated, "0.0.1")
    assert reasons(generated) == {"README.md": "a tool has another version"}
    lines = [line for line in manifest.read_text().splitlines(keepends=True) if "# from" not in line]
    manifest.write_text("".join(lines))
    assert reasons(generated) == {"README.md": "its spec, a template or a tool has changed"}


def test_a_comment_in_a_spec_is_not_a_reason(generated: Any) -> None:
    generated.fox.write_text("# a comment\n" + generated.fox.read_text())
    generated.change(generated.folder / "specs/acme/api.yaml", "1.2.0", "1.2.1")
    assert reasons(generated)["acme_client/_specs.json"] == "specs/acme/api.yaml has changed"
