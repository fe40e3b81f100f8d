"""What a rule is: data that says what is checked and how bad a breach is, and the function that looks.

A rule judges one document, one parameter, one model or one API; what it finds it reports as `Violation`s, which know
where they are but not which rule found them. The docstring of the module that holds a rule is its documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from speccast.findings import Fix, Severity
    from speccast.lint.context import ApiContext, ModelContext, ParameterContext
    from speccast.lint.place import Place
    from speccast.specs.document import Document

Fixable: TypeAlias = Literal["no", "safe", "unsafe"]


@dataclass(frozen=True, slots=True)
class Violation:
    """A breach of a rule: where, what is wrong, what would be right (`help`), and the other places it is about.

    `fix` puts it right where that can be done without the page at hand.
    """

    place: Place
    message: str
    help: str = ""
    related: tuple[tuple[Place, str], ...] = ()
    fix: Fix | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A rule's code and name are stable and never given to another; severity is no part of the code.

    A rule that is not in the `default` set runs only where it is asked for. What a `needed` rule finds, generation
    could not cope with: it can be neither turned off nor silenced. `fixable` says whether `--fix` can help. With a `target`,
    the rule runs only where that target is generated.
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
    """Looks at each file, an `api.yaml` or a model, as it is written."""

    check: Callable[[Document], Iterable[Violation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRule(_Rule):
    """Looks at each parameter, member of an object and item of an array by itself.

    With `keywords`, it looks only at those that have at least one of these; on others it would find nothing.
    """

    keywords: frozenset[str] = frozenset()
    check: Callable[[ParameterContext], Iterable[Violation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRule(_Rule):
    """Looks at each model by itself, in the light of its `api.yaml`."""

    check: Callable[[ModelContext], Iterable[Violation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRule(_Rule):
    """Looks at an `api.yaml`, or at all models of an API together."""

    check: Callable[[ApiContext], Iterable[Violation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRule(_Rule):
    """A rule that something else than the linter's rules checks: the reader of specs, or the account of suppressions.

    `module` is the one whose docstring documents it.
    """

    module: str


Rule: TypeAlias = DocumentRule | ParameterRule | ModelRule | ApiRule
"""What the linter itself runs."""

AnyRule: TypeAlias = Rule | ForeignRule
"""Everything that a finding can have as its rule."""


def module_of(rule: AnyRule) -> str:
    """The module whose docstring documents a rule."""
    return rule.module if isinstance(rule, ForeignRule) else rule.check.__module__
