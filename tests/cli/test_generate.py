"""`speccast generate`: what it writes and says, what it leaves alone, and the ways to ask without writing."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULE = "generated/acme/python/acme_client/models/fox.py"
MANIFEST = "generated/acme/python/.speccast-manifest"
MANIFESTS = {MANIFEST, "generated/acme/openapi/.speccast-manifest"}
OTHER_RUFF = ("# ruff: ", "# ruff: 0.0.1-")


def test_each_written_file_is_a_line_of_the_report(project: Any) -> None:
    ran = project.run("generate")
    written = {line.removeprefix("wrote ") for line in ran.lines[:-1]}
    on_disk = {path for path in project.snapshot() if path.startswith("generated/")}
    assert written == on_disk - MANIFESTS
    assert MODULE in written
    assert ran.lines[-1] == f"{len(written)} written, 0 unchanged"
    assert ran.err == ""


def test_a_second_run_writes_nothing_and_reports_it(generated: Any) -> None:
    before = generated.snapshot()
    ran = generated.run("generate")
    assert re.fullmatch(r"0 written, [0-9]+ unchanged\n", ran.out)
    assert generated.snapshot() == before


def test_only_files_that_differ_are_written(generated: Any) -> None:
    before = generated.snapshot()
    generated.change(generated.fox, "maximum: 50", "maximum: 60")
    ran = generated.run("generate")
    assert f"wrote {MODULE}" in ran.lines
    after = generated.snapshot()
    changed = {path for path in after if after[path] != before.get(path)}
    assert {f"wrote {path}" for path in changed} == {
        *ran.lines[:-1],
        *(f"wrote {manifest}" for manifest in MANIFESTS),
        "wrote specs/acme/fox.yaml",
    }


def test_a_comment_in_a_spec_changes_nothing(generated: Any) -> None:
    generated.change(generated.fox, "slug: fox", "slug: fox # a comment")
    assert "0 written" in generated.run("generate").out
    generated.run("generate", "--check")


def test_files_of_a_removed_spec_are_removed(generated: Any) -> None:
    before = generated.snapshot()
    owl = generated.spec("owl")
    generated.run("generate")
    assert generated.output.joinpath("acme_client/models/owl.py").is_file()
    owl.unlink()
    ran = generated.run("generate")
    assert "removed generated/acme/python/acme_client/models/owl.py" in ran.lines
    assert {path: content for path, (_, content) in generated.snapshot().items()} == {
        path: content for path, (_, content) in before.items()
    }


def test_output_of_a_removed_api_is_removed(generated: Any) -> None:
    generated.write("specs/other/api.yaml", generated.folder.joinpath("specs/acme/api.yaml").read_text())
    generated.write("specs/other/fox.yaml", generated.fox.read_text())
    for file in ("api.yaml", "fox.yaml"):
        generated.folder.joinpath("specs/acme", file).unlink()
    ran = generated.run("generate")
    assert f"removed {MODULE}" in ran.lines
    assert not generated.output.exists()
    assert generated.folder.joinpath("generated/other/python/acme_client/models/fox.py").is_file()


def test_quiet_prints_only_the_summary(project: Any) -> None:
    project.change(project.fox, "minimum: 1\n", "minimum: 1\n    default: 0\n")
    ran = project.run("generate", "--quiet")
    assert re.fullmatch(r"[0-9]+ written, 0 unchanged\n", ran.out)
    assert ran.err == ""
    assert "warning[" in project.run("generate").out
    assert "warning[" in project.run("generate", "--check").out
    assert re.fullmatch(r"[0-9]+ files are up to date\n", project.run("generate", "--check", "--quiet").out)


def test_a_file_edited_by_hand_is_kept_and_reported(generated: Any) -> None:
    module = generated.folder / MODULE
    module.write_text(module.read_text() + "# mine\n")
    ran = generated.run("generate", "--quiet", code=1)
    assert ran.lines[0] == f"kept {MODULE} (changed by hand)"
    assert re.fullmatch(r"0 written, 1 kept, [0-9]+ unchanged", ran.lines[1])
    assert ran.err.startswith("to fix generated/acme/python/")
    assert "speccast explain" in ran.err
    assert module.read_text().endswith("# mine\n")


def test_force_overwrites_files_edited_by_hand(generated: Any) -> None:
    module = generated.folder / MODULE
    before = module.read_text()
    module.write_text(before + "# mine\n")
    ran = generated.run("generate", "--force")
    assert f"wrote {MODULE}" in ran.lines
    assert module.read_text() == before


def test_a_foreign_file_is_not_changed(generated: Any) -> None:
    notes = generated.write("generated/acme/python/NOTES.md", "mine")
    for words in (["generate"], ["generate", "--force"], ["generate", "--check"]):
        ran = generated.run(*words, code=1)
        assert "generated/acme/python/NOTES.md" in ran.out
        assert "to fix generated/acme/python/NOTES.md: move the file elsewhere" in ran.err
    assert notes.read_text() == "mine"


def test_a_foreign_file_with_the_path_of_a_generated_one_is_kept(project: Any) -> None:
    module = project.write(MODULE, "mine = True\n")
    ran = project.run("generate", code=1)
    assert any(line.startswith(f"kept {MODULE} (not written by speccast") for line in ran.lines)
    assert module.read_text() == "mine = True\n"


class TestDryRun:
    def test_reports_the_changes_and_writes_nothing(self, project: Any) -> None:
        before = project.snapshot()
        ran = project.run("generate", "--dry-run")
        assert f"would write {MODULE} (not written yet)" in ran.lines
        assert re.fullmatch(r"dry run: [0-9]+ to write, 0 unchanged", ran.lines[-1])
        assert project.snapshot() == before
        assert not project.folder.joinpath(".speccast_cache").exists()

    def test_reports_what_the_run_does(self, generated: Any) -> None:
        generated.spec("owl")
        generated.fox.unlink()
        message = generated.run("generate", "--dry-run").lines[:-1]
        done = generated.run("generate").lines[:-1]
        assert [
            re.sub(r" \(.*", "", line).replace("would write", "wrote").replace("would remove", "removed")
            for line in message
        ] == done
        assert any(line.startswith("removed ") for line in done)

    def test_with_diff_shows_what_would_change(self, generated: Any) -> None:
        generated.change(generated.fox, "maximum: 50", "maximum: 60")
        ran = generated.run("generate", "--dry-run", "--diff")
        assert any(line.startswith("-") and "50" in line for line in ran.lines)
        assert any(line.startswith("+") and "60" in line for line in ran.lines)


class TestCheck:
    def test_is_clean_after_a_run(self, generated: Any) -> None:
        ran = generated.run("generate", "--check")
        assert re.fullmatch(r"[0-9]+ files are up to date\n", ran.out)
        assert ran.err == ""

    def test_names_every_file_and_the_command_that_fixes_it(self, project: Any) -> None:
        ran = project.run("generate", "--check", code=1)
        assert f"{MODULE}: missing: not written yet" in ran.lines
        assert re.fullmatch(r"[0-9]+ files are not up to date", ran.lines[-1])
        assert "to fix: speccast generate" in ran.err

    @pytest.mark.parametrize(
        ("file", "state"),
        [(MODULE, "edited"), (MANIFEST, "stale"), ("generated/acme/python/README.md", "edited")],
    )
    def test_one_changed_byte_is_drift(self, generated: Any, file: str, state: str) -> None:
        place = generated.folder / file
        place.write_bytes(place.read_bytes() + b"#\n")
        ran = generated.run("generate", "--check", code=1)
        assert ran.lines[0].startswith(f"{file}: {state}: ")
        assert ran.lines[1] == "1 file is not up to date"

    def test_a_deleted_file_is_drift(self, generated: Any) -> None:
        generated.folder.joinpath(MODULE).unlink()
        assert (
            generated.run("generate", "--check", code=1).lines[0]
            == f"{MODULE}: missing: deleted since it was written"
        )

    def test_recommends_to_move_an_edit_before_it_is_discarded(self, generated: Any) -> None:
        generated.folder.joinpath(MODULE).write_text("mine = True\n")
        checked = generated.run("generate", "--check", code=1)
        assert "move the edit" in checked.err
        assert "--force" not in checked.err

    def test_ignores_line_endings(self, generated: Any) -> None:
        module = generated.folder / MODULE
        module.write_bytes(module.read_bytes().replace(b"\n", b"\r\n"))
        generated.run("generate", "--check")

    def test_with_diff_shows_what_would_change(self, generated: Any) -> None:
        generated.change(generated.fox, "maximum: 50", "maximum: 60")
        ran = generated.run("generate", "--check", "--diff", code=1)
        assert any(line.startswith("+") and "60" in line for line in ran.lines)

    def test_a_run_records_the_installed_versions(self, generated: Any) -> None:
        generated.change(generated.folder / MANIFEST, *OTHER_RUFF)
        generated.run("generate")
        generated.run("generate", "--check")

    def test_writes_nothing(self, generated: Any) -> None:
        generated.change(generated.fox, "maximum: 50", "maximum: 60")
        generated.folder.joinpath(MODULE).write_text("mine = True\n")
        before = generated.snapshot(cache=True)
        generated.run("generate", "--check", code=1)
        assert generated.snapshot(cache=True) == before

    def test_works_in_a_read_only_checkout(self, generated: Any, read_only: None) -> None:
        assert not generated.folder.joinpath(".speccast_cache").exists()
        before = generated.snapshot()
        generated.run("generate", "--check")
        generated.run("lint")
        assert generated.snapshot() == before
        assert not generated.folder.joinpath(".speccast_cache").exists()


@pytest.fixture
def read_only(generated: Any) -> Iterator[None]:
    """A checkout that its user cannot write to, without a cache from an earlier run.

    For root that forbids nothing, so tests also look at what is on the disk afterwards.
    """
    shutil.rmtree(generated.folder / ".speccast_cache")
    folders = [generated.folder, *(path for path in generated.folder.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    yield
    for folder in folders:
        folder.chmod(0o755)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--diff"], "--diff requires --check or --dry-run"),
        (["--check", "--force"], "cannot be combined with --force"),
        (["--check", "--dry-run"], "cannot be combined with --dry-run"),
    ],
    ids=" ".join,
)
def test_contradictory_options_are_refused(project: Any, words: list[str], message: str) -> None:
    ran = project.run("generate", *words, code=2)
    assert message in ran.err
    assert ran.out == ""
    assert not project.output.exists()


class TestSpecsWithErrors:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("type: integer", "type: intger"),
            ("minimum: 1", "minimum: 99"),
            ("parameters:", "parameters: [unclosed"),
            ("slug: fox", "slug: ../../x"),
        ],
        ids=["no such type", "empty range", "no YAML", "a slug that leaves the folder"],
    )
    def test_are_findings_and_nothing_is_written(self, generated: Any, before: str, after: str) -> None:
        generated.change(generated.fox, before, after)
        snapshot = generated.snapshot()
        ran = generated.run("generate", code=1)
        assert re.match(r"specs/acme/fox\.yaml:[0-9]+:[0-9]+: error\[[A-Z][0-9]+\] ", ran.out)
        assert "nothing was written" in ran.err
        assert generated.snapshot() == snapshot

    def test_are_all_reported_in_the_order_of_the_files(self, project: Any) -> None:
        project.change(project.spec("owl"), "type: integer", "type: nope")
        project.change(project.fox, "type: integer", "type: intger")
        errors = [line for line in project.run("generate", code=1).lines if ": error[" in line]
        assert [line.split(":")[0] for line in errors] == ["specs/acme/fox.yaml", "specs/acme/owl.yaml"]

    def test_are_findings_of_a_check(self, generated: Any) -> None:
        generated.change(generated.fox, "type: integer", "type: intger")
        assert "error[" in generated.run("generate", "--check", code=1).out

    def test_hostile_text_is_escaped(self, project: Any) -> None:
        project.change(project.fox, "type: integer", 'type: "\\e[31mred"')
        assert "\x1b" not in project.run("generate", code=1).out


class TestProject:
    @pytest.mark.parametrize("folder", ["specs", "specs/acme", "deep/down"])
    def test_is_found_from_a_subfolder(self, generated: Any, folder: str) -> None:
        place = generated.folder / folder
        place.mkdir(parents=True, exist_ok=True)
        assert "0 written" in generated.run("generate", cwd=place).out
        assert not place.joinpath("generated").exists()

    def test_without_specs_is_an_error_with_a_hint(self, empty: Any) -> None:
        ran = empty.run("generate", code=2)
        assert ran.err.startswith("error: specs: the folder does not exist\n")
        assert "speccast init" in ran.err
        assert ran.out == ""

    @pytest.mark.parametrize("file", ["speccast.toml", "pyproject.toml"])
    def test_uses_the_folders_of_its_configuration(self, project: Any, file: str) -> None:
        project.folder.joinpath("specs").rename(project.folder / "api-specs")
        table = "[tool.speccast]\n" if file == "pyproject.toml" else ""
        project.write(file, f'{table}specs = "api-specs"\noutput = "clients"\n')
        assert "wrote clients/acme/python/README.md" in project.run("generate").lines
        assert not project.output.exists()

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('output = "out', "speccast.toml: not valid TOML"),
            ('ouput = "out"', "did you mean 'output'?"),
            ("zzz = 1", "known keys: specs, templates"),
            ("output = 3", "output must be a string such as 'generated', not 3"),
            ("targets = []", 'targets must be a list such as ["python"], not []'),
            ('targets = ["cobol"]', "unknown target 'cobol'"),
            ('required-version = ">=99"', "this project requires speccast >=99, but 0.1.0 is installed"),
            ('required-version = "soon"', "'soon' is not a version specifier"),
            ('specs = "nowhere"', "nowhere: the folder does not exist"),
        ],
    )
    def test_with_an_invalid_configuration_is_an_error(self, project: Any, text: str, message: str) -> None:
        project.write("speccast.toml", text)
        ran = project.run("generate", code=2)
        assert message in ran.err
        assert ran.err.startswith("error: ")
        assert ran.out == ""
        assert not project.output.exists()

    @pytest.mark.parametrize("text", ["[tool]\nspeccast = 1", "tool = 3\n[project]"])
    def test_with_an_invalid_pyproject_is_an_error_or_has_the_defaults(self, project: Any, text: str) -> None:
        project.write("pyproject.toml", text)
        wrong = "speccast = 1" in text
        ran = project.run("generate", "--dry-run", code=2 if wrong else 0)
        assert ("tool.speccast must be a table" in ran.err) is wrong

    def test_that_requires_this_version_is_generated(self, project: Any) -> None:
        project.write("speccast.toml", 'required-version = "~=0.1"')
        project.run("generate", "--dry-run")

    def test_whose_output_is_a_file_is_an_error(self, project: Any) -> None:
        project.write("generated", "not a folder")
        ran = project.run("generate", code=2)
        assert "generated" in ran.err
        assert "internal error" not in ran.err

    def test_whose_output_is_a_link_elsewhere_is_not_followed(self, project: Any, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        project.folder.joinpath("generated").mkdir()
        project.folder.joinpath("generated/acme").symlink_to(elsewhere)
        ran = project.run("generate", code=2)
        assert "internal error" not in ran.err
        assert not any(elsewhere.iterdir())

    @pytest.mark.parametrize("words", [(), ("--check",), ("--dry-run",)])
    @pytest.mark.parametrize("link", ["generated", "built"])
    def test_whose_output_leads_out_of_it_is_not_followed(
        self, project: Any, tmp_path: Path, words: tuple[str, ...], link: str
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        project.folder.joinpath(link).symlink_to(elsewhere)
        if link == "built":
            project.write("speccast.toml", 'output = "built/here"\n')
        assert (
            "leads out of the project through a symbolic link" in project.run("generate", *words, code=2).err
        )
        assert not any(elsewhere.iterdir())

    @pytest.mark.skipif(os.name == "nt", reason="file names are text there")
    def test_in_a_folder_with_an_unusual_name_is_generated(self, project: Any) -> None:
        odd = project.folder.rename(project.folder.parent / "a 'b\" {{ c }} ünï $HOME;")
        project.run("generate", cwd=odd)
        project.run("generate", "--check", cwd=odd)


class TestTemplates:
    def test_of_a_project_overlay_the_built_in_ones(self, project: Any) -> None:
        project.write("templates/python/README.md.jinja", "# {{ api.title | markdown }} by us\n")
        project.write("templates/python/__package__/extra.txt", "as {{ it }} is\n")
        project.run("generate")
        assert project.output.joinpath("README.md").read_text() == "# Acme by us\n"
        assert project.output.joinpath("acme_client/extra.txt").read_text() == "as {{ it }} is\n"
        assert project.output.joinpath("acme_client/client.py").is_file()

    def test_that_change_no_file_are_recorded_and_are_not_drift(self, project: Any) -> None:
        template = "templates/python/README.md.jinja"
        project.write(template, "# {{ api.title | markdown }}\n")
        project.run("generate")
        before = (project.folder / MANIFEST).read_text()
        project.write(template, "{# as before #}# {{ api.title | markdown }}\n")
        project.run("generate", "--check")
        ran = project.run("generate", "--dry-run")
        assert re.fullmatch(r"dry run: 0 to write, 1 manifest to update, [0-9]+ unchanged", ran.lines[-1])
        assert (project.folder / MANIFEST).read_text() == before
        ran = project.run("generate")
        assert re.fullmatch(r"0 written, 1 manifest updated, [0-9]+ unchanged", ran.lines[-1])
        after = (project.folder / MANIFEST).read_text()
        changed = set(before.splitlines()) ^ set(after.splitlines())
        assert [line.split("  ")[1] for line in changed] == [template, template]

    @pytest.mark.parametrize(
        ("path", "text", "message"),
        [
            ("note.txt.jinja", "one\n{% if %}\n", "templates/python/note.txt.jinja:2: "),
            ("note.txt.jinja", "one\n\n{{ api.titel | markdown }}\n", "templates/python/note.txt.jinja:3: "),
            ("note.txt.jinja", "{{ api.title }}\n", "without a filter"),
            ("note.txt.jinja", "{{ api.title | nofilter }}\n", "templates/python/note.txt.jinja:1: "),
            ("__pakcage__/note.txt", "", "unknown placeholder __pakcage__"),
            ("__package__/note.py.jinja", "def (:\n", "note.py"),
        ],
    )
    def test_with_errors_are_reported_with_their_position(
        self, project: Any, path: str, text: str, message: str
    ) -> None:
        project.write(f"templates/python/{path}", text)
        ran = project.run("generate", code=2)
        assert message in ran.err
        assert "internal error" not in ran.err
        assert not project.output.exists()


def test_no_file_of_the_output_is_a_hard_link(project: Any) -> None:
    """Rendered files may be linked into the output; templates and files that remain elsewhere must not."""
    project.run("generate")
    for path in project.snapshot():
        if path.startswith("generated/"):
            assert (project.folder / path).stat().st_nlink == 1, path
