"""The kinds of changes.

Each module has one family. Its docstring documents the rules: a section for each with its code and name, a change that it
reports at its highest level (`Bad`) and a similar one that it does not report at that level (`Good`). The tests run both.

    V1xx  models      V2xx  parameters      V3xx  values      V4xx  APIs

Codes never change their meaning.
"""

from __future__ import annotations

from typing import Final

from speccast.diff.change import ChangeRule
from speccast.diff.rules import apis, models, package_names, parameters, requests, responses, values
from speccast.rule_documentation import Documentation, documentation_in

_FAMILIES: Final = (models, parameters, values, apis, requests, responses, package_names)

RULES: Final[tuple[ChangeRule, ...]] = tuple(
    sorted(
        {value for family in _FAMILIES for value in vars(family).values() if isinstance(value, ChangeRule)},
        key=lambda rule: rule.code,
    )
)
"""All rules, sorted by code."""


def documentation(rule: ChangeRule) -> Documentation:
    """Return the section of a rule in the docstring of its module."""
    return documentation_in("\n".join(family.__doc__ or "" for family in _FAMILIES), rule.code)
