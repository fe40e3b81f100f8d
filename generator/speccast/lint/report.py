"""The result of a run of the linter: everything that the report formats show."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speccast.lint.selection import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from speccast.errors import SpeccastError
    from speccast.findings import Finding, Severity
    from speccast.lint.baseline import BaselineEntry
    from speccast.lint.selection import Selection
    from speccast.lint.suppressions import SuppressedFinding


def _no_source(_: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
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
    source: Callable[[str], str | None] = field(default=_no_source, compare=False)

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    def fixable(self, *, unsafe: bool = False) -> int:
        """Return the number of findings with a safe fix or, with `unsafe`, with an unsafe one."""
        fixes = [finding.fix for finding in self.findings if finding.fix is not None]
        return sum(fix.is_safe is not unsafe for fix in fixes)


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
