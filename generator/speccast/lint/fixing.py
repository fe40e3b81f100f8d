"""Mends findings: applies their fixes, judges anew, and goes on until nothing is left that a fix can mend.

Nothing is written here. Edits that touch each other wait for the next round, and a file that an edit would make
unreadable keeps its text, so that what comes out is never worse than what went in.
"""

from __future__ import annotations

import codecs
import difflib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from speccast.errors import SpeccastError
from speccast.lint.text import Text
from speccast.specs.document import DocumentError, read_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from speccast.findings import Edit, Finding

    Judge = Callable[[Mapping[Path, bytes]], Sequence[Finding]]

_ROUNDS: Final = 50


@dataclass(frozen=True, slots=True)
class Mended:
    """The files that a fix changes, as they were and as they are now, and how many findings were mended."""

    before: Mapping[Path, bytes]
    after: Mapping[Path, bytes]
    count: int


def mend(
    judge: Judge,
    place: Callable[[str], Path],
    files: Iterable[Path],
    *,
    unsafe: bool,
    unsaved: Mapping[Path, bytes],
) -> Mended:
    """Applies the fixes of findings in `files`, the safe ones or all.

    `judge` answers the findings with files as they are given instead of those on the disk, or in `unsaved`.
    """
    mine = frozenset(files)
    before: dict[Path, bytes] = {}
    after: dict[Path, bytes] = {}
    stuck: set[Path] = set()
    count = 0
    for _ in range(_ROUNDS):
        changed = False
        for path, chosen in _chosen(judge(after), place, mine - stuck, unsafe=unsafe).items():
            old = after.get(path)
            if old is None:
                old = before[path] = unsaved[path] if path in unsaved else path.read_bytes()
            new = _edited(old, [edit for edits in chosen for edit in edits])
            if new == old or _is_worse(old, new):
                stuck.add(path)
                continue
            after[path] = new
            count += len(chosen)
            changed = True
        if not changed:
            break
    return Mended({path: before[path] for path in after}, after, count)


def difference(mended: Mended, shown: Callable[[Path], str]) -> Iterator[str]:
    """What was mended as a unified diff, line by line."""
    for path in sorted(mended.after):
        old, new = (_lines(content[path]) for content in (mended.before, mended.after))
        yield from difflib.unified_diff(old, new, shown(path), shown(path), lineterm="")


def write(mended: Mended) -> None:
    """Puts the mended files in place, each at once, with the mode that it had.

    Raises:
        SpeccastError: a file cannot be written; those before it are.
    """
    for path, content in mended.after.items():
        write_whole(path, content)


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that whoever reads it finds the old content or the new one, never a part.

    Raises:
        SpeccastError: it cannot be written; then it is as it was.
    """
    unfinished = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            unfinished = Path(file.name)
            file.write(content)
        unfinished.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        unfinished.replace(path)
    except OSError as error:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)
        raise SpeccastError(f"{path.name}: cannot be written: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _chosen(
    findings: Iterable[Finding], place: Callable[[str], Path], files: frozenset[Path], *, unsafe: bool
) -> dict[Path, list[tuple[Edit, ...]]]:
    """The edits of each file, a tuple for each finding, of which none touches another."""
    chosen: dict[Path, list[tuple[Edit, ...]]] = {}
    for finding in findings:
        fix, path = finding.fix, place(finding.path)
        if fix is None or path not in files or not (fix.is_safe or unsafe):
            continue
        others = [edit for edits in chosen.get(path, []) for edit in edits]
        if not any(_touch(edit, other) for edit in fix.edits for other in others):
            chosen.setdefault(path, []).append(fix.edits)
    return chosen


def _touch(one: Edit, other: Edit) -> bool:
    return (one.line, one.column) <= (other.end_line, other.end_column) and (other.line, other.column) <= (
        one.end_line,
        one.end_column,
    )


def _edited(content: bytes, edits: Sequence[Edit]) -> bytes:
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    return mark + Text(text).edited(edits).encode("utf-8")


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
