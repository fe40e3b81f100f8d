"""Determines the specs of a run: PATHs select the reported files, but each API is read and checked as a whole."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.lint.linter import LintResult, run_rules
from speccast.specs.codes import FindingCode
from speccast.specs.files import API, ENDINGS, MAX_DEPTH, spec_folders, spec_paths
from speccast.specs.load import load_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from speccast.config import Project
    from speccast.findings import Finding
    from speccast.lint.selection import Selection
    from speccast.lint.suppressions import SuppressedFinding
    from speccast.specs.files import SpecFolder

NOTHING: Mapping[Path, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class Scope:
    """The paths that a user gave, resolved, and the folders to load for them."""

    project: Project
    chosen: tuple[Path, ...]
    sources: tuple[Path, ...]
    unsaved: Mapping[Path, bytes] = field(default_factory=dict, hash=False)
    _folders_resolved: dict[Path, Path] = field(default_factory=dict, init=False, compare=False)
    _places: dict[str, Path] = field(default_factory=dict, init=False, compare=False)

    def lint(
        self,
        selection: Selection,
        *,
        today: date | None = None,
        unsaved: Mapping[Path, bytes] = NOTHING,
    ) -> LintResult:
        """Load and lint the specs. `unsaved` has further contents that replace files on disk.

        Raises:
            SpeccastError: a file cannot be read.
        """
        findings: list[Finding] = []
        suppressed: list[SuppressedFinding] = []
        valid: set[Path] = set()
        for folder in self._folders({**self.unsaved, **unsaved}):
            loaded = load_folder(folder)
            result = run_rules(loaded, selection, today=today)
            if loaded.apis:
                valid.add(folder.path.resolve())
            findings.extend(result.findings)
            suppressed.extend(result.suppressed)
        invalid = {_api_of(file.parent) for file in self.files} - valid
        return LintResult(
            tuple(sorted(finding for finding in findings if self._is_about(finding, invalid))),
            tuple(each for each in suppressed if self._is_about(each.finding, invalid)),
        )

    def _folders(self, contents: Mapping[Path, bytes]) -> Iterator[SpecFolder]:
        for source in self.sources:
            yield from spec_folders(source, shown_from=self.project.root, unsaved=contents)

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The selected specs, resolved and sorted."""
        found = {self._resolve(file) for source in self.sources for file in spec_paths(source, self.unsaved)}
        chosen = frozenset(self.chosen)
        whole = {
            folder
            for folder in {file.parent for file in found}
            if not chosen.isdisjoint(_with_parents(folder))
        }
        return tuple(sorted(file for file in found if file.parent in whole or file in chosen))

    @property
    def models(self) -> int:
        """The number of selected models."""
        return sum(file.stem != API for file in self.files)

    def place(self, shown: str) -> Path:
        """Return the resolved path of a file from its path in findings."""
        path = self._places.get(shown)
        if path is None:
            path = self._places[shown] = self._resolve(self.project.root / shown)
        return path

    def _resolve(self, path: Path) -> Path:
        """Resolve the folder of a path. The spec itself can be a symbolic link, whose name is that of the spec."""
        folder = self._folders_resolved.get(path.parent)
        if folder is None:
            folder = self._folders_resolved[path.parent] = path.parent.resolve()
        return folder / path.name

    @cached_property
    def files_as_set(self) -> frozenset[Path]:
        return frozenset(self.files)

    def _is_about(self, finding: Finding, invalid: set[Path]) -> bool:
        """Return whether a finding refers to a selected file, or explains why its API could not be linted."""
        path = self.place(finding.path)
        if path in self.files_as_set or any(
            self.place(other.path) in self.files_as_set for other in finding.related
        ):
            return True
        return path.parent in invalid and (path.stem == API or finding.rule == FindingCode.NO_API)


def scope(project: Project, paths: Sequence[Path], unsaved: Mapping[Path, bytes] = NOTHING) -> Scope:
    """Return the scope of some paths; by default, all specs of the project.

    Raises:
        SpeccastError: the project has no specs, or a path leads to none.
    """
    chosen = [*(_existing(path) for path in paths), *unsaved]
    sources = tuple(dict.fromkeys(source for path in chosen for source in _sources(project, path)))
    if not chosen:
        chosen, sources = [project.specs.resolve()], (project.specs,)
    result = Scope(project, tuple(chosen), sources, unsaved)
    for source in sources:
        if not source.is_dir():
            _raise_for_missing_specs(project, source)
    holding = {above for folder in {file.parent for file in result.files} for above in _with_parents(folder)}
    for path in chosen:
        if path not in holding and path not in result.files_as_set:
            hint = f"specs end in {ENDINGS[0]} and are in a folder with an {API}{ENDINGS[0]}"
            if not paths:
                _raise_for_missing_specs(project, project.specs)
            raise SpeccastError(f"{project.format_path(path)}: no specs here", hint=hint)
    return result


def _with_parents(folder: Path) -> tuple[Path, ...]:
    return (folder, *folder.parents)


def _raise_for_missing_specs(project: Project, folder: Path) -> None:
    """Raise the error of searching for specs, if there is one."""
    for _ in spec_folders(folder, shown_from=project.root):
        pass


def _existing(path: Path) -> Path:
    if not path.exists():
        hint = "to lint standard input, use --stdin-filename NAME" if str(path) == "-" else ""
        raise SpeccastError(f"{path}: no such file or folder", hint=hint)
    if path.is_file() and path.suffix not in ENDINGS:
        raise SpeccastError(f"{path}: is not a spec", hint=f"specs end in {' or '.join(ENDINGS)}")
    return path.parent.resolve() / path.name if path.is_file() else path.resolve()


def _sources(project: Project, path: Path) -> Iterator[Path]:
    """Yield the folders to load for a path: the project's specs, and other APIs that contain the path or are below it."""
    specs = project.specs.resolve()
    folder = _api_of(path if path.is_dir() else path.parent, project.root.resolve())
    if path.is_file() or _is_api(folder):
        yield project.specs if _is_loaded(folder, specs) else folder
        return
    found = list(_apis_below(folder))
    elsewhere = [api for api in found if not _is_loaded(api, specs)]
    is_selected = _is_loaded(folder, specs) or (specs.is_relative_to(folder) and specs.is_dir())
    if is_selected and (len(found) > len(elsewhere) or not elsewhere):
        yield project.specs
    yield from elsewhere


def _is_loaded(folder: Path, specs: Path) -> bool:
    """Return whether loading the project's specs reads a folder."""
    return specs in (folder, folder.parent)


def _apis_below(path: Path) -> Iterator[Path]:
    for folder, below, _ in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        if _is_api(Path(folder)):
            below.clear()
            yield Path(folder)


def _api_of(folder: Path, top: Path | None = None) -> Path:
    """Return the API that a folder is in, at most up to a folder above all, or the folder itself if it is in none."""
    above = [each for each in folder.parents if top is None or (each != top and each.is_relative_to(top))]
    return next((each for each in (folder, *above[:MAX_DEPTH]) if _is_api(each)), folder)


def _is_api(folder: Path) -> bool:
    return any((folder / f"{API}{ending}").is_file() for ending in ENDINGS)
