"""The rules of the linter, except those that targets contribute.

Each module contains a family of rules. Its docstring is their documentation: a section for each rule with its code and name, and
with a bad and a good example that the tests run. Codes never change their meaning:

    S3xx  YAML
    A1xx  api.yaml         M2xx  models
    N1xx  names            P1xx  keywords    P2xx  bounds    P3xx  defaults and examples
    E1xx  enums            C1xx  conditions                  D1xx  documentation

S1xx, S2xx and M1xx (`syntax`, `structure`, `folders`) are reported by the reader of specs before any rule runs
(`speccast.specs.codes`). X1xx (`suppressions`) is about suppressions. `speccast drift` reports the rules of `drift`.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.lint.rule import Rule

REPORTED_ELSEWHERE: Final = ("drift", "folders", "structure", "suppressions", "syntax")
"""Modules whose rules only document what the reader of specs and the suppressions report."""


def _find_rules() -> Iterator[Rule]:
    for module in iter_modules(__path__):
        if module.name not in REPORTED_ELSEWHERE:
            yield from import_module(f"{__name__}.{module.name}").RULES


RULES: Final = tuple(sorted(_find_rules(), key=lambda rule: rule.code))
"""All rules of this package, sorted by code. Each module contributes its `RULES`."""
