"""Prepare a copy for `speccast.publish`: its files and its record."""

from __future__ import annotations

import os
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING

from speccast import __version__
from speccast.config import command_path, find_project, format_path
from speccast.errors import SpeccastError
from speccast.packages import find_package
from speccast.portable_names import GIT_NAMES, fold_path
from speccast.publish.content import digest
from speccast.publish.manifest import MANIFEST
from speccast.publish.paths import is_searched
from speccast.publish.plan import OutputFolder
from speccast.vendoring.record import RECORD, UPDATE, CopyRecord, digest_of_files, record_text
from speccast.vendoring.selection import (
    BATCH,
    COMMAND_LINE,
    bundle_of,
    is_license,
    requirements,
    select_files,
    slugs,
)
from speccast.vendoring.source import ClientFolder, find_client, source_bundle
from speccast.vendoring.syntax import syntax_digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.config import Project
    from speccast.specs.bundle import Bundle


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """The options of a copy. `source` and `models` are the values of `--from` and `--models`.

    If `cli` is None, a copy of the whole client has the command line, and a copy of some models does not. A copy of the whole
    client has batches, and a copy of some models with `batch`.
    `keeps_models` means that `models` are those of the existing copy.
    """

    into: Path
    source: str | None = None
    models: tuple[str, ...] | None = None
    cli: bool | None = None
    batch: bool = False
    keeps_models: bool = False


@dataclass(frozen=True, slots=True)
class PreparedCopy:
    """A copy that is ready to be written, its record and its specs."""

    target: OutputFolder
    record: CopyRecord
    bundle: Bundle


def with_recorded_options(request: CopyRequest, record: CopyRecord, home: Path) -> CopyRequest:
    """Fill in the options that were not given from the record of the copy.

    The source in a record is a package, or a folder relative to the root of the host project. Where the folder does not exist,
    as for a colleague with other checkouts, the same client is taken from the environment.

    Raises:
        SpeccastError: there is no source.
    """
    return CopyRequest(
        request.into,
        request.source or _read_recorded_source(request.into, record, home),
        request.models or record.models,
        record.cli if request.cli is None else request.cli,
        request.batch or record.batch,
        keeps_models=request.models is None,
    )


def specs_of_source(into: Path, record: CopyRecord, home: Path) -> tuple[str, Bundle] | None:
    """Return the source of a copy and its specs of the copied models; None if the source does not exist here.

    Raises:
        SpeccastError: the source cannot be read.
    """
    try:
        source = _read_recorded_source(into, record, home)
    except SpeccastError:
        return None
    if "/" not in source and find_package(source) is None:
        return None
    bundle = source_bundle(source)
    if record.models is not None:
        bundle = bundle_of(bundle, [slug for slug in record.models if slug in bundle.models])
    return record.source, bundle


def _read_recorded_source(into: Path, record: CopyRecord, home: Path) -> str:
    if "/" not in record.source or (home / record.source).is_dir():
        return str(home / record.source) if "/" in record.source else record.source
    if find_package(record.package) is not None:
        return record.package
    raise SpeccastError(
        f"{format_path(into)} was vendored from {record.source}, which does not exist here",
        hint=f"generate the client there, install {record.distribution} in this environment, or name its folder: "
        f"speccast vendor --update --into {command_path(into)} --from FOLDER",
    )


