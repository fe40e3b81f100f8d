"""`speccast vendor --into`: which files a copy has, and where it may not be put."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import COPY, with_copy
from .support import ROOT, reformat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Desk

OURS = {".speccast-manifest", "_vendored.json"}
"""Files that vendoring adds to those of a client."""

TWO = "fox,3-birds.v2"
COPY_IN_MAKER = "src/shop/acme"


def test_a_copy_of_the_whole_client_has_the_same_bytes(desk: Desk) -> None:
    desk.vendor()
    made, copied = desk.files(desk.made), desk.files()
    assert copied.keys() - made.keys() == OURS
    assert {path: copied[path] for path in made} == made
    assert "Copyright (c) 2026 The Speccast authors" in copied["LICENSE"].decode()


def test_files_and_dependencies_of_the_host_are_printed(desk: Desk) -> None:
    ran = desk.vendor()
    for path in desk.files().keys() - {".speccast-manifest"}:
        assert f"added src/shop/_vendor/acme/{path}" in ran.lines
    assert f"acme-client 1.2.0, the whole client: {len(desk.files()) - 1} added" in ran.lines
    [*_, message] = ran.out.partition("must declare:\n")
    assert message == "    httpx2>=2.0\n    click>=8.2\n    rich>=14\n"


def test_dependencies_are_those_in_the_metadata_of_the_client(desk: Desk) -> None:
    """The metadata of the client are used, even if speccast would write others."""
    project = desk.maker / "generated/acme/python/pyproject.toml"
    desk.change(project, '"httpx2>=2.0",', '"httpx2>=9", "attrs; python_version < \'4\'",')
    ran = desk.vendor("--models", "fox")
    assert ran.out.endswith("    httpx2>=9\n    attrs; python_version < '4'\n")


def test_a_client_without_metadata_requires_what_it_imports(desk: Desk, tmp_path: Path) -> None:
    shutil.copytree(desk.made, tmp_path / "alone" / "acme_client")
    ran = desk.run("--into", "src/acme", "--from", str(tmp_path / "alone"), "--no-cli")
    assert ran.out.endswith("must declare:\n    anyio\n    httpcore2\n    httpx2\n")


def test_the_record_has_the_source_of_the_copy(desk: Desk) -> None:
    desk.vendor("--models", TWO)
    record = json.loads(desk.files()["_vendored.json"])
    assert record["distribution"] == "acme-client"
    assert record["version"] == "1.2.0"
    assert record["source"] == "../maker/generated/acme/python"
    assert record["models"] == ["3-birds.v2", "fox"]
    assert record["licenses"] == ["LICENSE"]
    manifest = desk.files()[".speccast-manifest"].decode()
    assert "# speccast: " in manifest
    for path in desk.files().keys() - {".speccast-manifest"}:
        assert f"  {path}\n" in manifest


def test_a_copy_of_some_models_equals_a_client_generated_from_their_specs(desk: Desk) -> None:
    """This includes listing files, docstrings and `_specs.json`."""
    desk.vendor("--models", TWO, "--cli", "--with", "batch")
    copied = desk.files()
    desk.spec("owl").unlink()
    desk.generate()
    made = desk.files(desk.made)
    del made["_runtime/drop_in.py"]  # nothing of this client needs it
    assert {path: copied[path] for path in copied.keys() - OURS} == made
    assert [model["slug"] for model in json.loads(copied["_specs.json"])["models"]] == ["3-birds.v2", "fox"]


def test_a_copy_of_some_models_has_the_command_line_only_on_request(desk: Desk) -> None:
    ran = desk.vendor("--models", "fox")
    assert not [path for path in desk.files() if path.startswith(("cli/", "__main__"))]
    assert "click" not in ran.out
    ran = desk.vendor("--models", "fox", "--cli")
    assert {"cli/app.py", "__main__.py"} <= desk.files().keys()
    assert "    click>=8.2\n" in ran.out
    ran = desk.vendor("--no-cli")
    assert not [path for path in desk.files() if path.startswith(("cli/", "__main__"))]
    assert {"models/fox.py", "models/owl.py", "py.typed", "LICENSE"} <= desk.files().keys()


@with_copy("--models", "fox", "--cli")
def test_a_copy_of_some_models_has_batches_only_on_request_and_keeps_them(desk: Desk) -> None:
    assert not [path for path in desk.files() if path.startswith("batch/")]
    desk.vendor("--models", "fox", "--with", "batch")
    assert {path for path in desk.files() if path.startswith("batch/")} == {
        path for path in desk.files(desk.made) if path.startswith("batch/")
    }
    desk.vendor("--update", "--models", "fox,owl")
    assert "batch/_engine.py" in desk.files()
    desk.vendor("--models", "fox")
    assert not [path for path in desk.files() if path.startswith("batch/")]


def test_unused_modules_of_the_runtime_are_not_copied(desk: Desk) -> None:
    assert "_runtime/drop_in.py" in desk.files(desk.made)
    desk.vendor("--models", "fox")
    runtime = {path for path in desk.files() if path.startswith("_runtime/")}
    assert "_runtime/drop_in.py" not in runtime
    assert "_runtime/client.py" in runtime


def test_models_are_named_by_slug_or_module(desk: Desk) -> None:
    desk.vendor("--models", "m_3_birds_v2, owl")
    assert {"models/m_3_birds_v2.py", "models/owl.py"} <= desk.files().keys()
    assert "models/fox.py" not in desk.files()


@pytest.mark.parametrize(
    ("models", "message"),
    [("fix", "did you mean fox?"), ("fox,zebra", "models: 3-birds.v2, fox, owl"), (",", "--models is empty")],
)
def test_an_unknown_model_is_an_error(desk: Desk, models: str, message: str) -> None:
    assert message in desk.vendor("--models", models, code=2).err
    assert not desk.copy.exists()


def test_the_client_of_the_project_is_the_default(desk: Desk, speccast: Callable[..., Any]) -> None:
    speccast("vendor", "--into", COPY_IN_MAKER, cwd=desk.maker, code=0)
    record = json.loads((desk.maker / COPY_IN_MAKER / "_vendored.json").read_bytes())
    assert record["source"] == "generated/acme/python"


def test_several_clients_are_an_error_that_lists_them(desk: Desk, speccast: Callable[..., Any]) -> None:
    shutil.copytree(desk.maker / "generated/acme", desk.maker / "generated/bcme")
    ran = speccast("vendor", "--into", COPY_IN_MAKER, cwd=desk.maker, code=2)
    assert "generated/acme/python, generated/bcme/python" in ran.err
    assert "--from generated/acme/python" in ran.err
    ran = desk.run("--into", COPY_IN_MAKER, "--from", "../maker/generated", code=2)
    assert "has several clients: acme/python/acme_client, bcme/python/acme_client" in ran.err
    ran = desk.run("--into", COPY_IN_MAKER, "--from", "../maker", code=2)
    assert "--from ../maker/generated/acme/python" in ran.err


@pytest.mark.parametrize("folder", ["../maker", "../maker/generated", "../maker/generated/acme"])
def test_a_parent_folder_of_the_only_client_is_accepted(desk: Desk, folder: str) -> None:
    desk.run("--into", COPY, "--from", folder, "--models", "fox")
    assert json.loads((desk.copy / "_vendored.json").read_bytes())["models"] == ["fox"]
    desk.run("--update")


def test_a_project_without_a_client_is_an_error_with_a_hint(desk: Desk) -> None:
    ran = desk.run("--into", "src/acme", code=2)
    assert "no client has been generated" in ran.err
    assert "--from" in ran.err


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("no/such/folder", "no/such/folder does not exist"),
        ("no_such_package", "no_such_package is neither a folder nor an installed package"),
        ("json", "the package json is not a generated client"),
        ("../host", "has no _specs.json"),
        ("../host/pyproject.toml", "pyproject.toml as a zip archive"),
    ],
)
def test_an_invalid_source_is_an_error(desk: Desk, source: str, message: str) -> None:
    assert message in desk.run("--into", "src/acme", "--from", source, code=2).err


def test_a_client_is_never_imported(desk: Desk, tmp_path: Path) -> None:
    """A package whose import would be noticed is copied from a folder and by name."""
    package = tmp_path / "site" / "trap_client"
    shutil.copytree(desk.made, package)
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w').close()\n"
    for path in package.rglob("*.py"):
        path.write_text(trap + path.read_text(encoding="utf-8"), encoding="utf-8")
    desk.run("--into", "src/one", "--from", str(package))
    desk.run("--into", "src/two", "--from", "trap_client", env={"PYTHONPATH": str(package.parent)})
    assert (desk.host / "src/two/models/fox.py").read_text(encoding="utf-8").startswith(trap)
    assert not (tmp_path / "sprung").exists()


def test_some_models_of_a_client_with_other_templates_are_refused_but_not_the_whole(desk: Desk) -> None:
    """The client was generated with templates of a project, and the built-in ones would render other files."""
    overlay = desk.maker / "templates/python/__package__"
    overlay.mkdir(parents=True)
    built_in = (ROOT / "templates/python/__package__/_index.py.jinja").read_text(encoding="utf-8")
    (overlay / "_index.py.jinja").write_text(built_in + "\nOURS = True\n", encoding="utf-8")
    desk.generate()
    shutil.copytree(desk.made, desk.folder / "elsewhere" / "acme_client")
    ran = desk.run("--into", "src/part", "--from", "../elsewhere", "--models", "fox", code=2)
    assert "_index.py would differ" in ran.err
    assert "without --models" in ran.err
    desk.run("--into", "src/whole", "--from", "../elsewhere")
    # Where the templates are, they are used.
    desk.vendor("--models", "fox")
    assert desk.files()["_index.py"].endswith(b"OURS = True\n")
    assert b"owl" not in desk.files()["_index.py"]


def test_files_of_unknown_templates_are_refused_in_a_copy_of_some_models(desk: Desk) -> None:
    shutil.copytree(desk.made, desk.folder / "elsewhere" / "acme_client")
    (desk.folder / "elsewhere/acme_client/extra.py").write_text("MODELS = ['owl']\n", encoding="utf-8")
    ran = desk.run("--into", "src/part", "--from", "../elsewhere", "--models", "fox", code=2)
    assert "extra.py would differ" in ran.err


def test_a_client_formatted_by_another_formatter_is_accepted(desk: Desk, run: Callable[..., Any]) -> None:
    shutil.copytree(desk.made, desk.folder / "elsewhere" / "acme_client")
    reformat(run, desk.folder / "elsewhere")
    desk.run("--into", "src/part", "--from", "../elsewhere", "--models", "fox")


def test_a_client_edited_by_hand_requires_force(desk: Desk) -> None:
    desk.change(desk.made / "client.py", "import", "import  ")
    assert "client.py was edited by hand" in desk.vendor(code=2).err
    assert not desk.copy.exists()
    desk.vendor("--force")


def test_license_files_beside_the_package_are_copied(desk: Desk) -> None:
    project = desk.made.parent
    (project / "LICENSE").write_text("Ours, not yours.\n", encoding="utf-8")
    (project / "NOTICE").write_text("Notice.\n", encoding="utf-8")
    desk.vendor("--models", "fox")
    copied = desk.files()
    assert copied["NOTICE"] == b"Notice.\n"
    assert copied["LICENSE-acme-client"] == b"Ours, not yours.\n"
    assert "The Speccast authors" in copied["LICENSE"].decode()


@pytest.mark.parametrize(
    ("into", "message"),
    [
        (".git/hooks/acme", "is inside the folder of git"),
        ("src/GIT~1/acme", "is inside the folder of git"),
        (".vendored/acme", "do not search"),
        ("node_modules/acme", "do not search"),
        ("build/lib/acme", "do not search"),
        ("environment/lib/acme", "do not search"),
        ("taken/models/acme", "is in the copy "),
        ("src/acme-client", "cannot be imported"),
        ("src/class", "cannot be imported"),
        ("../maker/generated/acme/python/acme_client", "overlap"),
        ("../maker/generated/acme/python/acme_client/copy", "overlap"),
        ("../maker/generated/acme/vendored", "which speccast generate writes"),
    ],
)
def test_an_unsuitable_folder_is_refused(desk: Desk, into: str, message: str) -> None:
    (desk.host / "environment").mkdir()
    (desk.host / "environment" / "pyvenv.cfg").touch()
    (desk.host / "taken").mkdir()
    (desk.host / "taken" / "_vendored.json").touch()
    before = without_cache(desk.files(desk.folder))
    ran = desk.run("--into", into, "--from", "../maker/generated/acme/python", code=2)
    assert message in ran.err
    assert without_cache(desk.files(desk.folder)) == before


def without_cache(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if ".speccast_cache/" not in path}


def test_a_folder_with_other_files_requires_force(desk: Desk) -> None:
    desk.copy.mkdir(parents=True)
    (desk.copy / "client.py").write_text("mine\n", encoding="utf-8")
    ran = desk.vendor(code=1)
    assert "client.py: foreign" in ran.out
    assert desk.files() == {"client.py": b"mine\n"}
    desk.vendor("--force")
    assert desk.files()["client.py"] == desk.files(desk.made)["client.py"]


def test_a_link_on_the_way_is_not_followed(desk: Desk) -> None:
    outside = desk.folder / "outside"
    outside.mkdir()
    desk.copy.parent.parent.mkdir(parents=True)
    desk.copy.parent.symlink_to(outside, target_is_directory=True)
    assert "is a symbolic link" in desk.vendor(code=2).err
    assert not list(outside.iterdir())


def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    before = desk.files(desk.folder)
    ran = desk.vendor("--dry-run")
    assert "would be added src/shop/_vendor/acme/client.py" in ran.lines
    assert desk.files(desk.folder) == before


def test_a_missing_folder_is_a_usage_error(desk: Desk) -> None:
    assert "--into FOLDER" in desk.run(code=2).err


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("--models f", {"fox"}),
        ("--models owl,", {"owl,fox", "owl,owl", "owl,3-birds.v2"}),
        ("--dr", {"--dry-run"}),
    ],
)
def test_models_and_options_are_completed(
    desk: Desk, run: Callable[..., Any], typed: str, offered: set[str]
) -> None:
    words = f"speccast vendor --from ../maker/generated/acme/python {typed}"
    asked = {
        "_SPECCAST_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    ran = run([f"{sys.prefix}/bin/speccast"], cwd=desk.host, env=asked)
    assert {line.partition(",")[2] for line in ran.lines} == offered
