"""Plans: what a run would do to each file, and that it does only that."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from speccast.errors import SpeccastError
from speccast.publish.manifest import MANIFEST
from speccast.publish.plan import OutputFolder, Plan, make_plan
from speccast.publish.transaction import apply, lock

if TYPE_CHECKING:
    from tests.publish.conftest import Project

ONE = {"README.md": "read me\n", "acme/__init__.py": "", "acme/models/fox.py": "FOX = 1\n"}
LONG_AGO_NS = 1_000_000_000_000_000_000


def listing(root: Path) -> dict[str, tuple[int, int]]:
    """Return the inode and modification time of every path, which change with any write."""
    return {
        str(path.relative_to(root)): (path.lstat().st_ino, path.lstat().st_mtime_ns)
        for path in root.rglob("*")
    }


def actions(plan: Plan) -> dict[str, str]:
    return {entry.path: str(entry.action) for entry in plan.entries}


def test_a_plan_lists_missing_files_and_writes_nothing(project: Project) -> None:
    plan = project.plan(ONE)
    assert [(entry.path, entry.state, entry.reason) for entry in plan.entries] == [
        (path, "missing", "not written yet") for path in sorted(ONE)
    ]
    assert plan.manifest.state == "missing"
    assert plan.changed
    assert plan.drift
    assert list(project.folder.iterdir()) == []


def test_publishing_writes_every_file_and_a_manifest(project: Project) -> None:
    project.publish(ONE)
    assert project.files() == ONE
    assert project.manifest.read_text().splitlines() == [
        "# The files that Speccast wrote here and their SHA-256, line ends as LF."
        " Do not edit: make generate writes it.",
        "# format: 1",
        "# datamodel-code-generator: 0.89.0",
        "# ruff: 0.17.5",
        "# speccast: 0.1.0",
        *(f"{hashlib.sha256(text.encode()).hexdigest()}  {path}" for path, text in sorted(ONE.items())),
    ]


def test_a_second_run_writes_nothing_at_all(project: Project) -> None:
    project.publish(ONE)
    before = listing(project.folder)
    plan = project.publish(ONE)
    assert not plan.changed
    assert not plan.drift
    assert listing(project.folder) == before


def test_only_changed_files_are_written(project: Project) -> None:
    project.publish(ONE)
    for path in ONE:
        os.utime(project.root / path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    plan = project.publish({**ONE, "README.md": "read me again\n"})
    assert [(entry.path, entry.state) for entry in plan.written] == [("README.md", "stale")]
    assert (project.root / "acme/models/fox.py").stat().st_mtime_ns == LONG_AGO_NS
    assert (project.root / "README.md").stat().st_mtime_ns > LONG_AGO_NS


def test_a_file_deleted_by_hand_is_written_again(project: Project) -> None:
    project.publish(ONE)
    (project.root / "README.md").unlink()
    plan = project.publish(ONE)
    assert [(entry.path, entry.state, entry.reason) for entry in plan.written] == [
        ("README.md", "missing", "deleted since it was written")
    ]
    assert project.files() == ONE


def test_a_file_edited_by_hand_is_kept_and_reported_every_time(project: Project) -> None:
    project.publish(ONE)
    (project.root / "README.md").write_text("mine\n")
    for wanted in (ONE, ONE, {**ONE, "README.md": "newer\n"}):
        plan = project.publish(wanted)
        assert [(entry.path, entry.state, entry.reason) for entry in plan.kept] == [
            ("README.md", "edited", "changed by hand")
        ]
        assert plan.drift
        assert not plan.changed
    assert (project.root / "README.md").read_text() == "mine\n"


def test_a_reverted_edit_is_unchanged(project: Project) -> None:
    project.publish(ONE)
    (project.root / "README.md").write_text("mine\n")
    project.publish({**ONE, "README.md": "newer\n"})
    (project.root / "README.md").write_text(ONE["README.md"])
    assert project.state(project.publish({**ONE, "README.md": "newer\n"}), "README.md") == ("stale", "write")
    assert (project.root / "README.md").read_text() == "newer\n"


def test_an_edit_equal_to_the_rendered_content_is_unchanged(project: Project) -> None:
    project.publish(ONE)
    (project.root / "README.md").write_text("newer\n")
    plan = project.publish({**ONE, "README.md": "newer\n"})
    assert project.state(plan, "README.md") == ("unchanged", "none")
    assert not project.plan({**ONE, "README.md": "newer\n"}).drift


def test_force_overwrites_and_removes_edited_files(project: Project) -> None:
    project.publish(ONE)
    (project.root / "README.md").write_text("mine\n")
    (project.root / "acme/models/fox.py").write_text("FOX = 2\n")
    (project.root / "new.py").write_text("mine\n")
    wanted = {"README.md": "read me\n", "acme/__init__.py": "", "new.py": "generated\n"}
    plan = project.publish(wanted, force=True)
    assert {entry.path: str(entry.state) for entry in (*plan.written, *plan.removed)} == {
        "README.md": "edited",
        "acme/models/fox.py": "orphan-edited",
        "new.py": "foreign",
    }
    assert project.files() == wanted
    assert not project.plan(wanted).drift


def test_an_unlisted_file_with_the_rendered_content_is_added_to_the_manifest(project: Project) -> None:
    (project.root / "acme").mkdir(parents=True)
    (project.root / "acme/__init__.py").write_text("")
    plan = project.publish(ONE)
    assert project.state(plan, "acme/__init__.py") == ("unchanged", "none")
    assert "  acme/__init__.py\n" in project.manifest.read_text()
    assert not project.plan(ONE).drift


def test_an_unlisted_file_with_other_content_is_kept(project: Project) -> None:
    project.root.mkdir(parents=True)
    (project.root / "README.md").write_text("mine\n")
    plan = project.publish(ONE)
    assert project.state(plan, "README.md") == ("foreign", "keep")
    assert (project.root / "README.md").read_text() == "mine\n"
    assert "  README.md\n" not in project.manifest.read_text()
    assert project.state(project.publish(ONE), "README.md") == ("foreign", "keep")


def test_orphans_and_their_empty_folders_are_removed(project: Project) -> None:
    project.publish(ONE | {"acme/other/deep/owl.py": "OWL = 1\n"})
    plan = project.publish(ONE)
    assert [(entry.path, entry.state) for entry in plan.removed] == [("acme/other/deep/owl.py", "orphan")]
    assert project.files() == ONE
    assert not (project.root / "acme/other").exists()
    assert not project.plan(ONE).drift


def test_an_edited_orphan_is_kept_until_it_is_deleted(project: Project) -> None:
    project.publish(ONE | {"owl.py": "OWL = 1\n"})
    (project.root / "owl.py").write_text("OWL = 2\n")
    for _ in range(2):
        assert project.state(project.publish(ONE), "owl.py") == ("orphan-edited", "keep")
    (project.root / "owl.py").unlink()
    project.publish(ONE)
    assert not project.plan(ONE).drift
    assert "owl.py" not in project.manifest.read_text()


def test_nothing_is_deleted_that_the_manifest_does_not_own(project: Project) -> None:
    project.publish(ONE | {"acme/other/owl.py": "OWL = 1\n"})
    (project.root / "acme/other/notes.txt").write_text("mine\n")
    (project.root / "acme/models/extra").mkdir()
    (project.root / "mine.py").write_text("mine\n")
    project.publish({"README.md": "read me\n"})
    assert project.files() == {
        "README.md": "read me\n",
        "acme/other/notes.txt": "mine\n",
        "mine.py": "mine\n",
    }
    assert (project.root / "acme/models/extra").is_dir()


def test_byte_code_of_removed_modules_does_not_keep_their_folder(project: Project) -> None:
    project.publish(ONE | {"acme/other/owl.py": "OWL = 1\n"})
    byte_code = project.root / "acme/other/__pycache__"
    byte_code.mkdir()
    (byte_code / "owl.cpython-311.pyc").write_bytes(b"\0")
    project.publish(ONE)
    assert not byte_code.parent.exists()


def test_byte_code_is_kept_with_its_folder(project: Project) -> None:
    project.publish(ONE | {"acme/models/owl.py": "OWL = 1\n"})
    byte_code = project.root / "acme/models/__pycache__/owl.cpython-311.pyc"
    byte_code.parent.mkdir()
    byte_code.write_bytes(b"\0")
    project.publish(ONE)
    assert byte_code.exists()


@pytest.mark.parametrize("name", ["mine.cpython-311.pyc", "owl.txt"])
def test_byte_code_of_other_modules_is_kept(project: Project, name: str) -> None:
    project.publish(ONE | {"acme/other/owl.py": "OWL = 1\n"})
    byte_code = project.root / "acme/other/__pycache__"
    byte_code.mkdir()
    (byte_code / "owl.cpython-311.pyc").write_bytes(b"\0")
    (byte_code / name).write_bytes(b"\0")
    project.publish(ONE)
    assert sorted(path.name for path in byte_code.iterdir()) == sorted(["owl.cpython-311.pyc", name])


def test_a_folder_without_rendered_files_is_removed(project: Project) -> None:
    project.publish(ONE)
    plan = project.publish({})
    assert plan.manifest.action == "remove"
    assert not project.root.exists()
    assert not project.publish({}).changed
    assert not project.root.exists()


def test_foreign_files_in_a_folder_without_rendered_files_are_kept(project: Project) -> None:
    project.publish(ONE)
    (project.root / "README.md").write_text("mine\n")
    (project.root / "notes.txt").write_text("mine\n")
    plan = project.publish({})
    assert [entry.path for entry in plan.kept] == ["README.md"]
    assert project.files() == {"README.md": "mine\n", "notes.txt": "mine\n"}


def test_a_checkout_with_other_line_endings_is_unchanged(project: Project) -> None:
    project.publish(ONE)
    for path in (*ONE, MANIFEST):
        file = project.root / path
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
        os.utime(file, ns=(LONG_AGO_NS, LONG_AGO_NS))
    plan = project.publish(ONE)
    assert not plan.drift
    assert {(project.root / path).stat().st_mtime_ns for path in ONE} == {LONG_AGO_NS}
    assert b"\r\n" in (project.root / "README.md").read_bytes()


def test_a_stale_file_with_other_line_endings_is_stale(project: Project) -> None:
    project.publish(ONE)
    for path in ("README.md", MANIFEST):
        (project.root / path).write_bytes((project.root / path).read_bytes().replace(b"\n", b"\r\n"))
    assert project.state(project.publish({**ONE, "README.md": "newer\n"}), "README.md") == ("stale", "write")


def test_binary_content_is_compared_byte_for_byte(project: Project) -> None:
    image = b"\x89PNG\r\n\x1a\n\0"
    project.publish({"image.png": image})
    (project.root / "image.png").write_bytes(image.replace(b"\r\n", b"\n"))
    assert project.state(project.plan({"image.png": image}), "image.png") == ("edited", "keep")


NEWER = {"speccast": "0.1.0", "ruff": "0.18.0", "datamodel-code-generator": "0.89.0"}


def test_other_versions_that_write_the_same_bytes_change_nothing(project: Project) -> None:
    project.publish(ONE)
    before = project.manifest.read_bytes()
    plan = project.publish(ONE, versions=NEWER)
    assert not plan.drift
    assert project.manifest.read_bytes() == before
    (project.root / "README.md").write_text("mine\n")
    assert [entry.path for entry in project.publish(ONE, versions=NEWER).kept] == ["README.md"]
    assert project.manifest.read_bytes() == before


def test_inputs_that_write_the_same_bytes_are_recorded_without_being_drift(project: Project) -> None:
    first, second = ({"templates/a.jinja": digit * 16} for digit in "12")
    target = project.target(ONE)
    with lock(project.cache) as held:
        apply([make_plan(replace(target, inputs=first))], held)
        plan = make_plan(replace(target, inputs=second))
        apply([plan], held)
    assert (plan.drift, plan.changed, plan.written) == (False, True, ())
    assert f"# from {'2' * 16}  templates/a.jinja\n" in project.manifest.read_text()
    assert not make_plan(replace(target, inputs=second)).changed
    assert not make_plan(target).changed  # as if the inputs were unknown


def test_other_versions_are_reported_and_recorded_where_bytes_differ(project: Project) -> None:
    project.publish(ONE)
    plan = project.publish({**ONE, "README.md": "newer\n"}, versions=NEWER)
    assert plan.other_versions is not None
    assert plan.other_versions["ruff"] == "0.17.5"
    assert b"# ruff: 0.18.0\n" in project.manifest.read_bytes()
    assert project.plan({**ONE, "README.md": "newer\n"}, versions=NEWER).other_versions is None


def test_other_files_in_an_exclusive_folder_are_foreign_and_never_removed(project: Project) -> None:
    project.publish(ONE)
    for path in (
        "mine.py",
        "acme/deep/er/mine.txt",
        "acme/__pycache__/a.pyc",
        "x.egg-info/PKG-INFO",
        "dist/a.whl",
    ):
        (project.root / path).parent.mkdir(parents=True, exist_ok=True)
        (project.root / path).write_text("mine\n")
    (project.root / "link").symlink_to("/dev/zero")
    target = replace(project.target(ONE), is_exclusive=True)
    for force in (False, True):
        plan = make_plan(target, force=force)
        assert [(entry.path, str(entry.state)) for entry in plan.kept] == [
            (path, "foreign") for path in ("acme/deep/er/mine.txt", "link", "mine.py")
        ]
    assert not make_plan(project.target(ONE)).drift


def test_a_removed_file_that_comes_back_is_removed_again(repository: Project) -> None:
    """As by a merge with a branch that still has it, committed before the output is generated."""
    repository.publish({**ONE, "old.py": "old\n"})
    repository.commit("one")
    repository.publish(ONE)
    (repository.root / "old.py").write_text("old\n")
    plan = make_plan(replace(repository.target(ONE), is_exclusive=True))
    assert [(entry.path, str(entry.state)) for entry in plan.removed] == [("old.py", "orphan")]


def test_the_manifest_does_not_depend_on_the_order_of_files(project: Project) -> None:
    project.publish(ONE)
    before = project.manifest.read_bytes()
    project.publish({})
    project.publish(
        dict(reversed(list(ONE.items()))),
        versions=dict(reversed(list(project.target(ONE).versions.items()))),
    )
    assert project.manifest.read_bytes() == before


def test_a_folder_in_place_of_a_file_is_an_error(project: Project) -> None:
    (project.root / "README.md").mkdir(parents=True)
    (project.root / "README.md/mine.txt").write_text("mine\n")
    with pytest.raises(SpeccastError, match=r"README\.md is a folder, but a generated file has this path"):
        project.plan(ONE)


def test_a_file_in_place_of_a_folder_is_an_error(project: Project) -> None:
    project.root.mkdir(parents=True)
    (project.root / "acme").write_text("mine\n")
    with pytest.raises(SpeccastError, match="acme is a file, but a generated folder has this path"):
        project.plan(ONE)


def test_a_folder_in_place_of_the_manifest_is_an_error(project: Project) -> None:
    project.manifest.mkdir(parents=True)
    with pytest.raises(SpeccastError, match="is a folder, but the manifest must be written there"):
        project.plan(ONE)


def test_a_generated_file_may_become_a_folder_and_back(project: Project) -> None:
    as_file, as_folder = {"docs": "one page\n"}, {"docs/a.md": "a\n", "docs/more/b.md": "b\n"}
    for wanted in (as_file, as_folder, as_file):
        project.publish(wanted)
        assert project.files() == wanted
        assert not project.plan(wanted).drift


def test_a_file_renamed_only_in_case_is_kept_on_a_disk_that_ignores_case(project: Project) -> None:
    """A hard link imitates a disk that ignores case: two names for one file."""
    project.publish({"Readme.md": "one\n"})
    os.link(project.root / "Readme.md", project.root / "README.md")
    plan = project.publish({"README.md": "one\n"})
    assert actions(plan) == {"README.md": "write", "Readme.md": "remove"}
    assert project.files() == {"README.md": "one\n"}


def test_a_plan_does_not_require_an_output_folder(tmp_path: Path) -> None:
    plan = make_plan(OutputFolder(tmp_path / "new", {"a.py": b""}, {"speccast": "1"}, "make generate"))
    assert [entry.path for entry in plan.written] == ["a.py"]
    assert not Path(tmp_path / "new").exists()


def test_a_file_that_cannot_be_read_is_named(project: Project) -> None:
    project.root.mkdir(parents=True)
    os.mkfifo(project.root / "README.md")
    with pytest.raises(SpeccastError, match=r"README\.md is not a regular file"):
        project.plan(ONE)
