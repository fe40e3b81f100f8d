"""Which specs a run is about: PATHs choose what is reported, the whole of each API is read and judged."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from specwright.errors import SpecwrightError
from specwright.lint import Judgement, Silenced, judge
from specwright.spec.codes import Code
from specwright.spec.load import API, ENDINGS, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from specwright.config import Project
    from specwright.findings import Finding
    from specwright.lint.selection import Selection

NOTHING: Mapping[Path, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class Scope:
    """The paths that a user chose, resolved, and the folders to load for them."""

    project: Project
    chosen: tuple[Path, ...]
    sources: tuple[Path, ...]
    unsaved: Mapping[Path, bytes] = field(default_factory=dict, hash=False)

    def judged(
        self, selection: Selection, *, today: date | None = None, unsaved: Mapping[Path, bytes] = NOTHING
    ) -> Judgement:
        """Reads and judges; `unsaved` has what differs from the disk beyond what the scope knows.

        Raises:
            SpecwrightError: a file cannot be read.
        """
        contents = {**self.unsaved, **unsaved}
        found: list[Finding] = []
        silenced: list[Silenced] = []
        read: set[Path] = set()
        for source in self.sources:
            loaded = load(source, shown_from=self.project.root, unsaved=contents)
            read.update(api.directory.resolve() for api in loaded.apis)
            judgement = judge(loaded, selection, today=today)
            found.extend(judgement.findings)
            silenced.extend(judgement.silenced)
        unread = {file.parent for file in self.files} - read
        return Judgement(
            tuple(sorted(finding for finding in found if self._is_about(finding, unread))),
            tuple(each for each in silenced if self._is_about(each.finding, unread)),
        )

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The chosen specs, resolved and sorted."""
        found = {file for source in self.sources for file in self._spec_files(source)}
        return tuple(sorted(file for file in found if any(file.is_relative_to(path) for path in self.chosen)))

    @property
    def models(self) -> int:
        """How many models were chosen."""
        return sum(file.stem != API for file in self.files)

    def place(self, shown: str) -> Path:
        """Where a file is that findings name so."""
        known = self._places.get(shown)
        if known is None:
            known = self._places[shown] = (self.project.root / shown).resolve()
        return known

    @cached_property
    def _places(self) -> dict[str, Path]:
        return {}

    @cached_property
    def _mine(self) -> frozenset[Path]:
        return frozenset(self.files)

    def _is_about(self, finding: Finding, unread: set[Path]) -> bool:
        """Whether a finding is about a chosen file, or tells why the API of one could not be judged."""
        path = self.place(finding.path)
        if path in self._mine or any(self.place(other.path) in self._mine for other in finding.related):
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
                    yield file.resolve()
        yield from (path for path in self.unsaved if path.parent in {folder.resolve() for folder in folders})


def scope(project: Project, paths: Sequence[Path], unsaved: Mapping[Path, bytes] = NOTHING) -> Scope:
    """What the paths choose; without any, and with nothing unsaved, all specs of the project.

    Raises:
        SpecwrightError: there are no specs, or none where a path leads.
    """
    chosen = [*(_existing(path) for path in paths), *unsaved]
    sources = tuple(dict.fromkeys(source for path in chosen for source in _sources(project, path)))
    if not chosen:
        chosen, sources = [project.specs.resolve()], (project.specs,)
    made = Scope(project, tuple(chosen), sources, unsaved)
    for source in sources:
        if not source.is_dir():
            load(source, shown_from=project.root)  # says what is there instead
    for path in chosen:
        if not any(file.is_relative_to(path) for file in made.files):
            hint = f"specs end in {ENDINGS[0]}, beside an {API}{ENDINGS[0]}"
            if not paths:
                load(project.specs, shown_from=project.root)  # knows better what is missing
            raise SpecwrightError(f"{project.shown(path)}: no specs here", hint=hint)
    return made


def _existing(path: Path) -> Path:
    if not path.exists():
        raise SpecwrightError(f"{path}: there is no such file or folder")
    if path.is_file() and path.suffix not in ENDINGS:
        raise SpecwrightError(f"{path}: is no spec", hint=f"specs end in {' or '.join(ENDINGS)}")
    return path.resolve()


def _sources(project: Project, path: Path) -> Iterator[Path]:
    """The folders to load for a path: the project's specs, or APIs elsewhere that the path belongs to or holds."""
    specs = project.specs.resolve()
    if path.is_relative_to(specs):
        yield project.specs
        return
    if not path.is_dir() or _is_api(path):
        yield path if path.is_dir() else path.parent
        return
    if specs.is_relative_to(path) and specs.is_dir():
        yield project.specs
    for folder, below, _ in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith(".") and Path(folder, name) != specs)
        if _is_api(Path(folder)):
            yield Path(folder)


def _is_api(folder: Path) -> bool:
    return any((folder / f"{API}{ending}").is_file() for ending in ENDINGS)
