"""The interface of rules: a description as data, and a function that checks.

A rule checks one document, one parameter, one model or one API, and yields a `RuleViolation` for each problem. The docstring of
the module is the documentation of its rules.

    @parameter_rule("P201", Severity.ERROR, "a lower bound greater than the upper one")
    def bounds_inverted(context: ParameterContext) -> Violations:
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Final, Generic, Literal, Self, TypeAlias, TypeVar

from speccast.findings import Fix, Severity
from speccast.lint.context import ApiContext, ModelContext, ParameterContext
from speccast.lint.location import Location
from speccast.specs.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = [
    "AnyRule",
    "ApiContext",
    "ApiRule",
    "Document",
    "DocumentRule",
    "Fix",
    "Fixable",
    "ForeignRule",
    "Location",
    "ModelContext",
    "ModelRule",
    "ParameterContext",
    "ParameterRule",
    "Rule",
    "RuleViolation",
    "Severity",
    "Violations",
    "api_rule",
    "document_rule",
    "model_rule",
    "module_of",
    "parameter_rule",
]

Fixable: TypeAlias = Literal["no", "safe", "unsafe"]
_Context = TypeVar("_Context")


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


Violations: TypeAlias = "Iterator[RuleViolation]"
"""What a check yields."""


@dataclass(frozen=True, slots=True)
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
    _: KW_ONLY
    default: bool = True
    needed: bool = False
    fixable: Fixable = "no"
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRule(_Rule):
    """A rule that is checked elsewhere: by the reader of specs, or by the check of suppressions.

    `module` is the module whose docstring documents it.
    """

    module: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _CheckedRule(_Rule, Generic[_Context]):
    """A rule that the linter runs.

    With `keywords`, a rule about parameters is called only for those that have at least one of them.
    """

    keywords: frozenset[str] = frozenset()
    check: Callable[[_Context], Violations]

    @classmethod
    def declare(
        cls,
        code: str,
        severity: Severity,
        summary: str,
        *,
        default: bool = True,
        needed: bool = False,
        fixable: Fixable = "no",
        keywords: Iterable[str] = (),
    ) -> Callable[[Callable[[_Context], Violations]], Self]:
        """Return a decorator that makes a rule of a function: `bounds_inverted` becomes the rule `bounds-inverted`."""
        return lambda check: cls(
            code,
            check.__name__.replace("_", "-"),
            severity,
            summary,
            default=default,
            needed=needed,
            fixable=fixable,
            keywords=frozenset(keywords),
            check=check,
        )


class DocumentRule(_CheckedRule[Document]):
    """Checks each file, an `api.yaml` or a model."""


class ParameterRule(_CheckedRule[ParameterContext]):
    """Checks each parameter, member of an object and item of an array."""


class ModelRule(_CheckedRule[ModelContext]):
    """Checks each model, with access to its `api.yaml`."""


class ApiRule(_CheckedRule[ApiContext]):
    """Checks an `api.yaml`, or all models of an API together."""


document_rule: Final = DocumentRule.declare
parameter_rule: Final = ParameterRule.declare
model_rule: Final = ModelRule.declare
api_rule: Final = ApiRule.declare

Rule: TypeAlias = DocumentRule | ParameterRule | ModelRule | ApiRule
"""A rule that the linter runs."""

AnyRule: TypeAlias = Rule | ForeignRule
"""The rule of any finding."""


def module_of(rule: AnyRule) -> str:
    """Return the module whose docstring documents a rule."""
    return rule.module if isinstance(rule, ForeignRule) else rule.check.__module__
