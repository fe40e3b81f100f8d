"""Keeps apart what comments silence, and finds out which comments are idle, mute about their reason, or wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from speccast.findings import Edit, Finding, Fix
from speccast.lint import catalog
from speccast.lint.comments import Named, Suppression, suppressions
from speccast.lint.rules.suppressions import MALFORMED, UNKNOWN, UNUSED, WITHOUT_REASON
from speccast.specs.problems import Span, clipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from speccast.lint.rule import ForeignRule
    from speccast.lint.selection import Selection
    from speccast.specs.document import Document


_SUGGESTED: Final = 20
"""Names of a comment for which it is looked what was meant, since that is slow."""
_Naming: TypeAlias = "dict[str, dict[str, list[tuple[Suppression, Named]]]]"


@dataclass(frozen=True, slots=True)
class Silenced:
    """A finding that a comment silences, and the reason that the comment gives."""

    finding: Finding
    reason: str


def silence(
    findings: Sequence[Finding], documents: Iterable[Document], selection: Selection
) -> tuple[list[Finding], list[Silenced]]:
    """Divides findings into those that stand, those about comments among them, and those that are silenced."""
    comments = {document.path: found for document in documents if (found := list(suppressions(document)))}
    if not comments:
        return list(findings), []
    naming = {path: _by_rule(found) for path, found in comments.items()}
    kept: list[Finding] = []
    silenced: list[Silenced] = []
    used: set[tuple[str, Span]] = set()
    for finding in findings:
        named = None if catalog.CATALOG[finding.rule].needed else _nearest(naming, finding)
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


def _by_rule(comments: Iterable[Suppression]) -> dict[str, list[tuple[Suppression, Named]]]:
    """The comments by the code of the rules that they name, and where, the last one first."""
    found: dict[str, list[tuple[Suppression, Named]]] = {}
    for comment in comments:
        for name in comment.named or ():
            if rule := catalog.find(name.text):
                found.setdefault(rule.code, []).insert(0, (comment, name))
    return found


def _nearest(naming: _Naming, finding: Finding) -> tuple[Suppression, Named] | None:
    """The comment that silences a finding, the last of several, for it is the nearest; and where it names the rule."""
    candidates = naming.get(finding.path, {}).get(finding.rule, ())
    return next((each for each in candidates if each[0].covers(finding)), None)


def _about(comment: Suppression, idle: Sequence[Named], selection: Selection) -> Iterator[Finding]:
    """What is wrong with a comment, as far as it is looked for."""
    said: list[Finding] = []
    if comment.named is None:
        message = "the comment names no rule, so it silences nothing"
        said.append(
            _finding(MALFORMED, comment, comment.span, message, "write `# speccast: ignore[CODE] reason`")
        )
    elif not comment.reason:
        message = "the comment does not say why the rule is silenced"
        said.append(_finding(WITHOUT_REASON, comment, comment.span, message, "write the reason after it"))
    unused = []
    for name in idle:
        rule = catalog.find(name.text)
        if rule is None:
            message = f"there is no rule `{clipped(name.text)}`"
            hint = (
                catalog.suggestion(name.text) if len(said) < _SUGGESTED else "`speccast rules` lists them all"
            )
            said.append(_finding(UNKNOWN, comment, name.span, message, hint))
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
    position = comment.lines.position(*span)
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
    text, lines = comment.document.text, comment.lines
    names = list(comment.named or ())
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
