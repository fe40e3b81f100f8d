"""Applies suppressions, and reports those that are unused, lack a reason or are malformed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from speccast.findings import Finding, Fix
from speccast.lint import catalog
from speccast.lint.comments import Named, Suppression, suppressions
from speccast.lint.rules.suppressions import MALFORMED, UNKNOWN, UNUSED, WITHOUT_REASON
from speccast.specs.problems import Span, shorten_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from speccast.lint.rule import AnyRule, ForeignRule
    from speccast.lint.selection import Selection
    from speccast.specs.document import Document


_SUGGESTED: Final = 20
"""Maximum number of unknown names in a comment that get a suggestion, since that is slow."""
_Naming: TypeAlias = "dict[str, dict[str, list[tuple[Suppression, Named]]]]"


@dataclass(frozen=True, slots=True)
class SuppressedFinding:
    """A finding that a comment suppresses, and the reason in the comment."""

    finding: Finding
    reason: str


def apply_suppressions(
    findings: Sequence[Finding], documents: Iterable[Document], selection: Selection
) -> tuple[list[Finding], list[SuppressedFinding]]:
    """Return the remaining findings, with those about comments, and the suppressed findings."""
    comments = {document.path: found for document in documents if (found := list(suppressions(document)))}
    if not comments:
        return list(findings), []
    naming = {path: _by_rule(found) for path, found in comments.items()}
    kept: list[Finding] = []
    suppressed: list[SuppressedFinding] = []
    used: set[tuple[str, Span]] = set()
    for finding in findings:
        named = None if catalog.CATALOG[finding.rule].needed else _nearest(naming, finding)
        if named is None:
            kept.append(finding)
        else:
            comment, name = named
            used.add((finding.path, name.span))
            suppressed.append(SuppressedFinding(finding, comment.reason))
    for path, of_file in comments.items():
        for comment in of_file:
            unused = [name for name in comment.named or () if (path, name.span) not in used]
            kept.extend(_check(comment, unused, selection))
    return kept, suppressed


def _by_rule(comments: Iterable[Suppression]) -> dict[str, list[tuple[Suppression, Named]]]:
    """Return the comments by the code of each rule that they name, the last comment first."""
    found: dict[str, list[tuple[Suppression, Named]]] = {}
    for comment in comments:
        for name in comment.named or ():
            if rule := catalog.find(name.text):
                found.setdefault(rule.code, []).insert(0, (comment, name))
    return found


def _nearest(naming: _Naming, finding: Finding) -> tuple[Suppression, Named] | None:
    """Return the comment that suppresses a finding, the nearest of several, and the name of the rule in it."""
    candidates = naming.get(finding.path, {}).get(finding.rule, ())
    return next((each for each in candidates if each[0].covers(finding)), None)


def _check(comment: Suppression, unused: Sequence[Named], selection: Selection) -> Iterator[Finding]:
    """Yield the findings about a comment, of the rules in the selection."""
    found = [*_form(comment), *_names(comment, unused), *_report_unused(comment, unused, selection)]
    for finding in found:
        if finding.rule in selection.codes:
            yield replace(finding, severity=selection.severity(finding.rule, finding.severity))


def _form(comment: Suppression) -> Iterator[Finding]:
    if comment.named is None:
        message = "the comment does not name a rule, so it has no effect"
        hint = "write `# speccast: ignore[CODE] reason`"
        yield _finding(MALFORMED, comment, comment.span, message, hint)
    elif not comment.reason:
        message = "the comment does not give a reason"
        yield _finding(WITHOUT_REASON, comment, comment.span, message, "write the reason after the bracket")


def _names(comment: Suppression, unused: Sequence[Named]) -> Iterator[Finding]:
    """Yield the findings about names of rules that do not exist or cannot be suppressed."""
    suggestions = 0
    for name in unused:
        rule = catalog.find(name.text)
        if rule is None:
            hint = "to list all rules, run: speccast rules"
            if suggestions < _SUGGESTED:
                suggestions += 1
                hint = catalog.suggestion(name.text)
            yield _finding(UNKNOWN, comment, name.span, f"unknown rule `{shorten_value(name.text)}`", hint)
        elif _is_never_suppressed(rule):
            hint = "correct what it reports, since it stops generation" if rule.needed else "remove it"
            message = f"{rule.code} ({rule.name}) cannot be suppressed"
            yield _finding(UNKNOWN, comment, name.span, message, hint)


def _report_unused(comment: Suppression, unused: Sequence[Named], selection: Selection) -> Iterator[Finding]:
    """Yield a finding for each selected rule that the comment could suppress and does not; the first one has the fix."""
    removable = [
        name
        for name in unused
        if (rule := catalog.find(name.text))
        and not _is_never_suppressed(rule)
        and rule.code in selection.codes
    ]
    for name in removable:
        fix = _removal(comment, removable) if name is removable[0] else None
        message = f"unused suppression: `{shorten_value(name.text)}` reports nothing here"
        yield _finding(UNUSED, comment, name.span, message, "remove it", fix=fix)


def _is_never_suppressed(rule: AnyRule) -> bool:
    return rule.needed or rule.code.startswith("X")


def _finding(
    rule: ForeignRule, comment: Suppression, span: Span, message: str, hint: str, *, fix: Fix | None = None
) -> Finding:
    position = comment.lines.position(*span)
    return position.finding(comment.document.path, rule.code, rule.severity, message, hint, fix=fix)


def _removal(comment: Suppression, unused: Sequence[Named]) -> Fix:
    """Return the fix that removes unused rules from a comment, or the whole comment if all of its rules are unused."""
    names = list(comment.named or ())
    left = ", ".join(name.text for name in names if name not in unused)
    start, end = (names[0].span.start, names[-1].span.end) if left else _span_to_remove(comment)
    position = comment.lines.position(start, end)
    return Fix("remove the unused suppression", (position.edit(left),))


def _span_to_remove(comment: Suppression) -> tuple[int, int]:
    """Return the offsets of a comment and the spaces before it, or of its line if nothing else is on it."""
    text, lines = comment.document.text, comment.lines
    start, end = comment.span
    begin = lines.bounds(start)[0]
    before = text[begin:start].rstrip()
    if before:
        return begin + len(before), end
    end = min(lines.bounds(end)[1] + 1, len(text))
    return begin, end + (text[end - 1 : end + 1] == "\r\n")
