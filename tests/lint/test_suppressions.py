"""Suppressions: what they cover, and the findings about unused or malformed ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from speccast.findings import Severity
from speccast.lint.catalog import documentation
from speccast.lint.linter import run_rules
from speccast.lint.selection import choose
from speccast.specs.load import load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from speccast.findings import Finding

    LintFiles = Callable[[Mapping[str, str]], tuple[Finding, ...]]

RULES = choose(["all"]).rules
WIDTH = "  width:{on_key}\n    type: integer{on_type}\n    minimum: 7{on_value}\n    multipleOf: 8\n"


def list_shown(findings: tuple[Finding, ...]) -> list[tuple[str, int]]:
    return [(each.rule, each.line) for each in findings if each.severity is not Severity.INFO]


def width(**places: str) -> dict[str, str]:
    comments = dict.fromkeys(("on_key", "on_type", "on_value"), "") | {
        name: f" {comment}" for name, comment in places.items()
    }
    return {"flux.yaml": "parameters:\n" + WIDTH.format(**comments)}


IGNORE = "# speccast: ignore[P203] as printed"


def test_without_a_comment_it_is_found(lint_files: LintFiles) -> None:
    assert list_shown(lint_files(width())) == [("P203", 4)]


@pytest.mark.parametrize(
    "comment",
    [
        IGNORE,
        "# speccast: ignore[bound-off-step] as printed",
        "# speccast: ignore[P203, P203] as printed",
        "#speccast:ignore[ p203 ]: as printed",
    ],
)
def test_a_comment_after_a_value_is_about_that_value(lint_files: LintFiles, comment: str) -> None:
    found = list_shown(lint_files(width(on_value=comment)))

    assert "P203" not in dict(found)


ALIASES = """parameters:
  a: &x { type: integer, minimum: 2, default: 1 }
  b: *x
  c: *x # speccast: ignore[P303] as printed
  d:
    type: object
    properties: { e: *x, f: *x } # speccast: ignore[P303] as printed
  # speccast: ignore[P303] as printed
  g: *x
