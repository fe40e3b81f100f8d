"""Check a vendored copy, from the copy alone: without specs, templates, the client or the network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.publish.content import digest, has_conflict_markers, is_equal_content
from speccast.publish.disk import Disk
from speccast.publish.manifest import MANIFEST, Manifest, manifest_text, parse_manifest
from speccast.vendoring.file_listing import LEFT_BY_TOOLS, list_byte_code, list_files
from speccast.vendoring.record import RECORD, UPDATE, CopyRecord, digest_of_files, parse_record, record_text
from speccast.vendoring.syntax import syntax_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class FileState(StrEnum):
    """How a file compares with the vendored one."""

    UNTOUCHED = "untouched"
    REFORMATTED = "reformatted"
    """Other bytes, but the same syntax tree (Python) or value (JSON)."""
    EDITED = "edited"
    MISSING = "missing"
    FOREIGN = "foreign"
    """Not one of the vendored files."""


@dataclass(frozen=True, slots=True, order=True)
class CheckedFile:
    """One file of a copy and its state. `reason` explains it in a few words."""

    path: str
    state: FileState
    reason: str = ""


def check_copy(root: Path) -> tuple[CheckedFile, ...]:
    """Check every file of a copy. The result is sorted by path.

    Raises:
        SpeccastError: the folder has no manifest of a copy, or a file cannot be read.
    """
    disk = Disk(root, root)
    content = disk.read(MANIFEST).content
    if content is None:
        raise SpeccastError(
            f"{root} is not a vendored client: it has no {MANIFEST}",
            hint="to create one: speccast vendor --into FOLDER",
        )
    manifest = parse_manifest(content)
    if RECORD not in manifest.files:
        raise SpeccastError(
            f"{root} is not a vendored client: its {MANIFEST} does not list {RECORD}",
            hint="to check generated output: speccast generate --check",
        )
    record = _read_intact_record(disk, manifest)
    syntax = {} if record is None else record.syntax
    checked = [_check_file(disk, path, digests, syntax) for path, digests in manifest.files.items()]
    checked += [
        CheckedFile(path, FileState.FOREIGN, "not one of the vendored files")
        for path in list_files(root)
        if path not in manifest.files and path != MANIFEST
    ]
    checked += [CheckedFile(path, FileState.FOREIGN, reason) for path, reason in list_byte_code(root)]
    checked.append(_check_manifest(content, manifest, disk))
    return tuple(sorted(checked))


def conflicts(root: Path, wanted: Iterable[str]) -> tuple[CheckedFile, ...]:
    """Return the files that writing a copy would lose: edited files of an earlier copy, and foreign files with the same names.

    A folder that is not a copy yet must be empty.
    """
    if (root / MANIFEST).is_file():
        names = set(wanted)
        return tuple(
            found
            for found in check_copy(root)
            if found.state is FileState.EDITED or (found.state is FileState.FOREIGN and found.path in names)
        )
    if not root.is_dir():
        return ()
    return tuple(
        CheckedFile(file.name, FileState.FOREIGN, "it exists, and speccast did not write it")
        for file in sorted(root.iterdir())
        if file.name not in LEFT_BY_TOOLS
    )


def _check_file(disk: Disk, path: str, digests: tuple[str, ...], syntax: Mapping[str, str]) -> CheckedFile:
    try:
        found = disk.read(path)
    except SpeccastError:
        return CheckedFile(path, FileState.EDITED, "not a regular file")
    content = found.content
    if content is None:
        reason = "not a regular file" if found.blocker else "deleted since it was vendored"
        return CheckedFile(path, FileState.MISSING, reason)
    if digests == (digest(content),):
        return CheckedFile(path, FileState.UNTOUCHED)
    if len(digests) > 1 or has_conflict_markers(content):
        return CheckedFile(path, FileState.EDITED, "it has merge conflicts")
    if path == RECORD:
        is_same = _is_same_record(content, digests[0])
    else:
        is_same = path in syntax and syntax_digest(path, content) == syntax[path]
    if is_same:
        kind = "value" if path.endswith(".json") else "syntax tree"
        return CheckedFile(path, FileState.REFORMATTED, f"other bytes, but the same {kind}")
    return CheckedFile(path, FileState.EDITED, "differs from the vendored code")


def _check_manifest(content: bytes, manifest: Manifest, disk: Disk) -> CheckedFile:
    """Check the manifest itself, also against the record. One that lists a file twice is the result of a merge."""
    files = {path: digests[0] for path, digests in manifest.files.items()}
    record = _read_intact_record(disk, manifest)
    if record is not None and record.contents != digest_of_files(files):
        return CheckedFile(MANIFEST, FileState.EDITED, f"its digests differ from those of {RECORD}")
    if is_equal_content(content, manifest_text(files, manifest.versions, UPDATE)):
        return CheckedFile(MANIFEST, FileState.UNTOUCHED)
    return CheckedFile(MANIFEST, FileState.EDITED, "differs from what speccast vendor writes")


def _read_intact_record(disk: Disk, manifest: Manifest) -> CopyRecord | None:
    """Return the record if it has the content that the manifest lists."""
    content = disk.read(RECORD).content
    digests = manifest.files.get(RECORD, ())
    if content is None or len(digests) != 1:
        return None
    try:
        record = parse_record(content)
    except ValueError:
        return None
    is_as_written = digests[0] in (digest(content), digest(record_text(record)))
    return record if is_as_written else None


def _is_same_record(content: bytes, recorded: str) -> bool:
    """Return whether a reformatted record has the recorded content."""
    try:
        return digest(record_text(parse_record(content))) == recorded
    except ValueError:
        return False
