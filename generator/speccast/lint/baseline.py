"""The baseline: findings that were there when a project began to lint, which are let through until they are mended.

A finding is known by rule, file and pointer, so it stays known when lines move. The baseline only ever shrinks: an entry
to which nothing corresponds any more is stale, and fails a run until it is removed. What generation could not cope with
is never let through.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from speccast.errors import SpeccastError
from speccast.lint.catalog import CATALOG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from speccast.findings import Finding

VERSION: Final = 1
_KEY: Final = "speccast-baseline"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """So many findings of a rule at a pointer of a file."""

    path: str
    pointer: str
    rule: str
    count: int = 1


def entries(findings: Iterable[Finding]) -> tuple[Entry, ...]:
    """The entries of a baseline that lets these findings through, as far as they can be."""
    counts = Counter(_key(finding) for finding in findings if not CATALOG[finding.rule].needed)
    return tuple(sorted(Entry(*key, count) for key, count in counts.items()))


def refused(findings: Iterable[Finding]) -> int:
    """How many of these findings no baseline lets through."""
    return sum(CATALOG[finding.rule].needed for finding in findings)


def divided(
    findings: Iterable[Finding], known: Iterable[Entry], is_judged: Callable[[Entry], bool]
) -> tuple[list[Finding], list[Finding], list[Entry]]:
    """The findings that are new, those that are known, and the stale entries among those that were judged at all."""
    free = Counter({_key(entry): entry.count for entry in known})
    new: list[Finding] = []
    old: list[Finding] = []
    for finding in findings:
        key = _key(finding)
        if free[key] > 0 and not CATALOG[finding.rule].needed:
            free[key] -= 1
            old.append(finding)
        else:
            new.append(finding)
    left = [Entry(*key, count) for key, count in free.items() if count > 0]
    return new, old, sorted(entry for entry in left if is_judged(entry))


def without(known: Iterable[Entry], stale: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries less those that are stale."""
    gone = {_key(entry): entry.count for entry in stale}
    left = [
        Entry(entry.path, entry.pointer, entry.rule, entry.count - gone.get(_key(entry), 0))
        for entry in known
    ]
    return tuple(sorted(entry for entry in left if entry.count > 0))


def read_baseline(path: Path) -> tuple[Entry, ...]:
    """The entries of a file, sorted.

    Raises:
        SpeccastError: the file is not there, or is no baseline.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content[_KEY] != VERSION:
            raise SpeccastError(
                f"{path.name}: the baseline is of version {content[_KEY]!r}, this reads version {VERSION}",
                hint="write it anew with --write-baseline",
            )
        return tuple(
            sorted(
                Entry(str(each["path"]), str(each["pointer"]), str(each["rule"]), int(each.get("count", 1)))
                for each in content["findings"]
            )
        )
    except FileNotFoundError:
        raise SpeccastError(
            f"{path.name}: there is no such baseline", hint="--write-baseline makes it from what is found now"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        hint = "write it anew with --write-baseline"
        raise SpeccastError(f"{path.name}: is no baseline", hint=hint) from None
    except OSError as error:
        raise SpeccastError(f"{path.name}: cannot be read: {error.strerror}") from None


def baseline_text(known: Iterable[Entry]) -> str:
    """A baseline as its file has it: sorted, an entry a line, so that branches merge."""
    lines = []
    for entry in sorted(known):
        value: dict[str, object] = {"rule": entry.rule, "path": entry.path, "pointer": entry.pointer}
        if entry.count > 1:
            value["count"] = entry.count
        lines.append("    " + json.dumps(value))
    body = "[\n" + ",\n".join(lines) + "\n  ]" if lines else "[]"
    return f'{{\n  "{_KEY}": {VERSION},\n  "findings": {body}\n}}\n'


def _key(one: Finding | Entry) -> tuple[str, str, str]:
    return (one.path, one.pointer, one.rule)
