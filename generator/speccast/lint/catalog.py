"""Everything that a finding can have as its rule, by code, and what the documentation says of it.

The rules that the linter runs are only a part: the reader of specs and the account of suppressions have codes, too. The
list of rules, `speccast explain`, the reference page and the reports all look here.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from speccast.lint.rule import module_of
from speccast.lint.rules import RULES, folders, structure, suppressions, syntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.lint.rule import AnyRule, Rule

REFERENCE: Final = "docs/rules.md"
"""The reference page in the repository, which tools/scripts/rules.py writes."""

_TARGETS: Final = Path(__file__).resolve().parents[1] / "targets"


def _rules_of_targets() -> Iterator[Rule]:
    """The rules of the targets that have any: `RULES` of the package `lint` in the target's folder."""
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
"""What the first letters of codes stand for, in the order in which a reader meets them."""

CATALOG: Final[Mapping[str, AnyRule]] = {
    rule.code: rule
    for rule in sorted(
        (
            *syntax.RULES,
            *structure.RULES,
            *folders.RULES,
            *suppressions.RULES,
            *RULES,
            *_rules_of_targets(),
        ),
        key=lambda rule: (list(FAMILIES).index(rule.code[0]), rule.code),
    )
}
"""Every rule by its code, in the order of the families."""

_BY_NAME: Final = {word: rule for rule in CATALOG.values() for word in (rule.code.lower(), rule.name)}
_NAMED: Final = 12
"""So many rules are named in a suggestion."""
_SECTION: Final = re.compile(r"^([A-Z]\d{3}) [a-z0-9-]+$", re.MULTILINE)
_FILE: Final = re.compile(r"^# (\S+\.ya?ml)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Documentation:
    """What is said of a rule, and the two examples: file name to text. Few rules have none, as they could not be shown."""

    prose: str
    bad: Mapping[str, str]
    good: Mapping[str, str]


@cache
def documentation(rule: AnyRule) -> Documentation:
    """The section of a rule in the docstring of its module."""
    text = sys.modules[module_of(rule)].__doc__ or ""
    parts = _SECTION.split(text)
    section = dict(zip(parts[1::2], parts[2::2], strict=True)).get(rule.code, "")
    prose = section.partition("    Bad::")[0]
    return Documentation(_unindented(prose, 4), _example(section, "Bad"), _example(section, "Good"))


def find(name: str) -> AnyRule | None:
    """The rule with a code or a name; capitals do not count."""
    return _BY_NAME.get(name.strip().lower())


def suggestion(name: str) -> str:
    """What was probably meant by a name that no rule has: rules that begin so, a question, or where all are listed."""
    beginning = name.strip().upper()
    begun = [code for code in CATALOG if beginning and code.startswith(beginning)]
    if begun:
        return f"name one rule: {', '.join(begun[:_NAMED])}{', …' if len(begun) > _NAMED else ''}"
    near = get_close_matches(name.strip().lower()[:60], _BY_NAME, 1)
    rule = find(near[0]) if near else None
    return f"did you mean {rule.code} ({rule.name})?" if rule else "`speccast rules` lists them all"


def address(rule: AnyRule) -> str:
    """Where the documentation of a rule can be read."""
    return f"{REFERENCE}#{anchor(rule)}"


def anchor(rule: AnyRule) -> str:
    """The anchor of a rule's heading in the reference page, as Markdown viewers make it of the heading."""
    return f"{rule.code.lower()}-{rule.name}"


def _example(section: str, kind: str) -> Mapping[str, str]:
    match = re.search(rf"^    {kind}::\n\n((?: {{8}}.*\n|\n)+)", section, re.MULTILINE)
    if match is None:
        return {}
    text = _unindented(match[1], 8) + "\n"
    parts = _FILE.split(text)
    return dict(zip(parts[1::2], parts[2::2], strict=True)) or {"": text}


def _unindented(text: str, columns: int) -> str:
    return re.sub(rf"^ {{{columns}}}", "", text, flags=re.MULTILINE).strip()
