"""One run of `speccast lint`: lint the specs, apply the baseline and fixes, and write files.

The command line creates the options and prints the result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from speccast.config import format_path
from speccast.errors import SpeccastError
from speccast.findings import Finding, Severity
from speccast.lint.baseline import (
    BaselineEntry,
    apply_baseline,
    baseline_text,
    count_refused,
    entries,
    read_baseline,
    remove_entries,
)
from speccast.lint.catalog import CATALOG
from speccast.lint.configuration import NEVER, Configuration
from speccast.lint.report import LintReport
from speccast.lint.scope import NOTHING, Scope, scope
from speccast.specs.files import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from speccast.config import Project
    from speccast.lint.fixing import AppliedFixes
    from speccast.lint.selection import Selection
    from speccast.lint.suppressions import SuppressedFinding

_ORDER = (Severity.INFO, Severity.WARNING, Severity.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class LintOptions:
    """The options of a run beside the configuration. `unsaved` has the content of standard input by path."""

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
class LintOutcome:
    """The report of a run, its exit code, the lines of a diff if one was requested, and messages on files written."""

    report: LintReport
    code: int
    diff: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()


def run_lint(options: LintOptions, project: Project, configuration: Configuration) -> LintOutcome:
    """Lint, fix and write as the options say.

    Raises:
        SpeccastError: the project has no specs, the configuration or baseline is invalid, or a file cannot be read or written.
    """
    return _Session(options, project, configuration).run()


class _Session:
    def __init__(self, options: LintOptions, project: Project, configuration: Configuration) -> None:
        self._options = options
        self._project = project
        self._configuration = configuration
        self._selection: Selection = configuration.selection()
        self._scope: Scope = scope(project, options.paths, options.unsaved)
        self._suppressed: tuple[SuppressedFinding, ...] = ()
        self._baselined: list[Finding] = []
        self._folders: dict[Path, Path] = {}
        self._stale: list[BaselineEntry] = []

    def run(self) -> LintOutcome:
        options = self._options
        after, fixed = NOTHING, 0
        if options.fix or options.unsafe or options.diff:
            from speccast.lint.fixing import apply_fixes, difference, write

            fixes = apply_fixes(
                self._findings,
                self._scope.place,
                self._scope.files,
                unsafe=options.unsafe,
                unsaved=options.unsaved,
            )
            if options.diff:
                return self._diff(fixes, tuple(difference(fixes, format_path)))
            if fixes.after:
                write(fixes, self._project.cache)
            after, fixed = fixes.after, fixes.count
        found = self._findings(after)
        messages = []
        if options.write_baseline or options.prune_baseline:
            messages.append(self._write_baseline(found))
            found = self._findings(after)
        elif self._baseline and not self._baselined and not self._stale:
            messages.append(
                f"{format_path(self._place or self._project.root)}: no entry of the baseline matches a finding; its paths are "
                f"relative to {format_path(self._project.root)}"
            )
        report = self._report(found, fixed, after)
        return LintOutcome(report, self._exit_code(report), messages=tuple(messages))

    def _diff(self, fixes: AppliedFixes, lines: tuple[str, ...]) -> LintOutcome:
        remaining = self._findings(fixes.after)
        code = self._exit_code(self._report(remaining, 0, fixes.after))
        messages = []
        if remaining:
            count = f"{len(remaining)} finding{' has' if len(remaining) == 1 else 's have'}"
            messages.append(f"{count} no fix that was asked for; to see them, run speccast lint")
        report = self._report(self._findings(NOTHING), 0, NOTHING)
        return LintOutcome(report, 1 if lines else code, lines, tuple(messages))

    def _findings(self, unsaved: Mapping[Path, bytes]) -> tuple[Finding, ...]:
        """Return the findings to show: those that are not in the baseline."""
        result = self._scope.lint(self._selection, today=self._options.today, unsaved=unsaved)
        self._suppressed = result.suppressed
        new, self._baselined, self._stale = apply_baseline(result.findings, self._baseline, self._is_checked)
        return tuple(filter(self._is_shown, new))

    def _report(self, findings: Iterable[Finding], fixed: int, unsaved: Mapping[Path, bytes]) -> LintReport:
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

        return LintReport(
            findings=tuple(findings),
            suppressed=tuple(each for each in self._suppressed if self._is_shown(each.finding)),
            baselined=tuple(filter(self._is_shown, self._baselined)),
            stale=tuple(self._stale),
            files=tuple(self._format_path(path) for path in self._scope.files),
            models=self._scope.models,
            fixed=fixed,
            selection=self._selection,
            source=source,
        )

    def _exit_code(self, report: LintReport) -> int:
        if report.stale:
            return 1
        if self._configuration.fail_on == NEVER:
            return 0
        least = _ORDER.index(Severity(self._configuration.fail_on))
        return 1 if any(_ORDER.index(finding.severity) >= least for finding in report.findings) else 0

    def _is_shown(self, finding: Finding) -> bool:
        """Return whether a finding is shown: info-level findings only on request."""
        return (
            finding.severity is not Severity.INFO
            or self._options.info
            or self._configuration.fail_on == Severity.INFO
            or finding.rule in self._selection.named
        )

    @cached_property
    def _place(self) -> Path | None:
        """The path of the baseline."""
        return (
            None
            if self._configuration.baseline is None
            else self._project.root / self._configuration.baseline
        )

    @property
    def _baseline(self) -> tuple[BaselineEntry, ...]:
        if self._place is None or (self._options.write_baseline and not self._place.exists()):
            return ()
        return read_baseline(self._place)

    def _is_checked(self, entry: BaselineEntry) -> bool:
        """Return whether this run could have found the finding of an entry."""
        if entry.rule not in self._selection.codes:
            return entry.rule not in CATALOG
        place = self._scope.place(entry.path)
        return place in self._scope.files_as_set or (not self._options.paths and not place.exists())

    def _write_baseline(self, new: Iterable[Finding]) -> str:
        """Remove the stale entries from the baseline and, with --write-baseline, add the findings. Return a message."""
        if self._place is None:
            raise SpeccastError(
                "no baseline given", hint="use --baseline FILE, or set `baseline` in [tool.speccast.lint]"
            )
        kept = remove_entries(self._baseline, self._stale)
        if self._options.write_baseline:
            added = {(each.path, each.pointer, each.rule): each.count for each in entries(new)}
            for entry in kept:
                key = (entry.path, entry.pointer, entry.rule)
                added[key] = added.get(key, 0) + entry.count
            kept = tuple(sorted(BaselineEntry(*key, count) for key, count in added.items()))
        from speccast.lint.fixing import write_file

        write_file(self._place, baseline_text(kept).encode("utf-8", "surrogatepass"))
        total = sum(entry.count for entry in kept)
        message = f"{format_path(self._place)}: {total} finding{'' if total == 1 else 's'}"
        left = count_refused(new) if self._options.write_baseline else 0
        return f"{message}; {left} cannot be in a baseline, since they stop generation" if left else message

    def _format_path(self, path: Path) -> str:
        """Return the path of a resolved file in findings."""
        folder = self._folders.get(path.parent)
        if folder is None:
            root, above = self._project.root.resolve(), path.parent
            folder = above.relative_to(root) if above.is_relative_to(root) else above
            self._folders[path.parent] = folder
        return (folder / path.name).as_posix()
