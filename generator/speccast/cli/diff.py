"""`speccast diff`: what a change of specs means for clients, code, command lines, copies and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from speccast.atomic import write_atomically
from speccast.config import format_path
from speccast.publish.disk import translate_os_errors

if TYPE_CHECKING:
    from pathlib import Path

    from speccast.diff.change import PlacedChange
    from speccast.diff.outcome import VersionOutcome
    from speccast.diff.versions import Version


@click.command(
    epilog="Examples: speccast diff; speccast diff v1.2.0; speccast diff HEAD~1 HEAD --format markdown; "
    "speccast diff acme_client specs. A path wins over a revision of the same name."
)
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown", "github", "sarif"]),
    default="text",
    show_default=True,
    help="Output format.",
)
@click.option(
    "--level",
    type=click.Choice(["breaking", "behavior", "addition", "text"]),
    default="addition",
    show_default=True,
    help="Report changes of this level and above.",
)
@click.option(
    "--prove",
    type=click.IntRange(1),
    is_flag=False,
    flag_value=100,
    metavar="[N]",
    help="Run the witnesses with emulators and clients of both versions, and send N random requests for each changed "
    "model (100 if N is left out). Needs speccast[prove].",
)
@click.option(
    "--check",
    is_flag=True,
    help="Exit with 1 if the new version number is too small, or if a CHANGELOG.md lacks a break.",
)
@click.option(
    "--changelog",
    "writes_changelog",
    is_flag=True,
    help="Also write the changes into the CHANGELOG.md beside each api.yaml; with --check, only report whether it lacks any.",
)
@click.option(
    "--migration",
    "shows_migration",
    is_flag=True,
    help="Instead of the changes, print a table of calls and commands before and after (Markdown).",
)
def command(
    old: str | None,
    new: str | None,
    *,
    format_: str,
    level: str,
    check: bool,
    prove: int | None,
    shows_migration: bool,
    writes_changelog: bool,
) -> int:
    """Report what changed between two versions of the specs, and for whom it matters.

    OLD and NEW are git revisions, folders of specs, a _specs.json, a generated, vendored or installed client, or an OpenAPI
    document that Speccast generated. By default, the last tag is compared with the specs of the project. Nothing is checked
    out or fetched.

    A change is breaking (something that worked fails), behavior (it works, perhaps with another result), addition (more is
    possible) or text. Each is judged for requests of existing clients (wire), for code that calls the Python client, for the
    command line, for vendored copies and for tests. A parameter that breaks on the wire is reported with a request that
    the old version accepts and the new one refuses.
    """
    from speccast.cli.project import current_project
    from speccast.diff.change import Level
    from speccast.diff.compare import compare, select_changes
    from speccast.diff.outcome import outcome
    from speccast.diff.reports import FORMATS, Comparison
    from speccast.diff.versions import read_versions

    if writes_changelog and new is not None:
        raise click.UsageError("--changelog describes the specs of the project, so it takes no NEW")
    if shows_migration and format_ not in ("text", "markdown"):
        raise click.UsageError(f"--migration is a table in Markdown, so it takes no --format {format_}")
    project = current_project()
    before, after = read_versions(project, old, new)
    if before.is_document and (prove is not None or writes_changelog):
        option = "--changelog" if writes_changelog else "--prove"
        raise click.UsageError(f"an OpenAPI document says too little for {option}; name specs or a client")
    found = compare(before, after)
    if prove is not None:
        from speccast.diff import proof

        found = proof.prove(before, after, found, prove)
    outcomes = tuple(
        outcome(
            api,
            before.apis[api].api.version,
            after.apis[api].api.version,
            [each for each in found if each.api == api],
        )
        for api in sorted(before.apis.keys() & after.apis.keys())
    )
    if shows_migration:
        from speccast.diff.migration import migration

        click.echo(migration(before, after, found), nl=False)
    else:
        comparison = Comparison(
            before.label, after.label, select_changes(found, Level[level.upper()]), outcomes
        )
        click.echo(FORMATS[format_](comparison), nl=False)
    is_fine = all(each.is_enough for each in outcomes)
    if check and (shows_migration or format_ in ("json", "sarif")):
        click.echo("".join(f"{each}\n" for each in outcomes if not each.is_enough), nl=False, err=True)
    if new is None and not before.is_document:
        for each in outcomes:
            folder = (project.root / after.apis[each.api].api.spec).parent
            own = [change for change in found if change.api == each.api]
            is_fine &= _changelog(folder, before, after, own, each, writes=writes_changelog, check=check)
    return 1 if check and not is_fine else 0


def _changelog(
    folder: Path,
    before: Version,
    after: Version,
    found: list[PlacedChange],
    outcome: VersionOutcome,
    *,
    writes: bool,
    check: bool,
) -> bool:
    """Write the changelog of an API, or return whether it is complete. Without the option, only breaks must be in it."""
    from speccast.diff.changelog import changelog, current_text, missing_breaks, place_of

    if not (writes or check):
        return True
    shown, old = format_path(place_of(folder)), current_text(folder)
    if not writes:
        missing = missing_breaks(old, found) if old else []
        if missing:
            count = f"{len(missing)} break{'' if len(missing) == 1 else 's'}"
            click.echo(f"{shown} lacks {count}; to fix, run speccast diff --changelog", err=True)
        return not missing
    text = changelog(old, before, after, found, outcome, name=shown)
    if text == old:
        return True
    if check:
        click.echo(f"{shown} is out of date; to fix, run speccast diff --changelog", err=True)
        return False
    with translate_os_errors("write", place_of(folder)):
        write_atomically(place_of(folder), text.encode())
    click.echo(f"wrote {shown}; to copy it into the package, run speccast generate", err=True)
    return True
