"""The entry of a version in the changelog of an API: `CHANGELOG.md` beside its `api.yaml`, in the format of Keep a Changelog.

The changes are between two comments. The text between them belongs to Speccast; everything else in the file is written by people
and is kept. The first comment has a digest of the text, so that an edit of it is found and not overwritten.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from packaging.version import InvalidVersion, Version

from speccast.diff.change import Level, Side
from speccast.diff.migration import adaptations
from speccast.diff.reports import code, escape
from speccast.errors import SpeccastError
from speccast.publish.content import digest
from speccast.specs.changelog import CHANGELOG, read_changelog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from speccast.diff import versions
    from speccast.diff.change import PlacedChange
    from speccast.diff.outcome import VersionOutcome

_HEAD: Final = """\
# Changelog

The format is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/); versions follow
[Semantic Versioning](https://semver.org/).
"""
_BEGIN: Final = re.compile(r"<!-- speccast diff ([0-9a-f]{12}): write your own words above or below -->")
_END: Final = "<!-- speccast diff: end -->"
_HEADING: Final = re.compile(r"## \[?(?P<version>[^\]\s]+)\]?")
_UNRELEASED: Final = "Unreleased"
_GROUPS: Final = {"-added": "Added", "-deprecated": "Deprecated", "-removed": "Removed"}
"""The sections of Keep a Changelog by the ending of the rule's name; all other rules are in `Changed`."""
_ORDER: Final = ("Added", "Changed", "Deprecated", "Removed")


def changelog(
    old: str,
    before: versions.Version,
    after: versions.Version,
    found: Iterable[PlacedChange],
    outcome: VersionOutcome,
    *,
    name: str = CHANGELOG,
) -> str:
    """Return the text of an API's changelog with the entry of its version.

    `old` is the current text, empty if there is none. The entry of a version that is not larger than the one before is that of
    unreleased changes. Without changes, the text is returned as it is, unless it has such an entry already.

    Raises:
        SpeccastError: the entry was edited by hand; the message has `name` for the file.
    """
    newline = "\r\n" if "\r\n" in old else "\n"
    lines = (old.replace("\r\n", "\n") or _HEAD).splitlines()
    block = _block(before, after, [each for each in found if each.change.level >= Level.ADDITION])
    start, end = _section(lines, _title(outcome))
    if start == end:
        if not block:
            return old
        lines[start:end] = ["", f"## [{_title(outcome)}]", "", *_mark(block), ""]
    else:
        lines[start] = _HEADING.sub(f"## [{_title(outcome)}]", lines[start])
        first, last = _marks(name, lines, start, end)
        if first < last:
            lines[first:last] = _mark(block)
        elif block:
            lines[first:first] = ["", *_mark(block)]
    text = re.sub(r"(?<=\n)\n{2,}(?=## \[)", "\n", "\n".join(lines)).rstrip("\n") + "\n"
    return text.replace("\n", newline)


def missing_breaks(text: str, found: Iterable[PlacedChange]) -> list[PlacedChange]:
    """Return the breaks that a changelog does not announce."""
    breaks = [each for each in found if each.change.level is Level.BREAKING]
    return [each for each in breaks if _line(each) not in text]


def place_of(folder: Path) -> Path:
    """Return the file of the changelog in the folder of an API."""
    return folder / CHANGELOG


def current_text(folder: Path) -> str:
    """Return the changelog of an API; an empty text if there is none.

    Raises:
        SpeccastError: it cannot be read.
    """
    content = read_changelog(folder)
    if content is None:
        return ""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SpeccastError(f"{place_of(folder)} is not UTF-8", hint="save the file as UTF-8") from error


def _title(outcome: VersionOutcome) -> str:
    """Return the version of the entry; changes of a version that is released already are unreleased."""
    try:
        is_new = Version(outcome.after) > Version(outcome.before)
    except InvalidVersion:
        is_new = False
    return outcome.after if is_new else _UNRELEASED


def _section(lines: Sequence[str], title: str) -> tuple[int, int]:
    """Return the first line of the entry and the line after it; twice the line for a new entry if there is none.

    The entry of unreleased changes becomes that of the version.
    """
    headings = [
        (number, match["version"]) for number, line in _outside_code(lines) if (match := _HEADING.match(line))
    ]
    for wanted in (title, _UNRELEASED):
        for index, (number, version) in enumerate(headings):
            if version.lower() == wanted.lower():
                return number, headings[index + 1][0] if index + 1 < len(headings) else len(lines)
    first = headings[0][0] if headings else len(lines)
    return first, first


def _outside_code(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not in a block of code, with their numbers."""
    fence = ""
    for number, line in enumerate(lines):
        mark = line[:3] if line.startswith(("```", "~~~")) else ""
        if mark and fence in ("", mark):
            fence = "" if fence else mark
        elif not fence:
            yield number, line


def _marks(name: str, lines: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """Return the first line of the block in an entry and the line after it; twice the end of the entry's text if there is none.

    Raises:
        SpeccastError: the block was edited by hand.
    """
    first = next((number for number in range(start, end) if _BEGIN.fullmatch(lines[number])), None)
    if first is None:
        while end > start + 1 and not lines[end - 1].strip():
            end -= 1
        return end, end
    last = next((number for number in range(first, end) if lines[number] == _END), None)
    match = _BEGIN.fullmatch(lines[first])
    if last is None or match is None or match[1] != _digest(lines[first + 1 : last]):
        raise SpeccastError(
            f"{name}:{first + 1}:1: the changes below this line were edited by hand",
            hint="move your text above this line or below the closing comment; to keep the text as your own, delete both comments",
        )
    return first, last + 1


def _mark(block: Sequence[str]) -> list[str]:
    return [f"<!-- speccast diff {_digest(block)}: write your own words above or below -->", *block, _END]


def _digest(block: Sequence[str]) -> str:
    return digest("\n".join(block).encode())[:12]


def _block(before: versions.Version, after: versions.Version, found: Sequence[PlacedChange]) -> list[str]:
    """Return the lines about changes, by the sections of Keep a Changelog; the most severe first in each."""
    groups: dict[str, list[str]] = {name: [] for name in _ORDER}
    for each in found:
        ending = f"-{each.change.rule.name.rpartition('-')[2]}"
        lines = groups[_GROUPS.get(ending, "Changed")]
        lines.append(_line(each))
        for adaptation in adaptations(before, after, each):
            if adaptation.side is Side.PYTHON and adaptation.before:
                later = code(adaptation.after) if adaptation.after != each.change.advice else ""
                lines.append(f"  - {code(adaptation.before)} → {later or 'not possible anymore'}")
    shown = [(name, lines) for name, lines in groups.items() if lines]
    block = [line for name, lines in shown for line in ("", f"### {name}", "", *lines)]
    return [*block, ""] if block else []


def _line(each: PlacedChange) -> str:
    change = each.change
    word = "**Breaking**: " if change.level is Level.BREAKING else ""
    subject = f"{code(each.model)}: " if each.model else ""
    advice = f" ({escape(change.advice)})" if change.advice else ""
    return f"- {word}{subject}{escape(change.message)}{advice}"
