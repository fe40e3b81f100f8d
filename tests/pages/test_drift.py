"""`speccast drift`: what a changed page changes, what a spec knows better, and updates that keep what a person wrote."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from speccast.cli.draft import command as draft
from speccast.cli.drift import command as drift
from speccast.pages.apis import ApiPaths
from speccast.pages.drift import differences
from speccast.pages.facts import ABSENT
from speccast.pages.reader import read_page
from speccast.pages.text import PageText
from tests.pages.printers import PRINTERS, page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPEC = """# A comment.
speccast: 1
slug: fox-1
title: Fox 1
description: Draws foxes.
surfaces: [sync]
returns: [image/png]
source: { document: fox.txt, date: "2026-01-31" }

parameters: # in the order of the page
  prompt:
    type: string
    required: true
    description: What to draw
  mode:
    type: string
    default: red # the usual one
    enum: [red, arctic]
    documented_as: { arctic: artcic }
    description: Kind of fox
  seed: { type: integer, default: -1, minimum: -1, maximum: 99, description: Seed }
  size:
    type: integer
    minimum: 1
    maximum: 10
    description: Size
    note: The page prints 12 as the maximum; the API refuses more than 10.

example:
  prompt: a red fox
  seed: 7
"""
PAGE: dict[str, Any] = {
    "slug": "fox-1",
    "title": "Fox 1",
    "description": "Draws foxes.",
    "parameters": {
        "prompt": {"type": "string", "required": True, "description": "What to draw"},
        "mode": {"type": "string", "default": "red", "enum": ["red", "artcic"], "description": "Kind of fox"},
        "seed": {"type": "integer", "default": -1, "minimum": -1, "maximum": 99, "description": "Seed"},
        "size": {"type": "integer", "minimum": 1, "maximum": 12, "description": "Size"},
    },
    "example": {"prompt": "a red fox", "seed": 7},
}


@pytest.fixture
def spec(project: Path) -> Path:
    path = project / "specs/acme/fox-1.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return path


@pytest.fixture
def save(project: Path) -> Callable[..., dict[str, Any]]:
    def save(
        change: Callable[[dict[str, Any]], object] = lambda _: None, layout: str = "labelled"
    ) -> dict[str, Any]:
        changed = deepcopy(PAGE)
        change(changed)
        (project / "specs/acme/fox.txt").write_text(page(changed, layout), encoding="utf-8")
        return changed

    return save


@pytest.mark.parametrize("layout", PRINTERS)
def test_another_layout_is_not_a_difference(spec: Path, save: Any, run: Any, layout: str) -> None:
    save(layout=layout)
    assert run(drift) == (0, "1 page and specs agree.\n", "")


CHANGES = {
    "added": (
        lambda page: page["parameters"].update(tone={"type": "boolean", "default": False, "description": "Tone"}),
        "the page documents `tone`, which the spec does not have",
        "    note: The page prints 12 as the maximum; the API refuses more than 10.\n  tone:\n    type: boolean\n"
        "    default: false\n    description: Tone\n",
    ),
    "removed": (
        lambda page: page["parameters"].pop("mode"),
        "the page does not document `mode`",
        "    description: What to draw\n  seed:",
    ),
    "default": (
        lambda page: page["parameters"]["mode"].update(default="artcic"),
        'the page has "artcic" as `mode.default`; the spec has "red"',
        "    default: artcic # the usual one\n",
    ),
    "no default": (
        lambda page: page["parameters"]["seed"].pop("default"),
        "the page has no `seed.default`; the spec has -1",
        "  seed: { type: integer, minimum: -1, maximum: 99, description: Seed }\n",
    ),
    "range": (
        lambda page: page["parameters"]["seed"].update(maximum=50),
        "the page has 50 as `seed.maximum`; the spec has 99",
        "  seed: { type: integer, default: -1, minimum: -1, maximum: 50, description: Seed }\n",
    ),
    "enum": (
        lambda page: page["parameters"]["mode"].update(enum=["red", "artcic", "grey, silver"]),
        'the page has also ["grey, silver"] as `mode.enum`',
        '    enum: [red, arctic, "grey, silver"]\n    documented_as: { arctic: artcic }\n',
    ),
    "required": (
        lambda page: page["parameters"]["seed"].update(required=True),
        "the page has true as `seed.required`; the spec has none",
        "  seed: { type: integer, required: true, default: -1,",
    ),
    "optional": (
        lambda page: page["parameters"]["prompt"].pop("required"),
        "the page has no `prompt.required`; the spec has true",
        "  prompt:\n    type: string\n    description: What to draw\n",
    ),
    "description": (
        lambda page: page["parameters"]["size"].update(description="Width: and height"),
        'the page has "Width: and height" as `size.description`; the spec has "Size"',
        '    description: "Width: and height"\n    note: The page prints 12',
    ),
    "sample": (
        lambda page: page["example"].update(seed=8, mode="red"),
        "the page has 8 as `example.seed`; the spec has 7",
        "example:\n  prompt: a red fox\n  seed: 8\n  mode: red\n",
    ),
    "what a note excused": (
        lambda page: page["parameters"]["size"].update(maximum=20),
        "the page has 20 as `size.maximum`; the spec has 10",
        "    maximum: 20\n    description: Size\n    note: The page prints 12",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_each_change_is_reported_and_can_be_applied(spec: Path, save: Any, run: Any, case: str) -> None:
    change, message, updated = CHANGES[case]
    save(change)
    found = run(drift)
    assert found.code == 1
    assert message in found.out
    run(drift, "--update")
    text = spec.read_text(encoding="utf-8")
    assert updated in text
    assert text.startswith("# A comment.\n")
    assert "parameters: # in the order of the page\n" in text
    run(drift, "--update")
    assert spec.read_text(encoding="utf-8") == text
    assert run(drift) == (0, "1 page and specs agree.\n", "")


def test_doubtful_difference_is_marked_and_never_applied(project: Path, save: Any, run: Any) -> None:
    page = save(
        lambda page: page["parameters"].update(
            size={"type": "integer", "enum": [2, 4, 8], "description": "Size"}
        )
    )
    spec = project / "specs/acme/fox-1.yaml"
    text = SPEC.replace("    minimum: 1\n    maximum: 10\n", "    enum: [3, 6]\n").replace(
        "    note: The page", "    note: A page"
    )
    spec.write_text(text, encoding="utf-8")
    assert page["parameters"]["size"]["enum"] == [2, 4, 8]
    assert run(drift, "--update").code == 1
    marked = spec.read_text(encoding="utf-8")
    assert "    # draft: enum: the values touch: 248 (other readings: " in marked
    assert "    enum: [3, 6]\n" in marked
    assert run(drift, "--update").code == 1
    assert spec.read_text(encoding="utf-8") == marked


def test_reports_have_the_line_of_the_spec_and_of_the_page(spec: Path, save: Any, run: Any) -> None:
    save(lambda page: page["parameters"]["seed"].update(maximum=50))
    line = (
        SPEC.splitlines().index(next(line for line in SPEC.splitlines() if line.startswith("  seed: {"))) + 1
    )
    [finding] = json.loads(run(drift, "--format", "json").out)["findings"]
    assert (finding["rule"], finding["path"], finding["line"]) == ("D110", "specs/acme/fox-1.yaml", line)
    assert run(drift, "--format", "github").out.startswith(
        f"::warning file=specs/acme/fox-1.yaml,line={line},"
    )
    [result] = json.loads(run(drift, "--format", "sarif").out)["runs"][0]["results"]
    [related] = result["relatedLocations"]
    place = related["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "specs/acme/fox.txt"
    printed = (spec.parent / "fox.txt").read_text(encoding="utf-8").splitlines()
    assert printed[place["region"]["startLine"] - 1] == "Default: -1Range: -1 - 50"


def test_update_adds_a_member_of_a_section_that_the_spec_lacks(spec: Path, save: Any, run: Any) -> None:
    save()
    path = spec.parent / "fox.txt"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("API Endpoint", "job.wait(timeout=900, interval=2.0)\nAPI Endpoint", 1), encoding="utf-8"
    )
    assert run(drift, "--update").code == 0
    before = SPEC.split("source:", maxsplit=1)[0]
    written = spec.read_text(encoding="utf-8")
    assert written.startswith(before + "wait:\n  interval: 2\n  deadline: 900\nsource:")
    assert written[written.index("parameters:") :] == SPEC[SPEC.index("parameters:") :]
    assert run(drift).code == 0


def test_page_that_breaks_off_lacks_nothing(spec: Path, save: Any, run: Any) -> None:
    save()
    path = spec.parent / "fox.txt"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("seedoptional")], encoding="utf-8")
    assert run(drift) == (0, "1 page and specs agree.\n", "")


def test_page_without_spec_and_spec_without_page_are_errors(
    project: Path, spec: Path, save: Any, run: Any
) -> None:
    assert run(drift) == (
        2,
        "",
        "error: no page was found: fox.txt is not in specs/acme\nhint: name the folder of the pages, as in: "
        "speccast drift --pages FOLDER, or pages: speccast drift FOLDER/fox.txt\n",
    )
    assert "no page was found: fox.txt is not in none or specs/acme\n" in run(drift, "--pages", "none").err
    other = spec.with_name("hen-1.yaml")
    other.write_text(SPEC.replace("fox-1", "hen-1").replace("fox.txt", "hen.txt"), encoding="utf-8")
    assert "fox.txt is not in specs/acme (also missing: 1 more)\n" in run(drift).err
    other.unlink()
    spec.write_text(SPEC.replace("document: fox.txt, ", ""), encoding="utf-8")
    assert "no spec names its page in `source.document`" in run(drift).err
    (project / "other.txt").write_text("", encoding="utf-8")
    assert "no spec was written from other.txt" in run(drift, "other.txt").err


def test_draft_agrees_with_its_page(project: Path, run: Any, fox: dict[str, Any]) -> None:
    for layout in PRINTERS:
        (project / "fox.txt").write_text(page(fox, layout), encoding="utf-8")
        assert run(draft, "fox.txt").code == 1
        assert run(drift, "fox.txt") == (0, "1 page and specs agree.\n", "")
        (project / "specs/acme/fox-1.yaml").unlink()


@pytest.mark.parametrize(
    ("description", "spec", "expected"),
    [
        ("URL or base64, max 10 MB", {"media": "image", "forms": ["base64", "url"], "max_size": 10485760}, []),
        ("URL or base64, max 10 MB", {}, []),  # the linter asks for `media`
        ("URL or base64, max 20 MB", {"media": "image", "forms": ["url", "base64"], "max_size": 10485760}, [("max_size", 20971520, 10485760)]),
        ("URL, at least 300 px", {"media": "image", "forms": ["url"]}, [("min_width", 300, ABSENT), ("min_height", 300, ABSENT)]),
        ("URL or base64", {"media": "image", "forms": ["url"]}, [("forms", ["url", "base64"], ["url"])]),
        ("URL or base64", {"media": "image"}, []),
        ("URL or base64", {"media": "image", "format": "uri"}, [("forms", ["url", "base64"], ABSENT), ("format", ABSENT, "uri")]),
        ("URL", {"media": "video", "forms": ["url"]}, [("media", "image", "video")]),
        ("URL", {"media": "image", "forms": ["url", "data_uri"], "max_size": 5}, [("forms", ["url"], ["url", "data_uri"])]),
        ("URL", {"media": "image", "forms": ["url", "data_uri"], "note": "That data URIs are taken was observed, besides url."}, []),
        ("URL", {"media": ["video", "image"], "forms": ["url"], "note": "It is an image; films were observed."}, []),
        ("The picture", {"media": "image", "forms": ["url"], "max_size": 5, "max_width": 7}, []),
    ],
)  # fmt: skip
def test_what_a_page_says_of_content_is_compared_where_the_spec_has_media(
    description: str, spec: dict[str, Any], expected: list[tuple[Any, ...]]
) -> None:
    parameter = {"type": "string", "description": description}
    model = {**PAGE, "parameters": {"image": parameter}, "example": {}}
    found = read_page(PageText("fox.txt", page(model, "labelled")), ApiPaths())
    written = {**model, "parameters": {"image": {**parameter, **spec}}}
    assert [
        (each.pointer[-1], each.page, each.spec)
        for each in differences(found, written)
        if each.pointer[0] == "parameters"
    ] == expected


def test_file_that_is_not_a_page_is_an_error(spec: Path, save: Any, run: Any) -> None:
    save()
    for data in (b"", b"\x00\xff\x12 noise", b"Not found\n"):
        (spec.parent / "fox.txt").write_bytes(data)
        ran = run(drift)
        assert ran.code == 2
        assert "fox.txt: is not a page of a model" in ran.err


def test_page_of_another_model_changes_nothing_but_a_comment(spec: Path, save: Any, run: Any) -> None:
    save(lambda page: page.update(slug="owl-1", title="Owl"))
    ran = run(drift, "--update")
    assert ran.code == 1
    assert 'the page documents the model "owl-1", not "fox-1"' in ran.out
    assert "1 model, 0 errors, 1 warning" in ran.out
    changed = [
        line for line in spec.read_text(encoding="utf-8").splitlines() if line not in SPEC.splitlines()
    ]
    assert [line[:8] for line in changed if "date:" not in line] == ["# draft:"]


def test_update_keeps_the_comments_of_a_list(spec: Path, save: Any, run: Any) -> None:
    listed = """  style:
    type: string
    # as of 2024
    enum:
      - a # the first
      # once the default
      - b
      - c # old
    description: Mode
"""
    spec.write_text(SPEC.replace("  prompt:\n    type", f"{listed}  prompt:\n    type"), encoding="utf-8")
    values = ["a", "x", "b"]
    save(
        lambda page: page["parameters"].update(
            style={"type": "string", "enum": values, "description": "Mode"}
        )
    )
    ran = run(drift, "--update")
    assert 'the page has also ["x"] and does not have ["c"] as `style.enum`' in ran.out
    assert "to apply it" not in ran.out
    written = spec.read_text(encoding="utf-8")
    expected = listed.replace("      # once", "      - x\n      # once").replace("      - c # old\n", "")
    assert (
        expected in written
        or expected.replace("      - x\n      # once the default\n", "      # once the default\n      - x\n")
        in written
    )
    assert run(drift).code == 0


def test_annotation_has_the_line_of_the_page(spec: Path, save: Any, run: Any) -> None:
    save(lambda page: page["parameters"]["seed"].update(maximum=50))
    assert "%0Anote: specs/acme/fox.txt:" in run(drift, "--format", "github").out