"""


def test_a_comment_after_an_alias_is_about_its_value_there(lint_files: LintFiles) -> None:
    found = [each for each in lint_files({"flux.yaml": ALIASES}) if each.rule != "D102"]
    assert [(each.rule, each.pointer) for each in found if each.severity is not Severity.INFO] == [
        ("P303", "/parameters/a/default"),
        ("P303", "/parameters/b/default"),
    ]


def test_a_finding_in_the_value_of_an_alias_names_both_places(lint_files: LintFiles) -> None:
    of_anchor, of_alias = (each for each in lint_files({"flux.yaml": ALIASES}) if each.rule == "P303")
    assert (of_alias.line, of_alias.column) == (of_anchor.line, of_anchor.column)
    assert [each.message for each in of_anchor.related] == ["minimum is here"]
    used = of_alias.related[-1]
    assert (used.line, used.column, used.message) == (3, 6, "used here by the alias *x")


def test_a_comment_after_another_value_is_not(lint_files: LintFiles) -> None:
    assert list_shown(lint_files(width(on_type=IGNORE))) == [("X101", 3), ("P203", 4)]
    assert list_shown(lint_files(width(on_key=IGNORE))) == [("X101", 2), ("P203", 4)]


@pytest.mark.parametrize(
    ("text", "suppresses"),
    [
        ("# {}\nparameters:\n  width: { type: integer, minimum: 7, multipleOf: 8 }\n", True),
        ("parameters:\n  # {}\n  width: { type: integer, minimum: 7, multipleOf: 8 }\n", True),
        ("parameters:\n  # {}\n\n  # and why\n  width:\n    type: integer\n    minimum: 7\n    multipleOf: 8\n", True),
        ("parameters:\n  # {}\n  height: { type: integer }\n  width: { type: integer, minimum: 7, multipleOf: 8 }\n", False),
        ("parameters:\n  width: { type: integer, minimum: 7, multipleOf: 8 }\n  # {}\n", False),
        ("title: Flux\n# {}\nslug: flux\nparameters:\n  width: { type: integer, minimum: 7, multipleOf: 8 }\n", False),
        ("parameters:\n  width: { type: integer,\n    # {}\n    minimum: 7, multipleOf: 8 }\n", True),
    ],
)  # fmt: skip
def test_a_comment_on_its_own_line_covers_what_is_below_it(
    lint_files: LintFiles, text: str, suppresses: bool
) -> None:
    found = list_shown(lint_files({"flux.yaml": text.replace("# {}", IGNORE)}))

    assert ("P203" not in dict(found)) is suppresses
    assert ("X101" in dict(found)) is not suppresses


def test_above_the_first_key_it_is_about_the_whole_file(lint_files: LintFiles) -> None:
    text = f"{IGNORE}\nslug: flux\nparameters:\n  width: {{ type: integer, minimum: 7, multipleOf: 8 }}\n"

    assert list_shown(lint_files({"flux.yaml": text})) == []


def test_in_a_list_it_is_about_the_item(lint_files: LintFiles) -> None:
    text = "parameters:\n  a:\n    type: integer\n    maximum: 5\n    enum:\n      - 1\n{}      - 9\n      - 10\n"
    comment = "      # speccast: ignore[E103] as printed\n"

    assert list_shown(lint_files({"flux.yaml": text.format("")})) == [("E103", 7), ("E103", 8)]
    assert list_shown(lint_files({"flux.yaml": text.format(comment)})) == [("E103", 9)]


@pytest.mark.parametrize(
    "text",
    [
        'parameters:\n  width: {{ type: integer, minimum: 7, multipleOf: 8, note: " {}" }}\n',
        "parameters:\n  width:\n    type: integer\n    minimum: 7\n    multipleOf: 8\n    note: |\n      {}\n      more\n",
    ],
)
def test_a_comment_inside_text_is_ignored(lint_files: LintFiles, text: str) -> None:
    assert "P203" in dict(list_shown(lint_files({"flux.yaml": text.format(IGNORE)})))


def test_after_the_indicator_of_a_block_it_is_a_comment(lint_files: LintFiles) -> None:
    text = (
        "parameters:\n  width:\n    type: integer\n    note: | # speccast: ignore[P203] as printed\n      x\n"
    )

    assert list_shown(lint_files({"flux.yaml": text})) == [("X101", 4)]


def test_a_suppressed_finding_is_kept_with_its_reason(lint_files: LintFiles, project: Path) -> None:
    lint_files(width(on_value=IGNORE))

    [suppressed] = run_rules(load(project / "specs", shown_from=project)).suppressed

    assert (suppressed.finding.rule, suppressed.finding.line, suppressed.reason) == ("P203", 4, "as printed")


def test_rules_that_protect_generation_cannot_be_suppressed(lint_files: LintFiles) -> None:
    text = "parameters:\n  a: { type: string, pattern: '(' } # speccast: ignore[P105, S101] as printed\n"

    found = lint_files({"flux.yaml": text})

    assert list_shown(found) == [("P105", 2), ("X103", 2), ("X103", 2)]
    assert "P105 (pattern-invalid) cannot be suppressed" in [each.message for each in found]


def test_a_comment_that_only_mentions_the_program_is_ignored(lint_files: LintFiles) -> None:
    found = lint_files(
        {"flux.yaml": "# speccast: this is the first model\n# speccast ignores nothing\nslug: flux\n"}
    )

    assert list_shown(found) == []


@pytest.mark.parametrize(
    "comment", ["# speccast: ignore P203", "# speccast: ignore[]", "# speccast: ignroe[P203] x", "# speccast: disable[P203] x"]
)  # fmt: skip
def test_a_malformed_suppression_is_reported(lint_files: LintFiles, comment: str) -> None:
    assert list_shown(lint_files(width(on_value=comment))) == [("P203", 4), ("X104", 4)]


def test_a_rule_that_did_not_run_is_not_called_unused(lint_files: LintFiles, project: Path) -> None:
    lint_files(width(on_value=IGNORE))
    loaded = load(project / "specs", shown_from=project)

    for selection in (choose(ignore=["P203"]), choose(["A", "X"])):
        assert list_shown(run_rules(loaded, selection).findings) == []


def test_accounts_can_be_turned_off_and_raised(lint_files: LintFiles, project: Path) -> None:
    lint_files(width(on_type="# speccast: ignore[P203]", on_value=IGNORE))
    loaded = load(project / "specs", shown_from=project)

    assert [
        each.rule for each in run_rules(loaded, choose(ignore=["X"])).findings if each.rule[0] == "X"
    ] == []
    raised = run_rules(loaded, choose(severities=[("X101", "error")])).findings
    assert [each.severity for each in raised if each.rule == "X101"] == [Severity.ERROR]


def test_a_large_file_full_of_comments_is_read_in_time(lint_files: LintFiles) -> None:
    lines = [f"  p{number}: {{ type: string }} # speccast: ignore[P203] x\n" for number in range(400)]

    found = lint_files({"flux.yaml": "parameters:\n" + "".join(lines)})

    assert sum(each.rule == "X101" for each in found) == 400


def test_every_other_rule_can_be_suppressed(lint_files: LintFiles) -> None:
    for rule in RULES:
        if rule.needed or rule.code.startswith("A"):
            continue
        for name, text in documentation(rule).bad.items():
            body = text if re.search("^slug:", text, re.MULTILINE) else f"slug: flux\n{text}"
            found = lint_files({name or "flux.yaml": f"# speccast: ignore[{rule.code}] odd\n{body}"})
            assert rule.code not in {each.rule for each in found}, rule.code
