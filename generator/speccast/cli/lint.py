"""`speccast lint`: check the specs and report the findings.

PATHs select the files to report. Each API is always read as a whole, because names and paths of its models can conflict.
Files are written only by --fix, --output and the options of the baseline.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from speccast.cli.project import current_project, project_of
from speccast.cli.rule_completion import complete_rules
from speccast.config import format_path
from speccast.errors import SpeccastError
from speccast.findings import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.config import Project
    from speccast.lint.report import LintReport
    from speccast.lint.session import LintOutcome

FORMATS: Final = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")
FAIL_ON: Final = ("error", "warning", "info", "never")
_FOR_PEOPLE: Final = ("text", "concise")


def _outputs(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    pairs = []
    for value in values:
        name, _sign, path = value.partition("=")
        if name not in FORMATS or not path:
            raise click.BadParameter(f"{value!r} is not FORMAT=PATH; formats: {', '.join(FORMATS)}")
        if path == "-":
            raise click.BadParameter(f"to write to standard output, use --format {name}")
        pairs.append((name, Path(path)))
    return tuple(pairs)


def _levels(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for value in values:
        rule, _sign, level = value.partition("=")
        if not level:
            raise click.BadParameter(f"{value!r} is not RULE=LEVEL, such as P303=error")
        pairs.append((rule.strip(), level.strip().lower()))
    return tuple(pairs)


def _words(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def _day(_: click.Context, __: click.Parameter, value: str | None) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date in the form YYYY-MM-DD") from None


@dataclass(frozen=True, slots=True)
class _LintRun:
    """The outcomes of a run with their projects, or why there are none."""

    outcomes: tuple[tuple[LintOutcome, Project], ...] = ()
    failure: SpeccastError | None = None

    def report(self, format_: str) -> LintReport:
        """Return what a report shows. Paths are relative to the current folder, and for programs to the root of the repository."""
        from speccast.lint.report import LintReport, combine

        if self.failure is not None:
            return LintReport(failure=self.failure)
        bases = [Path.cwd() if format_ in _FOR_PEOPLE else project.repository for _, project in self.outcomes]
        [(outcome, project), *others] = self.outcomes
        if not others and project.root == bases[0]:
            return outcome.report
        return combine(
            [
                (outcome.report, _format_from(project.root, base))
                for (outcome, project), base in zip(self.outcomes, bases, strict=True)
            ]
        )


def _format_from(root: Path, base: Path) -> Callable[[str], str]:
    return cache(lambda path: format_path(root / path, base))


@dataclass(frozen=True, slots=True)
class _Reports:
    """The destinations of reports: standard output and files."""

    format: str
    outputs: tuple[tuple[str, Path], ...]
    statistics: bool

    def show(self, run: _LintRun, *, diff: bool) -> None:
        """Print messages and reports. For people, a diff replaces the report on standard output."""
        for line in (line for outcome, _ in run.outcomes for line in outcome.messages):
            click.echo(printable(line), err=True)
        if not diff or self.format not in _FOR_PEOPLE:
            self.print(run)
            return
        for line in (line for outcome, _ in run.outcomes for line in outcome.diff):
            click.echo(printable(line))
        self.write(run)

    def print(self, run: _LintRun) -> None:
        """Write the reports and print the one for standard output. Programs get one also if another cannot be written."""
        from speccast.lint.reports import FORMATS as REPORTS
        from speccast.lint.reports.text import statistics

        unwritten = None
        try:
            self.write(run)
        except SpeccastError as error:
            if self.format in _FOR_PEOPLE:
                raise
            unwritten = error
            run = run if run.failure is not None else _LintRun(failure=error)
        report = REPORTS[self.format](run.report(self.format))
        if self.statistics and self.format in _FOR_PEOPLE:
            counts = statistics(run.report(self.format))
            report = counts + report if self.format == "concise" else report + counts
        if self.format == "text" and os.environ.get("GITHUB_ACTIONS") == "true":
            report += REPORTS["github"](run.report("github"))
        click.echo(report, nl=False)
        if unwritten is not None:
            raise unwritten

    def write(self, run: _LintRun) -> None:
        from speccast.lint.reports import FORMATS as REPORTS

        for name, path in self.outputs:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                target = path.resolve()
                if path.is_symlink() and (target.is_file() or not target.exists()):
                    raise SpeccastError(
                        f"{path}: is a symbolic link, and reports are not written through one",
                        hint="remove it",
                    )
                content = REPORTS[name](run.report(name))
                content = click.unstyle(content) if name in _FOR_PEOPLE else content
                path.write_text(content, encoding="utf-8", newline="\n")
            except OSError as error:
                raise SpeccastError(f"{path}: cannot be written: {error.strerror}") from None

    def report_failure(self, error: SpeccastError) -> None:
        """Write reports of a failed run for programs. For people, the error is on stderr."""
        from speccast.cli import from_here

        run = _LintRun(failure=SpeccastError(from_here(error.message), hint=from_here(error.hint)))
        if self.format in _FOR_PEOPLE:
            self.write(run)
        else:
            self.print(run)


@click.command(
    epilog="Exit codes: 0 no errors (see also --fail-on); 1 errors (including invalid YAML), stale entries of the baseline, or a "
    "diff; 2 the command failed, or no spec was found."
)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option("--info", is_flag=True, help="Also show info-level findings, such as limits without a test.")
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    callback=_words,
    shell_complete=complete_rules,
    help="Run only these rules: codes, beginnings of codes, names, default or all.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="RULES",
    callback=_words,
    shell_complete=complete_rules,
    help="Skip these rules.",
)
@click.option(
    "--severity",
    "severities",
    multiple=True,
    metavar="RULE=LEVEL",
    callback=_levels,
    shell_complete=complete_rules,
    help="Set the severity of a rule: error, warning, info or off.",
)
@click.option("--fail-on", type=click.Choice(FAIL_ON), help="Lowest severity that fails.  [default: error]")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="Format of the report on standard output.",
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT=PATH",
    callback=_outputs,
    help="Also write a report to a file; can be given several times.",
)
@click.option("--statistics", is_flag=True, help="Also show the number of findings of each rule.")
@click.option("--fix", is_flag=True, help="Apply safe fixes, and report the remaining findings.")
@click.option(
    "--unsafe-fixes", "unsafe", is_flag=True, help="Also apply fixes that may change the meaning of a spec."
)
@click.option("--diff", is_flag=True, help="Show what --fix would change without changing it.")
@click.option("--baseline", metavar="FILE", help="Ignore findings recorded in this file.")
@click.option("--write-baseline", is_flag=True, help="Add the current findings to the baseline.")
@click.option("--prune-baseline", is_flag=True, help="Remove entries without a finding from the baseline.")
@click.option(
    "--stdin-filename",
    "stdin_name",
    type=click.Path(path_type=Path),
    metavar="NAME",
    help="Read standard input as the spec with this name.",
)
@click.option("--today", metavar="DATE", callback=_day, help="Date from which the age of sources is counted.")
def command(
    *,
    paths: tuple[Path, ...],
    info: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    severities: tuple[tuple[str, str], ...],
    fail_on: str | None,
    format_: str,
    outputs: tuple[tuple[str, Path], ...],
    statistics: bool,
    fix: bool,
    unsafe: bool,
    diff: bool,
    baseline: str | None,
    write_baseline: bool,
    prune_baseline: bool,
    stdin_name: Path | None,
    today: date | None,
) -> int:
    """Check the specs.

    By default, all specs of the project are checked. A PATH is a spec, or a folder that is searched for specs. Only
    its specs are reported, but the rest of the API is read as well.
    """
    writes = write_baseline or prune_baseline
    _refuse_contradictions(
        paths, stdin_name, fixes=(fix or unsafe) and not diff, writes_baseline=writes, diff=diff
    )
    reports = _Reports(format_, outputs, statistics)
    try:
        from speccast.lint.configuration import configuration
        from speccast.lint.session import LintOptions, run_lint

        if writes and os.environ.get("CI", "").lower() in ("true", "1"):
            raise SpeccastError(
                "a baseline cannot be written in CI", hint="write it on a developer's machine"
            )
        groups = _projects(paths, stdin_name)
        if writes and len(groups) > 1:
            raise click.UsageError("a baseline is written for one project at a time; name its PATHs alone")
        unsaved = {} if stdin_name is None else {_spec_name(stdin_name): sys.stdin.buffer.read()}
        options = LintOptions(
            paths=(),
            unsaved=unsaved,
            info=info,
            today=today,
            fix=fix,
            unsafe=unsafe,
            diff=diff,
            write_baseline=write_baseline,
            prune_baseline=prune_baseline,
        )
        baseline_path = str(Path(baseline).absolute()) if baseline else None
        outcomes = []
        for project, own in groups:
            settings = configuration(project.lint, project.targets).with_more(
                select, ignore, severities, fail_on, baseline_path
            )
            outcomes.append((run_lint(replace(options, paths=own), project, settings), project))
    except SpeccastError as error:
        reports.report_failure(error)
        raise
    except Exception as error:  # so that reports contain internal errors
        reports.report_failure(SpeccastError(f"internal error: {type(error).__name__}: {error}"))
        raise
    reports.show(_LintRun(tuple(outcomes)), diff=diff)
    return max(outcome.code for outcome, _ in outcomes)


def _refuse_contradictions(
    paths: tuple[Path, ...],
    stdin_name: Path | None,
    *,
    fixes: bool,
    writes_baseline: bool,
    diff: bool,
) -> None:
    if stdin_name is not None and paths:
        raise click.UsageError("give either --stdin-filename or a PATH, not both")
    if stdin_name is not None and (writes_baseline or fixes):
        raise click.UsageError("standard input cannot be fixed in place; use --diff")
    if diff and writes_baseline:
        raise click.UsageError("--diff cannot be combined with writing a baseline")


def _projects(paths: tuple[Path, ...], stdin_name: Path | None) -> list[tuple[Project, tuple[Path, ...]]]:
    """Return each project of the PATHs, or of standard input from an editor, with its PATHs; by default the current project."""
    if stdin_name is not None:
        return [(project_of(_spec_name(stdin_name)), ())]
    projects: dict[Path, Project] = {}
    found: dict[Path, list[Path]] = {}
    for path in paths:
        project = project_of(path)
        projects[project.root] = project
        found.setdefault(project.root, []).append(path)
    return [(projects[root], tuple(own)) for root, own in found.items()] or [(current_project(), ())]


def _spec_name(name: Path) -> Path:
    from speccast.specs.files import ENDINGS

    if name.suffix not in ENDINGS or name.name.startswith("."):
        raise SpeccastError(f"{name}: is not a spec", hint=f"specs end in {' or '.join(ENDINGS)}")
    if not name.parent.is_dir():
        raise SpeccastError(f"{name.parent}: the folder does not exist")
    return name.parent.resolve() / name.name
