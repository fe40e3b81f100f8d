"""The rules of the linter, except those that targets contribute.

Each module contains a family of rules. Its docstring is their documentation: a section for each rule with its code and name, and
with a bad and a good example that the tests run. Codes never change their meaning:

    S3xx  YAML
    A1xx  api.yaml         M2xx  models
    N1xx  names            P1xx  keywords    P2xx  bounds    P3xx  defaults and examples
    E1xx  enums            C1xx  conditions                  D1xx  documentation

S1xx, S2xx and M1xx (`syntax`, `structure`, `folders`) are reported by the reader of specs before any rule runs
(`speccast.specs.codes`). X1xx (`suppressions`) is about suppressions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.lint.rules import (
    bounds,
    conditions,
    defaults,
    descriptions,
    documented_as,
    enums,
    examples,
    files,
    integers,
    jobs,
    keywords,
    licenses,
    older_yaml,
    openness,
    paths,
    patterns,
    prose,
    requests,
    responses,
    shapes,
    sources,
    surfaces,
)

if TYPE_CHECKING:
    from speccast.lint.rule import Rule

_FAMILIES: Final[tuple[tuple[Rule, ...], ...]] = (
    bounds.RULES,
    conditions.RULES,
    defaults.RULES,
    descriptions.RULES,
    documented_as.RULES,
    enums.RULES,
    examples.RULES,
    files.RULES,
    integers.RULES,
    jobs.RULES,
    keywords.RULES,
    licenses.RULES,
    openness.RULES,
    sources.RULES,
    requests.RULES,
    responses.RULES,
    prose.RULES,
    older_yaml.RULES,
    paths.RULES,
    patterns.RULES,
    shapes.RULES,
    surfaces.RULES,
)

RULES: Final = tuple(sorted((rule for family in _FAMILIES for rule in family), key=lambda rule: rule.code))
"""All rules of this package, sorted by code."""
