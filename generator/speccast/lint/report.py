"""What a run of the linter came to: all that any report tells of it."""

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
    from speccast.lint.baseline import Entry
    from speccast.lint.selection import Selection
    from speccast.lint.suppressions import Silenced


def _no_source(_: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`findings` are those to be shown, `silenced` and `known` those that a comment or the baseline accounts for.

    `stale` are entries of the baseline that nothing corresponds to any more, `fixed` is how many findings were mended.
    With a `failure` the run did not come to its end. `source` gives the text of a file by the path that findings name.
    """

    findings: tuple[Finding, ...] = ()
    silenced: tuple[Silenced, ...] = ()
    known: tuple[Finding, ...] = ()
    stale: tuple[Entry, ...] = ()
    files: tuple[str, ...] = ()
    models: int = 0
    fixed: int = 0
    failure: SpeccastError | None = None
    selection: Selection = DEFAULT
    source: Callable[[str], str | None] = field(default=_no_source, compare=False)

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    def fixable(self, *, unsafe: bool = False) -> int:
        """How many of the findings `--fix` can mend; with `unsafe`, how many more `--unsafe-fixes` can."""
        fixes = [finding.fix for finding in self.findings if finding.fix is not None]
        return sum(fix.is_safe is not unsafe for fix in fixes)


def fingerprints(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Each finding with what stays the same when lines are added above it: from rule, file, pointer and which of several.

    No two of a run have the same.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    for finding in findings:
        key = (finding.rule, finding.path, finding.pointer)
        parts = "\0".join((*key, str(seen[key])))
        seen[key] += 1
        yield finding, hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()
