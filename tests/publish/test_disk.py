"""Security boundary: a symbolic link in the output is an error before anything is written, not a way out of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from speccast.errors import SpeccastError
from speccast.publish.plan import make_plan
from speccast.publish.transaction import apply, lock

if TYPE_CHECKING:
    from pathlib import Path

    from tests.publish.conftest import Project

BEFORE = {"README.md": "read me\n", "acme/models/fox.py": "FOX = 1\n", "acme/models/owl.py": "OWL = 1\n"}
AFTER = {"README.md": "read me again\n", "acme/models/fox.py": "FOX = 2\n"}


def link(project: Project, path: str, outside: Path) -> None:
    """Move a path out of the project and replace it by a symbolic link."""
    place = project.folder / path
    place.rename(outside)
    place.symlink_to(outside)


@pytest.mark.parametrize(
    "path",
    [
        "generated/acme",
        "generated/acme/python",
        "generated/acme/python/acme",
        "generated/acme/python/acme/models",
        "generated/acme/python/acme/models/fox.py",
        "generated/acme/python/acme/models/owl.py",
        "generated/acme/python/README.md",
        "generated/acme/python/.speccast-manifest",
    ],
)
@pytest.mark.parametrize("force", [False, True])
def test_a_link_in_the_output_is_an_error_and_nothing_is_written(
    project: Project, tmp_path: Path, path: str, force: bool
) -> None:
    project.publish(BEFORE)
    link(project, path, tmp_path / "outside")
    with pytest.raises(SpeccastError, match="is a symbolic link") as refused:
        project.publish(AFTER, force=force)
    assert str(project.folder / path) in refused.value.message
    assert {name: (project.root / name).read_text() for name in BEFORE} == BEFORE


def test_a_dangling_link_is_an_error(project: Project, tmp_path: Path) -> None:
    project.root.mkdir(parents=True)
    (project.root / "README.md").symlink_to(tmp_path / "nowhere")
    with pytest.raises(SpeccastError, match="is a symbolic link"):
        project.publish(AFTER, force=True)
    assert not (tmp_path / "nowhere").exists()


def test_the_output_folder_itself_may_be_a_link(project: Project, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    output = project.folder / "generated"
    output.symlink_to(tmp_path / "elsewhere")
    with lock(project.cache, outputs=[output]) as held:
        apply([project.plan(BEFORE)], held)
    assert project.files() == BEFORE
    assert (tmp_path / "elsewhere/acme/python/README.md").exists()


def test_a_folder_outside_of_the_project_is_an_error_unless_the_caller_names_it(
    project: Project, tmp_path: Path
) -> None:
    elsewhere = replace(project.target(BEFORE), root=tmp_path / "elsewhere", output=None)
    with (
        pytest.raises(SpeccastError, match="elsewhere is neither in the output nor"),
        lock(project.cache) as held,
    ):
        apply([make_plan(elsewhere)], held)
    assert not elsewhere.root.exists()
    with lock(project.cache, outputs=[elsewhere.root]) as held:
        apply([make_plan(elsewhere)], held)
    assert (elsewhere.root / "README.md").exists()


def test_links_outside_of_the_output_are_ignored(project: Project, tmp_path: Path) -> None:
    project.publish(BEFORE)
    (tmp_path / "notes").write_text("mine\n")
    (project.root / "acme/notes").symlink_to(tmp_path / "notes")
    project.publish(AFTER)
    assert (project.root / "acme/notes").is_symlink()
    assert (tmp_path / "notes").read_text() == "mine\n"


def test_a_file_in_place_of_the_output_is_an_error(project: Project) -> None:
    project.root.parent.mkdir(parents=True)
    project.root.write_text("mine\n")
    with pytest.raises(
        SpeccastError, match="python is a file, but generated files are written to a folder with this name"
    ):
        make_plan(project.target(AFTER))
