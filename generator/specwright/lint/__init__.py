"""Judges specs: everything that reading them found, and whatever the rules find in those that could be read.

Lint stands between loading and generation. `rules` holds the rules, each a piece of data with a function that looks at
one parameter, one model or one API as `context` shows them; here they are run and their violations become findings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from specwright.lint.context import ApiContext, api_context
from specwright.lint.rule import ApiRule, ModelRule, ParameterRule, Rule, Violation
from specwright.lint.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from specwright.findings import Finding, Related
    from specwright.lint.place import Place
    from specwright.spec.load import Loaded

__all__ = ["RULES", "Rule", "lint"]


def lint(loaded: Loaded, rules: Sequence[Rule] = RULES) -> tuple[Finding, ...]:
    """All findings of all files, those of the loader included, by file and place.

    A document that has not passed the check against the format is not looked at again; the others are.
    """
    found = [finding for api in loaded.apis for finding in _judge(api_context(api), rules)]
    return tuple(sorted([*loaded.findings, *found]))


def _judge(api: ApiContext, rules: Sequence[Rule]) -> Iterator[Finding]:
    for rule in rules:
        for violation in _violations(rule, api):
            yield _finding(rule, violation)


def _violations(rule: Rule, api: ApiContext) -> Iterable[Violation]:
    match rule:
        case ApiRule():
            return rule.check(api)
        case ModelRule():
            return (violation for model in api.models for violation in rule.check(model))
        case ParameterRule():
            parameters = (parameter for model in api.models for parameter in model.all_parameters)
            return (violation for parameter in parameters for violation in rule.check(parameter))


def _finding(rule: Rule, violation: Violation) -> Finding:
    place = violation.place
    return place.document.finding(
        rule.code,
        place.pointer,
        violation.message,
        violation.help,
        at_key=place.on_key,
        severity=rule.severity,
        related=tuple(_related(other, message) for other, message in violation.related),
    )


def _related(place: Place, message: str) -> Related:
    return place.document.related(place.pointer, message, at_key=place.on_key)
