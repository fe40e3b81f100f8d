"""The plan: what a run would do to the files of one output folder, and why. Making one reads and never writes.

`generate` carries a plan out, `generate --check` and `--dry-run` print it, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.publish.content import blob_ids, digest, has_conflict_markers, same
from speccast.publish.disk import Disk, Found
from speccast.publish.git import Repository, find_repository
from speccast.publish.manifest import MANIFEST, Manifest, manifest_text, parse_manifest, united
from speccast.publish.paths import check_paths, folded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted in one output folder.

    `wanted` maps relative paths with forward slashes to contents, `versions` tools to versions, and `command` is what
    regenerates the folder. `digests` are those of the contents, where they are known; the contents of what does not
    change are then not asked for. `output` is the folder below which no symbolic link is followed, `root` itself unless
    given. Where nothing is wanted, the manifest and an empty root go too. `file` may know a file of the run's own that has
    a content and that nobody writes to any more, so that it can become the output without being copied.
    """

    root: Path
    wanted: Mapping[str, bytes] = field(repr=False)
    versions: Mapping[str, str]
    command: str
    output: Path | None = None
    digests: Mapping[str, str] | None = field(default=None, repr=False)
    file: Callable[[str], str | None] = field(default=lambda _: None, repr=False)

    def digest(self, path: str) -> str | None:
        """The digest of what is wanted at a path."""
        if self.digests is not None:
            return self.digests.get(path)
        return digest(self.wanted[path]) if path in self.wanted else None


class State(StrEnum):
    """How a file stands to what is wanted."""

    UNCHANGED = "unchanged"
    MISSING = "missing"
    STALE = "stale"
    EDITED = "edited"
    """Neither what is wanted nor what was written last, and git does not have it."""
    FOREIGN = "foreign"
    """Like edited, and never written by Speccast as far as the manifest knows."""
    ORPHAN = "orphan"
    """Written by Speccast and no longer wanted."""
    ORPHAN_EDITED = "orphan-edited"


class Action(StrEnum):
    """What applying the plan does about a file."""

    NONE = "none"
    WRITE = "write"
    REMOVE = "remove"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file of a plan. `reason` says in a few words why it is in its state.

    `before` is the digest of what is on the disk, `after` of what will be; None stands for no file.
    """

    path: str
    state: State
    action: Action
    reason: str = ""
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do to one output folder. `entries` are sorted by path and leave out the manifest.

    `made_by` are the versions that the manifest names, if they are known and others than the target's.
    """

    target: Target
    entries: tuple[PlannedFile, ...]
    manifest: PlannedFile
    manifest_content: bytes = field(repr=False)
    made_by: Mapping[str, str] | None = None

    @property
    def written(self) -> tuple[PlannedFile, ...]:
        return tuple(entry for entry in self.entries if entry.action is Action.WRITE)

    @property
    def removed(self) -> tuple[PlannedFile, ...]:
        return tuple(entry for entry in self.entries if entry.action is Action.REMOVE)

    @property
    def kept(self) -> tuple[PlannedFile, ...]:
        """Files that are not what they should be and are left alone, because a person may have written them."""
        return tuple(entry for entry in self.entries if entry.action is Action.KEEP)

    @property
    def changed(self) -> bool:
        """Whether applying the plan writes or removes anything."""
        return any(entry.action in (Action.WRITE, Action.REMOVE) for entry in (*self.entries, self.manifest))

    @property
    def drift(self) -> bool:
        """Whether the disk is anything but what is wanted."""
        return self.changed or bool(self.kept)


def make_plan(target: Target, *, force: bool = False) -> Plan:
    """Compare a target with the disk. With `force`, files edited by hand are overwritten and removed too.

    Raises `SpeccastError` for a path that is not safe to write, a symbolic link in the way, a folder where a file
    belongs or the reverse, and a file that cannot be read.
    """
    check_paths(target.wanted)
    disk = Disk(target.root, target.output or target.root)
    disk.check_root()
    repository = find_repository(target.root) if target.root.is_dir() else None
    found = disk.read(MANIFEST)
    if found.blocker:
        raise SpeccastError(f"{target.root / MANIFEST} is a folder, but the manifest belongs there")
    on_disk = parse_manifest(found.content or b"")
    owned = _with_other_side(on_disk, repository)

    entries = _judge(target, disk, owned, repository, force=force)
    entries = _with_case_changes(target, entries)
    content, manifest = _judge_manifest(target, found.content, owned, entries)
    made_by = on_disk.versions if on_disk.versions != dict(target.versions) else {}
    return Plan(target, tuple(entries), manifest, content, made_by or None)


def _with_other_side(manifest: Manifest, repository: Repository | None) -> Manifest:
    """While a merge is unfinished, files that the other side wrote are Speccast's as well."""
    if repository is None or not repository.merging:
        return manifest
    return united(manifest, map(parse_manifest, repository.versions(MANIFEST)))


