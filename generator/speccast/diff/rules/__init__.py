"""The kinds of changes.

Each module has one family. Its docstring documents the rules: a section for each with its code and name, a change that it
reports at its highest level (`Bad`) and a similar one that it does not report at that level (`Good`). The tests run both.

    V1xx  models      V2xx  parameters      V3xx  values      V4xx  APIs

Codes never change their meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.diff.rules import apis, models, package_names, parameters, requests, responses, values

if TYPE_CHECKING:
    from speccast.diff.change import Rule

_FAMILIES: Final = (models, parameters, values, apis, requests, responses, package_names)

RULES: Final[tuple[Rule, ...]] = tuple(
    sorted((rule for family in _FAMILIES for rule in family.RULES), key=lambda rule: rule.code)
)
"""All rules, sorted by code."""
