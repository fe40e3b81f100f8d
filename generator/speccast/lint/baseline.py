"""The baseline: existing findings of a project that are ignored until they are fixed.

Findings are identified by rule, file and pointer, so entries stay valid when lines move. The baseline only shrinks: an
entry without a finding is stale, and fails a run until it is removed. Findings of required rules cannot be in a baseline.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from speccast.config import format_path
from speccast.errors import SpeccastError
from speccast.lint.catalog import CATALOG
from speccast.reading import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from speccast.findings import Finding

VERSION: Final = 1
_KEY: Final = "speccast-baseline"


@dataclass(frozen=True, slots=True, order=True)
class BaselineEntry:
    """A number of findings of a rule at a pointer of a file."""

    path: str
    pointer: str
    rule: str
    count: int = 1


def entries(findings: Iterable[Finding]) -> tuple[BaselineEntry, ...]:
    """Return the entries for these findings, except those of required rules."""
    counts = Counter(_key(finding) for finding in findings if not CATALOG[finding.rule].needed)
    return tuple(sorted(BaselineEntry(*key, count) for key, count in counts.items()))


def count_refused(findings: Iterable[Finding]) -> int:
    """Return the number of findings that cannot be in a baseline."""
    return sum(CATALOG[finding.rule].needed for finding in findings)


def apply_baseline(
    findings: Iterable[Finding],
    baseline: Iterable[BaselineEntry],
    is_checked: Callable[[BaselineEntry], bool],
) -> tuple[list[Finding], list[Finding], list[BaselineEntry]]:
    """Return the findings that are not in the baseline, those that are, and the stale entries that were checked."""
    free = Counter({_key(entry): entry.count for entry in baseline})
    new: list[Finding] = []
    old: list[Finding] = []
    for finding in findings:
        key = _key(finding)
        if free[key] > 0 and not CATALOG[finding.rule].needed:
            free[key] -= 1
            old.append(finding)
        else:
            new.append(finding)
    left = [BaselineEntry(*key, count) for key, count in free.items() if count > 0]
    return new, old, sorted(entry for entry in left if is_checked(entry))


def remove_entries(
    baseline: Iterable[BaselineEntry], stale: Iterable[BaselineEntry]
) -> tuple[BaselineEntry, ...]:
    """Return the entries without the stale ones."""
    gone = {_key(entry): entry.count for entry in stale}
    left = [
        BaselineEntry(entry.path, entry.pointer, entry.rule, entry.count - gone.get(_key(entry), 0))
        for entry in baseline
    ]
    return tuple(sorted(entry for entry in left if entry.count > 0))


def read_baseline(path: Path) -> tuple[BaselineEntry, ...]:
    """Return the entries of a file, sorted.

    Raises:
        SpeccastError: the file does not exist, or is not a baseline.
    """
    try:
        content = json.loads(read_regular_file(path))
        if content[_KEY] != VERSION:
            raise SpeccastError(
                f"{format_path(path)}: the baseline has version {content[_KEY]!r}, but this Speccast reads version {VERSION}",
                hint="delete it and run again with --write-baseline",
            )
        return tuple(
            sorted(
                BaselineEntry(
                    str(each["path"]), str(each["pointer"]), str(each["rule"]), int(each.get("count", 1))
                )
                for each in content["findings"]
            )
        )
    except FileNotFoundError:
        raise SpeccastError(
            f"{format_path(path)}: the baseline does not exist",
            hint="to create it, run with --write-baseline",
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        hint = "delete it and run again with --write-baseline"
        raise SpeccastError(f"{format_path(path)}: is not a baseline", hint=hint) from None
    except OSError as error:
        raise SpeccastError(f"{format_path(path)}: cannot be read: {error.strerror}") from None


def baseline_text(baseline: Iterable[BaselineEntry]) -> str:
    """Return the text of a baseline: sorted and with one entry per line, so that branches can be merged."""
    lines = []
    for entry in sorted(baseline):
        value: dict[str, object] = {"rule": entry.rule, "path": entry.path, "pointer": entry.pointer}
        if entry.count > 1:
            value["count"] = entry.count
        lines.append("    " + json.dumps(value))
    body = "[\n" + ",\n".join(lines) + "\n  ]" if lines else "[]"
    return f'{{\n  "{_KEY}": {VERSION},\n  "findings": {body}\n}}\n'


def _key(one: Finding | BaselineEntry) -> tuple[str, str, str]:
    return (one.path, one.pointer, one.rule)
