"""`speccast draft` on pages that are made up: files, report, exit codes, and what becomes of a draft."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from speccast.cli.draft import command as draft
from speccast.cli.init import command as init
from speccast.cli.lint import command as lint
from speccast.specs.document import read_document
from tests.pages.printers import page

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _page(project: Path, fox: dict[str, Any]) -> None:
    (project / "fox.txt").write_text(page(fox, "attributes"), encoding="utf-8")


def test_draft_is_written_and_says_what_is_not_on_the_page(
    project: Path, run: Any, fox: dict[str, Any]
) -> None:
    code, report, errors = run(draft, "fox.txt")
    assert code == 1
    assert errors.splitlines()[0] == "wrote specs/acme/fox-1.yaml"
    assert report.splitlines() == [
        "fox.txt:3:70: title: the page has no title; this is the slug (line 5 of specs/acme/fox-1.yaml)",
        "fox.txt: 13 certain, 1 to decide, 0 missing",
    ]
    text = (project / "specs/acme/fox-1.yaml").read_text(encoding="utf-8")
    value = read_document(text.encode(), "fox-1.yaml").value
    assert isinstance(value, dict)
    assert value["parameters"] == fox["parameters"]
    assert value["example"] == fox["example"]
    assert "\n# draft: title: the page has no title; this is the slug\ntitle: fox-1\n" in text


def test_all_certain_exits_with_0(project: Path, run: Any, fox: dict[str, Any]) -> None:
    text = "Fox 1\n" + page(fox, "attributes").partition("\n")[2]
    (project / "fox.txt").write_text(text, encoding="utf-8")
    code, report, _ = run(draft, "fox.txt")
    assert (code, report) == (0, "fox.txt: 15 certain, 0 to decide, 0 missing\n")


def test_price_latency_and_times_of_jobs_are_read(project: Path, run: Any, fox: dict[str, Any]) -> None:
    head, tail = "Fox 1\nDraws foxes.\n~9.59s\n~$0.03\n", page(fox, "attributes").partition("\n")[2]
    waiting = "result = job.wait(timeout=900, interval=1.0)\n"
    (project / "fox.txt").write_text(head + tail + waiting, encoding="utf-8")
    run(draft, "fox.txt")
    text = (project / "specs/acme/fox-1.yaml").read_text(encoding="utf-8")
    value = read_document(text.encode(), "fox-1.yaml").value
    assert isinstance(value, dict)
    # The API's interval is that of the page.
    assert (value["price"], value["latency"], value["wait"]) == ("~$0.03", "~9.59s", {"deadline": 900})


def test_existing_spec_is_never_overwritten(project: Path, run: Any) -> None:
    run(draft, "fox.txt")
    spec = project / "specs/acme/fox-1.yaml"
    spec.write_text("mine", encoding="utf-8")
    code, _, errors = run(draft, "fox.txt")
    assert code == 2
    assert "specs/acme/fox-1.yaml already exists" in errors
    assert spec.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("content", ["", "Fox 1\nDraws foxes.\n", "# Notes\n\nNothing here.\n", "\x00\xff"])
def test_text_that_is_not_a_page_exits_with_2(project: Path, run: Any, content: str) -> None:
    (project / "notes.txt").write_text(content, encoding="latin-1")
    code, _, errors = run(draft, "notes.txt", "fox.txt")
    assert code == 2
    assert "notes.txt: is not a page of a model" in errors
    assert (project / "specs/acme/fox-1.yaml").exists()  # the other page is drafted


def test_page_of_another_api_needs_the_name_of_the_api(project: Path, run: Any, fox: dict[str, Any]) -> None:
    other = page(fox, "labelled").replace("api.acme.example", "api.other.example")
    (project / "other.txt").write_text(other, encoding="utf-8")
    code, _, errors = run(draft, "other.txt")
    assert code == 2
    assert "the address on the page matches none of the APIs: acme" in errors
    assert run(draft, "other.txt", "--api", "acme")[0] == 1


SAMPLE_ONLY = """Fox 1
Draws foxes.
POST /v2/fox-1 \u00b7 submit + poll 1# pip install acme
 2import acme
 3
 4# run() returns the final result.
 5result = acme.run(
 6    "fox-1",
 7    prompt="a fox (red), at 1:1",
 8    image="https://acme.example/a.png",
 9    strength=0.5,
10    seed=-1,
11    base64=False,
12    tags=["a", "b"],
13)
14print(result["status"])
"""


def test_page_with_a_sample_only_is_drafted_from_its_path(project: Path, run: Any) -> None:
    (project / "sample.txt").write_text(SAMPLE_ONLY, encoding="utf-8")
    assert run(draft, "sample.txt").code == 1
    text = (project / "specs/acme/fox-1.yaml").read_text(encoding="utf-8")
    value = read_document(text.encode(), "fox-1.yaml").value
    assert isinstance(value, dict)
    assert value["surfaces"] == ["async"]
    assert value["example"] == {
        "prompt": "a fox (red), at 1:1",
        "image": "https://acme.example/a.png",
        "strength": 0.5,
        "seed": -1,
        "base64": False,
        "tags": ["a", "b"],
    }
    types = {name: parameter["type"] for name, parameter in value["parameters"].items()}
    assert types == {
        "prompt": "string",
        "image": "string",
        "strength": "number",
        "seed": "integer",
        "base64": "boolean",
        "tags": "array",
    }
    assert "# draft: type: the sample sends an integer; other numbers may be valid" in text


def test_json_report_has_the_characters_of_every_fact(project: Path, run: Any, fox: dict[str, Any]) -> None:
    text = page(fox, "labelled")
    (project / "fox.txt").write_text(text, encoding="utf-8")
    code, report, _ = run(draft, "fox.txt", "--stdout", "--format", "json")
    assert code == 1
    [found] = json.loads(report)["pages"]
    facts = {fact["pointer"]: fact for fact in found["facts"]}
    maximum = facts["/parameters/seed/maximum"]
    [region] = maximum["page"]
    assert (maximum["value"], maximum["status"], region["text"]) == (99, "certain", "99")
    assert text.splitlines()[region["line"] - 1][region["column"] - 1 : region["end_column"] - 1] == "99"
    assert found["text"].splitlines()[maximum["spec"]["line"] - 1] == "    maximum: 99"
    for fact in found["facts"]:
        assert fact["status"] != "certain" or fact["page"], fact
    assert not (project / "specs/acme/fox-1.yaml").exists()


def test_init_from_a_page_is_a_draft(project: Path, run: Any) -> None:
    code, report, _ = run(init, "--from", "fox.txt")
    assert code == 1
    assert "13 certain" in report
    assert (project / "specs/acme/fox-1.yaml").exists()


def test_lint_accepts_a_draft_unless_the_rule_is_selected(run: Any) -> None:
    run(draft, "fox.txt")
    code, report, _ = run(lint)
    assert code == 0, report
    code, report, _ = run(lint, "--select", "default,draft-undecided")
    assert code == 1
    assert "specs/acme/fox-1.yaml:5:1: error[D107] to decide: title: the page has no title" in report
