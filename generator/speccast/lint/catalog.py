"""All rules by code, with their documentation.

Beside the rules that the linter runs, these are the codes of the reader of specs and of the check of suppressions. The list of
rules, `speccast explain`, the reference page and the reports use it.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from speccast.core.suggestions import closest
from speccast.lint.rule import module_of
from speccast.lint.rules import RULES, drift, folders, structure, suppressions, syntax
from speccast.rule_documentation import Documentation, documentation_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.lint.rule import AnyRule, Rule

REFERENCE: Final = "docs/rules.md"
"""The reference page in the repository, which tools/scripts/rules.py writes."""

_TARGETS: Final = Path(__file__).resolve().parents[1] / "targets"


def _rules_of_targets() -> Iterator[Rule]:
    """Yield the rules of the targets: `RULES` of the package `lint` in each target's folder."""
    for package in sorted(_TARGETS.glob("*/lint/__init__.py")):
        yield from import_module(f"speccast.targets.{package.parents[1].name}.lint").RULES


FAMILIES: Final[Mapping[str, str]] = {
    "S": "Structure",
    "M": "Models",
    "P": "Parameters",
    "E": "Enums",
    "C": "Conditions",
    "A": "API and jobs",
    "N": "Names",
    "D": "Documentation",
    "X": "Suppressions",
}
"""The family of rules by the first letter of their codes, in the order of the reference page."""

CATALOG: Final[Mapping[str, AnyRule]] = {
    rule.code: rule
    for rule in sorted(
        (
            *syntax.RULES,
            *structure.RULES,
            *folders.RULES,
            *suppressions.RULES,
            *drift.RULES,
            *RULES,
            *_rules_of_targets(),
        ),
        key=lambda rule: (list(FAMILIES).index(rule.code[0]), rule.code),
    )
}
"""All rules by code, in the order of the families."""

_BY_NAME: Final = {word: rule for rule in CATALOG.values() for word in (rule.code.lower(), rule.name)}
_NAMED: Final = 12
"""Maximum number of rules in a suggestion."""


@cache
def documentation(rule: AnyRule) -> Documentation:
    """Return the section of a rule in the docstring of its module."""
    return documentation_in(sys.modules[module_of(rule)].__doc__ or "", rule.code)


def find(name: str) -> AnyRule | None:
    """Return the rule with a code or a name, ignoring case."""
    return _BY_NAME.get(name.strip().lower())


def suggestion(name: str) -> str:
    """Return a hint on an unknown rule: rules with that prefix, a similar rule, or how to list all."""
    beginning = name.strip().upper()
    begun = [code for code in CATALOG if beginning and code.startswith(beginning)]
    if begun:
        return f"name one rule: {', '.join(begun[:_NAMED])}{', …' if len(begun) > _NAMED else ''}"
    rule = find(closest(name.strip(), _BY_NAME))
    return f"did you mean {rule.code} ({rule.name})?" if rule else "to list all rules, run: speccast rules"


def address(rule: AnyRule) -> str:
    """Return the address of a rule's documentation."""
    return f"{REFERENCE}#{anchor(rule)}"


def anchor(rule: AnyRule) -> str:
    """Return the anchor of a rule's heading in the reference page."""
    return f"{rule.code.lower()}-{rule.name}"
