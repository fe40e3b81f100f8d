"""Keeps apart what comments silence, and finds out which comments are idle, mute about their reason, or wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from specwright.findings import Edit, Finding, Fix
from specwright.lint import catalogue
from specwright.lint.comments import Named, Suppression, suppressions
from specwright.lint.rules.suppressions import MALFORMED, UNKNOWN, UNUSED, WITHOUT_REASON
from specwright.spec.positions import Lines
from specwright.spec.problems import Span, clipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from specwright.lint.rule import ForeignRule
    from specwright.lint.selection import Selection
    from specwright.spec.document import Document


@dataclass(frozen=True, slots=True)
class Silenced:
    """A finding that a comment silences, and the reason that the comment gives."""

    finding: Finding
    reason: str


def silence(
    findings: Sequence[Finding], documents: Iterable[Document], selection: Selection
) -> tuple[list[Finding], list[Silenced]]:
    """Divides findings into those that stand, those about comments among them, and those that are silenced."""
    comments: dict[str, list[Suppression]] = {}
    for document in documents:
        if found := list(suppressions(document)):
            comments[document.path] = found
    if not comments:
        return list(findings), []
    kept: list[Finding] = []
    silenced: list[Silenced] = []
    used: set[tuple[str, Span]] = set()
    for finding in findings:
        named = None if catalogue.CATALOGUE[finding.rule].needed else _naming(comments, finding)
        if named is None:
            kept.append(finding)
        else:
            comment, name = named
            used.add((finding.path, name.span))
            silenced.append(Silenced(finding, comment.reason))
    for path, all_of_file in comments.items():
        for comment in all_of_file:
            idle = [name for name in comment.named or () if (path, name.span) not in used]
            kept.extend(_about(comment, idle, selection))
    return kept, silenced


def _naming(comments: dict[str, list[Suppression]], finding: Finding) -> tuple[Suppression, Named] | None:
    """The comment that silences a finding, the last of several, for it is the nearest; and where it names the rule."""
    for comment in reversed(comments.get(finding.path, [])):
        for name in comment.named or ():
            rule = catalogue.find(name.text)
            if rule is not None and rule.code == finding.rule and comment.covers(finding):
                return comment, name
    return None


def _about(comment: Suppression, idle: Sequence[Named], selection: Selection) -> Iterator[Finding]:
    """What is wrong with a comment, as far as it is looked for."""
    said: list[Finding] = []
    if comment.named is None:
        message = "the comment names no rule, so it silences nothing"
        said.append(
            _finding(MALFORMED, comment, comment.span, message, "write `# specwright: ignore[CODE] reason`")
        )
    elif not comment.reason:
        message = "the comment does not say why the rule is silenced"
        said.append(_finding(WITHOUT_REASON, comment, comment.span, message, "write the reason after it"))
    unused = []
    for name in idle:
        rule = catalogue.find(name.text)
        if rule is None:
            message = f"there is no rule `{clipped(name.text)}`"
            said.append(_finding(UNKNOWN, comment, name.span, message, catalogue.suggestion(name.text)))
        elif rule.needed or rule.code.startswith("X"):
            hint = "correct what it finds; generation could not cope with it" if rule.needed else "remove it"
            message = f"{rule.code} ({rule.name}) cannot be silenced"
            said.append(_finding(UNKNOWN, comment, name.span, message, hint))
        elif rule.code in selection.codes:
            unused.append(name)
    for name in unused:
        fix = _removal(comment, unused) if name is unused[0] else None
        message = f"`{clipped(name.text)}` finds nothing here that would have to be silenced"
        said.append(_finding(UNUSED, comment, name.span, message, "remove it", fix=fix))
    for finding in said:
        if finding.rule in selection.codes:
            yield replace(finding, severity=selection.severity(finding.rule, finding.severity))


def _finding(
    rule: ForeignRule, comment: Suppression, span: Span, message: str, hint: str, *, fix: Fix | None = None
) -> Finding:
    position = Lines(comment.document.text).position(*span)
    return Finding(
        comment.document.path,
        position.line,
        position.column,
        rule.code,
        rule.severity,
        message,
        hint,
        position.end_line,
        position.end_column,
        fix=fix,
    )


def _removal(comment: Suppression, unused: Sequence[Named]) -> Fix:
    """Removes what is idle of a comment: all of it, with its line where it has one to itself, or single rules."""
    text, lines = comment.document.text, Lines(comment.document.text)
    names = comment.named or ()
    if len(unused) < len(names):
        left = ", ".join(name.text for name in names if name not in unused)
        position = lines.position(names[0].span.start, names[-1].span.end)
    else:
        left = ""
        start, end = comment.span
        begin = lines.bounds(start)[0]
        if text[begin:start].strip():
            start = begin + len(text[begin:start].rstrip())
        else:
            start = begin
            end = min(lines.bounds(end)[1] + 1, len(text))
            end += text[end - 1 : end + 1] == "\r\n"
        position = lines.position(start, end)
    edit = Edit(position.line, position.column, position.end_line, position.end_column, left)
    return Fix("remove what silences nothing", (edit,))
