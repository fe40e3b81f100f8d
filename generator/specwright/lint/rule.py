"""What a rule is: data that says what is checked and how bad a breach is, and the function that looks.

A rule judges one parameter, one model or one API; what it finds it reports as `Violation`s, which know where they are
but not which rule found them. The docstring of the module that holds a rule is its documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from specwright.findings import Severity
    from specwright.lint.context import ApiContext, ModelContext, ParameterContext
    from specwright.lint.place import Place


@dataclass(frozen=True, slots=True)
class Violation:
    """A breach of a rule: where, what is wrong, what would be right (`help`), and the other places it is about."""

    place: Place
    message: str
    help: str = ""
    related: tuple[tuple[Place, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A rule's code and name are stable and never given to another; severity is no part of the code."""

    code: str
    name: str
    severity: Severity
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRule(_Rule):
    """Looks at each parameter, member of an object and item of an array by itself."""

    check: Callable[[ParameterContext], Iterable[Violation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRule(_Rule):
    """Looks at each model by itself, in the light of its `api.yaml`."""

    check: Callable[[ModelContext], Iterable[Violation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRule(_Rule):
    """Looks at an `api.yaml`, or at all models of an API together."""

    check: Callable[[ApiContext], Iterable[Violation]]


Rule: TypeAlias = ParameterRule | ModelRule | ApiRule
