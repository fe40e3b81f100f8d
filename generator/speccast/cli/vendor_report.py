"""Print the results of vendoring: one line for each file, a summary and the dependencies of the copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from speccast.findings import printable
from speccast.vendoring.check import CheckedFile, FileState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from speccast.publish import Manifest, Plan, PlannedFile
    from speccast.specs.bundle import Bundle
    from speccast.vendoring.record import Record


def print_checked_files(root: Path, found: Iterable[CheckedFile]) -> None:
    """Print the files of a copy that differ from the vendored ones."""
    for file in found:
        click.echo(printable(f"{shown(root / file.path)}: {file.state.value}: {file.reason}"))


def print_plan(plan: Plan, record: Record, listed: Manifest, *, dry_run: bool, quiet: bool) -> None:
    """Print what was written. `listed` is the manifest of the copy before."""
    counts: dict[str, int] = {}
    for entry in plan.entries:
        word = _word(entry, listed)
        counts[word] = counts.get(word, 0) + 1
        if word != "unchanged" and not quiet:
            click.echo(
                printable(f"{'would be ' if dry_run else ''}{word} {shown(plan.target.root / entry.path)}")
            )
    models = "the whole client" if record.models is None else f"{len(record.models)} of its models"
    sums = ", ".join(f"{count} {word}" for word, count in counts.items())
    click.echo(printable(f"{'dry run: ' if dry_run else ''}{record.title}, {models}: {sums}"))
    if record.requirements:
        click.echo("Dependencies that the host package must declare:")
        for line in record.requirements:
            click.echo(printable(f"    {line}"))


def print_changes(before: Bundle, after: Bundle) -> None:
    """Print what changed for users of the copy, the most severe changes first."""
    from speccast.diff.change import Level
    from speccast.diff.compare import compare, selected
    from speccast.diff.versions import bundle_version

    versions = [str(bundle.api["version"]) for bundle in (before, after)]
    if versions[0] != versions[1]:
        click.echo(printable(f"version: {versions[0]} → {versions[1]}"))
    changes = compare(bundle_version("before", before), bundle_version("after", after))
    for each in selected(changes, Level.ADDITION):
        change = each.change
        advice = f" ({change.advice})" if change.advice else ""
        click.echo(
            printable(f"{each.subject}: {change.level.word}[{change.rule.code}] {change.message}{advice}")
        )


def summary_of(checked: Sequence[CheckedFile]) -> str:
    """Return the number of files in each state, in words."""
    counts = {state: sum(found.state is state for found in checked) for state in FileState}
    sums = [f"{count} {state.value}" for state, count in counts.items() if count]
    return (
        f"all {len(checked)} files are untouched"
        if counts[FileState.UNTOUCHED] == len(checked)
        else ", ".join(sums)
    )


def shown(path: Path) -> str:
    """Return a path relative to the current folder if it is inside of it."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def _word(entry: PlannedFile, listed: Manifest) -> str:
    match entry.action.value:
        case "write":
            if entry.after in listed.files.get(entry.path, ()):
                return "restored"  # it was reformatted or deleted
            return "added" if entry.before is None else "changed"
        case "remove":
            return "removed"
        case _:
            return "unchanged"
