"""`speccast diff`: what a change of specs means for clients, code, command lines, copies and tests."""

from __future__ import annotations

import click


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
    "--check", is_flag=True, help="Exit with 1 if the new version number is too small for the changes."
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
) -> int:
    """Report what changed between two versions of the specs, and for whom it matters.

    OLD and NEW are git revisions, folders of specs, a _specs.json, or a generated, vendored or installed client. By default,
    the last tag is compared with the specs of the project. Nothing is checked out or fetched.

    A change is breaking (something that worked fails), behavior (it works, perhaps with another result), addition (more is
    possible) or text. Each is judged for requests of existing clients (wire), for code that calls the Python client, for the
    command line, for vendored copies and for tests. A parameter that breaks on the wire is reported with a request that
    the old version accepts and the new one refuses.
    """
    from speccast.cli.project import current_project
    from speccast.diff.change import Level
    from speccast.diff.compare import compare, selected
    from speccast.diff.outcome import outcome
    from speccast.diff.reports import FORMATS, Comparison
    from speccast.diff.versions import read_versions

    before, after = read_versions(current_project(), old, new)
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
        return 0
    comparison = Comparison(before.label, after.label, selected(found, Level[level.upper()]), outcomes)
    click.echo(FORMATS[format_](comparison), nl=False)
    return 1 if check and not all(each.is_enough for each in outcomes) else 0
