"""The report as text: each finding with an excerpt of the spec, and a summary."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from speccast.findings import Finding, Severity, printable
from speccast.lint.catalog import CATALOG
from speccast.specs.positions import LineIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.lint.report import LintReport

COLORS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_WIDEST: Final = 120
"""Maximum length of an excerpt."""
_BEFORE: Final = 40
"""Maximum length of the part of an excerpt before the caret, if the line is longer than an excerpt."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a spec. `end` is its length without trailing whitespace."""

    text: str
    end: int
    is_long: bool


def report(run: LintReport) -> str:
    lines: list[str] = []
    sources = _Sources(run)
    for finding in run.findings:
        lines += _finding(finding, sources.line(finding.path, finding.line))
    return "".join(f"{line}\n" for line in (*lines, *closing(run)))


class _Sources:
    """The lines of the specs. Thousands of findings can be on one line of a megabyte, which is measured once for all of them."""

    def __init__(self, run: LintReport) -> None:
        self._run = run
        self._texts: dict[str, LineIndex | None] = {}
        self._latest: tuple[str, int, _Line | None] = ("", 0, None)

    def line(self, path: str, number: int) -> _Line | None:
        """Return a line, or None if the file cannot be read."""
        if self._latest[:2] != (path, number):
            if path not in self._texts:
                source = self._run.source(path)
                self._texts[path] = None if source is None else LineIndex(source)
            lines = self._texts[path]
            self._latest = (path, number, None if lines is None else _measure(lines.line(number)))
        return self._latest[2]


def _measure(text: str) -> _Line:
    return _Line(text, len(text.rstrip()), len(text) > _WIDEST or _width(text) > _WIDEST)


def closing(run: LintReport) -> Iterator[str]:
    """Yield the lines below the findings: stale entries of the baseline, and the summary."""
    for entry in run.stale:
        where = printable(f"{entry.path}: {entry.rule} at {entry.pointer or 'the whole file'}")
        yield f"{where}: in the baseline, but no longer found; to remove it, use --prune-baseline"
    if run.failure is None:
        yield summary(run)


def statistics(run: LintReport) -> str:
    """Return the number of findings of each rule, the most frequent first."""
    counts = Counter(finding.rule for finding in run.findings)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    width = max((len(str(count)) for count in counts.values()), default=0)
    return "".join(f"{count:>{width}}  {rule}  {CATALOG[rule].name}\n" for rule, count in ordered)


def summary(run: LintReport) -> str:
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
    return _color(finding.render().partition("\n")[0], finding)


def _color(line: str, finding: Finding) -> str:
    word = f"{finding.severity}[{finding.rule}]"
    return line.replace(word, click.style(word, fg=COLORS[finding.severity], bold=True), 1)


def plural(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _finding(finding: Finding, line: _Line | None) -> Iterator[str]:
    first, *rest = finding.render().split("\n")
    yield _color(first, finding)
    if line is not None and line.end:
        yield from _excerpt(finding, line)
    yield from rest


def _excerpt(finding: Finding, line: _Line) -> Iterator[str]:
    """Yield the line of a finding, and carets below its part of the line. Of a long line, only the part around it is shown."""
    start = min(finding.column - 1, len(line.text))
    end = finding.end_column - 1 if finding.end_line == finding.line else line.end
    if not finding.end_line:
        end = start + 1
    left, right = 0, len(line.text)
    if line.is_long:
        left = max(start - _BEFORE, 0)
        right = min(left + _WIDEST, right)
    end = min(max(end, start), right)
    before = f"{'…' if left else ''}{line.text[left:start]}"
    marked = line.text[start:end]
    after = f"{line.text[end:right]}{'…' if right < len(line.text) else ''}"
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
