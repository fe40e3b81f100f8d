"""Runs the rules of a selection over loaded specs and returns the findings.

Each rule checks one document, one parameter, one model or one API as `context` presents them. The findings of the reader
of specs are included. Findings that a comment suppresses are returned separately.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from speccast.lint.rule import ApiRule, DocumentRule, ModelRule, ParameterRule, Rule, RuleViolation
from speccast.lint.selection import DEFAULT, Selection
from speccast.specs.document import MAX_FINDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from speccast.findings import Finding, Related
    from speccast.lint.context import ApiContext, ModelContext, ParameterContext
    from speccast.lint.location import Location
    from speccast.lint.suppressions import SuppressedFinding
    from speccast.specs.document import Document
    from speccast.specs.load import Loaded


@dataclass(frozen=True, slots=True)
class LintResult:
    """The findings sorted by position, and those that comments in the specs suppress.

    `by_model` has the findings of the rules about single models, with suppressed ones, by the path of each valid model.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[SuppressedFinding, ...]
    by_model: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict, hash=False)


def lint(loaded: Loaded, selection: Selection = DEFAULT) -> tuple[Finding, ...]:
    """Return all findings of all files, including those of the loader, except suppressed ones."""
    return run_rules(loaded, selection).findings


def run_rules(
    loaded: Loaded,
    selection: Selection = DEFAULT,
    *,
    today: date | None = None,
    known: Mapping[str, tuple[Finding, ...]] = MappingProxyType({}),
) -> LintResult:
    """Run the rules of a selection. The age of sources is checked only if `today` is given.

    Documents that do not conform to the format are skipped. Models in `known` have these findings from an earlier run
    (`LintResult.by_model`).
    """
    from speccast.lint.context import api_context
    from speccast.lint.suppressions import apply_suppressions

    runner = _RuleRunner(selection)
    findings = [*loaded.findings]
    suppressed: list[SuppressedFinding] = []
    by_model: dict[str, tuple[Finding, ...]] = {}
    for api in loaded.apis:
        context = api_context(api, today)
        found = [*runner.check_api(context)]
        for model in context.models:
            path = model.document.path
            by_model[path] = known[path] if path in known else tuple(runner.check_model(model))
            found += by_model[path]
            model.document.forget_positions()
            model.forget_parameters()
        kept, of_api = apply_suppressions(found, (api.api, *api.models), selection)
        findings += kept
        suppressed += of_api
    for document in loaded.alone:
        findings += runner.check_document_alone(document)
    return LintResult(tuple(sorted(findings)), tuple(suppressed), by_model)


class _RuleRunner:
    """The rules of a selection, grouped by what they check."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._api_rules = [rule for rule in selection.rules if isinstance(rule, ApiRule)]
        self._document_rules = [rule for rule in selection.rules if isinstance(rule, DocumentRule)]
        self._model_rules = [rule for rule in selection.rules if isinstance(rule, ModelRule)]
        self._parameter_rules = [rule for rule in selection.rules if isinstance(rule, ParameterRule)]
        self._counts: Counter[tuple[str, str]] = Counter()
        self._by_keywords: dict[frozenset[str], list[ParameterRule]] = {}

    def check_api(self, api: ApiContext) -> Iterator[Finding]:
        """Check an `api.yaml`, and what involves several models."""
        for document_rule in self._document_rules:
            yield from self._findings(document_rule, document_rule.check(api.document))
        for rule in self._api_rules:
            yield from self._findings(rule, rule.check(api))

    def check_model(self, model: ModelContext) -> Iterator[Finding]:
        """Check one model, independently of the other models."""
        for rule in self._model_rules:
            yield from self._findings(rule, rule.check(model))
        yield from self._check_parameters(model.document, model.all_parameters)

    def check_document_alone(self, document: Document) -> Iterator[Finding]:
        """Check a model whose `api.yaml` is not valid, unless it has suppressions: they may belong to other rules."""
        from speccast.lint.comments import suppressions
        from speccast.lint.context import parameters_alone

        if not any(suppressions(document)):
            yield from self._check_parameters(document, parameters_alone(document))

    def _check_parameters(
        self, document: Document, parameters: Iterable[ParameterContext]
    ) -> Iterator[Finding]:
        for document_rule in self._document_rules:
            yield from self._findings(document_rule, document_rule.check(document))
        for parameter in parameters:
            for rule in self._rules_for(frozenset(parameter.spec)):
                for violation in rule.check(parameter):
                    finding = self._finding(rule, violation)
                    if finding is None:
                        break
                    yield finding

    def _rules_for(self, keywords: frozenset[str]) -> list[ParameterRule]:
        """Return the rules for a parameter with these keywords."""
        rules = self._by_keywords.get(keywords)
        if rules is None:
            rules = [rule for rule in self._parameter_rules if not rule.keywords or rule.keywords & keywords]
            self._by_keywords[keywords] = rules
        return rules

    def _findings(self, rule: Rule, violations: Iterable[RuleViolation]) -> Iterator[Finding]:
        """Yield the findings of a rule, at most `MAX_FINDINGS` in each file and one that says that there are more."""
        for violation in violations:
            finding = self._finding(rule, violation)
            if finding is not None:
                yield finding
            elif not isinstance(rule, ApiRule):  # other findings of one can be in other files
                return

    def _finding(self, rule: Rule, violation: RuleViolation) -> Finding | None:
        """Return the finding of a violation, or None if there are too many in the file."""
        path = violation.place.document.path
        self._counts[rule.code, path] += 1
        if self._counts[rule.code, path] > MAX_FINDINGS + 1:
            return None
        finding = _finding(rule, violation)
        if self._counts[rule.code, path] > MAX_FINDINGS:
            message = f"only the first {MAX_FINDINGS} findings of this rule in the file are listed"
            finding = replace(finding, message=message, help="correct these first", related=(), fix=None)
        severity = self._selection.severity(rule.code, rule.severity)
        return finding if finding.severity is severity else replace(finding, severity=severity)


def _finding(rule: Rule, violation: RuleViolation) -> Finding:
    place = violation.place
    return place.document.finding(
        rule.code,
        place.pointer,
        violation.message,
        violation.help,
        at_key=place.on_key,
        severity=rule.severity,
        related=tuple(_relate(other, message) for other, message in violation.related),
        fix=violation.fix,
    )


def _relate(place: Location, message: str) -> Related:
    return place.document.relate(place.pointer, message, at_key=place.on_key)
