"""`speccast generate`: lint the specs and bring the output up to date, or report drift."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from speccast.cli.crash_recovery import find_recovered_project, print_recovery
from speccast.cli.project import project_of, start_folder
from speccast.errors import SpeccastError
from speccast.findings import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speccast.config import Project
    from speccast.publish.plan import Plan
    from speccast.publish.transaction import OutputLock

WORDS = {
    "write": ("wrote", "would write"),
    "remove": ("removed", "would remove"),
    "keep": ("kept", "would keep"),
}
"""Action to the words for a file, in a run and in a dry run."""
FORMATS = ("text", "json", "github")
SUMS = {"write": ("written", "to write"), "remove": ("removed", "to remove"), "keep": ("kept", "to keep")}
"""Action to the words for a number of files."""


@click.command(
    epilog="Exit codes: 0 the output is up to date; 1 the specs have errors, --check found drift, or a file edited by hand "
    "or a foreign file was kept; 2 the command failed."
)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--check", is_flag=True, help="Write nothing; report every file that is not up to date, and exit 1."
)
@click.option(
    "--dry-run", is_flag=True, help="Write nothing; report what would be written, removed and kept."
)
@click.option(
    "--diff",
    "show_diff",
    is_flag=True,
    help="With --check or --dry-run: show the changes of each file.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="With --check: format of the report. Under GitHub Actions, text includes annotations.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Keep running and regenerate on every save.",
)
@click.option("--force", is_flag=True, help="Overwrite files that were edited by hand.")
@click.option(
    "--quiet", "-q", is_flag=True, help="Print neither warnings nor the files that are written or removed."
)
def command(
    paths: tuple[Path, ...],
    *,
    check: bool,
    dry_run: bool,
    show_diff: bool,
    format_: str,
    watch: bool,
    force: bool,
    quiet: bool,
) -> int:
    """Lint the specs and bring generated/ up to date.

    Renders the templates for every API in specs/, formats the result and writes the files that differ. Files that were
    edited by hand are kept and reported; files of deleted specs are removed. With PATHs, as hooks pass them, the whole
    output of the projects that they lie in is brought up to date; other PATHs are ignored.
    """
    if check and (force or dry_run):
        raise click.UsageError(
            f"--check writes nothing, so it cannot be combined with {'--force' if force else '--dry-run'}"
        )
    if show_diff and not (check or dry_run):
        raise click.UsageError("--diff requires --check or --dry-run")
    if watch and (check or dry_run):
        raise click.UsageError(
            f"--watch generates, so it cannot be combined with {'--check' if check else '--dry-run'}"
        )
    if format_ != "text" and not check:
        raise click.UsageError("--format requires --check")
    roots = _places(paths)
    if len(roots) > 1 and (watch or format_ == "json"):
        option = "--watch" if watch else "--format json"
        raise click.UsageError(f"{option} is for one project, but the PATHs are in {len(roots)}")
    if watch:
        from speccast.cli.watching import watch as watch_

        return watch_(
            (roots or [None])[0] or start_folder(),
            lambda project: _generate(project, dry_run=False, show_diff=False, force=force, quiet=quiet),
        )
    codes = []
    for place in roots:
        if check:
            codes.append(_check(place, format_, show_diff=show_diff, warns=not quiet))
        else:
            project = find_recovered_project(place, writes=not dry_run)
            codes.append(_generate(project, dry_run=dry_run, show_diff=show_diff, force=force, quiet=quiet))
    return max(codes, default=0)


def _places(paths: tuple[Path, ...]) -> list[Path | None]:
    """Return the root of each project that has one of the PATHs; without a PATH, None for the current project."""
    found = [project_of(path) for path in paths]
    roots = list(dict.fromkeys(project.root for project in found if project.is_found))
    return [*roots] if paths else [None]


def _check(place: Path | None, format_: str, *, show_diff: bool, warns: bool) -> int:
    from speccast.cli.drift_report import Drift, report, report_failure
    from speccast.generation import generation

    try:
        project = find_recovered_project(place, writes=False)
        with generation(project, writes=False) as made:
            plans = None if made.has_errors else made.plans(contents=show_diff, progress=_print_progress)
            return report(Drift(project, made.findings, plans, show_diff, warns), format_)
    except SpeccastError as error:
        report_failure(error, format_)
        raise
    except BrokenPipeError:
        raise
    except Exception as error:  # so that reports contain internal errors
        report_failure(SpeccastError(f"internal error: {type(error).__name__}: {error}"), format_)
        raise


def _generate(project: Project, *, dry_run: bool, show_diff: bool, force: bool, quiet: bool) -> int:
    from speccast.cli.findings_report import print_findings
    from speccast.generation import generation
    from speccast.publish.differences import diff_of
    from speccast.publish.transaction import apply

    with (
        _lock(project, writes=not dry_run) as held,
        generation(project, writes=held is not None) as made,
    ):
        if held is not None:
            print_recovery(held.recovered)
        _print_ignored_templates(project)
        if print_findings(made.findings, project.root, warns=not quiet):
            return 1
        plans = made.plans(force=force, contents=held is not None or show_diff, progress=_print_progress)
        if held is not None:
            apply(plans, held)
        if show_diff:
            for plan in plans:
                for entry in plan.entries:
                    for line in diff_of(plan, entry, project.format_path(plan.target.root / entry.path)):
                        click.echo("\n".join(printable(part) for part in line.rstrip("\n").split("\n")))
    return _report(project, plans, dry_run=dry_run, quiet=quiet)


def _print_ignored_templates(project: Project) -> None:
    """Print which folders of templates belong to no target of the project: their author expects output."""
    names = (
        sorted(folder.name for folder in project.templates.iterdir()) if project.templates.is_dir() else []
    )
    for name in names:
        folder = project.templates / name
        if name not in project.targets and not name.startswith((".", "_")) and folder.is_dir():
            click.echo(
                printable(
                    f'{project.format_path(folder)} is ignored; to use it, add "{name}" to `targets` in the configuration'
                ),
                err=True,
            )


def _lock(project: Project, *, writes: bool) -> AbstractContextManager[OutputLock | None]:
    """Lock the project for a run that writes; a dry run must work in a read-only folder."""
    from speccast.publish.transaction import lock

    return lock(project.cache, outputs=[project.output]) if writes else nullcontext()


def _print_progress(what: str) -> None:
    if sys.stderr.isatty():
        click.echo(printable(f"rendering {what}"), err=True)


def _report(project: Project, plans: Sequence[Plan], *, dry_run: bool, quiet: bool) -> int:
    from speccast.cli.drift_report import print_advice, reason
    from speccast.publish.plan import Action

    counts = dict.fromkeys(WORDS, 0)
    unchanged = 0
    for plan in plans:
        for entry in plan.entries:
            if entry.action.value not in counts:
                unchanged += 1
                continue
            counts[entry.action.value] += 1
            is_kept = entry.action is Action.KEEP
            if not quiet or is_kept:
                word = WORDS[entry.action.value][dry_run]
                why = f" ({reason(project, entry)})" if dry_run or is_kept else ""
                click.echo(printable(f"{word} {project.format_path(plan.target.root / entry.path)}{why}"))
    sums = [
        f"{count} {SUMS[action][dry_run]}" for action, count in counts.items() if count or action == "write"
    ]
    if manifests := sum(plan.only_inputs_changed for plan in plans):
        sums.append(
            f"{manifests} manifest{'s' if manifests > 1 else ''} {'to update' if dry_run else 'updated'}"
        )
    click.echo(f"{'dry run: ' if dry_run else ''}{', '.join([*sums, f'{unchanged} unchanged'])}")
    kept = [(entry, plan.target.root / entry.path) for plan in plans for entry in plan.kept]
    if kept:
        print_advice(project, kept)
    return 1 if kept else 0
