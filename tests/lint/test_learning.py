"""`speccast rules` and `speccast explain`: rules by code and name, and the sources of generated files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.lint.catalog import CATALOG, anchor
from speccast.lint.reference import page

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
MODEL = """\
speccast: 1
slug: fox-1
title: Fox
surfaces: [sync]
returns: [image/png]
parameters:
  prompt:
    type: string
    description: What to paint.
  class:
    type: object
    properties:
      inner-size: { type: integer }
"""
MODULE = "generated/acme/python/acme_client/models/fox_1.py"
PARAMS = "generated/acme/python/acme_client/models/_params/fox_1.py"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory, speccast: Callable[..., Any]) -> Path:
    folder = tmp_path_factory.mktemp("project")
    specs = folder / "specs" / "acme"
    specs.mkdir(parents=True)
    api = Path(__file__).parent / "cases" / "api.yaml"
    (specs / "api.yaml").write_text(api.read_text(encoding="utf-8"), encoding="utf-8")
    (specs / "fox-1.yaml").write_text(MODEL, encoding="utf-8")
    speccast("generate", cwd=folder, code=0)
    return folder


def line_of(path: Path, words: str) -> int:
    return next(
        number
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if words in line
    )


def test_rules_are_listed_as_json(speccast: Callable[..., Any], tmp_path: Path) -> None:
    listed = json.loads(speccast("rules", "--format", "json", cwd=tmp_path, code=0).out)

    assert [each["code"] for each in listed] == list(CATALOG)
    assert all(each["documentation"] and each["url"] for each in listed)
    text = speccast("rules", cwd=tmp_path, code=0).out
    assert [line.split()[0] for line in text.splitlines() if line.startswith("  ")] == list(CATALOG)


@pytest.mark.parametrize("name", ["P203", "p203", "bound-off-step"])
def test_a_rule_is_explained_by_code_or_name(speccast: Callable[..., Any], tmp_path: Path, name: str) -> None:
    said = speccast("explain", name, cwd=tmp_path, code=0).out

    assert said.startswith("P203 bound-off-step\n")
    assert "minimum: 500" in said
    assert said.endswith("#p203-bound-off-step\n")


@pytest.mark.parametrize(
    ("name", "hint"), [("P203x", "did you mean P203"), ("bound-of-step", "(bound-off-step)?"), ("P20", "name one rule: P201, P202, "), ("p", ", …"), ("xyzzy", "speccast rules"), ("nothing", "to list all rules"), ("P9", "name one rule: P101, ")]
)  # fmt: skip
def test_errors_suggest_similar_names(
    speccast: Callable[..., Any], tmp_path: Path, name: str, hint: str
) -> None:
    assert hint in speccast("explain", name, cwd=tmp_path, code=2).err


def test_the_reference_pages_are_up_to_date(run: Callable[..., Any], tmp_path: Path) -> None:
    run([sys.executable, ROOT / "tools" / "scripts" / "rules.py", tmp_path], cwd=tmp_path, code=0)

    for name in ("rules.md", "changes.md"):
        made, page = (folder / name for folder in (tmp_path, ROOT / "docs"))
        assert made.read_text("utf-8") == page.read_text("utf-8"), "run tools/scripts/rules.py"


def test_help_links_lead_to_headings_of_the_page() -> None:
    headings = {line.removeprefix("### ") for line in page().splitlines() if line.startswith("### ")}

    assert {anchor(rule) for rule in CATALOG.values()} == {
        heading.lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize(
    ("path", "words", "spec", "template"),
    [
        (MODULE, None, "specs/acme/fox-1.yaml", "models/__model__.py.jinja"),
        (MODULE, 'description="What to paint."', "specs/acme/fox-1.yaml:7", "models/__model__.py.jinja"),
        (MODULE, "prompt:", "specs/acme/fox-1.yaml:7", "models/__model__.py.jinja"),
        (PARAMS, "class_:", "specs/acme/fox-1.yaml:10", "models/_params/__model__.py.jinja"),
        (PARAMS, "inner_size:", "specs/acme/fox-1.yaml:13", "models/_params/__model__.py.jinja"),
        ("generated/acme/python/README.md", None, "specs/acme/api.yaml", "python/README.md.jinja"),
        ("generated/acme/python/acme_client/_index.py", "fox_1", "specs/acme/fox-1.yaml", "_index.py.jinja"),
        ("generated/acme/python/acme_client/_core/omit.py", "class Omit", "specs/acme/api.yaml", "templates/python/__package__/_core/omit.py (built in)"),
    ],
)  # fmt: skip
def test_a_generated_file_names_its_spec_and_its_template(
    speccast: Callable[..., Any], generated: Path, *, path: str, words: str | None, spec: str, template: str
) -> None:
    place = path if words is None else f"{path}:{line_of(generated / path, words)}"

    said = speccast("explain", place, cwd=generated, code=0).lines

    assert said[0].split()[:2] == ["spec", spec]
    assert said[1].split()[0] == "template"
    assert template in said[1]


def test_a_vendored_copy_is_recognised(speccast: Callable[..., Any], generated: Path) -> None:
    copy = generated / "src" / "acme_client" / "models" / "fox_1.py"
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text((generated / MODULE).read_text())

    said = speccast("explain", str(copy), cwd=generated, code=0).out

    assert "specs/acme/fox-1.yaml" in said


def test_a_vendored_copy_is_recognised_under_any_name(speccast: Callable[..., Any], generated: Path) -> None:
    speccast("vendor", "--into", "src/menagerie", cwd=generated, code=0)
    said = speccast("explain", "src/menagerie/models/fox_1.py", cwd=generated, code=0).out
    assert "specs/acme/fox-1.yaml" in said


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("specs/acme/fox-1.yaml", "not a generated file"),
        (f"{MODULE}:99999", "line 99999 does not exist"),
        ("generated/acme", "is a folder"),
        ("nowhere/fox.py:3", "not a generated file"),
        ("generated/acme/python/conftes.py", "did you mean generated/acme/python/conftest.py?"),
    ],
)
def test_explaining_a_file_that_is_not_generated_is_an_error(
    speccast: Callable[..., Any], generated: Path, place: str, expected: str
) -> None:
    assert expected in speccast("explain", place, cwd=generated, code=2).err
