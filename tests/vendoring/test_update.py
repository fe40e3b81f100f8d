"""`speccast vendor --update`: a copy moves to what is generated now, and says what that changes."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any

from .conftest import COPY, with_copy
from .support import reformat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Desk


def test_a_copy_that_is_up_to_date_is_not_written(desk: Desk) -> None:
    desk.vendor()
    before = {path: path.stat().st_mtime_ns for path in desk.copy.rglob("*")}
    ran = desk.run("--update")
    assert f"acme-client 1.2.0, the whole client: {len(desk.files()) - 1} unchanged" in ran.lines
    assert {path: path.stat().st_mtime_ns for path in desk.copy.rglob("*")} == before


@with_copy("--models", "fox,owl")
def test_changed_models_and_parameters_are_listed(desk: Desk) -> None:
    desk.change(desk.spec("fox"), "maximum: 50", "maximum: 60")
    desk.change(desk.spec("fox"), "enum: [plain, rich]", "enum: [plain, wild]")
    desk.change(
        desk.spec("owl"),
        "  style:\n    type: string\n    enum: [plain, rich]\n",
        "  seed: { type: integer }\n",
    )
    desk.change(desk.spec("owl"), "The owl model", "The grey owl")
    desk.change(desk.maker / "specs/acme/api.yaml", "version: 1.2.0", "version: 1.3.0")
    desk.generate()
    ran = desk.run("--update")
    message = ran.lines[ran.lines.index("    httpx2>=2.0") + 1 :]
    assert message == [
        "version: 1.2.0 → 1.3.0",
        'fox: breaking[V302] `style`: enum +"wild" -"rich"; "rich" is refused now',
        "    before: client.fox.generate(style='rich', prompt='xxxxxxxx')",
        "    after:  client.fox.generate(style='plain', prompt='xxxxxxxx')",
        "owl: breaking[V203] `style` is removed",
        "    before: client.owl.generate(style='plain', prompt='xxxxxxxx')",
        "    after:  client.owl.generate(prompt='xxxxxxxx')",
        "fox: addition[V303] `steps`: maximum 50 → 60",
        "owl: addition[V201] `seed` is new",
    ]
    assert f"changed {COPY}/models/fox.py" in ran.lines
    assert f"added {COPY}" not in ran.out
    assert desk.files()["models/fox.py"] == desk.files(desk.made)["models/fox.py"]
    assert desk.run("--check").code == 0


@with_copy("--models", "fox", "--cli")
def test_a_copy_with_the_command_line_shows_how_to_adapt_commands(desk: Desk) -> None:
    desk.change(desk.spec("fox"), "maximum: 50", "maximum: 40")
    desk.generate()
    message = desk.run("--update").lines
    assert "    before: acme-client fox --steps 50 --prompt xxxxxxxx" in message
    assert "    after:  acme-client fox --steps 40 --prompt xxxxxxxx" in message


@with_copy("--models", "fox", "--cli")
def test_an_update_uses_the_recorded_options(desk: Desk) -> None:
    desk.change(desk.spec("fox"), "maximum: 50", "maximum: 60")
    desk.generate()
    desk.run("--update")
    assert "models/owl.py" not in desk.files()
    assert "cli/app.py" in desk.files()
    assert desk.files()["models/fox.py"] == desk.files(desk.made)["models/fox.py"]


@with_copy("--models", "fox,owl")
def test_other_models_can_be_chosen_and_files_of_the_former_are_removed(desk: Desk) -> None:
    ran = desk.run("--update", "--models", "owl,3-birds.v2")
    assert f"removed {COPY}/models/fox.py" in ran.lines
    assert f"added {COPY}/models/m_3_birds_v2.py" in ran.lines
    assert "fox: breaking[V102] the model is removed (it is perhaps renamed to 3-birds.v2)" in ran.lines
    assert "3-birds.v2: addition[V101] the model is new" in ran.lines
    assert desk.run("--check").code == 0


@with_copy("--models", "fox")
def test_an_edited_copy_is_kept_even_if_the_edit_is_committed(desk: Desk, run: Callable[..., Any]) -> None:
    """Committed output can be generated again; a patch of a vendored copy cannot."""
    desk.change(desk.copy / "client.py", "class Acme(", "class Patched(")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "Patch the copy"]):
        run(["git", *words], cwd=desk.host, code=0)
    desk.change(desk.spec("fox"), "maximum: 50", "maximum: 60")
    desk.generate()
    before = desk.files()
    ran = desk.run("--update", code=1)
    assert ran.lines == [
        f"{COPY}/client.py: edited: differs from the vendored code",
        "nothing was written: 1 file would be lost",
    ]
    assert "--force" in ran.err
    assert desk.files() == before
    desk.run("--update", "--force")
    assert desk.files()["client.py"] == desk.files(desk.made)["client.py"]
    assert b"60" in desk.files()["models/fox.py"]


@with_copy("--models", "fox")
def test_a_reformatted_copy_is_updated(desk: Desk, run: Callable[..., Any]) -> None:
    reformat(run, desk.copy)
    (desk.copy / "py.typed").unlink()
    ran = desk.run("--update")
    assert f"restored {COPY}/client.py" in ran.lines
    assert f"restored {COPY}/py.typed" in ran.lines
    assert f"changed {COPY}" not in ran.out
    assert desk.run("--check", "--strict").code == 0


@with_copy("--models", "fox")
def test_a_foreign_file_in_the_copy_is_kept(desk: Desk) -> None:
    (desk.copy / "models" / "owl.py").write_text("mine\n", encoding="utf-8")
    (desk.copy / "notes.txt").write_text("mine\n", encoding="utf-8")
    desk.run("--update")
    assert f"{COPY}/models/owl.py: foreign" in desk.run("--update", "--models", "fox,owl", code=1).out
    desk.run("--update", "--models", "fox,owl", "--force")
    assert desk.files()["notes.txt"] == b"mine\n"
    assert desk.files()["models/owl.py"] == desk.files(desk.made)["models/owl.py"]


@with_copy("--models", "fox,owl")
def test_a_removed_model_is_an_error_that_names_it(desk: Desk) -> None:
    desk.spec("owl").unlink()
    desk.generate()
    before = desk.files()
    ran = desk.run("--update", code=2)
    assert "the client no longer has the model 'owl' of the copy in" in ran.err
    assert "to update without it: --models fox" in ran.err
    assert desk.files() == before
    desk.run("--update", "--models", "fox")


@with_copy("--models", "fox")
def test_a_removed_source_is_an_error_that_names_it(desk: Desk) -> None:
    desk.maker.rename(desk.folder / "moved")
    ran = desk.run("--update", code=2)
    assert "was vendored from ../maker/generated/acme/python, which does not exist here" in ran.err
    assert (
        f"install acme-client in this environment, or name its folder: speccast vendor --update --into {COPY}"
        in ran.err
    )
    desk.run("--update", "--from", "../moved/generated/acme/python")
    assert "../moved/generated/acme/python" in desk.files()["_vendored.json"].decode()
    desk.run("--update")


@with_copy("--models", "fox")
def test_a_removed_source_is_replaced_by_the_installed_client(desk: Desk, tmp_path: Path) -> None:
    """A colleague has the same client from an index, and no checkout beside the host project."""
    before = desk.files()
    installed = tmp_path / "site-packages"
    shutil.copytree(desk.made, installed / "acme_client")
    shutil.rmtree(desk.maker)
    desk.run("--update", "--dry-run", env={"PYTHONPATH": str(installed)})
    assert desk.files() == before


@with_copy("--models", "fox")
def test_new_options_require_a_single_copy(desk: Desk) -> None:
    desk.run("--into", "lib/other", "--from", "../maker/generated/acme/python", "--models", "owl")
    before = desk.files(desk.host)
    ran = desk.run("--update", "--models", "owl", code=2)
    assert "name it with --into" in ran.err
    assert desk.files(desk.host) == before
    desk.run("--update", "--models", "owl", "--into", COPY)
    desk.run("--update")


def test_a_copy_can_be_a_source(desk: Desk) -> None:
    desk.vendor()
    desk.run("--into", "src/part", "--from", COPY, "--models", "fox")
    ran = desk.run("--into", "src/whole", "--from", COPY)
    assert ran.out.endswith("    httpx2>=2.0\n    click>=8.2\n    rich>=14\n")
    desk.run("--update")
    desk.run("--check")


@with_copy("--models", "fox")
def test_a_dry_run_of_an_update_reports_changes_and_writes_nothing(desk: Desk) -> None:
    desk.change(desk.spec("fox"), "maximum: 50", "maximum: 60")
    desk.generate()
    before = desk.files()
    ran = desk.run("--update", "--dry-run")
    assert f"would be changed {COPY}/models/fox.py" in ran.lines
    assert "fox: addition[V303] `steps`: maximum 50 → 60" in ran.lines
    assert desk.files() == before


@with_copy("--models", "fox")
def test_a_conflicted_record_is_an_error_with_a_hint(desk: Desk) -> None:
    (desk.copy / "_vendored.json").write_text("<<<<<<< ours\n", encoding="utf-8")
    ran = desk.run("--update", code=2)
    assert "is not a valid record of a vendored client" in ran.err
    desk.vendor("--models", "fox", "--force")
    assert desk.run("--check").code == 0


KILLED = """
import os, sys
from speccast.publish import swap
from speccast.cli import run

