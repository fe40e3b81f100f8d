"""Applies the fixes of findings, lints again, and repeats this until no fix is left.

Overlapping edits wait for the next round. An edit that would make a file unreadable is not applied.
"""

from __future__ import annotations

import codecs
import difflib
import errno
import re
from bisect import bisect_right, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from speccast.atomic import write_atomically
from speccast.config import format_path
from speccast.errors import SpeccastError
from speccast.publish.locking import hold_lock
from speccast.reading import read_regular_file
from speccast.specs.document import DocumentError, read_document
from speccast.specs.positions import LineIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from speccast.findings import Edit, Finding

    Lint = Callable[[Mapping[Path, bytes]], Sequence[Finding]]

_ROUNDS: Final = 50
_TIMEOUT_S: Final = 30.0
_DRAFT: Final = "fixed-spec"
"""Name of an unfinished file in the cache folder. The project's lock ensures that only one run uses it."""

_Place: TypeAlias = tuple[int, int]
"""A line and a column."""


@dataclass(frozen=True, slots=True)
class AppliedFixes:
    """The files that fixes change, before and after, and the number of findings that were fixed."""

    before: Mapping[Path, bytes]
    after: Mapping[Path, bytes]
    count: int


def apply_fixes(
    lint: Lint,
    place: Callable[[str], Path],
    files: Iterable[Path],
    *,
    unsafe: bool,
    unsaved: Mapping[Path, bytes],
) -> AppliedFixes:
    """Apply the safe fixes of findings in `files`, or all with `unsafe`. Nothing is written.

    `lint` returns the findings; its argument replaces the contents of files on disk or in `unsaved`.
    """
    allowed = frozenset(files)
    before: dict[Path, bytes] = {}
    after: dict[Path, bytes] = {}
    unfixable: set[Path] = set()
    count = 0
    for _ in range(_ROUNDS):
        changed = False
        for path, chosen in _choose(lint(after), place, allowed - unfixable, unsafe=unsafe).items():
            old = after.get(path)
            if old is None:
                old = before[path] = unsaved[path] if path in unsaved else read_regular_file(path)
            new = _apply_edits(old, [edit for edits in chosen for edit in edits])
            if new == old or _is_worse(old, new):
                unfixable.add(path)
                continue
            after[path] = new
            count += len(chosen)
            changed = True
        if not changed:
            break
    return AppliedFixes({path: before[path] for path in after}, after, count)


def difference(fixes: AppliedFixes, shown: Callable[[Path], str]) -> Iterator[str]:
    """Yield the lines of a unified diff of the fixes."""
    for path in sorted(fixes.after):
        old, new = (_lines(content[path]) for content in (fixes.before, fixes.after))
        yield from difflib.unified_diff(old, new, shown(path), shown(path), lineterm="")


def write(fixes: AppliedFixes, cache: Path) -> None:
    """Write the fixed files, each atomically and with its previous mode.

    `cache` is the project's `.speccast_cache/`, where files are written first: a run that is killed leaves nothing beside
    the specs.

    Raises:
        SpeccastError: a file cannot be written, or was changed since it was read. Other files may have been written.
    """
    changed = []
    with hold_lock(cache, _TIMEOUT_S):
        for path, content in fixes.after.items():
            if _read(path) == fixes.before[path]:
                write_file(path.resolve(), content, cache / _DRAFT)  # a spec can be a link
            else:
                changed.append(format_path(path))
    if changed:
        raise SpeccastError(
            f"{', '.join(changed)}: edited while it was being fixed; not fixed",
            hint="run the command again",
        )


def write_file(path: Path, content: bytes, draft: Path | None = None) -> None:
    """Write a file atomically.

    Raises:
        SpeccastError: it cannot be written. Its content is unchanged.
    """
    try:
        try:
            write_atomically(path, content, draft=draft)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            write_atomically(path, content)  # the draft is on another file system
    except OSError as error:
        raise SpeccastError(f"{format_path(path)}: cannot be written: {error.strerror}") from None


def _read(path: Path) -> bytes | None:
    try:
        return read_regular_file(path)
    except OSError:
        return None


def _choose(
    findings: Iterable[Finding], place: Callable[[str], Path], files: frozenset[Path], *, unsafe: bool
) -> dict[Path, list[tuple[Edit, ...]]]:
    """Return the edits of each file that do not overlap, a tuple for each finding."""
    chosen: dict[Path, list[tuple[Edit, ...]]] = {}
    taken: dict[Path, list[tuple[_Place, _Place]]] = {}
    for finding in findings:
        fix, path = finding.fix, place(finding.path)
        if fix is None or path not in files or not (fix.is_safe or unsafe):
            continue
        ranges = taken.setdefault(path, [])
        own = [((edit.line, edit.column), (edit.end_line, edit.end_column)) for edit in fix.edits]
        if any(_is_taken(ranges, start, end) for start, end in own):
            continue
        for each in own:
            insort(ranges, each)
        chosen.setdefault(path, []).append(fix.edits)
    return chosen


def _is_taken(ranges: list[tuple[_Place, _Place]], start: _Place, end: _Place) -> bool:
    """Return whether one of some sorted ranges, which do not overlap, touches another range."""
    index = bisect_right(ranges, end, key=lambda taken: taken[0])
    return index > 0 and ranges[index - 1][1] >= start


def _apply_edits(content: bytes, edits: Sequence[Edit]) -> bytes:
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    lines = LineIndex(text)
    parts, done = [], 0
    for edit in sorted(edits):
        start, end = lines.offset(edit.line, edit.column), lines.offset(edit.end_line, edit.end_column)
        parts += [text[done:start], edit.text]
        done = end
    return mark + "".join([*parts, text[done:]]).encode("utf-8")


def _is_worse(old: bytes, new: bytes) -> bool:
    return _is_readable(old) and not _is_readable(new)


def _is_readable(content: bytes) -> bool:
    try:
        read_document(content, "")
    except DocumentError:
        return False
    return True


def _lines(content: bytes) -> list[str]:
    return re.split("\r\n|\r|\n", content.decode("utf-8", "replace").removesuffix("\n"))
