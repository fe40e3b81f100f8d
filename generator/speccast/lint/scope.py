"""Which specs a run is about: PATHs choose what is reported, the whole of each API is read and judged."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.lint.linter import Judgement, judge
from speccast.specs.codes import Code
from speccast.specs.files import API, ENDINGS, spec_folders
from speccast.specs.load import load_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from speccast.config import Project
    from speccast.findings import Finding
    from speccast.lint.selection import Selection
    from speccast.lint.suppressions import Silenced
    from speccast.specs.files import SpecFolder

NOTHING: Mapping[Path, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class Scope:
    """The paths that a user chose, resolved, and the folders to load for them."""

    project: Project
    chosen: tuple[Path, ...]
    sources: tuple[Path, ...]
    unsaved: Mapping[Path, bytes] = field(default_factory=dict, hash=False)

    def judged(
        self,
        selection: Selection,
        *,
        today: date | None = None,
        unsaved: Mapping[Path, bytes] = NOTHING,
    ) -> Judgement:
        """Reads and judges; `unsaved` has what differs from the disk beyond what the scope knows.

        Raises:
            SpeccastError: a file cannot be read.
        """
        contents = {**self.unsaved, **unsaved}
        found: list[Finding] = []
        silenced: list[Silenced] = []
        read: set[Path] = set()
        for folder in self._folders(contents):
            loaded = load_folder(folder)
            judgement = judge(loaded, selection, today=today)
            if loaded.apis:
                read.add(folder.path.resolve())
            found.extend(judgement.findings)
            silenced.extend(judgement.silenced)
        unread = {file.parent for file in self.files} - read
        return Judgement(
            tuple(sorted(finding for finding in found if self._is_about(finding, unread))),
            tuple(each for each in silenced if self._is_about(each.finding, unread)),
        )

    def _folders(self, contents: Mapping[Path, bytes]) -> Iterator[SpecFolder]:
        for source in self.sources:
            yield from spec_folders(source, shown_from=self.project.root, unsaved=contents)

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The chosen specs, resolved and sorted."""
        found = {file for source in self.sources for file in self._spec_files(source)}
        chosen = frozenset(self.chosen)
        whole = {
            folder for folder in {file.parent for file in found} if not chosen.isdisjoint(_upwards(folder))
        }
        return tuple(sorted(file for file in found if file.parent in whole or file in chosen))

    @property
    def models(self) -> int:
        """How many models were chosen."""
        return sum(file.stem != API for file in self.files)

    def place(self, shown: str) -> Path:
        """Where a file is that findings name so."""
        known = self._places.get(shown)
        if known is None:
            known = self._places[shown] = self._resolved(self.project.root / shown)
        return known

    def _resolved(self, path: Path) -> Path:
        """As `Path.resolve` has it; links in the way of many files of a folder are followed once."""
        if path.is_symlink():
            return path.resolve()
        folder = self._folders_resolved.get(path.parent)
        if folder is None:
            folder = self._folders_resolved[path.parent] = path.parent.resolve()
        return folder / path.name

    @cached_property
    def _folders_resolved(self) -> dict[Path, Path]:
        return {}

    @cached_property
    def _places(self) -> dict[str, Path]:
        return {}

    @cached_property
    def files_as_set(self) -> frozenset[Path]:
        return frozenset(self.files)

    def _is_about(self, finding: Finding, unread: set[Path]) -> bool:
        """Whether a finding is about a chosen file, or tells why the API of one could not be judged."""
        path = self.place(finding.path)
        if path in self.files_as_set or any(
            self.place(other.path) in self.files_as_set for other in finding.related
        ):
            return True
        return path.parent in unread and (path.stem == API or finding.rule == Code.NO_API)

    def _spec_files(self, source: Path) -> Iterator[Path]:
        """The files that loading a folder reads: those in it, or in the folders right below."""
        folders = [source]
        if not _is_api(source):
            folders += [folder for folder in source.iterdir() if folder.is_dir()]
        for folder in folders:
            for file in folder.iterdir():
                if file.suffix in ENDINGS and not file.name.startswith(".") and file.is_file():
                    yield self._resolved(file)
        yield from (path for path in self.unsaved if path.parent in {folder.resolve() for folder in folders})


def scope(project: Project, paths: Sequence[Path], unsaved: Mapping[Path, bytes] = NOTHING) -> Scope:
    """What the paths choose; without any, and with nothing unsaved, all specs of the project.

    Raises:
        SpeccastError: there are no specs, or none where a path leads.
    """
    chosen = [*(_existing(path) for path in paths), *unsaved]
    sources = tuple(dict.fromkeys(source for path in chosen for source in _sources(project, path)))
    if not chosen:
        chosen, sources = [project.specs.resolve()], (project.specs,)
    made = Scope(project, tuple(chosen), sources, unsaved)
    for source in sources:
        if not source.is_dir():
            _say_what_is_missing(project, source)
    holding = {above for folder in {file.parent for file in made.files} for above in _upwards(folder)}
    for path in chosen:
        if path not in holding and path not in made.files_as_set:
            hint = f"specs end in {ENDINGS[0]}, beside an {API}{ENDINGS[0]}"
            if not paths:
                _say_what_is_missing(project, project.specs)
            raise SpeccastError(f"{project.shown(path)}: no specs here", hint=hint)
    return made


def _upwards(folder: Path) -> tuple[Path, ...]:
    return (folder, *folder.parents)


def _say_what_is_missing(project: Project, folder: Path) -> None:
    """Raises what looking for specs raises, if it does."""
    for _ in spec_folders(folder, shown_from=project.root):
        pass


def _existing(path: Path) -> Path:
    if not path.exists():
        hint = "for standard input, say which spec it is: --stdin-filename NAME" if str(path) == "-" else ""
        raise SpeccastError(f"{path}: there is no such file or folder", hint=hint)
    if path.is_file() and path.suffix not in ENDINGS:
        raise SpeccastError(f"{path}: is no spec", hint=f"specs end in {' or '.join(ENDINGS)}")
    return path.resolve()


def _sources(project: Project, path: Path) -> Iterator[Path]:
    """The folders to load for a path: the project's specs, and APIs elsewhere that the path belongs to or holds."""
    specs = project.specs.resolve()
    folder = path if path.is_dir() else path.parent
    if path.is_file() or _is_api(folder):
        yield project.specs if _is_loaded(folder, specs) else folder
        return
    found = list(_apis_below(folder))
    elsewhere = [api for api in found if not _is_loaded(api, specs)]
    is_meant = _is_loaded(folder, specs) or (specs.is_relative_to(folder) and specs.is_dir())
    if is_meant and (len(found) > len(elsewhere) or not elsewhere):
        yield project.specs
    yield from elsewhere


def _is_loaded(folder: Path, specs: Path) -> bool:
    """Whether loading the project's specs reads a folder."""
    return specs in (folder, folder.parent)


def _apis_below(path: Path) -> Iterator[Path]:
    for folder, below, _ in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        if _is_api(Path(folder)):
            below.clear()
            yield Path(folder)


def _is_api(folder: Path) -> bool:
    return any((folder / f"{API}{ending}").is_file() for ending in ENDINGS)
