"""The report as text: each finding with an excerpt of the spec, and a summary."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final

import click

from speccast.findings import Finding, Severity, printable
from speccast.lint.catalog import CATALOG
from speccast.specs.positions import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.lint.report import Report

COLORS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_WIDEST: Final = 120
_BEFORE: Final = 40
"""Maximum width of an excerpt, and of its part before the caret if the line is longer."""


def report(run: Report) -> str:
    lines: list[str] = []
    texts: dict[str, Lines | None] = {}
    for finding in run.findings:
        if finding.path not in texts:
            source = run.source(finding.path)
            texts[finding.path] = None if source is None else Lines(source)
        lines += _finding(finding, texts[finding.path])
    return "".join(f"{line}\n" for line in (*lines, *closing(run)))


def closing(run: Report) -> Iterator[str]:
    """Yield the lines below the findings: stale entries of the baseline, and the summary."""
    for entry in run.stale:
        where = printable(f"{entry.path}: {entry.rule} at {entry.pointer or 'the whole file'}")
        yield f"{where}: in the baseline, but no longer found; to remove it, use --prune-baseline"
    if run.failure is None:
        yield summary(run)


def statistics(run: Report) -> str:
    """Return the number of findings of each rule, the most frequent first."""
    counts = Counter(finding.rule for finding in run.findings)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    width = max((len(str(count)) for count in counts.values()), default=0)
    return "".join(f"{count:>{width}}  {rule}  {CATALOG[rule].name}\n" for rule, count in ordered)


def summary(run: Report) -> str:
    errors, warnings = run.count(Severity.ERROR), run.count(Severity.WARNING)
    informed = run.count(Severity.INFO)
    if not run.findings and not run.stale:
        result = "The spec is fine." if run.models <= 1 else f"All {run.models} specs are fine."
        return f"{result} {plural(run.fixed, 'problem')} fixed." if run.fixed else result
    parts = [plural(run.models, "model")] if run.models else []
    parts += [plural(errors, "error"), plural(warnings, "warning")]
    if informed:
        parts.append(plural(informed, "info"))
    if run.stale:
        parts.append(f"{len(run.stale)} stale in the baseline")
    if run.fixed:
        parts.append(f"{run.fixed} fixed")
    if safe := run.fixable():
        parts.append(f"{safe} fixable with --fix")
    if unsafe := run.fixable(unsafe=True):
        parts.append(f"{unsafe} with --unsafe-fixes")
    return ", ".join(parts)


def headline(finding: Finding) -> str:
    """Return the first line of a finding, with its severity in color."""
    line = finding.render().partition("\n")[0]
    word = f"{finding.severity}[{finding.rule}]"
    return line.replace(word, click.style(word, fg=COLORS[finding.severity], bold=True), 1)


def plural(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _finding(finding: Finding, text: Lines | None) -> Iterator[str]:
    yield headline(finding)
    if text is not None:
        yield from _excerpt(finding, text)
    yield from finding.render().split("\n")[1:]


def _excerpt(finding: Finding, text: Lines) -> Iterator[str]:
    """Yield the line of a finding, and carets below its part of the line."""
    line = text.line(finding.line)
    if not line.strip():
        return
    start = min(finding.column - 1, len(line))
    end = finding.end_column - 1 if finding.end_line == finding.line else len(line.rstrip())
    if not finding.end_line:
        end = start + 1
    before, marked, after = line[:start], line[start : max(end, start)], line[max(end, start) :]
    if _width(line) > _WIDEST:
        before = "…" + before[-_BEFORE:] if len(before) > _BEFORE else before
        room = max(_WIDEST - len(before), 1)
        marked, cut = marked[:room], marked[room:]
        rest = cut + after
        after = rest[: room - len(marked)] + ("…" if len(rest) > room - len(marked) else "")
    number = str(finding.line)
    margin = " " * len(number)
    caret = click.style("^" * max(_width(marked), 1), fg=COLORS[finding.severity], bold=True)
    yield f" {number} | {printable(before + marked + after)}".rstrip()
    yield f" {margin} | {' ' * _width(before)}{caret}"


def _width(text: str) -> int:
    """Return the width of a text on a terminal."""
    shown = printable(text)
    if shown.isascii():
        return len(shown)
    return sum(_columns(character) for character in shown)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Mn":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