moved = 0

def move(staged, place, really=swap._move):
    global moved
    moved += 1
    if moved > 5:
        os._exit(9)
    really(staged, place)

swap._move = move
sys.exit(run(sys.argv[1:]))
"""


def test_an_interrupted_run_is_finished_before_the_copy_is_read(desk: Desk, run: Callable[..., Any]) -> None:
    words = ["vendor", "--into", COPY, "--from", "../maker/generated/acme/python"]
    run([sys.executable, "-c", KILLED, *words], cwd=desk.host, code=9)
    assert len(desk.files()) == 5
    files = desk.files()
    assert "to finish it, run speccast vendor --update" in desk.run("--check", code=2).err
    assert desk.files() == files
    assert "to finish it, run speccast vendor --update" in desk.run("--update", "--dry-run", code=2).err
    assert desk.files() == files
    assert "finished an interrupted run" in desk.run("--update").err
    ran = desk.run("--check")
    assert ran.out == f"{COPY}: all {len(desk.files())} files are untouched\n"
    assert desk.files(desk.made).items() <= desk.files().items()


def test_a_dry_run_does_not_finish_an_interrupted_run_of_the_client(
    desk: Desk, run: Callable[..., Any]
) -> None:
    desk.change(desk.spec("fox"), "50", "60")
    desk.change(desk.spec("owl"), "50", "60")
    run([sys.executable, "-c", KILLED.replace("> 5", "> 2"), "generate"], cwd=desk.maker, code=9)
    before = desk.files(desk.maker)
    assert "to finish it, run speccast generate" in desk.vendor("--dry-run", "--force").err
    assert desk.files(desk.maker) == before
    assert "finished an interrupted run" in desk.vendor().err


def test_a_copy_in_the_project_of_its_client_needs_one_lock(desk: Desk) -> None:
    """A staging folder that cannot be deleted, such as one of a checkout, is found again after the lock was taken."""
    copy = "copies/acme"
    desk.speccast("vendor", "--into", copy, cwd=desk.maker)
    staging = desk.maker / ".speccast_cache" / "staging-0123456789abcdef"
    (staging / "folder").mkdir(parents=True)
    ran = desk.speccast("vendor", "--update", cwd=desk.maker)
    assert (
        "could not delete .speccast_cache/staging-0123456789abcdef, which no run needs; delete it" in ran.err
    )
    assert "waiting for another" not in ran.err
