"""Reserved names are those that the generated package defines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from speccast.specs.build import build_api
from speccast.specs.load import load
from speccast.targets.python.lint.api_names import BESIDE_PACKAGE, RESERVED_EXPORTS
from speccast.targets.python.lint.model_names import ATTRIBUTE_CLASSES
from speccast.targets.python.names import RESERVED_CLASSES
from speccast.targets.python.package import exported_names

ROOT = Path(__file__).parents[2]
MINIMAL = ROOT / "tests" / "apis" / "minimal"
PACKAGE = ROOT / "templates" / "python" / "__package__"


def test_all_that_every_package_exports_is_reserved() -> None:
    [loaded] = load(MINIMAL).apis
    own = {"Minimal", "AsyncMinimal", "__version__"}

    assert set(exported_names(build_api(loaded))) - own <= RESERVED_EXPORTS


def test_all_modules_of_the_package_are_reserved() -> None:
    files = [path for path in PACKAGE.iterdir() if path.is_dir() or ".py" in path.suffixes]
    modules = {path.name.partition(".")[0] for path in files}

    assert {name for name in modules if not name.startswith("_")} <= RESERVED_EXPORTS


def test_what_the_output_has_beside_the_package_is_reserved() -> None:
    names = {path.name.partition(".")[0] for path in PACKAGE.parent.iterdir()}

    assert {name for name in names if name.islower() and name != "pyproject"} - {
        PACKAGE.name
    } == BESIDE_PACKAGE


def test_the_classes_that_declare_attributes_are_reserved() -> None:
    template = (PACKAGE / "_attributes.py.jinja").read_text(encoding="utf-8")

    assert {
        line.split()[1].rstrip(":") for line in template.splitlines() if line.startswith("class ")
    } == ATTRIBUTE_CLASSES


@pytest.mark.parametrize(
    "template", ["__init__.py.jinja", "client.py.jinja", "errors.py.jinja", "drop_in.py.jinja"]
)
def test_what_the_modules_of_exported_names_import_is_reserved(template: str) -> None:
    assert list_imported(PACKAGE / template) | {"annotations"} <= RESERVED_EXPORTS


def test_the_classes_that_a_models_module_imports_are_reserved() -> None:
    names = list_imported(PACKAGE / "models" / "__model__.py.jinja")

    assert {name for name in names if not name.isupper()} <= RESERVED_CLASSES


def list_imported(template: Path) -> set[str]:
    """Return the names that a template imports, those of lists that a template makes left out."""
    lines = re.findall(
        r"^ *from (?!__future__)\S+ import ([\w, ]+)$", template.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {name.strip() for line in lines for name in line.split(",")}
