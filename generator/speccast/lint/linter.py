"""Judges specs: everything that reading them found, and whatever the rules find in those that could be read.

Lint stands between loading and generation. `rules` holds the rules, each a piece of data with a function that looks at
one document, one parameter, one model or one API as `context` shows them; here they are run and their violations become
findings. What a comment in the spec silences is kept apart, and each such comment must account for itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from speccast.lint.rule import ApiRule, DocumentRule, ModelRule, ParameterRule, Rule, Violation
from speccast.lint.rules import RULES
from speccast.lint.selection import DEFAULT, Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from speccast.findings import Finding, Related
    from speccast.lint.context import ApiContext, ModelContext, ParameterContext
    from speccast.lint.place import Place
    from speccast.lint.suppressions import Silenced
    from speccast.specs.document import Document
    from speccast.specs.load import Loaded, LoadedApi

__all__ = ["RULES", "Judgement", "Rule", "Selection", "judge", "lint", "of_one"]


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
    from speccast.lint.context import api_context
    from speccast.lint.suppressions import silence
    from speccast.specs.document import SettledDocument

    looking = _Looking(selection)
    found: list[Finding] = []
    silenced: list[Silenced] = []
    for api in loaded.apis:
        context = api_context(api, today)
        findings = [*looking.at_api(context)]
        for model in context.unsettled_models:
            findings += looking.at_model(model)
        documents = [document for document in (api.api, *api.models) if not document.is_settled]
        kept, quiet = silence(findings, documents, selection)
        found.extend(kept)
        found.extend(
            said for each in api.models if isinstance(each, SettledDocument) for said in each.findings
        )
        silenced.extend(quiet)
    for document in loaded.alone:
        found.extend(looking.at_document_alone(document))
    return Judgement(tuple(sorted([*loaded.findings, *found])), tuple(silenced))


def of_one(api: LoadedApi, document: Document, selection: Selection = DEFAULT) -> tuple[Finding, ...] | None:
    """What is to be said of one model of an API by itself, whatever other models there are.

    A comment that speaks to the linter has to account for itself in the light of everything, so nothing can be said of a
    file that has one; and nothing where a finding stands in another file.
    """
    from speccast.lint.comments import suppressions
    from speccast.lint.context import api_context

    if any(suppressions(document)):
        return None
    [model] = api_context(replace(api, models=(document,))).models
    found = tuple(_Looking(selection).at_model(model))
    return None if any(finding.path != document.path for finding in found) else found


class _Looking:
    """The rules of a selection, sorted by what they look at."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._of_apis = [rule for rule in selection.rules if isinstance(rule, ApiRule)]
        self._of_documents = [rule for rule in selection.rules if isinstance(rule, DocumentRule)]
        self._of_models = [rule for rule in selection.rules if isinstance(rule, ModelRule)]
        self._of_parameters = [rule for rule in selection.rules if isinstance(rule, ParameterRule)]
        self._by_keywords: dict[frozenset[str], list[ParameterRule]] = {}

    def at_api(self, api: ApiContext) -> Iterator[Finding]:
        """What is found in an `api.yaml`, and in its models where they are looked at together."""
        for of_documents in self._of_documents:
            yield from self._findings(of_documents, of_documents.check(api.document))
        for of_apis in self._of_apis:
            yield from self._findings(of_apis, of_apis.check(api))

    def at_model(self, model: ModelContext) -> Iterator[Finding]:
        """What is found in one model, whatever other models there are."""
        for of_models in self._of_models:
            yield from self._findings(of_models, of_models.check(model))
        yield from self._at_parameters(model.document, model.all_parameters)

    def at_document_alone(self, document: Document) -> Iterator[Finding]:
        """What can be said of a model whose API could not be read.

        Of one with comments that speak to the linter that is nothing: they are about more than is looked at here.
        """
        from speccast.lint.comments import suppressions
        from speccast.lint.context import parameters_alone

        if not any(suppressions(document)):
            yield from self._at_parameters(document, parameters_alone(document))

    def _at_parameters(self, document: Document, parameters: Iterable[ParameterContext]) -> Iterator[Finding]:
        for of_documents in self._of_documents:
            yield from self._findings(of_documents, of_documents.check(document))
        for parameter in parameters:
            for of_parameters in self._about(frozenset(parameter.spec)):
                yield from self._findings(of_parameters, of_parameters.check(parameter))

    def _about(self, keywords: frozenset[str]) -> list[ParameterRule]:
        """The rules that can find something on a parameter with these keywords."""
        rules = self._by_keywords.get(keywords)
        if rules is None:
            rules = [rule for rule in self._of_parameters if not rule.keywords or rule.keywords & keywords]
            self._by_keywords[keywords] = rules
        return rules

    def _findings(self, rule: Rule, violations: Iterable[Violation]) -> Iterator[Finding]:
        for violation in violations:
            finding = _finding(rule, violation)
            severity = self._selection.severity(rule.code, rule.severity)
            yield finding if finding.severity is severity else replace(finding, severity=severity)


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