def _judge(
    target: Target, disk: Disk, owned: Manifest, repository: Repository | None, *, force: bool
) -> list[PlannedFile]:
    states: dict[str, tuple[State, str, str | None]] = {}
    suspects: dict[str, frozenset[str]] = {}
    blockers: dict[str, str] = {}
    for path in sorted({*target.wanted, *owned.files}):
        before, wanted = disk.digest(path), target.digest(path)
        if isinstance(before, Found):
            if wanted is not None:
                reason = "deleted since it was written" if path in owned.files else "not there yet"
                states[path] = State.MISSING, reason, None
                if before.blocker:
                    blockers[path] = before.blocker
        elif before == wanted:
            states[path] = State.UNCHANGED, "", before
        elif before in owned.files.get(path, ()):
            states[path] = *_generated(wanted, ""), before
        else:
            content = disk.read(path).content or b""
            if has_conflict_markers(content):
                states[path] = *_generated(wanted, "it has conflict markers"), before
            else:
                states[path] = *_edited(wanted, path in owned.files), before
                suspects[path] = blob_ids(content)

    for path in _returnable(suspects, repository):
        states[path] = *_generated(target.digest(path), "committed in git"), states[path][2]
    entries = [_entry(path, *states[path], target.digest(path), force=force) for path in sorted(states)]
    _check_blockers(disk, blockers, {entry.path for entry in entries if entry.action is Action.REMOVE})
    return entries


def _generated(wanted: str | None, why: str) -> tuple[State, str]:
    if wanted is None:
        return State.ORPHAN, "no spec or template makes it any more"
    return State.STALE, why or "its spec, a template or a tool has changed"


def _edited(wanted: str | None, owned: bool) -> tuple[State, str]:
    if wanted is None:
        return State.ORPHAN_EDITED, "no spec or template makes it any more, but it was edited by hand"
    if owned:
        return State.EDITED, "edited by hand"
    return State.FOREIGN, "not written by speccast, but it stands where a generated file belongs"


def _returnable(suspects: Mapping[str, frozenset[str]], repository: Repository | None) -> Iterable[str]:
    """Which of the files that look edited git has, as they are."""
    if not suspects or repository is None:
        return []
    known = repository.blobs(suspects)
    return [path for path, ids in suspects.items() if ids & known.get(path, frozenset())]


def _entry(
    path: str, state: State, reason: str, before: str | None, wanted: str | None, *, force: bool
) -> PlannedFile:
    match state:
        case State.UNCHANGED:
            return PlannedFile(path, state, Action.NONE, reason, before, before)
        case State.EDITED | State.FOREIGN | State.ORPHAN_EDITED if not force:
            return PlannedFile(path, state, Action.KEEP, reason, before, before)
        case _ if wanted is None:
            return PlannedFile(path, state, Action.REMOVE, reason, before)
        case _:
            return PlannedFile(path, state, Action.WRITE, reason, before, wanted)


def _check_blockers(disk: Disk, blockers: Mapping[str, str], removed: Collection[str]) -> None:
    """Refuse a file where a folder stands, and the reverse, unless what stands there is removed in the same run."""
    for path, blocker in blockers.items():
        if blocker in removed or (blocker == path and disk.vanishes(path, removed)):
            continue
        stands, belongs = ("folder", "file") if blocker == path else ("file", "folder")
        raise SpeccastError(
            f"{disk.root / blocker} is a {stands}, but a generated {belongs} belongs there",
            hint="move it away and run the command again",
        )


def _with_case_changes(target: Target, entries: list[PlannedFile]) -> list[PlannedFile]:
    """Where the disk ignores case, removing `Name.py` removes `name.py` too, which then has to be written."""
    removed = {folded(entry.path): entry.path for entry in entries if entry.action is Action.REMOVE}
    for index, entry in enumerate(entries):
        former = removed.get(folded(entry.path), entry.path)
        if former != entry.path and entry.before is not None and entry.path in target.wanted:
            one_file = (target.root / former).samefile(target.root / entry.path)
            if one_file:
                after = target.digest(entry.path)
                entries[index] = PlannedFile(
                    entry.path,
                    State.STALE,
                    Action.WRITE,
                    f"it is called {former} so far",
                    entry.before,
                    after,
                )
    return entries


def _judge_manifest(
    target: Target, found: bytes | None, owned: Manifest, entries: Iterable[PlannedFile]
) -> tuple[bytes, PlannedFile]:
    """The manifest as it will be, and how the one on the disk stands to it.

    A kept file stays listed with what was written last, so that it counts as edited until somebody decides.
    """
    files: dict[str, str] = {}
    for entry in entries:
        if entry.action is Action.KEEP:
            if entry.path in owned.files:
                files[entry.path] = owned.files[entry.path][0]
        elif entry.after is not None:
            files[entry.path] = entry.after
    content = manifest_text(files, target.versions, target.command)
    before = None if found is None else digest(found)
    if not target.wanted and not files:
        action = Action.NONE if found is None else Action.REMOVE
        state = State.UNCHANGED if found is None else State.ORPHAN
        return content, PlannedFile(MANIFEST, state, action, "", before)
    if found is not None and same(found, content):
        return content, PlannedFile(MANIFEST, State.UNCHANGED, Action.NONE, "", before, before)
    state = State.MISSING if found is None else State.STALE
    return content, PlannedFile(MANIFEST, state, Action.WRITE, "", before, digest(content))
