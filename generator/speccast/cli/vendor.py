"""`speccast vendor`: a copy of a generated client inside of another package, checked and kept up to date."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from speccast.cli.recovery import finish_interrupted_run, print_recovery
from speccast.errors import SpeccastError
from speccast.findings import printable

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from click.shell_completion import CompletionItem

    from speccast.publish import Lock, Manifest
    from speccast.specs.bundle import Bundle
    from speccast.vendoring.copies import Request


def _complete_models(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Slugs of the client that `--from` names, for the last word of a list with commas."""
    from click.shell_completion import CompletionItem

    from speccast.vendoring.source import find_source

    before, comma, last = incomplete.rpartition(",")
    try:
        slugs = find_source(context.params.get("source"), Path.cwd()).bundle.models
    except SpeccastError:
        return []
    return [CompletionItem(f"{before}{comma}{slug}") for slug in slugs if slug.startswith(last)]


def _complete_source(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Folders. Which of the installed packages are clients is not looked up: there may be thousands."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


@click.command(
    epilog="Examples: speccast vendor --into src/shop/_vendor/acme; speccast vendor --into src/shop/_vendor/acme "
    "--from acme_client --models fox,owl; speccast vendor --check. Exit codes: 0 done, or every copy is untouched; "
    "1 a file was edited by hand (or, with --strict, reformatted); 2 it could not be done."
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the copy. Its name is the package's, so that src/shop/_vendor/acme is imported as shop._vendor.acme.",
)
@click.option(
    "--from",
    "source",
    metavar="DIR|PACKAGE",
    shell_complete=_complete_source,
    help="The client: a generated project, a package's folder, or the name of an installed package. Without it, the client that "
    "this project generates.",
)
@click.option(
    "--models",
    metavar="A,B",
    shell_complete=_complete_models,
    help="Only these models, by slug or module, with what they need of the rest. Without it the whole client.",
)
@click.option(
    "--cli/--no-cli",
    default=None,
    help="Take the client's command line along, which needs click and rich. A whole copy has it unless told otherwise, a few models "
    "have not.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; say whether the copies are as they were vendored, from the copies alone.",
)
@click.option(
    "--strict", is_flag=True, help="With --check: exit 1 for files that were only reformatted, too."
)
@click.option(
    "--update",
    is_flag=True,
    help="Bring copies up to date with where they are from, with the models they have. --from and --models choose anew.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing; report what would be written and removed.")
@click.option("--force", is_flag=True, help="Overwrite what was edited by hand or stands in the way.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing of single files that are written or removed.")
def command(
    *,
    into: Path | None,
    source: str | None,
    models: str | None,
    cli: bool | None,
    check: bool,
    strict: bool,
    update: bool,
    dry_run: bool,
    force: bool,
    quiet: bool,
) -> int:
    """Copy a generated client into another package, whole or a few models of it.

    The copy works under any name, since it imports relatively; it brings its licence and a record of where it is from,
    and the lines that the host package has to declare are printed. `--check` proves it untouched without specs,
    templates or network and tells a file that was reformatted from one that was edited. `--update` moves it to what is
    generated now, and says which files, models and parameters changed. Without --into, both find the copies of the
    project by themselves.
    """
    if check:
        _refuse(
            "--check writes nothing, so it does not go with",
            {
                "--update": update,
                "--from": source,
                "--models": models,
                "--cli": cli,
                "--no-cli": cli is False,
                "--force": force,
                "--dry-run": dry_run,
            },
        )
    if strict and not check:
        raise click.UsageError("--strict goes with --check")
    folders = _folders(into, known=check or update, writes=not (check or dry_run))
    if check:
        return max(_check(folder, strict=strict, quiet=quiet) for folder in folders)
    wanted = None if models is None else tuple(name for name in models.replace(",", " ").split())
    if wanted is not None and not wanted:
        raise click.UsageError("--models names no model; leave it out for the whole client")
    if update and len(folders) > 1 and (source or wanted or cli is not None):
        raise click.UsageError("--from, --models and --cli are for one copy: say for which with --into")
    from speccast.vendoring.copies import Request, with_memory
    from speccast.vendoring.places import home_of
    from speccast.vendoring.record import read_record

    code = 0
    for folder in folders:
        request = Request(folder, source, wanted, cli)
        if update:
            request = with_memory(request, read_record(folder), home_of(folder))
        code = max(code, _write(request, dry_run=dry_run, force=force, quiet=quiet))
    return code


def _refuse(why: str, options: dict[str, object]) -> None:
    for name, given in options.items():
        if given:
            raise click.UsageError(f"{why} {name}")


def _folders(into: Path | None, *, known: bool, writes: bool) -> list[Path]:
    from speccast.vendoring.places import find_copies, home_of
    from speccast.vendoring.record import UPDATE

    if into is not None:
        return [Path(os.path.abspath(into))]  # noqa: PTH100 - a link on the way is to stay one, for publish to see
    if not known:
        raise click.UsageError("--into FOLDER says where the copy goes, such as --into src/shop/_vendor/acme")
    home = home_of(Path.cwd())
    # The copy of an interrupted run may not exist yet.
    finish_interrupted_run(home / _cache(), writes=writes, command=UPDATE)
    copies = find_copies(home)
    if not copies:
        raise SpeccastError(
            f"there is no vendored client below {home}", hint="speccast vendor --into FOLDER makes one"
        )
    return copies


def _check(root: Path, *, strict: bool, quiet: bool) -> int:
    from speccast.cli.vendored import print_judgements, shown, standing_of
    from speccast.vendoring.check import Standing, check_copy
    from speccast.vendoring.places import home_of
    from speccast.vendoring.record import UPDATE

    finish_interrupted_run(home_of(root) / _cache(), writes=False, command=UPDATE)
    judged = check_copy(root)
    touched = [found for found in judged if found.standing is not Standing.UNTOUCHED]
    print_judgements(root, touched)
    click.echo(printable(f"{shown(root)}: {standing_of(judged)}"))
    edited = [found for found in touched if found.standing is not Standing.REFORMATTED]
    if edited and not quiet:
        click.echo(
            "hint: keep what you changed elsewhere, then give it up with: speccast vendor --update --force",
            err=True,
        )
    return 1 if edited or (strict and touched) else 0


def _write(request: Request, *, dry_run: bool, force: bool, quiet: bool) -> int:
    from speccast.cli.vendored import print_judgements, print_plan
    from speccast.publish import apply, lock, make_plan
    from speccast.vendoring.changes import changes
    from speccast.vendoring.check import in_the_way
    from speccast.vendoring.copies import prepare
    from speccast.vendoring.places import home_of

    home = home_of(request.into)
    turn: AbstractContextManager[Lock | None] = nullcontext() if dry_run else lock(home / _cache())
    with turn as held:
        if held is not None:
            print_recovery(held.recovered)
        copy = prepare(request, home, Path.cwd(), force=force)
        lost = () if force else in_the_way(request.into, copy.target.wanted)
        if lost:
            print_judgements(request.into, lost)
            click.echo(f"nothing was written: {len(lost)} file{'' if len(lost) == 1 else 's'} would be lost")
            click.echo("hint: keep what you changed elsewhere, then write over it with --force", err=True)
            return 1
        before, listed = _bundle(request.into), _listed(request.into)
        # Nothing is in the way that may not be: what is left is what was vendored, or only looks different.
        plan = make_plan(copy.target, force=True)
        if held is not None:
            apply([plan], held)
    print_plan(plan, copy.record, listed, dry_run=dry_run, quiet=quiet)
    for line in [] if before is None else changes(before, copy.bundle):
        click.echo(printable(line))
    return 0


def _bundle(root: Path) -> Bundle | None:
    """The specs of a copy as it is; nothing where there is none, or none that can be read."""
    from speccast.specs.bundle import read_bundle

    try:
        return read_bundle(root / "_specs.json")
    except SpeccastError:
        return None


def _listed(root: Path) -> Manifest:
    from speccast.publish import MANIFEST, parse_manifest

    place = root / MANIFEST
    return parse_manifest(place.read_bytes() if place.is_file() else b"")


def _cache() -> str:
    from speccast.config import CACHE

    return CACHE