def prepare(
    request: CopyRequest,
    home: Path,
    start: Path,
    *,
    force: bool = False,
    finish: Callable[[Project], None] = lambda _: None,
) -> PreparedCopy:
    """Prepare a copy. `finish` is called with the project of the client before its output is read.

    Raises:
        SpeccastError: the client or a model does not exist, files of the client were edited (unless `force`), or the
            folder cannot hold a copy.
    """
    source = find_client(request.source, start, finish)
    _check_place(request.into, source, home)
    if source.edited and not force:
        more = f" and {len(source.edited) - 1} more" if len(source.edited) > 1 else ""
        raise SpeccastError(
            f"{source.shown}: {source.edited[0]}{more} was edited by hand, so the copy would not match the specs",
            hint="how to resolve it: speccast generate --check; to vendor it as it is: --force",
        )
    if request.keeps_models:
        _check_models(request, source)
    models = None if request.models is None else slugs(source.bundle, request.models)
    cli = (models is None) if request.cli is None else request.cli
    if request.cli and f"{COMMAND_LINE}/__init__.py" not in source.files:
        raise SpeccastError(f"{source.shown} has no command line", hint="omit --cli")
    if request.batch and f"{BATCH}/__init__.py" not in source.files:
        raise SpeccastError(
            f"{source.shown} has no batches", hint="omit --with batch, or generate the client again"
        )
    files = select_files(source, models, cli=cli, batch=request.batch)
    licenses = _licenses(source, files)
    files |= licenses
    record = CopyRecord(
        distribution=source.metadata.distribution,
        version=source.metadata.version,
        package=str(source.bundle.api["package"]),
        source=_portable(source.shown, home),
        models=models,
        cli=f"{COMMAND_LINE}/__init__.py" in files,
        batch=request.batch,
        requirements=requirements(source, files, cli=cli),
        requires_python=source.metadata.requires_python,
        licenses=tuple(sorted({*licenses, *(path for path in files if is_license(path))})),
        syntax={path: syntax for path, content in files.items() if (syntax := syntax_digest(path, content))},
        contents=digest_of_files({path: digest(content) for path, content in files.items()}),
    )
    bundle = source.bundle if models is None else bundle_of(source.bundle, models)
    wanted = files | {RECORD: record_text(record)}
    versions = {"speccast": __version__}
    return PreparedCopy(
        OutputFolder(request.into, dict(sorted(wanted.items())), versions, UPDATE, home), record, bundle
    )


def _check_models(request: CopyRequest, source: ClientFolder) -> None:
    """Refuse to drop a model from a copy because the client no longer has it: the host may use it."""
    missing = [slug for slug in request.models or () if slug not in source.bundle.models]
    if missing:
        left = ",".join(slug for slug in request.models or () if slug not in missing)
        raise SpeccastError(
            f"the client no longer has the model {missing[0]!r} of the copy in {request.into}",
            hint=f"to update without it: --models {left}" if left else "choose other models with --models",
        )


def _check_place(into: Path, source: ClientFolder, home: Path) -> None:
    if not into.name.isidentifier() or iskeyword(into.name):
        better = "".join(character if character.isalnum() else "_" for character in into.name)
        raise SpeccastError(
            f"{into} cannot be imported: {into.name!r} is not a module name",
            hint=f"choose another name, such as {into.with_name(better if better.isidentifier() else 'vendored')}",
        )
    if any(fold_path(part) in GIT_NAMES for part in into.parts):
        raise SpeccastError(
            f"{into} is inside the folder of git", hint="choose a folder of your package with --into"
        )
    around = [
        folder for folder in into.parents if folder.is_relative_to(home) and (folder / RECORD).is_file()
    ]
    if around or not is_searched(into, home):
        where = (
            f"the copy {around[0]}"
            if around
            else "a hidden folder, an environment or a folder of built files"
        )
        raise SpeccastError(
            f"{into} is in {where}, which vendor --check and --update do not search",
            hint="choose a folder of your package, such as --into src/shop/_vendor/" + into.name,
        )
    here, there = into.resolve(), source.folder.resolve()
    if here == there or here.is_relative_to(there) or there.is_relative_to(here):
        raise SpeccastError(f"{into} and {source.folder} overlap", hint="choose another folder with --into")
    project = find_project(into.parent)
    if here.is_relative_to(project.output.resolve()):
        raise SpeccastError(
            f"{into} is in {project.format_path(project.output)}, which speccast generate writes",
            hint="choose a folder of your package, such as --into src/shop/_vendor/" + into.name,
        )
    if (into / MANIFEST).is_file() and not (into / RECORD).is_file():
        raise SpeccastError(f"{into} is generated output", hint="choose another folder with --into")


def _licenses(source: ClientFolder, files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the license files of the client outside of its package, under names that are not taken."""
    found: dict[str, bytes] = {}
    for name, content in source.metadata.licenses.items():
        if content in files.values():
            continue
        free = name if name not in files else f"{name}-{source.metadata.distribution}"
        found[free] = content
    return found


def _portable(shown: str | Path, home: Path) -> str:
    """Return a folder relative to the project, so that the record is the same on every machine; a package name unchanged."""
    if isinstance(shown, str):
        return shown
    place = os.path.relpath(shown.absolute(), home.absolute()) if shown.drive == home.drive else str(shown)
    text = Path(place).as_posix()
    return text if "/" in text else f"./{text}"
