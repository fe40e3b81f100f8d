"""All rules by code, with their documentation.

These are the rules that the linter runs, and the codes of the reader of specs and of the check of suppressions.
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final, get_args

from speccast.core.suggestions import closest
from speccast.errors import SpeccastError
from speccast.lint.rule import AnyRule, Rule, module_of
from speccast.lint.rules import drift, folders, structure, syntax
from speccast.rule_documentation import Documentation, documentation_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

REFERENCE: Final = "docs/rules.md"
"""The reference page in the repository, which tools/scripts/rules.py writes."""

_TARGETS: Final = Path(__file__).resolve().parents[1] / "targets"


def _rules_of(package: str, target: str = "") -> Iterator[AnyRule]:
    """Yield the rules that the modules of a package define."""
    for module in iter_modules(import_module(package).__path__):
        name = f"{package}.{module.name}"
        for value in vars(import_module(name)).values():
            if isinstance(value, AnyRule) and module_of(value) == name:
                yield replace(value, target=target)


def _rules_of_targets() -> Iterator[AnyRule]:
    """Yield the rules of the targets: those of the package `lint` in each target's folder."""
    for package in _TARGETS.glob("*/lint/__init__.py"):
        target = package.parents[1].name
        yield from _rules_of(f"speccast.targets.{target}.lint", target)


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
    "T": "Targets of other distributions",
}
"""The family of rules by the first letter of their codes, in the order of the reference page."""

CATALOG: Final[dict[str, AnyRule]] = {
    rule.code: rule
    for rule in sorted(
        (
            *syntax.RULES,
            *structure.RULES,
            *folders.RULES,
            *drift.RULES,
            *_rules_of("speccast.lint.rules"),
            *_rules_of_targets(),
        ),
        key=lambda rule: (list(FAMILIES).index(rule.code[0]), rule.code),
    )
}
"""All rules by code, in the order of the families; see also `add_rules`."""

GROUP: Final = "speccast.rules"
"""The entry points by which another distribution brings the rules of its target: name of the target to a sequence of rules."""

_BY_NAME: Final[dict[str, AnyRule]] = {
    word: rule for rule in CATALOG.values() for word in (rule.code.lower(), rule.name)
}
_CODE: Final = re.compile(r"[A-Z]\d*")
_CUTOFF: Final = 0.7
"""How similar a word must be to the name of a rule. The value is high, because many names share words."""
_added: Final[set[str]] = set()
_NAMED: Final = 12
"""Maximum number of rules in a suggestion."""


def add_rules(targets: Iterable[str]) -> None:
    """Add the rules of targets that other distributions bring to the catalog. Their codes begin with T.

    Raises:
        SpeccastError: a distribution is broken, or its rules are not valid.
    """
    for target in targets:
        if target not in _added and not (_TARGETS / target).is_dir():
            _added.add(target)
            for rule in _rules_of_distribution(target):
                CATALOG[rule.code] = rule
                _BY_NAME.update({rule.code.lower(): rule, rule.name: rule})


def _rules_of_distribution(target: str) -> Iterator[Rule]:
    from importlib.metadata import entry_points  # takes longer to import than all else here

    for entry_point in entry_points(group=GROUP, name=target):
        place = f"rules of the target {target!r}: {entry_point.value}"
        try:
            rules = tuple(entry_point.load())
        except Exception as error:  # importing another distribution can fail in any way
            raise SpeccastError(f"{place}: {type(error).__name__}: {error}") from error
        for rule in rules:
            if not isinstance(rule, get_args(Rule)) or not re.fullmatch(r"T\d{3}", rule.code):
                raise SpeccastError(f"{place}: {rule!r:.100} is not a rule with a code such as T101")
            if rule.code in CATALOG or rule.name in _BY_NAME:
                raise SpeccastError(f"{place}: another rule has the code {rule.code} or the name {rule.name}")
            yield replace(rule, target=target)


def documentation(rule: AnyRule) -> Documentation:
    """Return the section of a rule in the docstring of its module."""
    return documentation_in(sys.modules[module_of(rule)].__doc__ or "", rule.code)


def find(name: str) -> AnyRule | None:
    """Return the rule with a code or a name, ignoring case."""
    return _BY_NAME.get(name.strip().lower())


def suggestion(name: str) -> str:
    """Return a hint on an unknown rule: rules with that prefix, a similar rule, or how to list all."""
    beginning = name.strip().upper()
    if _CODE.fullmatch(beginning):
        codes = [code for code in CATALOG if code.startswith(beginning)]
        codes = codes or [code for code in CATALOG if code[0] == beginning[0]]
        if codes:
            return f"name one rule: {', '.join(codes[:_NAMED])}{', …' if len(codes) > _NAMED else ''}"
    rule = find(beginning[:4]) or find(
        closest(name.strip(), (word for word in _BY_NAME if "-" in word), _CUTOFF)
    )
    return f"did you mean {rule.code} ({rule.name})?" if rule else "to list all rules, run: speccast rules"


def address(rule: AnyRule) -> str:
    """Return the address of a rule's documentation, or "" for a rule of another distribution."""
    return "" if rule.code.startswith("T") else f"{REFERENCE}#{anchor(rule)}"


def anchor(rule: AnyRule) -> str:
    """Return the anchor of a rule's heading in the reference page."""
    return f"{rule.code.lower()}-{rule.name}"
