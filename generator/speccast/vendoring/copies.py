"""What it takes to write a copy: a target for `speccast.publish`, with its record."""

from __future__ import annotations

import os
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING

from speccast import __version__
from speccast.config import find_project
from speccast.errors import SpeccastError
from speccast.publish import MANIFEST, Target
from speccast.vendoring.record import RECORD, UPDATE, Record, record_text
from speccast.vendoring.selection import COMMAND_LINE, bundle_of, is_license, requirements, selected, slugs
from speccast.vendoring.source import Source, find_source
from speccast.vendoring.syntax import syntax_digest

if TYPE_CHECKING:
    from speccast.specs.bundle import Bundle


@dataclass(frozen=True, slots=True)
class Request:
    """A copy that is wanted in a folder. `source` is what `--from` says, `models` are as `--models` names them.

    `cli` is None where nobody asked: a whole copy then has the command line, and one of some models has not.
    `keeps_models` says that `models` are those of the copy as it is, which nobody named this time.
    """

    into: Path
    source: str | None = None
    models: tuple[str, ...] | None = None
    cli: bool | None = None
    keeps_models: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that is ready to be written: its files, what it says of itself, and the specs that are in it."""

    target: Target
    record: Record
    bundle: Bundle


def with_memory(request: Request, record: Record, home: Path) -> Request:
    """A request in which what nobody said is as it was when the copy was made.

    The source of a record is a folder, relative to the host project's root, or a package.
    """
    source = str(home / record.source) if "/" in record.source else record.source
    return Request(
        request.into,
        request.source or source,
        request.models or record.models,
        record.cli if request.cli is None else request.cli,
        keeps_models=request.models is None,
    )


def prepare(request: Request, home: Path, start: Path, *, force: bool = False) -> Copy:
    """What it takes to write a copy.

    Raises:
        SpeccastError: there is no such client or model, its files were edited (unless `force`), or the copy cannot be
            put there.
    """
    source = find_source(request.source, start)
    _check_place(request.into, source)
    if source.edited and not force:
        more = f" and {len(source.edited) - 1} more" if len(source.edited) > 1 else ""
        raise SpeccastError(
            f"{source.shown}: {source.edited[0]}{more} was edited by hand, so a copy would not be what the specs say",
            hint="mend it with speccast generate --force, or vendor it as it is with --force",
        )
    if request.keeps_models:
        _check_models(request, source)
    models = None if request.models is None else slugs(source.bundle, request.models)
    cli = (models is None) if request.cli is None else request.cli
    if request.cli and f"{COMMAND_LINE}/__init__.py" not in source.files:
        raise SpeccastError(f"{source.shown} has no command line", hint="leave out --cli")
    files = selected(source, models, cli=cli)
    licenses = _licenses(source, files)
    files |= licenses
    record = Record(
        distribution=source.metadata.distribution,
        version=source.metadata.version,
        package=str(source.bundle.api["package"]),
        source=_portable(source.shown, home),
        models=models,
        cli=f"{COMMAND_LINE}/__init__.py" in files,
        requirements=requirements(source, files, cli=cli),
        requires_python=source.metadata.requires_python,
        licenses=tuple(sorted({*licenses, *(path for path in files if is_license(path))})),
        syntax={path: said for path, content in files.items() if (said := syntax_digest(path, content))},
    )
    bundle = source.bundle if models is None else bundle_of(source.bundle, models)
    wanted = files | {RECORD: record_text(record)}
    versions = {"speccast": __version__}
    return Copy(Target(request.into, dict(sorted(wanted.items())), versions, UPDATE, home), record, bundle)


def _check_models(request: Request, source: Source) -> None:
    """Refuses to drop a model that the host may be using, only because the client no longer has it."""
    gone = [slug for slug in request.models or () if slug not in source.bundle.models]
    if gone:
        left = ",".join(slug for slug in request.models or () if slug not in gone)
        raise SpeccastError(
            f"the client has no model {gone[0]!r} any more, which the copy in {request.into} has",
            hint=f"go on without it, with --models {left}" if left else "choose others with --models",
        )


def _check_place(into: Path, source: Source) -> None:
    if not into.name.isidentifier() or iskeyword(into.name):
        better = "".join(character if character.isalnum() else "_" for character in into.name)
        raise SpeccastError(
            f"{into} could not be imported: {into.name!r} is no name of a module",
            hint=f"such as {into.with_name(better if better.isidentifier() else 'vendored')}",
        )
    here, there = into.resolve(), source.folder.resolve()
    if here == there or here.is_relative_to(there) or there.is_relative_to(here):
        raise SpeccastError(f"{into} and {source.folder} overlap", hint="name another folder with --into")
    project = find_project(into.parent)
    if here.is_relative_to(project.output.resolve()):
        raise SpeccastError(
            f"{into} lies in {project.shown(project.output)}, which belongs to speccast generate",
            hint="name a folder of your own package, such as --into src/shop/_vendor/" + into.name,
        )
    if (into / MANIFEST).is_file() and not (into / RECORD).is_file():
        raise SpeccastError(f"{into} is generated output", hint="name another folder with --into")


def _licenses(source: Source, files: dict[str, bytes]) -> dict[str, bytes]:
    """The client's licences that do not lie in its package, under names that nothing has yet."""
    found: dict[str, bytes] = {}
    for name, content in source.metadata.licenses.items():
        if content in files.values():
            continue
        free = name if name not in files else f"{name}-{source.metadata.distribution}"
        found[free] = content
    return found


def _portable(shown: str | Path, home: Path) -> str:
    """A folder relative to the project, so that the record is the same on every machine; a package's name as it is."""
    if isinstance(shown, str):
        return shown
    place = os.path.relpath(shown.absolute(), home.absolute()) if shown.drive == home.drive else str(shown)
    text = Path(place).as_posix()
    return text if "/" in text else f"./{text}"
