"""The rules' documentation: every rule has a section in its module's docstring, and its examples are true.

A section begins with a line of code and name. The examples below `Bad::` and `Good::` are fragments of a model, or of
the files that comments such as `# api.yaml` name; what they leave out is taken from plain specs.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from specwright.findings import Severity
from specwright.lint import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from specwright.findings import Finding
    from specwright.lint import Rule

    LintFiles = Callable[[Mapping[str, str]], tuple[Finding, ...]]


def section(rule: Rule) -> str:
    """What the docstring of the rule's module says under the rule's code and name."""
    documentation = sys.modules[rule.check.__module__].__doc__ or ""
    sections = re.split(r"^([A-Z]\d{3} [a-z-]+)$", documentation, flags=re.MULTILINE)
    named = dict(zip(sections[1::2], sections[2::2], strict=True))
    return named[f"{rule.code} {rule.name}"]


def example(rule: Rule, kind: str) -> dict[str, str]:
    """The files of an example, by name."""
    match = re.search(rf"^    {kind}::\n\n((?: {{8}}.*\n|\n)+)", section(rule), re.MULTILINE)
    assert match is not None, f"{rule.code} has no example after `{kind}::`"
    text = re.sub(r"^ {8}", "", match[1], flags=re.MULTILINE).strip() + "\n"
    parts = re.split(r"^# (\S+\.yaml)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True)) or {"flux.yaml": text}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_documentation_says_what_and_why_before_the_examples(rule: Rule) -> None:
    said = section(rule).partition("Bad::")[0]

    assert len(said.split()) >= 10


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_bad_example_breaks_this_rule_and_no_other(rule: Rule, lint_files: LintFiles) -> None:
    found = lint_files(with_model(example(rule, "Bad")))

    assert {finding.rule for finding in found if shows(finding, rule)} == {rule.code}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_good_example_breaks_none(rule: Rule, lint_files: LintFiles) -> None:
    found = lint_files(with_model(example(rule, "Good")))

    assert [finding.render() for finding in found if shows(finding, rule)] == []


def test_codes_and_names_are_given_once_and_formed_alike() -> None:
    codes = [rule.code for rule in RULES]
    names = [rule.name for rule in RULES]

    assert codes == sorted(set(codes))
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[ACDEMNP][1-9]\d\d", code) for code in codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names)


def test_summaries_are_phrases() -> None:
    for rule in RULES:
        assert re.fullmatch(r"[a-z].{10,90}[^.]", rule.summary), rule.code


def with_model(files: dict[str, str]) -> dict[str, str]:
    """An API needs a model."""
    return files if any(name != "api.yaml" for name in files) else {**files, "flux.yaml": ""}


def shows(finding: Finding, rule: Rule) -> bool:
    return finding.severity is not Severity.INFO or finding.rule == rule.code
