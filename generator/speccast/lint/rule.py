"""The interface of rules: a description as data, and a function that checks.

A rule checks one document, one parameter, one model or one API, and yields a `RuleViolation` for each problem. The docstring of
the module is the documentation of its rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from speccast.findings import Fix, Severity
    from speccast.lint.context import ApiContext, ModelContext, ParameterContext
    from speccast.lint.location import Location
    from speccast.specs.document import Document

Fixable: TypeAlias = Literal["no", "safe", "unsafe"]


@dataclass(frozen=True, slots=True)
class RuleViolation:
    """A problem that a rule found: where, what is wrong, how to correct it (`help`), and related positions.

    `fix` is an automatic correction, if there is one that does not need the page.
    """

    place: Location
    message: str
    help: str = ""
    related: tuple[tuple[Location, str], ...] = ()
    fix: Fix | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """The description of a rule. Its code and name are stable and never reused.

    Attributes:
        default: whether the rule is in the default set.
        needed: whether the rule protects generation. Such a rule cannot be disabled or suppressed.
        fixable: whether `--fix` can correct its findings.
        target: the target that the rule belongs to. It runs only in projects that generate the target.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    default: bool = True
    needed: bool = False
    fixable: Fixable = "no"
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRule(_Rule):
    """Checks each file, an `api.yaml` or a model."""

    check: Callable[[Document], Iterable[RuleViolation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRule(_Rule):
    """Checks each parameter, member of an object and item of an array.

    With `keywords`, it is called only for parameters that have at least one of them.
    """

    keywords: frozenset[str] = frozenset()
    check: Callable[[ParameterContext], Iterable[RuleViolation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRule(_Rule):
    """Checks each model, with access to its `api.yaml`."""

    check: Callable[[ModelContext], Iterable[RuleViolation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRule(_Rule):
    """Checks an `api.yaml`, or all models of an API together."""

    check: Callable[[ApiContext], Iterable[RuleViolation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRule(_Rule):
    """A rule that is checked elsewhere: by the reader of specs, or by the check of suppressions.

    `module` is the module whose docstring documents it.
    """

    module: str


Rule: TypeAlias = DocumentRule | ParameterRule | ModelRule | ApiRule
"""A rule that the linter runs."""

AnyRule: TypeAlias = Rule | ForeignRule
"""The rule of any finding."""


def module_of(rule: AnyRule) -> str:
    """Return the module whose docstring documents a rule."""
    return rule.module if isinstance(rule, ForeignRule) else rule.check.__module__
