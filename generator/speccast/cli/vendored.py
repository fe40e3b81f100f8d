"""Prints what vendoring found and did: a line a file, a sum, and what the host package has to declare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from speccast.findings import printable
from speccast.vendoring.check import Judgement, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from speccast.publish import Entry, Manifest, Plan
    from speccast.vendoring.record import Record


def print_judgements(root: Path, found: Iterable[Judgement]) -> None:
    """Prints files of a copy that are not as they were vendored."""
    for file in found:
        click.echo(printable(f"{shown(root / file.path)}: {file.standing.value}: {file.reason}"))


def print_plan(plan: Plan, record: Record, listed: Manifest, *, dry_run: bool, quiet: bool) -> None:
    """Prints what was written; `listed` is the manifest of the copy as it was before."""
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
        click.echo("The host package has to declare:")
        for line in record.requirements:
            click.echo(printable(f"    {line}"))


def standing_of(judged: Sequence[Judgement]) -> str:
    """How many files of a copy stand how."""
    counts = {standing: sum(found.standing is standing for found in judged) for standing in Standing}
    told = [f"{count} {standing.value}" for standing, count in counts.items() if count]
    return (
        f"all {len(judged)} files are untouched"
        if counts[Standing.UNTOUCHED] == len(judged)
        else ", ".join(told)
    )


def shown(path: Path) -> str:
    """A path as the user would write it: relative where it lies below the current folder."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def _word(entry: Entry, listed: Manifest) -> str:
    match entry.action.value:
        case "write":
            if entry.after in listed.files.get(entry.path, ()):
                return "restored"  # it is as it was vendored last, and only looked different or was gone
            return "added" if entry.before is None else "changed"
        case "remove":
            return "removed"
        case _:
            return "unchanged"
