"""One run of the linter from the request to what it came to: judge, let the baseline speak, mend, and write.

`speccast lint` gives the request its words and prints what comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.findings import Finding, Severity
from speccast.lint.baseline import Entry, baseline_text, divided, entries, read_baseline, refused, without
from speccast.lint.catalog import CATALOG
from speccast.lint.configuration import NEVER, Configuration
from speccast.lint.report import Run
from speccast.lint.scope import NOTHING, Scope, scope
from speccast.specs.files import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from speccast.config import Project
    from speccast.lint.selection import Selection
    from speccast.lint.suppressions import Silenced

_ORDER = (Severity.INFO, Severity.WARNING, Severity.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for, beside what a configuration says. `unsaved` is what standard input has instead of a file."""

    paths: tuple[Path, ...] = ()
    unsaved: Mapping[Path, bytes] = field(default_factory=dict, hash=False)
    info: bool = False
    today: date | None = None
    fix: bool = False
    unsafe: bool = False
    diff: bool = False
    write_baseline: bool = False
    prune_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What a run came to, its exit code, the lines of a diff if one was asked for, and what was written besides."""

    run: Run
    code: int
    diff: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def perform(request: Request, project: Project, wanted: Configuration) -> Done:
    """Judges, mends and writes as the request says.

    Raises:
        SpeccastError: no specs, a wrong configuration or baseline, or a file that cannot be read or written.
    """
    return _Work(request, project, wanted).done()


class _Work:
    def __init__(self, request: Request, project: Project, wanted: Configuration) -> None:
        self._request = request
        self._project = project
        self._wanted = wanted
        self._selection: Selection = wanted.selection()
        self._scope: Scope = scope(project, request.paths, request.unsaved)
        self._silenced: tuple[Silenced, ...] = ()
        self._known: list[Finding] = []
        self._stale: list[Entry] = []

    def done(self) -> Done:
        request = self._request
        after, fixed = NOTHING, 0
        if request.fix or request.unsafe or request.diff:
            from speccast.lint.fixing import difference, mend, write

            mended = mend(
                self._findings,
                self._scope.place,
                self._scope.files,
                unsafe=request.unsafe,
                unsaved=request.unsaved,
            )
            if request.diff:
                lines = tuple(difference(mended, self._shown))
                run = self._run(self._findings(NOTHING), 0, NOTHING)
                return Done(run, 1 if lines else 0, diff=lines)
            write(mended)
            after, fixed = mended.after, mended.count
        found = self._findings(after)
        told = []
        if request.write_baseline or request.prune_baseline:
            told.append(self._write_baseline(found))
            found = self._findings(after)
        run = self._run(found, fixed, after)
        return Done(run, self._code(run), told=tuple(told))

    def _findings(self, unsaved: Mapping[Path, bytes]) -> tuple[Finding, ...]:
        """What is new and worth showing, with files as `unsaved` has them."""
        judgement = self._scope.judged(self._selection, today=self._request.today, unsaved=unsaved)
        self._silenced = judgement.silenced
        new, self._known, self._stale = divided(judgement.findings, self._baseline, self._is_judged)
        return tuple(filter(self._is_shown, new))

    def _run(self, findings: Iterable[Finding], fixed: int, unsaved: Mapping[Path, bytes]) -> Run:
        def source(path: str) -> str | None:
            place = self._scope.place(path)
            try:
                content = unsaved.get(place) or self._scope.unsaved.get(place)
                if content is None:
                    with place.open("rb") as file:
                        content = file.read(MAX_BYTES + 1)
                return content.decode("utf-8-sig")
            except (OSError, UnicodeDecodeError):
                return None

        return Run(
            findings=tuple(findings),
            silenced=tuple(each for each in self._silenced if self._is_shown(each.finding)),
            known=tuple(filter(self._is_shown, self._known)),
            stale=tuple(self._stale),
            files=tuple(self._shown(path) for path in self._scope.files),
            models=self._scope.models,
            fixed=fixed,
            selection=self._selection,
            source=source,
        )

    def _code(self, run: Run) -> int:
        if run.stale:
            return 1
        if self._wanted.fail_on == NEVER:
            return 0
        least = _ORDER.index(Severity(self._wanted.fail_on))
        return 1 if any(_ORDER.index(finding.severity) >= least for finding in run.findings) else 0

    def _is_shown(self, finding: Finding) -> bool:
        """Whether a finding is more than worth knowing, or that was asked for."""
        return (
            finding.severity is not Severity.INFO
            or self._request.info
            or self._wanted.fail_on == Severity.INFO
            or finding.rule in self._selection.named
        )

    @cached_property
    def _place(self) -> Path | None:
        """The file of the baseline."""
        return None if self._wanted.baseline is None else self._project.root / self._wanted.baseline

    @property
    def _baseline(self) -> tuple[Entry, ...]:
        if self._place is None or (self._request.write_baseline and not self._place.exists()):
            return ()
        return read_baseline(self._place)

    def _is_judged(self, entry: Entry) -> bool:
        """Whether this run would have found what an entry stands for."""
        if entry.rule not in self._selection.codes:
            return entry.rule not in CATALOG
        place = self._scope.place(entry.path)
        return place in self._scope.files_as_set or (not self._request.paths and not place.exists())

    def _write_baseline(self, new: Iterable[Finding]) -> str:
        """Takes the stale entries out of the baseline and, to write it, adds what was found; answers what was done."""
        if self._place is None:
            raise SpeccastError(
                "which baseline?", hint="name it: --baseline FILE, or `baseline` in [tool.speccast.lint]"
            )
        kept = without(self._baseline, self._stale)
        if self._request.write_baseline:
            added = {(each.path, each.pointer, each.rule): each.count for each in entries(new)}
            for entry in kept:
                key = (entry.path, entry.pointer, entry.rule)
                added[key] = added.get(key, 0) + entry.count
            kept = tuple(sorted(Entry(*key, count) for key, count in added.items()))
        from speccast.lint.fixing import write_whole

        write_whole(self._place, baseline_text(kept).encode("utf-8", "surrogatepass"))
        total = sum(entry.count for entry in kept)
        told = f"{self._shown(self._place)}: {total} finding{'' if total == 1 else 's'}"
        left = refused(new) if self._request.write_baseline else 0
        return (
            f"{told}; {left} cannot be in it, since generation could not cope with what they say"
            if left
            else told
        )

    def _shown(self, path: Path) -> str:
        """A file, resolved, as findings name it."""
        folder = self._folders.get(path.parent)
        if folder is None:
            root, above = self._project.root.resolve(), path.parent
            folder = above.relative_to(root) if above.is_relative_to(root) else above
            self._folders[path.parent] = folder
        return (folder / path.name).as_posix()

    @cached_property
    def _folders(self) -> dict[Path, Path]:
        return {}
