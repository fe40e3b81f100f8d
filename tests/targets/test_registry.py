"""Targets are found by folder and by entry point."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from speccast.errors import SpeccastError
from speccast.targets import registry
from speccast.targets.registry import find_target, source_files, target_names
from speccast.targets.rendering import render

from .support import NO_OVERLAY, ROOT, api_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MINIMAL = ROOT / "tests" / "apis" / "minimal"
MODULE = """
from pathlib import Path

from speccast.targets.filters import Code
from speccast.targets.target import Target


class Upper:
    suffixes = (".up",)

    def format_folder(self, folder, packages):
        for file in folder.rglob("*.up"):
            file.write_text(file.read_text().upper() + " ".join(packages))

    def cache_key(self, packages):
        return "1"


TARGET = Target(
    "sheet",
    templates=Path(__file__).parent / "templates",
    variables={"GREETING": "hello"},
    filters={"shout": lambda text: Code(f"{text}!")},
    file_name=lambda model: f"{model.slug}-sheet",
    formatter=Upper(),
)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], Path]]:
    """Install a distribution that brings the target `sheet` as a package; returns the folder of the package."""

    def install(package: str, module: str) -> Path:
        metadata = tmp_path / "site" / f"{package}-1.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
        (metadata / "entry_points.txt").write_text(f"[{registry.GROUP}]\nsheet = {package}:TARGET\n")
        folder = tmp_path / "site" / package
        (folder / "templates").mkdir(parents=True)
        (folder / "__init__.py").write_text(module)
        (folder / "templates" / "__model__.up.jinja").write_text(
            "{{ GREETING | shout }} {{ model.slug | json }}\n"
        )
        (folder / "templates" / "a.txt.jinja").write_text("{{ file_name(api.models[0]) | json }}\n")
        monkeypatch.syspath_prepend(tmp_path / "site")
        forget()
        return folder

    def forget() -> None:
        registry.installed_targets.cache_clear()
        registry._load.cache_clear()

    yield install
    monkeypatch.undo()
    forget()


def test_built_in_targets_are_folders_of_the_package() -> None:
    assert {"python", "openapi"} <= set(target_names(NO_OVERLAY))
    for name in ("python", "openapi"):
        assert find_target(name, NO_OVERLAY).name == name
    assert find_target("python", NO_OVERLAY).formatter is not None
    assert find_target("openapi", NO_OVERLAY).formatter is None


def test_folder_of_templates_is_a_target_with_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    target = find_target("own", tmp_path)
    assert (target.name, target.filters, target.formatter) == ("own", {}, None)
    assert "own" in target_names(tmp_path)


@pytest.mark.parametrize("name", ["cobol", "lint", "filters"])
def test_unknown_target_is_an_error_with_the_known_ones(name: str, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    with pytest.raises(SpeccastError, match=re.escape(f"unknown target {name!r}")) as caught:
        find_target(name, tmp_path)
    assert {"openapi", "own", "python"} <= set(caught.value.hint.removeprefix("known targets: ").split(", "))


def test_distribution_brings_a_target_by_an_entry_point(
    install: Callable[[str, str], Path], tmp_path: Path
) -> None:
    install("sheet_one", MODULE)
    overlay = tmp_path / "templates"
    assert "sheet" in target_names(overlay)
    assert render(api_of(MINIMAL), "sheet", overlay) == {
        "a.txt": b'"only-sheet"\n',
        "only-sheet.up": b'HELLO! "ONLY"\nminimal_client',
    }
    (overlay / "sheet").mkdir(parents=True)
    (overlay / "sheet" / "a.txt.jinja").write_text("ours\n")
    assert render(api_of(MINIMAL), "sheet", overlay)["a.txt"] == b"ours\n"


def test_modules_of_another_distribution_are_inputs_of_generation(
    install: Callable[[str, str], Path],
) -> None:
    folder = install("sheet_two", MODULE)
    (folder / "more.py").write_text("X = 1\n")
    assert source_files("sheet") == (folder / "__init__.py", folder / "more.py")
    assert source_files("python") == source_files("unknown") == ()


@pytest.mark.parametrize(
    ("package", "module", "message"),
    [
        ("sheet_three", "import no_such_module", "cannot load sheet_three:TARGET: ModuleNotFoundError"),
        ("sheet_four", "x = 1", "cannot load sheet_four:TARGET: AttributeError"),
        ("sheet_five", "TARGET = 1", "must be a speccast.targets.target.Target with the name 'sheet'"),
        (
            "sheet_six",
            "from speccast.targets.target import Target\nTARGET = Target('other')",
            "must be a speccast.targets.target.Target with the name 'sheet'",
        ),
    ],
)
def test_broken_target_of_a_distribution_is_an_error_that_names_it(
    install: Callable[[str, str], Path], package: str, module: str, message: str
) -> None:
    install(package, module)
    with pytest.raises(SpeccastError, match=re.escape(message)) as caught:
        find_target("sheet", NO_OVERLAY)
    assert caught.value.message.startswith("target 'sheet': ")
