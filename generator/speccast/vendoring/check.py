"""Whether a vendored copy is as it was written. Needs the copy alone: no specs, no templates, no client, no network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.publish import MANIFEST, Manifest, manifest_text, parse_manifest
from speccast.publish.content import digest, has_conflict_markers, same
from speccast.publish.disk import Disk
from speccast.vendoring.present import LEFT_BY_TOOLS, present
from speccast.vendoring.record import RECORD, UPDATE, parse_record, record_text
from speccast.vendoring.syntax import syntax_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class Standing(StrEnum):
    """How a file stands to what was vendored."""

    UNTOUCHED = "untouched"
    REFORMATTED = "reformatted"
    """Other bytes, but the same syntax tree (Python) or value (JSON)."""
    EDITED = "edited"
    MISSING = "missing"
    FOREIGN = "foreign"
    """Not one of the files that were vendored."""


@dataclass(frozen=True, slots=True, order=True)
class Judgement:
    """One file of a copy. `reason` says in a few words why it stands as it does."""

    path: str
    standing: Standing
    reason: str = ""


def check_copy(root: Path) -> tuple[Judgement, ...]:
    """Every file of the copy in a folder, sorted by path.

    Raises:
        SpeccastError: the folder has no manifest of a copy, or a file cannot be read.
    """
    disk = Disk(root, root)
    content = disk.read(MANIFEST).content
    if content is None:
        raise SpeccastError(
            f"{root} is no vendored client: there is no {MANIFEST} in it",
            hint="speccast vendor --into FOLDER makes one",
        )
    manifest = parse_manifest(content)
    if RECORD not in manifest.files:
        raise SpeccastError(
            f"{root} is no vendored client: its {MANIFEST} lists no {RECORD}",
            hint="what speccast generate wrote is checked by: speccast generate --check",
        )
    syntax = _recorded_syntax(disk, manifest)
    judged = [_judge(disk, path, digests, syntax) for path, digests in manifest.files.items()]
    judged += [
        Judgement(path, Standing.FOREIGN, "not one of the files that were vendored")
        for path in present(root)
        if path not in manifest.files and path != MANIFEST
    ]
    judged.append(_judge_manifest(content, manifest))
    return tuple(sorted(judged))


def in_the_way(root: Path, wanted: Iterable[str]) -> tuple[Judgement, ...]:
    """What a person wrote where a copy is to be: edited files of an earlier one, and others under names of its files.

    A folder that is no copy yet has to be empty.
    """
    if (root / MANIFEST).is_file():
        names = set(wanted)
        return tuple(
            found
            for found in check_copy(root)
            if found.standing is Standing.EDITED
            or (found.standing is Standing.FOREIGN and found.path in names)
        )
    if not root.is_dir():
        return ()
    return tuple(
        Judgement(file.name, Standing.FOREIGN, "it is there already, and speccast did not write it")
        for file in sorted(root.iterdir())
        if file.name not in LEFT_BY_TOOLS
    )


def _judge(disk: Disk, path: str, digests: tuple[str, ...], syntax: Mapping[str, str]) -> Judgement:
    try:
        found = disk.read(path)
    except SpeccastError:
        return Judgement(path, Standing.EDITED, "it is no file, or a link leads to it")
    content = found.content
    if content is None:
        reason = "something else stands there" if found.blocker else "deleted since it was vendored"
        return Judgement(path, Standing.MISSING, reason)
    if digests == (digest(content),):
        return Judgement(path, Standing.UNTOUCHED)
    if len(digests) > 1 or has_conflict_markers(content):
        return Judgement(path, Standing.EDITED, "a merge left it undecided")
    if path == RECORD:
        is_same = _says_what_was_recorded(content, digests[0])
    else:
        is_same = path in syntax and syntax_digest(path, content) == syntax[path]
    if is_same:
        kind = "value" if path.endswith(".json") else "syntax tree"
        return Judgement(path, Standing.REFORMATTED, f"other bytes, but the same {kind}")
    return Judgement(path, Standing.EDITED, "it says something else than what was vendored")


def _judge_manifest(content: bytes, manifest: Manifest) -> Judgement:
    """A manifest that was edited lists what nobody vendored; one that lists a file twice is of two sides of a merge."""
    files = {path: digests[0] for path, digests in manifest.files.items()}
    if same(content, manifest_text(files, manifest.versions, UPDATE)):
        return Judgement(MANIFEST, Standing.UNTOUCHED)
    return Judgement(MANIFEST, Standing.EDITED, "it is not as speccast vendor writes it")


def _recorded_syntax(disk: Disk, manifest: Manifest) -> Mapping[str, str]:
    """The digests of syntax, but only from a record that says what it said when it was written."""
    content = disk.read(RECORD).content
    digests = manifest.files.get(RECORD, ())
    if content is None or len(digests) != 1:
        return {}
    try:
        record = parse_record(content)
    except ValueError:
        return {}
    is_as_written = digests[0] in (digest(content), digest(record_text(record)))
    return record.syntax if is_as_written else {}


def _says_what_was_recorded(content: bytes, recorded: str) -> bool:
    """Whether a record that was laid out anew gives, written as speccast writes it, what was vendored."""
    try:
        return digest(record_text(parse_record(content))) == recorded
    except ValueError:
        return False
