"""The plan: what a run would do to the files of one output folder, and why. Making a plan writes nothing.

`generate` applies a plan; `generate --check` and `--dry-run` print it, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from speccast.errors import SpeccastError
from speccast.portable_names import fold_path
from speccast.publish.causes import Cause, find_causes
from speccast.publish.content import digest, has_conflict_markers, is_equal_content
from speccast.publish.disk import Disk, DiskEntry
from speccast.publish.git import Repository, find_repository
from speccast.publish.manifest import MANIFEST, Manifest, manifest_text, merge_manifests, parse_manifest
from speccast.publish.paths import check_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from speccast.publish.digest_cache import DigestCache

_UNKNOWN: Final = "its spec, a template or a tool has changed"


@dataclass(frozen=True, slots=True)
class OutputFolder:
    """The files that one output folder should contain.

    `files` maps relative paths with forward slashes to contents, `versions` maps tools to versions, and `command` is the
    command that regenerates the folder. If `digests` of the contents are given, contents of unchanged files are not read.
    Below `output`, by default `root`, no symbolic link is followed. If `files` is empty, the manifest and an empty root are
    removed. `linkable_file` may return a file of this run that has the content of a path and is no longer written to. It is
    linked into the output instead of copied. In an exclusive folder, other files are reported as foreign.

    `inputs` maps the specs and rendered templates to their digests, and `sources` returns those of a file.
    """

    root: Path
    files: Mapping[str, bytes] = field(repr=False)
    versions: Mapping[str, str]
    command: str
    output: Path | None = None
    digests: Mapping[str, str] | None = field(default=None, repr=False)
    linkable_file: Callable[[str], str | None] = field(default=lambda _: None, repr=False)
    is_exclusive: bool = False
    inputs: Mapping[str, str] = field(default_factory=dict, repr=False)
    sources: Callable[[str], Iterable[str]] = field(default=lambda _: (), repr=False)

    def digest(self, path: str) -> str | None:
        """Return the digest of a file of the target, or None if the target has no such file."""
        if self.digests is not None:
            return self.digests.get(path)
        return digest(self.files[path]) if path in self.files else None


class OutputState(StrEnum):
    """How a file on the disk compares with the rendered one."""

    UNCHANGED = "unchanged"
    MISSING = "missing"
    STALE = "stale"
    EDITED = "edited"
    """Neither the rendered content nor one that a manifest ever recorded, committed in git or not."""
    FOREIGN = "foreign"
    """Not in the manifest: another file at the path of a generated one, or beside the generated files."""
    ORPHAN = "orphan"
    """Written by Speccast and no longer rendered."""
    ORPHAN_EDITED = "orphan-edited"


class Action(StrEnum):
    """What applying the plan does to a file."""

    NONE = "none"
    WRITE = "write"
    REMOVE = "remove"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file of a plan. `reason` explains its state in a few words.

    `before` is the digest of the file on the disk, `after` of the file after the run; None means no file. `causes` are the
    specs and templates because of which the file is stale, as far as they are known.
    """

    path: str
    state: OutputState
    action: Action
    reason: str = ""
    before: str | None = None
    after: str | None = None
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do to one output folder. `entries` are sorted by path and do not include the manifest.

    `other_versions` are the versions in the manifest, if there are any and they differ from those of the target.
    `only_inputs_changed` says that specs or templates changed without changing a file: only the manifest is to be updated.
    """

    target: OutputFolder
    entries: tuple[PlannedFile, ...]
    manifest: PlannedFile
    manifest_content: bytes = field(repr=False)
    other_versions: Mapping[str, str] | None = None
    only_inputs_changed: bool = False

    @property
    def written(self) -> tuple[PlannedFile, ...]:
        return tuple(entry for entry in self.entries if entry.action is Action.WRITE)

    @property
    def removed(self) -> tuple[PlannedFile, ...]:
        return tuple(entry for entry in self.entries if entry.action is Action.REMOVE)

    @property
    def kept(self) -> tuple[PlannedFile, ...]:
        """Files that differ but are not overwritten, because they may have been edited by hand."""
        return tuple(entry for entry in self.entries if entry.action is Action.KEEP)

    @property
    def changed(self) -> bool:
        """Whether applying the plan writes or removes anything."""
        return any(entry.action in (Action.WRITE, Action.REMOVE) for entry in (*self.entries, self.manifest))

    @property
    def drift(self) -> bool:
        """Whether the disk differs from the rendered output, regardless of the inputs in the manifest."""
        return (self.changed and not self.only_inputs_changed) or bool(self.kept)


def make_plan(target: OutputFolder, *, force: bool = False, digests: DigestCache | None = None) -> Plan:
    """Compare a target with the disk. With `force`, files edited by hand are also overwritten or removed.

    Files that `digests` knows are not read.

    Raises `SpeccastError` for a path that is not safe to write, a symbolic link on the way, a folder in place of a file
    or the reverse, and a file that cannot be read.
    """
    check_paths(target.files)
    disk = Disk(target.root, target.output or target.root, digests)
    disk.check_root()
    repository = find_repository(target.root) if target.root.is_dir() else None
    found = disk.read(MANIFEST)
    if found.blocker:
        raise SpeccastError(f"{target.root / MANIFEST} is a folder, but the manifest must be written there")
    on_disk = parse_manifest(found.content or b"")
    owned = _add_other_side(on_disk, repository)

    entries = _plan_files(target, disk, owned, repository, force=force)
    entries = _with_case_changes(target, [_with_causes(entry, target, on_disk) for entry in entries])
    has_changes = any(entry.action in (Action.WRITE, Action.REMOVE) for entry in entries)
    is_current = not has_changes and bool(on_disk.versions)
    versions = (on_disk if is_current else target).versions
    recorded = _plan_manifest(target, found.content, owned, entries, (versions, on_disk.inputs))
    content, manifest = (
        _plan_manifest(target, found.content, owned, entries, (versions, target.inputs))
        if target.inputs
        else recorded
    )
    only_inputs_changed = is_current and recorded[1].action is Action.NONE is not manifest.action
    other_versions = on_disk.versions if on_disk.versions != dict(target.versions) else {}
    return Plan(target, tuple(entries), manifest, content, other_versions or None, only_inputs_changed)


def _with_causes(entry: PlannedFile, target: OutputFolder, manifest: Manifest) -> PlannedFile:
    if entry.state not in (OutputState.STALE, OutputState.ORPHAN):
        return entry
    sources = target.sources(entry.path) if entry.after is not None else ()
    causes = find_causes(manifest, target.inputs, sources, (entry.before, entry.after))
    reason = entry.reason
    if not causes and manifest.inputs and reason == _UNKNOWN:
        versions = manifest.versions == dict(target.versions)
        reason = "Speccast or its configuration has changed" if versions else "a tool has another version"
    return replace(entry, reason=reason, causes=causes)


def _add_other_side(manifest: Manifest, repository: Repository | None) -> Manifest:
    """While a merge is in progress, add the files in the manifest of the other side."""
    if repository is None or not repository.is_merging:
        return manifest
    return merge_manifests(manifest, map(parse_manifest, repository.versions(MANIFEST)))


def _plan_files(
    target: OutputFolder, disk: Disk, owned: Manifest, repository: Repository | None, *, force: bool
) -> list[PlannedFile]:
    states: dict[str, tuple[OutputState, str, str | None]] = {}
    edited: dict[str, bytes] = {}
    blockers: dict[str, str] = {}
    known = {*target.files, *owned.files}
    strays = disk.strays({*known, MANIFEST}) if target.is_exclusive else set()
    for path in sorted(known | strays):
        if path in strays and ((target.root / path).is_symlink() or not (target.root / path).is_file()):
            states[path] = *_classify_edited(None, owned=False), None
            continue
        before, rendered = disk.digest(path), target.digest(path)
        if isinstance(before, DiskEntry):
            if rendered is not None:
                reason = "deleted since it was written" if path in owned.files else "not written yet"
                states[path] = OutputState.MISSING, reason, None
                if before.blocker:
                    blockers[path] = before.blocker
        elif before == rendered:
            states[path] = OutputState.UNCHANGED, "", before
        elif before in owned.files.get(path, ()):
            states[path] = *_stale_or_orphaned(rendered, ""), before
        else:
            content = disk.read(path).content or b""
            if has_conflict_markers(content):
                states[path] = *_stale_or_orphaned(rendered, "it has conflict markers"), before
            else:
                states[path] = *_classify_edited(rendered, owned=path in owned.files), before
                edited[path] = content

    for path in _find_generated(edited, repository):
        states[path] = *_stale_or_orphaned(target.digest(path), "written by an earlier run"), states[path][2]
    entries = [_entry(path, *states[path], target.digest(path), force=force) for path in sorted(states)]
    _check_blockers(disk, blockers, {entry.path for entry in entries if entry.action is Action.REMOVE})
    return entries


def _stale_or_orphaned(rendered: str | None, reason: str) -> tuple[OutputState, str]:
    if rendered is None:
        return OutputState.ORPHAN, "its spec or template was removed"
    return OutputState.STALE, reason or _UNKNOWN


def _classify_edited(rendered: str | None, *, owned: bool) -> tuple[OutputState, str]:
    if rendered is None and not owned:
        return OutputState.FOREIGN, "not written by speccast"
    if rendered is None:
        return OutputState.ORPHAN_EDITED, "its spec or template was removed, but the file was edited by hand"
    if owned:
        return OutputState.EDITED, "changed by hand"
    return OutputState.FOREIGN, "not written by speccast, but a generated file has this path"


def _find_generated(edited: Mapping[str, bytes], repository: Repository | None) -> Iterable[str]:
    """Return the files that look edited, but were generated according to the history, or merged by git."""
    if not edited or repository is None:
        return
    recorded = parse_manifest(repository.read_recorded(MANIFEST)).files
    merges = list(repository.merges())
    for path, content in edited.items():
        known = recorded.get(path, ())

        def is_recorded(version: bytes, known: Collection[str] = known) -> bool:
            return digest(version) in known

        if is_recorded(content) or any(
            is_equal_content(content, merged) for merged in repository.read_merged(path, merges, is_recorded)
        ):
            yield path


def _entry(
    path: str, state: OutputState, reason: str, before: str | None, rendered: str | None, *, force: bool
) -> PlannedFile:
    if state is OutputState.UNCHANGED:
        return PlannedFile(path, state, Action.NONE, reason, before, before)
    is_edited = state in (OutputState.EDITED, OutputState.FOREIGN, OutputState.ORPHAN_EDITED)
    if (is_edited and not force) or (state is OutputState.FOREIGN and rendered is None):
        return PlannedFile(path, state, Action.KEEP, reason, before, before)
    return PlannedFile(
        path, state, Action.REMOVE if rendered is None else Action.WRITE, reason, before, rendered
    )


def _check_blockers(disk: Disk, blockers: Mapping[str, str], removed: Collection[str]) -> None:
    """Raise an error for a folder in place of a file, or the reverse, unless the plan removes it."""
    for path, blocker in blockers.items():
        if blocker in removed or (blocker == path and disk.becomes_empty(path, removed)):
            continue
        present, expected = ("folder", "file") if blocker == path else ("file", "folder")
        raise SpeccastError(
            f"{disk.root / blocker} is a {present}, but a generated {expected} has this path",
            hint="move it elsewhere and run the command again",
        )


def _with_case_changes(target: OutputFolder, entries: list[PlannedFile]) -> list[PlannedFile]:
    """On a disk that ignores case, removing `Name.py` also removes `name.py`, which must then be written."""
    removed = {fold_path(entry.path): entry.path for entry in entries if entry.action is Action.REMOVE}
    for index, entry in enumerate(entries):
        old_name = removed.get(fold_path(entry.path), entry.path)
        if old_name == entry.path or entry.before is None or entry.path not in target.files:
            continue
        if (target.root / old_name).samefile(target.root / entry.path):
            reason, after = f"renamed from {old_name}", target.digest(entry.path)
            entries[index] = PlannedFile(
                entry.path, OutputState.STALE, Action.WRITE, reason, entry.before, after
            )
    return entries


def _plan_manifest(
    target: OutputFolder,
    found: bytes | None,
    owned: Manifest,
    entries: Iterable[PlannedFile],
    head: tuple[Mapping[str, str], Mapping[str, str]],
) -> tuple[bytes, PlannedFile]:
    """Return the new manifest, and the plan for the file. It names the tools that wrote the files, not those of the last run.

    A kept file stays in the manifest with the digest written last, so that it is reported as edited until it is resolved.
    """
    files: dict[str, str] = {}
    for entry in entries:
        if entry.action is Action.KEEP:
            if entry.path in owned.files:
                files[entry.path] = owned.files[entry.path][0]
        elif entry.after is not None:
            files[entry.path] = entry.after
    content = manifest_text(files, head[0], target.command, head[1])
    before = None if found is None else digest(found)
    if not target.files and not files:
        action = Action.NONE if found is None else Action.REMOVE
        state = OutputState.UNCHANGED if found is None else OutputState.ORPHAN
        return content, PlannedFile(MANIFEST, state, action, "", before)
    if found is not None and is_equal_content(found, content):
        return content, PlannedFile(MANIFEST, OutputState.UNCHANGED, Action.NONE, "", before, before)
    state = OutputState.MISSING if found is None else OutputState.STALE
    return content, PlannedFile(MANIFEST, state, Action.WRITE, "", before, digest(content))
