"""The rules' documentation: every rule has a section in its module's docstring, and its examples are correct.

A section begins with a line of code and name. The examples below `Bad::` and `Good::` are fragments of a model, or of
the files that comments such as `# api.yaml` name; what they leave out is taken from plain specs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from speccast.findings import Severity
from speccast.lint.catalog import CATALOG, FAMILIES, documentation
from speccast.lint.selection import choose
from speccast.specs.codes import FindingCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from speccast.findings import Finding
    from speccast.lint.rule import AnyRule

    LintFiles = Callable[..., tuple[Finding, ...]]

RULES = choose(["all"]).rules
WITHOUT_EXAMPLE = {
    "S107": "would be as large as it must not be",
    "S108": "is not text",
    "S109": "cannot be shown",
    "S111": "is empty",
    "M102": "is a folder without files",
    "M103": "is a folder without an api.yaml",
    "M104": "is about the names of files",
    "M105": "is about the names of folders",
    **dict.fromkeys(("D108", "D109", "D110"), "is about a page"),
}
SHOWN = [rule for code, rule in CATALOG.items() if code not in WITHOUT_EXAMPLE]
ALONGSIDE = {"M101": {"M201"}}
"""Other rules that a bad example must violate too: of two files with one slug, one has another name."""


@pytest.mark.parametrize("rule", CATALOG.values(), ids=lambda rule: rule.code)
def test_documentation_explains_before_the_examples(rule: AnyRule) -> None:
    assert len(documentation(rule).prose.split()) >= 10


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.code)
def test_the_bad_example_breaks_this_rule_and_no_other(rule: AnyRule, lint_files: LintFiles) -> None:
    found = lint_files(files(documentation(rule).bad), rule.code)

    assert {finding.rule for finding in found if shows(finding, rule)} == {
        rule.code,
        *ALONGSIDE.get(rule.code, ()),
    }


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.code)
def test_the_good_example_breaks_none(rule: AnyRule, lint_files: LintFiles) -> None:
    found = lint_files(files(documentation(rule).good), rule.code)

    assert [finding.render() for finding in found if shows(finding, rule)] == []


def test_rules_without_an_example_cannot_have_one() -> None:
    without = {code for code, rule in CATALOG.items() if not documentation(rule).bad}

    assert without == WITHOUT_EXAMPLE.keys()


def test_every_code_that_can_be_found_is_in_the_catalog() -> None:
    assert {code.value for code in FindingCode} | {rule.code for rule in RULES} <= CATALOG.keys()
    assert {code.value: code.slug for code in FindingCode}.items() <= {
        rule.code: rule.name for rule in CATALOG.values()
    }.items()


def test_codes_and_names_are_unique_and_well_formed() -> None:
    names = [rule.name for rule in CATALOG.values()]

    assert [rule.code for rule in RULES] == sorted({rule.code for rule in RULES})
    assert len(names) == len(set(names))
    assert all(re.fullmatch(rf"[{''.join(FAMILIES)}][1-9]\d\d", code) for code in CATALOG)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)


def test_summaries_are_phrases() -> None:
    for rule in CATALOG.values():
        assert re.fullmatch(r"[a-z].{10,90}[^.]", rule.summary), rule.code


def files(example: Mapping[str, str]) -> dict[str, str]:
    """Return the files of an example; an API needs a model."""
    named = {name or "flux.yaml": text for name, text in example.items()}
    return named if any(name != "api.yaml" for name in named) else {**named, "flux.yaml": ""}


def shows(finding: Finding, rule: AnyRule) -> bool:
    return finding.severity is not Severity.INFO or finding.rule == rule.code
