"""`speccast vendor`: copy a generated client into another package, check or update the copy."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from speccast.cli.crash_recovery import finish_interrupted_run, print_recovery
from speccast.cli.project import named_folder, start_folder
from speccast.config import command_path, format_path
from speccast.errors import SpeccastError
from speccast.findings import printable

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from click.shell_completion import CompletionItem

    from speccast.config import Project
    from speccast.publish.manifest import Manifest
    from speccast.publish.transaction import OutputLock
    from speccast.specs.bundle import Bundle
    from speccast.vendoring.copies import CopyRequest


def _complete_models(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the last word of a comma-separated list with slugs of the client that `--from` names."""
    from click.shell_completion import CompletionItem

    from speccast.vendoring.source import find_client

    before, comma, last = incomplete.rpartition(",")
    try:
        slugs = find_client(context.params.get("source"), Path.cwd()).bundle.models
    except SpeccastError:
        return []
    return [CompletionItem(f"{before}{comma}{slug}") for slug in slugs if slug.startswith(last)]


def _complete_source(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete folders. Installed packages are not searched for clients: there may be thousands."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


@click.command(
    epilog="Examples: speccast vendor --into src/shop/_vendor/acme; speccast vendor --into src/shop/_vendor/acme "
    "--from acme_client --models fox,owl; speccast vendor --check. Exit codes: 0 success, or every copy is untouched; "
    "1 a file was edited by hand (or, with --strict, reformatted); 2 the command failed."
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the copy; src/shop/_vendor/acme is imported as shop._vendor.acme.",
)
@click.option(
    "--from",
    "source",
    metavar="DIR|PACKAGE",
    shell_complete=_complete_source,
    help="The client: a generated project, the folder of a package or an installed package. Default: the client of this project.",
)
@click.option(
    "--models",
    metavar="A,B",
    shell_complete=_complete_models,
    help="Copy these models only, by slug or module, with what they import. Default: the whole client.",
)
@click.option(
    "--cli/--no-cli",
    default=None,
    help="Include the client's command line, which needs click and rich. Default: only in a copy of the whole client.",
)
@click.option(
    "--with",
    "with_",
    type=click.Choice(["batch"]),
    multiple=True,
    help="Include batches in a copy of some models. A copy of the whole client has them.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; report whether the copies are unchanged, from the copies alone.",
)
@click.option("--strict", is_flag=True, help="With --check: also exit 1 for reformatted files.")
@click.option(
    "--update",
    is_flag=True,
    help="Update copies from their source. --from, --models, --cli and --with replace the recorded choices.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing; report what would be written and removed.")
@click.option("--force", is_flag=True, help="Overwrite files that were edited by hand or are in the way.")
@click.option("--quiet", "-q", is_flag=True, help="Do not list the files that are written or removed.")
def command(
    *,
    into: Path | None,
    source: str | None,
    models: str | None,
    cli: bool | None,
    with_: tuple[str, ...],
    check: bool,
    strict: bool,
    update: bool,
    dry_run: bool,
    force: bool,
    quiet: bool,
) -> int:
    """Copy a generated client, or some of its models, into another package.

    The copy uses relative imports, so it works under any name. It includes its license and a record of its source, and the
    dependencies that the host package must declare are printed. --check verifies copies without specs, templates or
    network, and distinguishes reformatted from edited files. --update updates copies and lists the files, models and
    parameters that changed. Without --into, both find the copies in the project.
    """
    if check:
        _refuse(
            "--check writes nothing, so it cannot be combined with",
            {
                "--update": update,
                "--from": source,
                "--models": models,
                "--cli": cli,
                "--no-cli": cli is False,
                "--with": with_,
                "--force": force,
                "--dry-run": dry_run,
            },
        )
    if strict and not check:
        raise click.UsageError("--strict requires --check")
    folders = _folders(into, finds_copies=check or update, writes=not (check or dry_run))
    if check:
        return max(_check(folder, strict=strict, quiet=quiet) for folder in folders)
    names = None if models is None else tuple(name for name in models.replace(",", " ").split())
    if names is not None and not names:
        raise click.UsageError("--models is empty; omit it to copy the whole client")
    if update and len(folders) > 1 and (source or names or with_ or cli is not None):
        raise click.UsageError("--from, --models, --cli and --with apply to one copy; name it with --into")
    from speccast.vendoring.copies import CopyRequest, with_recorded_options
    from speccast.vendoring.host_project import find_host_root
    from speccast.vendoring.record import read_record

    code = 0
    for folder in folders:
        request = CopyRequest(folder, source, names, cli, "batch" in with_)
        if update:
            request = with_recorded_options(request, read_record(folder), find_host_root(folder))
        code = max(code, _write(request, dry_run=dry_run, force=force, quiet=quiet))
    return code


def _refuse(why: str, options: dict[str, object]) -> None:
    for name, given in options.items():
        if given:
            raise click.UsageError(f"{why} {name}")


def _folders(into: Path | None, *, finds_copies: bool, writes: bool) -> list[Path]:
    from speccast.vendoring.host_project import find_copies, find_host_root

    if into is not None:
        return [Path(os.path.abspath(into))]  # noqa: PTH100 - links must not be resolved, so that publish can refuse them
    if not finds_copies:
        raise click.UsageError("--into FOLDER is required, such as --into src/shop/_vendor/acme")
    home = named_folder() or find_host_root(Path.cwd())
    # The copy of an interrupted run may not exist yet.
    _finish_interrupted_run(home, writes=writes)
    copies = find_copies(home)
    if not copies:
        raise SpeccastError(
            f"no vendored client in {format_path(home)}", hint="to create one: speccast vendor --into FOLDER"
        )
    return copies


def _check(root: Path, *, strict: bool, quiet: bool) -> int:
    from speccast.cli.vendor_report import format_path, print_checked_files, summary_of
    from speccast.specs.bundle import SPECS
    from speccast.vendoring.check import FileState, check_copy
    from speccast.vendoring.host_project import find_host_root
    from speccast.vendoring.record import RECORD, UPDATE

    _finish_interrupted_run(find_host_root(root), writes=False)
    checked = check_copy(root)
    touched = [found for found in checked if found.state is not FileState.UNTOUCHED]
    print_checked_files(root, touched)
    click.echo(printable(f"{format_path(root)}: {summary_of(checked)}"))
    edited = [found for found in touched if found.state is not FileState.REFORMATTED]
    if not {RECORD, SPECS} & {found.path for found in edited}:
        _print_distance(root)
    if edited and not quiet:
        click.echo(
            "to fix: keep your changes elsewhere, then discard them with "
            f"{UPDATE} --into {printable(command_path(root))} --force",
            err=True,
        )
    return 1 if edited or (strict and touched) else 0


def _print_distance(root: Path) -> None:
    """Print how far a copy is behind its source, if that exists here. An unreadable source is not a finding about the copy."""
    from speccast.cli.vendor_report import format_path, print_distance
    from speccast.specs.bundle import SPECS, read_bundle
    from speccast.vendoring.copies import specs_of_source
    from speccast.vendoring.host_project import find_host_root
    from speccast.vendoring.record import read_record

    try:
        source = specs_of_source(root, read_record(root), find_host_root(root))
        if source is not None:
            print_distance(root, source[0], read_bundle(root / SPECS), source[1])
    except SpeccastError as error:
        click.echo(printable(f"{format_path(root)}: not compared with its source: {error.message}"), err=True)


def _write(request: CopyRequest, *, dry_run: bool, force: bool, quiet: bool) -> int:
    from speccast.cli.vendor_report import print_changes, print_checked_files, print_plan
    from speccast.config import CACHE
    from speccast.publish.plan import make_plan
    from speccast.publish.transaction import apply, lock
    from speccast.vendoring.check import conflicts
    from speccast.vendoring.copies import prepare
    from speccast.vendoring.host_project import find_host_root

    home = find_host_root(request.into)
    locked: AbstractContextManager[OutputLock | None] = (
        nullcontext() if dry_run else lock(home / CACHE, outputs=_outputs(home))
    )
    with locked as held:
        if held is not None:
            print_recovery(held.recovered)
        copy = prepare(
            request,
            home,
            start_folder(),
            force=force,
            finish=lambda project: _finish_run_of_source(project, held),
        )
        lost = () if force else conflicts(request.into, copy.target.files)
        if lost:
            print_checked_files(request.into, lost)
            click.echo(f"nothing was written: {len(lost)} file{'' if len(lost) == 1 else 's'} would be lost")
            click.echo("to fix: move your changes elsewhere, or overwrite them with --force", err=True)
            return 1
        before, listed = _bundle(request.into), _join(request.into)
        # Edited files were refused above; what remains is unchanged or reformatted.
        plan = make_plan(copy.target, force=True)
        if held is not None:
            apply([plan], held)
    print_plan(plan, copy.record, listed, dry_run=dry_run, quiet=quiet)
    if before is not None:
        print_changes(before, copy.bundle, has_commands=copy.record.cli)
    return 0


def _finish_run_of_source(project: Project, held: OutputLock | None) -> None:
    """Finish an interrupted run of the source's project. Without a lock, nothing is written."""
    if held is not None and project.cache.resolve() == held.cache.resolve():
        return  # the source is in the same project: its lock is held, and its interrupted run was finished
    finish_interrupted_run(project.cache, outputs=[project.output], writes=held is not None)


def _bundle(root: Path) -> Bundle | None:
    """Return the specs of an existing copy, or None if they cannot be read."""
    from speccast.specs.bundle import read_bundle

    try:
        return read_bundle(root / "_specs.json")
    except SpeccastError:
        return None


def _join(root: Path) -> Manifest:
    from speccast.publish.manifest import MANIFEST, parse_manifest

    place = root / MANIFEST
    return parse_manifest(place.read_bytes() if place.is_file() else b"")


def _finish_interrupted_run(home: Path, *, writes: bool) -> None:
    from speccast.config import CACHE
    from speccast.vendoring.record import UPDATE

    finish_interrupted_run(
        home / CACHE, outputs=_outputs(home) if writes else (), writes=writes, command=UPDATE
    )


def _outputs(home: Path) -> list[Path]:
    """Return the output of a host project that generates a client itself: an interrupted run may be that of `generate`."""
    from speccast.config import find_project

    project = find_project(home)
    return [project.output] if project.root == home else []
