"""Judges specs: everything that reading them found, and whatever the rules find in those that could be read.

Lint stands between loading and generation. `rules` holds the rules, each a piece of data with a function that looks at
one document, one parameter, one model or one API as `context` shows them; here they are run and their violations become
findings. What a comment in the spec silences is kept apart, and each such comment must account for itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from specwright.lint.rule import ApiRule, DocumentRule, ModelRule, ParameterRule, Rule, Violation
from specwright.lint.rules import RULES
from specwright.lint.selection import DEFAULT, Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from specwright.findings import Finding, Related
    from specwright.lint.context import ApiContext
    from specwright.lint.place import Place
    from specwright.spec.document import Document
    from specwright.spec.load import Loaded, LoadedApi

__all__ = ["RULES", "Judgement", "Rule", "Selection", "Silenced", "judge", "lint", "of_one"]


@dataclass(frozen=True, slots=True)
class Silenced:
    """A finding that a comment silences, and the reason that the comment gives."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings by file and place, and those that comments in the specs silence."""

    findings: tuple[Finding, ...]
    silenced: tuple[Silenced, ...]


def lint(loaded: Loaded, selection: Selection = DEFAULT) -> tuple[Finding, ...]:
    """All findings of all files that no comment silences, those of the loader included, by file and place."""
    return judge(loaded, selection).findings


def judge(loaded: Loaded, selection: Selection = DEFAULT, *, today: date | None = None) -> Judgement:
    """Runs the rules of a selection. Only with `today` is a spec ever too old.

    A document that has not passed the check against the format is not looked at again; the others are, except that
    settled ones are only looked at together with the others.
    """
    from specwright.lint.context import api_context
    from specwright.lint.silence import silence
    from specwright.spec.document import SettledDocument
    from specwright.spec.regex import begin_anew

    found: list[Finding] = []
    silenced: list[Silenced] = []
    for api in loaded.apis:
        begin_anew()
        context = api_context(api, today)
        findings = [finding for rule in selection.rules for finding in _findings(rule, context, selection)]
        documents = [document for document in (api.api, *api.models) if not document.is_settled]
        kept, quiet = silence(findings, documents, selection)
        found.extend(kept)
        found.extend(
            said for each in api.models if isinstance(each, SettledDocument) for said in each.findings
        )
        silenced.extend(quiet)
    return Judgement(tuple(sorted([*loaded.findings, *found])), tuple(silenced))


def of_one(api: LoadedApi, document: Document, selection: Selection = DEFAULT) -> tuple[Finding, ...] | None:
    """What is to be said of one model of an API by itself, whatever other models there are.

    A comment that speaks to the linter has to account for itself in the light of everything, so nothing can be said of a
    file that has one; and nothing where a finding stands in another file.
    """
    from specwright.lint.comments import suppressions
    from specwright.lint.context import api_context
    from specwright.spec.regex import begin_anew

    if any(suppressions(document)):
        return None
    begin_anew()
    context = api_context(replace(api, models=(document,)))
    found = []
    for rule in selection.rules:
        if not isinstance(rule, ApiRule):
            said = [*_findings(rule, context, selection)]
            if not isinstance(rule, DocumentRule) and any(each.path != document.path for each in said):
                return None
            found += [each for each in said if each.path == document.path]
    return tuple(found)


def _findings(rule: Rule, api: ApiContext, selection: Selection) -> Iterator[Finding]:
    severity = selection.severity(rule.code, rule.severity)
    for violation in _violations(rule, api):
        finding = _finding(rule, violation)
        yield finding if finding.severity is severity else replace(finding, severity=severity)


def _violations(rule: Rule, api: ApiContext) -> Iterable[Violation]:
    match rule:
        case ApiRule():
            return rule.check(api)
        case DocumentRule():
            documents = (api.document, *api.unsettled_documents)
            return (violation for document in documents for violation in rule.check(document))
        case ModelRule():
            return (violation for model in api.unsettled_models for violation in rule.check(model))
        case ParameterRule():
            parameters = (parameter for model in api.unsettled_models for parameter in model.all_parameters)
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
        fix=violation.fix,
    )


def _related(place: Place, message: str) -> Related:
    return place.document.related(place.pointer, message, at_key=place.on_key)
