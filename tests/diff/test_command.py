"""`speccast diff` on real repositories, folders, bundles and clients."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.specs.bundle import bundle_text
from tests.diff.conftest import AFTER, API, BEFORE, Repository

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]


def test_the_last_tag_is_compared_with_the_working_tree(repository: Repository) -> None:
    repository.write("fox", AFTER)

    assert repository.diff().lines == [
        "specs/foxes/fox.yaml:13:5: breaking[V303] fox: `size`: maximum 100 → 50; 100 is refused now",
        "    for: wire breaking, python breaking (run time), command line breaking,"
        " vendored copy breaking (run time), tests breaking",
        '    worked before: {"size": 100, "prompt": "xxxxxxxx"}',
        "v1.2.3 → specs: 1 breaking",
        "foxes: version 1.2.3 → 1.2.3 must be at least 2.0.0",
    ]


def test_check_fails_until_the_version_is_large_enough(repository: Repository) -> None:
    repository.write("fox", AFTER)
    repository.diff("--check", code=1)
    repository.write("api", "version: 1.3.0")
    repository.diff("--check", code=1)
    repository.write("api", "version: 2.0.0")

    assert "version 1.2.3 → 2.0.0 is enough" in repository.diff("--check").out


@pytest.mark.parametrize(
    ("before", "after", "required"),
    [
        ("1.2.3", AFTER, "2.0.0"),
        ("0.4.1", AFTER, "0.5.0"),
        ("1.2.3", "parameters: {size: {type: integer, maximum: 200}}", "1.3.0"),
        ("0.4.1", "parameters: {size: {type: integer, maximum: 200}}", "0.4.2"),
        ("1.2.3", f"{BEFORE}\ntitle: Red fox", "1.2.3"),
        ("2.0.0rc1", AFTER, "2.0.0"),
        ("1.2.3", BEFORE, "1.2.3"),
    ],
)
def test_the_most_severe_change_decides_the_version(
    before: str, after: str, required: str, repository: Repository
) -> None:
    repository.write("api", f"version: {before}")
    repository.commit()
    repository.write("fox", after)

    [version] = json.loads(repository.diff("HEAD", "--format", "json").out)["versions"]
    assert version["required"] == required


@pytest.mark.parametrize(
    ("before", "after", "is_enough"),
    [
        ("1.2.3", "2.0.0rc1", True),
        ("1.2.3", "1.3.0rc1", False),
        ("2.0.0rc1", "2.0.0rc2", True),
        ("2.0.0rc1", "2.0.0rc1", False),
        ("0.4.1", "0.5.0b1", True),
        ("0.4.1", "0.4.2", False),
    ],
)
def test_a_pre_release_of_the_required_version_is_enough(
    before: str, after: str, is_enough: bool, repository: Repository
) -> None:
    repository.write("api", f"version: {before}")
    repository.commit()
    repository.write("api", f"version: {after}")
    repository.write("fox", AFTER)

    repository.diff("HEAD", "--check", code=0 if is_enough else 1)


def test_each_side_has_the_version_that_it_needs(repository: Repository) -> None:
    repository.write("api", "command: wolf")

    assert repository.diff().lines[-1] == (
        "foxes: needs no new version for wire, python, vendored copy, tests; 2.0.0 for command line"
    )
    [version] = json.loads(repository.diff("--format", "json").out)["versions"]
    assert version["sides"] == dict.fromkeys(["wire", "python", "vendored copy", "tests"], "1.2.3") | {
        "command line": "2.0.0"
    }


@pytest.mark.parametrize("format_", ["text", "json", "markdown", "github", "sarif"])
def test_check_says_in_every_format_why_it_fails(format_: str, repository: Repository) -> None:
    repository.write("fox", AFTER)

    result = repository.diff("--check", "--format", format_, code=1)

    assert "version 1.2.3 → 1.2.3 must be at least 2.0.0" in result.out + result.err


def test_check_fails_with_a_migration_as_well(repository: Repository) -> None:
    repository.write("fox", AFTER)

    result = repository.diff("--check", "--migration", code=1)

    assert "client.fox.generate(size=100" in result.out
    assert "foxes: version 1.2.3 → 1.2.3 must be at least 2.0.0" in result.err
    assert "takes no --format json" in repository.diff("--migration", "--format", "json", code=2).err


def test_two_revisions_are_compared_without_touching_the_working_tree(repository: Repository) -> None:
    repository.write("fox", AFTER)
    repository.commit()
    repository.write("fox", "not: a spec")

    result = repository.diff("HEAD~1", "HEAD")

    assert result.lines[0].startswith("HEAD:specs/foxes/fox.yaml:13:5: breaking[V303]")
    assert b"not: a spec" in (repository.folder / "specs/foxes/fox.yaml").read_bytes()


def test_a_shallow_clone_is_enough(repository: Repository, run: Callable[..., Any], tmp_path: Path) -> None:
    repository.write("fox", AFTER)
    repository.commit()
    address = repository.folder.as_uri()
    run(["git", "clone", "--quiet", "--depth=1", address, "shallow"], cwd=tmp_path, code=0)
    clone = tmp_path / "shallow"

    missing = repository.diff("v1.2.3", cwd=clone, code=2)
    run(["git", "fetch", "--quiet", "--depth=1", "origin", "tag", "v1.2.3"], cwd=clone, code=0)

    assert "git fetch --depth=1 origin tag" in missing.err
    assert "breaking[V303]" in repository.diff("v1.2.3", cwd=clone).out


def test_a_partial_clone_says_what_to_fetch(
    repository: Repository, run: Callable[..., Any], tmp_path: Path
) -> None:
    repository.write("fox", AFTER)
    repository.commit()
    repository.git("config", "uploadpack.allowFilter", "true")
    address = repository.folder.as_uri()
    run(["git", "clone", "--quiet", "--filter=blob:none", address, "partial"], cwd=tmp_path, code=0)
    clone = tmp_path / "partial"

    missing = repository.diff("v1.2.3", cwd=clone, code=2)
    run(["git", "fetch", "--quiet", "--refetch", "--no-filter", "origin"], cwd=clone, code=0)

    assert "git fetch --refetch --no-filter origin" in missing.err
    assert "breaking[V303]" in repository.diff("v1.2.3", cwd=clone).out


def test_an_api_whose_folder_is_renamed_is_the_same(repository: Repository) -> None:
    repository.git("mv", "specs/foxes", "specs/vixens")

    assert repository.diff().lines == ["v1.2.3 → specs: no changes"]


@pytest.mark.parametrize(
    "options", [(), ("--check",), ("--migration",), ("--prove=1",), ("--check", "--changelog")]
)
def test_nothing_in_the_working_tree_changes(
    options: tuple[str, ...], repository: Repository, run: Callable[..., Any]
) -> None:
    repository.write("fox", AFTER)
    repository.write("api", "version: 2.0.0")
    (repository.folder / "notes.txt").write_text("not committed", encoding="utf-8")
    before = {path: path.read_bytes() for path in files_of(repository.folder)}

    repository.diff(*options, code=1 if "--changelog" in options else 0)

    assert {path: path.read_bytes() for path in files_of(repository.folder)} == before


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_work_tree_and_a_detached_head_are_enough(repository: Repository, tmp_path: Path) -> None:
    repository.write("fox", AFTER)
    repository.commit()
    repository.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "other"))

    assert "breaking[V303]" in repository.diff(cwd=tmp_path / "other").out


def test_specs_with_errors_in_the_old_version_are_an_error(repository: Repository) -> None:
    repository.write("fox", "parameters: {size: {type: integr}}")
    repository.commit()
    repository.write("fox", BEFORE)

    assert "the specs of HEAD have errors:\nHEAD:specs/foxes/fox.yaml:" in repository.diff("HEAD", code=2).err


def test_bundles_and_folders_are_compared(repository: Repository, tmp_path: Path) -> None:
    package = tmp_path / "fox_client"
    package.mkdir()
    shutil.copytree(repository.folder / "specs", tmp_path / "new")
    model = {"speccast": 1, "slug": "fox", "title": "Fox", "surfaces": ["sync"], "returns": ["image/png"]}
    parameters = {"prompt": {"type": "string", "required": True}, "gone": {"type": "string"}}
    text = bundle_text({"id": "foxes", **API}, [{**model, "parameters": parameters}])
    (package / "_specs.json").write_text(text, encoding="utf-8")

    for old in ("fox_client", "fox_client/_specs.json", "."):
        result = repository.diff(old, "new", cwd=tmp_path)

        assert "breaking[V203] fox: `gone` is removed" in result.out
        assert "addition[V201] fox: `size` is new" in result.out


def test_our_own_specs_equal_our_own_client(speccast: Callable[..., Any]) -> None:
    result = speccast("diff", "generated/segmind/python", "specs", cwd=ROOT, code=0)

    assert result.lines == ["generated/segmind/python → specs: no changes"]


def test_a_copy_of_some_models_is_compared_by_these(speccast: Callable[..., Any], tmp_path: Path) -> None:
    client, copy = ROOT / "generated/segmind/python/segmind_client", tmp_path / "copies/segmind"
    (tmp_path / "specs").mkdir()
    options = ("--from", str(client), "--into", str(copy), "--models", "sd2.1-txt2img", "--quiet")
    speccast("vendor", *options, cwd=tmp_path, code=0)

    for versions in ((str(copy), "specs"), ("specs", str(copy))):
        assert "no changes" in speccast("diff", *versions, cwd=ROOT, code=0).out


@pytest.mark.parametrize("name", ["nothing", "--output=x", "HEAD:specs", "v1.2.3^{tree}", "a b", ""])
def test_an_unknown_version_is_an_error(name: str, repository: Repository) -> None:
    result = repository.diff("--", name, code=2)

    assert "is not a folder, a git revision or an installed client" in result.err


def test_specs_with_errors_are_an_error(repository: Repository) -> None:
    repository.write("fox", "parameters: {size: {type: integr}}")

    result = repository.diff(code=2)

    assert "the specs of specs have errors:\nspecs/foxes/fox.yaml:" in result.err


def test_outside_of_a_repository_a_version_must_be_named(
    tmp_path: Path, speccast: Callable[..., Any]
) -> None:
    (tmp_path / "specs").mkdir()

    assert "there is no tag to compare with" in speccast("diff", cwd=tmp_path, code=2).err


def test_a_link_in_a_revision_is_not_followed(repository: Repository) -> None:
    (repository.folder / "specs/foxes/wolf.yaml").symlink_to("/etc/passwd")
    repository.commit()

    assert "is a symbolic link, which is not followed" in repository.diff("HEAD", code=2).err


def test_json_has_everything(repository: Repository) -> None:
    repository.write("fox", AFTER)

    report = json.loads(repository.diff("--format", "json").out)

    [change] = report["changes"]
    assert change["rule"] == "V303"
    assert change["level"] == "breaking"
    assert change["effects"]["python"] == {"level": "breaking", "when": "run time"}
    body = {"size": 100, "prompt": "xxxxxxxx"}
    assert change["witness"] == {"kind": "request", "action": "generate", "value": body, "is_proven": False}
    assert change["before"]["path"] == "v1.2.3:specs/foxes/fox.yaml"
    assert (change["after"]["line"], change["after"]["column"]) == (13, 5)


def test_markdown_begins_with_breaks_and_folds_the_rest(repository: Repository) -> None:
    repository.write("fox", AFTER.replace("}}", "}, seed: {type: integer}}"))

    report = repository.diff("--format", "markdown").out

    assert report.index("#### Breaking (1)") < report.index("<details><summary>Addition (1)</summary>")
    assert "| `fox` | V303 `size`: maximum 100" in report
    assert report.endswith("`speccast explain V201` explains a code.\n")


def test_hostile_text_is_escaped_in_every_format(repository: Repository) -> None:
    text = 'parameters: {"a\\u001b[31m|`<img src=x>\\u202e\\n::error::x": {type: integer}}'
    repository.write("fox", text)
    repository.diff("--format", "sarif")
    for format_ in ("text", "markdown", "github"):
        report = repository.diff("--format", format_).out

        assert "\x1b" not in report
        assert "\u202e" not in report
        assert "\n::error::x" not in report
    assert not re.search(r"(?<!\\)<img", repository.diff("--format", "markdown").out)


def test_github_annotates_the_lines_of_the_new_version(repository: Repository) -> None:
    repository.write("fox", AFTER)

    line, version = repository.diff("--format", "github").lines
    assert version == "::error title=version::foxes: version 1.2.3 → 1.2.3 must be at least 2.0.0"
    assert line.startswith("::error title=V303 range-changed,file=specs/foxes/fox.yaml,line=13,col=5::fox:")


def test_levels_select_what_is_reported(repository: Repository) -> None:
    repository.write("fox", f"{BEFORE}\ntitle: Red fox")

    assert "V190" not in repository.diff().out
    assert "text[V190] fox: another title" in repository.diff("--level", "text").out
