"""Every rule on a spec that violates it and on one that does not, with the exact positions and messages.

A case is a model, or the folder of an API. A comment below a line gives the expected finding, with a
caret under the first character (`<-` means the first column), the code, part of the message and, after a bar, part of
the help:

    minimum: 100
  #          ^ P201 minimum 100 is greater than maximum 10 | swap them
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from speccast.findings import Severity
from speccast.lint.selection import choose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speccast.findings import Finding

RULES = choose(["all"]).rules
CASES = Path(__file__).parent / "cases"
BAD = sorted(CASES.glob("*/bad*"))
GOOD = sorted(CASES.glob("*/good*"))

_MARK = re.compile(r"^\s*#\s*(\^|<-) ([A-Z]\d{3}) ([^|\n]*)(?: \| (.*))?$")


class Mark(NamedTuple):
    path: str
    line: int
    column: int
    rule: str
    message: str
    help: str


def marks(case: Path) -> Iterator[Mark]:
    for file in sorted(case.glob("*.yaml")) if case.is_dir() else [case]:
        text = file.read_text(encoding="utf-8")
        slug = re.search(r"^slug: (\S+)$", text, re.MULTILINE)
        name = file.name if case.is_dir() or slug is None else f"{slug[1]}.yaml"
        line = 0
        for number, content in enumerate(text.splitlines(), start=1):
            mark = _MARK.match(content)
            if mark is None:
                line = number
                continue
            column = content.index("^") + 1 if mark[1] == "^" else 1
            yield Mark(f"specs/acme/{name}", line, column, mark[2], mark[3].strip(), mark[4] or "")


def relevant(findings: tuple[Finding, ...], code: str) -> list[Finding]:
    """Return what a case is about: errors, warnings, and the rule in question where it only informs."""
    return [found for found in findings if found.severity is not Severity.INFO or found.rule == code]


@pytest.mark.parametrize("case", BAD, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_bad_cases_are_reported_at_their_position(
    case: Path, lint_case: Callable[[Path, str], tuple[Finding, ...]]
) -> None:
    code = case.parent.name.partition("-")[0]
    found = relevant(lint_case(case, code), code)
    expected = sorted(marks(case))

    places = [(finding.path, finding.line, finding.column, finding.rule) for finding in found]
    assert sorted(places) == [(mark.path, mark.line, mark.column, mark.rule) for mark in expected]
    assert {mark.rule for mark in expected} == {code}
    for mark in expected:
        here = [finding for finding in found if (finding.line, finding.column) == (mark.line, mark.column)]
        said = [(finding.message, finding.help) for finding in here]
        assert any(mark.message in message and mark.help in hint for message, hint in said), (mark, said)
        assert all(hint for _, hint in said), "a finding must have help"


@pytest.mark.parametrize("case", GOOD, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_good_cases_are_not_reported(
    case: Path, lint_case: Callable[[Path, str], tuple[Finding, ...]]
) -> None:
    code = case.parent.name.partition("-")[0]
    found = relevant(lint_case(case, code), code)

    assert [finding.render() for finding in found] == []


def test_every_rule_has_a_case_of_each_kind() -> None:
    codes = {rule.code for rule in RULES}

    assert {case.parent.name.partition("-")[0] for case in BAD} == codes
    assert {case.parent.name.partition("-")[0] for case in GOOD} == codes


def test_severities_are_those_that_the_rules_declare(
    lint_case: Callable[[Path, str], tuple[Finding, ...]],
) -> None:
    declared = {rule.code: rule.severity for rule in RULES}

    for finding in lint_case(CASES / "P304" / "bad.yaml", "P304"):
        assert finding.severity is declared[finding.rule]
