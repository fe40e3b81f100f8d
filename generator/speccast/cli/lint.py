"""`speccast lint`: read the specs, judge them, and report what was found.

PATHs choose what is reported; whatever an API consists of is always read as a whole, because names and paths of its
models are judged together. Nothing is written but what --fix, --output and the baseline's options ask for.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from speccast.config import find_project
from speccast.errors import SpeccastError
from speccast.findings import printable

if TYPE_CHECKING:
    from speccast.config import Project
    from speccast.lint.report import Run

FORMATS: Final = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")
FAIL_ON: Final = ("error", "warning", "info", "never")
_FOR_PEOPLE: Final = ("text", "concise")


def _outputs(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    pairs = []
    for value in values:
        name, _sign, path = value.partition("=")
        if name not in FORMATS or not path:
            raise click.BadParameter(f"{value!r} is not FORMAT=PATH; the formats are {', '.join(FORMATS)}")
        if path == "-":
            raise click.BadParameter(f"standard output has --format {name}; name a file")
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
        raise click.BadParameter(f"{value!r} is no day; write it as YYYY-MM-DD") from None


@dataclass(frozen=True, slots=True)
class _Reports:
    """Where reports go: one to standard output, others to files."""

    format: str
    outputs: tuple[tuple[str, Path], ...]
    statistics: bool

    def print(self, run: Run) -> None:
        from speccast.lint.reports import FORMATS as REPORTS
        from speccast.lint.reports.text import statistics

        self.write(run)
        report = REPORTS[self.format](run)
        if self.statistics and self.format in _FOR_PEOPLE:
            report = statistics(run) + report if self.format == "concise" else report + statistics(run)
        if self.format == "text" and os.environ.get("GITHUB_ACTIONS") == "true":
            report += REPORTS["github"](run)
        click.echo(report, nl=False, color=False if os.environ.get("NO_COLOR") else None)

    def write(self, run: Run) -> None:
        from speccast.lint.reports import FORMATS as REPORTS

        for name, path in self.outputs:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                content = click.unstyle(REPORTS[name](run)) if name in _FOR_PEOPLE else REPORTS[name](run)
                path.write_text(content, encoding="utf-8", newline="\n")
            except OSError as error:
                raise SpeccastError(f"{path}: cannot be written: {error.strerror}") from None

    def tell_failure(self, error: SpeccastError) -> None:
        """Says in every report for programs that the run failed; people are told on stderr."""
        from speccast.lint.report import Run

        run = Run(failure=error)
        if self.format in _FOR_PEOPLE:
            self.write(run)
        else:
            self.print(run)


@click.command(
    epilog="Exit codes: 0 no errors (warnings do not fail, but see --fail-on); 1 errors, unreadable YAML included, stale "
    "entries of the baseline, or a diff; 2 it could not be done, or no spec was found."
)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--info", is_flag=True, help="Also show what is only worth knowing, such as missing descriptions."
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    callback=_words,
    help="Run these rules only: codes, beginnings of codes, names, default or all.",
)
@click.option("--ignore", multiple=True, metavar="RULES", callback=_words, help="Leave these rules out.")
@click.option(
    "--severity",
    "severities",
    multiple=True,
    metavar="RULE=LEVEL",
    callback=_levels,
    help="Count what a rule finds as error, warning or info, or turn it off.",
)
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), help="The least severity that fails.  [default: error]"
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How to report on standard output.",
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT=PATH",
    callback=_outputs,
    help="Write a report to a file, too; may be given several times.",
)
@click.option("--statistics", is_flag=True, help="Also count what each rule has found.")
@click.option("--fix", is_flag=True, help="Mend what can be mended safely, and report the rest.")
@click.option("--unsafe-fixes", "unsafe", is_flag=True, help="Mend even where a spec may come to mean more.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--baseline", metavar="FILE", help="Let findings through that stand in this file.")
@click.option("--write-baseline", is_flag=True, help="Add what is found now to the baseline.")
@click.option("--prune-baseline", is_flag=True, help="Take out of the baseline what is no longer found.")
@click.option(
    "--stdin-filename",
    "stdin_name",
    type=click.Path(path_type=Path),
    metavar="NAME",
    help="Read standard input as the spec of this name.",
)
@click.option("--today", metavar="DATE", callback=_day, help="The day from which the age of sources counts.")
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

    Without a PATH all specs of the project are checked. A PATH is a spec, or a folder that is searched for specs;
    only what it holds is reported, though the rest of its API is read, too.
    """
    writes = write_baseline or prune_baseline
    _refuse_contradictions(
        paths, stdin_name, mends=(fix or unsafe) and not diff, writes_baseline=writes, diff=diff
    )
    reports = _Reports(format_, outputs, statistics)
    try:
        from speccast.lint.configuration import configuration
        from speccast.lint.session import Request, perform

        if writes and os.environ.get("CI", "").lower() in ("true", "1"):
            raise SpeccastError(
                "under CI the baseline is never written", hint="write it on a developer's machine"
            )
        project = _project(stdin_name)
        wanted = configuration(project.lint, project.targets).with_more(
            select, ignore, severities, fail_on, str(Path(baseline).absolute()) if baseline else None
        )
        request = Request(
            paths=paths,
            unsaved={} if stdin_name is None else {_spec_name(stdin_name): sys.stdin.buffer.read()},
            info=info,
            today=today,
            fix=fix,
            unsafe=unsafe,
            diff=diff,
            write_baseline=write_baseline,
            prune_baseline=prune_baseline,
        )
        done = perform(request, project, wanted)
    except SpeccastError as error:
        reports.tell_failure(error)
        raise
    except Exception as error:  # so that a report says of an internal error what stderr says
        reports.tell_failure(SpeccastError(f"internal error: {type(error).__name__}: {error}"))
        raise
    for line in done.told:
        click.echo(printable(line), err=True)
    if diff:
        for line in done.diff:
            click.echo(printable(line))
        reports.write(done.run)
    else:
        reports.print(done.run)
    return done.code


def _refuse_contradictions(
    paths: tuple[Path, ...],
    stdin_name: Path | None,
    *,
    mends: bool,
    writes_baseline: bool,
    diff: bool,
) -> None:
    if stdin_name is not None and paths:
        raise click.UsageError("--stdin-filename and a PATH both say what to read; give one of them")
    if stdin_name is not None and (writes_baseline or mends):
        raise click.UsageError("what is read from standard input is not written; --diff shows what would be")
    if diff and writes_baseline:
        raise click.UsageError("--diff writes nothing, so it does not go with writing a baseline")


def _project(stdin_name: Path | None) -> Project:
    """The project at hand; for a spec from an editor, which may run anywhere, the one whose specs it is among."""
    if stdin_name is not None:
        spec = _spec_name(stdin_name)
        own = find_project(spec.parent)
        if spec.is_relative_to(own.specs.resolve()):
            return own
    return find_project(Path.cwd())


def _spec_name(name: Path) -> Path:
    from speccast.specs.files import ENDINGS

    if name.suffix not in ENDINGS or name.name.startswith("."):
        raise SpeccastError(f"{name}: is no spec", hint=f"specs end in {' or '.join(ENDINGS)}")
    if not name.parent.is_dir():
        raise SpeccastError(f"{name.parent}: there is no such folder")
    return name.resolve()
