"""The result of a run of the linter: everything that the report formats show."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from speccast.findings import relocate
from speccast.lint.selection import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from speccast.errors import SpeccastError
    from speccast.findings import Finding, Severity
    from speccast.lint.baseline import BaselineEntry
    from speccast.lint.selection import Selection
    from speccast.lint.suppressions import SuppressedFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class LintReport:
    """The findings to show, those that a comment suppresses (`suppressed`), and those in the baseline (`baselined`).

    `stale` are entries of the baseline without a finding, and `fixed` is the number of findings that were fixed. With a
    `failure`, the run was aborted. `source` returns the text of a file by its path in findings.
    """

    findings: tuple[Finding, ...] = ()
    suppressed: tuple[SuppressedFinding, ...] = ()
    baselined: tuple[Finding, ...] = ()
    stale: tuple[BaselineEntry, ...] = ()
    files: tuple[str, ...] = ()
    models: int = 0
    fixed: int = 0
    failure: SpeccastError | None = None
    selection: Selection = DEFAULT
    source: Callable[[str], str | None] = field(default=lambda _: None, compare=False)

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    def fixable(self, *, unsafe: bool = False) -> int:
        """Return the number of findings with a safe fix or, with `unsafe`, with an unsafe one."""
        fixes = [finding.fix for finding in self.findings if finding.fix is not None]
        return sum(fix.is_safe is not unsafe for fix in fixes)


def combine(runs: Sequence[tuple[LintReport, Callable[[str], str]]]) -> LintReport:
    """Return one report of the runs of several projects, with paths as the function of each run shows them."""
    sources = {
        show(path): (run, path)
        for run, show in runs
        for path in (*run.files, *(finding.path for finding in run.findings))
    }

    def source(path: str) -> str | None:
        run, own = sources.get(path, (None, path))
        return None if run is None else run.source(own)

    return LintReport(
        findings=tuple(relocate(each, show) for run, show in runs for each in run.findings),
        suppressed=tuple(
            replace(each, finding=relocate(each.finding, show))
            for run, show in runs
            for each in run.suppressed
        ),
        baselined=tuple(relocate(each, show) for run, show in runs for each in run.baselined),
        stale=tuple(replace(each, path=show(each.path)) for run, show in runs for each in run.stale),
        files=tuple(show(path) for run, show in runs for path in run.files),
        models=sum(run.models for run, _ in runs),
        fixed=sum(run.fixed for run, _ in runs),
        selection=runs[0][0].selection,
        source=source,
    )


def fingerprints(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Yield each finding with a unique fingerprint that does not change if lines are added above it.

    It is computed from rule, file, pointer and the number of the finding among equal ones.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    for finding in findings:
        key = (finding.rule, finding.path, finding.pointer)
        parts = "\0".join((*key, str(seen[key])))
        seen[key] += 1
        yield finding, hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()
