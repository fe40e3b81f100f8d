"""Print the results of vendoring: one line for each file, a summary and the dependencies of the copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from speccast.findings import printable
from speccast.vendoring.check import CheckedFile, FileState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from speccast.publish.manifest import Manifest
    from speccast.publish.plan import Plan, PlannedFile
    from speccast.specs.bundle import Bundle
    from speccast.vendoring.record import CopyRecord


def print_checked_files(root: Path, found: Iterable[CheckedFile]) -> None:
    """Print the files of a copy that differ from the vendored ones."""
    for file in found:
        click.echo(printable(f"{format_path(root / file.path)}: {file.state.value}: {file.reason}"))


def print_plan(plan: Plan, record: CopyRecord, listed: Manifest, *, dry_run: bool, quiet: bool) -> None:
    """Print what was written. `listed` is the manifest of the copy before this run."""
    counts: dict[str, int] = {}
    for entry in plan.entries:
        word = _word(entry, listed)
        counts[word] = counts.get(word, 0) + 1
        if word != "unchanged" and not quiet:
            click.echo(
                printable(
                    f"{'would be ' if dry_run else ''}{word} {format_path(plan.target.root / entry.path)}"
                )
            )
    models = "the whole client" if record.models is None else f"{len(record.models)} of its models"
    sums = ", ".join(f"{count} {word}" for word, count in counts.items())
    click.echo(printable(f"{'dry run: ' if dry_run else ''}{record.title}, {models}: {sums}"))
    if record.requirements:
        click.echo("Dependencies that the host package must declare:")
        for line in record.requirements:
            click.echo(printable(f"    {line}"))


def print_changes(before: Bundle, after: Bundle, *, has_commands: bool) -> None:
    """Print what changed for users of the copy, the most severe changes first, and how they adapt their code.

    `has_commands` is whether the copy has the command line.
    """
    from speccast.diff.change import Level, Side
    from speccast.diff.compare import compare, select_changes
    from speccast.diff.migration import adaptations
    from speccast.diff.versions import bundle_version

    versions = [str(bundle.api["version"]) for bundle in (before, after)]
    if versions[0] != versions[1]:
        click.echo(printable(f"version: {versions[0]} → {versions[1]}"))
    old, new = bundle_version("before", before), bundle_version("after", after)
    for each in select_changes(compare(old, new), Level.ADDITION):
        change = each.change
        advice = f" ({change.advice})" if change.advice else ""
        click.echo(
            printable(f"{each.subject}: {change.level.word}[{change.rule.code}] {change.message}{advice}")
        )
        for adaptation in adaptations(old, new, each):
            if adaptation.side is Side.COMMAND_LINE and not has_commands:
                continue
            for label, code in (("before:", adaptation.before), ("after: ", adaptation.after)):
                if code and code != change.advice:
                    click.echo(printable(f"    {label} {code}"))


def print_distance(root: Path, source: str, copied: Bundle, current: Bundle) -> None:
    """Print how far a copy is behind its source, if it is: the changes of the copied models and the version that they need."""
    from speccast.diff.compare import compare
    from speccast.diff.outcome import outcome
    from speccast.diff.reports import count_levels
    from speccast.diff.versions import bundle_version

    versions = [str(bundle.api["version"]) for bundle in (copied, current)]
    found = compare(bundle_version("copy", copied), bundle_version("source", current))
    if not found and versions[0] == versions[1]:
        return
    needed = outcome("", versions[0], versions[1], found)
    too_small = "" if needed.is_enough else f" (the changes need at least {needed.required})"
    click.echo(
        printable(
            f"{format_path(root)}: behind {source}: {count_levels(found)}; version {versions[0]} → {versions[1]}{too_small}"
        )
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


def format_path(path: Path) -> str:
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
