"""Find the client to vendor: in a generated project, in the folder of a package, or installed. It is never imported."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from speccast.config import TARGETS, find_project, format_path
from speccast.errors import SpeccastError
from speccast.packages import find_package, unpack
from speccast.publish.content import digest
from speccast.publish.disk import translate_os_errors
from speccast.publish.manifest import MANIFEST, parse_manifest
from speccast.reading import read_regular_file
from speccast.specs.bundle import SPECS, Bundle, read_bundle
from speccast.targets.registry import built_in_templates
from speccast.vendoring.file_listing import list_files
from speccast.vendoring.metadata import Metadata, installed_metadata, project_metadata
from speccast.vendoring.record import RECORD, read_record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from speccast.config import Project


_ACCEPTED: Final = (
    "--from takes a generated project, the folder or zip archive of a package, or an installed package"
)


@dataclass(frozen=True, slots=True)
class ClientFolder:
    """A client on the disk.

    Attributes:
        shown: the value of `--from`.
        files: contents by path in the folder of the package.
        target, overlay: the templates for a copy of some models.
        edited: files that differ from the generated ones, if that is known.
    """

    folder: Path
    shown: str | Path
    files: dict[str, bytes] = field(repr=False)
    bundle: Bundle = field(repr=False)
    metadata: Metadata
    target: str
    overlay: Path
    edited: tuple[str, ...] = ()


def find_client(
    source: str | None, start: Path, finish: Callable[[Project], None] = lambda _: None
) -> ClientFolder:
    """Return the client that `source` names, by default the one that the project of `start` generates.

    `source` is a package, or a folder or zip archive relative to the current folder, such as a wheel. The root of a
    project means the client that it generates.
    `finish` is called with the project before its output is read, to finish an interrupted run.

    Raises:
        SpeccastError: there is no generated client, or there are several.
    """
    package, shown = _locate(source, start, finish)
    return _read(package, shown, finish)


def source_bundle(source: str) -> Bundle:
    """Return the specs of a client that `source` names. Nothing else of it is read.

    Raises:
        SpeccastError: there is no client, or there are several, or its specs cannot be read.
    """
    package, _ = _locate(source, Path.cwd(), lambda _: None)
    return read_bundle(package / SPECS)


def _locate(source: str | None, start: Path, finish: Callable[[Project], None]) -> tuple[Path, str | Path]:
    """Return the folder of the package of a client, and the value of `--from` for it."""
    if source is None:
        return _find_generated(find_project(start), finish)
    folder = Path(source).resolve()
    if folder.is_dir():
        project = find_project(folder)
        if project.root == folder and project.specs.is_dir():
            return _find_generated(project, finish)
        return _package_in(folder), folder
    if folder.is_file():
        return _package_in(_unpack(folder, source)), source
    if not all(part.isidentifier() for part in source.split(".")):
        raise SpeccastError(f"{source} does not exist", hint=_ACCEPTED)
    return _find_installed(source), source


def _find_generated(project: Project, finish: Callable[[Project], None]) -> tuple[Path, Path]:
    finish(project)
    found = sorted(place.parent for place in project.output.glob(f"*/*/*/{SPECS}"))
    if len(found) == 1:
        return found[0], found[0].parent
    if not found:
        raise SpeccastError(
            f"no client has been generated in {format_path(project.output)}",
            hint="run speccast generate, or name a client with --from",
        )
    shown = [format_path(package.parent) for package in found]
    raise SpeccastError(f"several clients: {', '.join(shown)}", hint=f"choose one, such as --from {shown[0]}")


def _package_in(folder: Path) -> Path:
    if (folder / SPECS).is_file():
        return folder
    depths = ("*", "*/*", "*/*/*")
    found = sorted({place.parent for depth in depths for place in folder.glob(f"{depth}/{SPECS}")})
    if len(found) == 1:
        return found[0]
    if not found:
        raise SpeccastError(
            f"{folder} is not a generated client: it has no {SPECS}, and neither have its subfolders",
            hint="--from takes a generated project such as generated/acme/python, or the package in it",
        )
    raise SpeccastError(
        f"{folder} has several clients: {', '.join(str(package.relative_to(folder)) for package in found)}",
        hint=f"choose one, such as: --from {found[0]}",
    )


def _unpack(archive: Path, source: str) -> Path:
    try:
        return unpack(archive)
    except SpeccastError as error:
        raise SpeccastError(error.message.replace(str(archive), source, 1), hint=_ACCEPTED) from error


def _find_installed(name: str) -> Path:
    folder = find_package(name)
    if folder is None:
        raise SpeccastError(
            f"{name} is neither a folder nor an installed package",
            hint="install it beside speccast, or name its folder: --from .venv/lib/…/site-packages/" + name,
        )
    if not (folder / SPECS).is_file():
        raise SpeccastError(
            f"the package {name} is not a generated client: it has no {SPECS}",
            hint="--from takes a client that speccast generated",
        )
    return folder


def _read(package: Path, shown: str | Path, finish: Callable[[Project], None]) -> ClientFolder:
    package = package.resolve()
    project = find_project(package)
    is_ours = package.is_relative_to(project.output.resolve())
    if is_ours:
        finish(project)
    bundle = read_bundle(package / SPECS)
    if not (package / "__init__.py").is_file():
        raise SpeccastError(f"{package} is not a package: it has no __init__.py")
    metadata = _metadata(package, bundle)
    paths = _paths(package, metadata.files)
    files = {path: _content(package / path) for path in paths}
    return ClientFolder(
        folder=package,
        shown=shown,
        files=files,
        bundle=bundle,
        metadata=metadata,
        target=package.parent.name if is_ours else TARGETS[0],
        overlay=project.templates if is_ours else built_in_templates(),
        edited=_find_edited(package, files),
    )


def _metadata(package: Path, bundle: Bundle) -> Metadata:
    distribution = str(bundle.api["distribution"])
    if (package / RECORD).is_file():
        record = read_record(package)
        listed = parse_manifest(_content(package / MANIFEST)).files
        return Metadata(
            distribution=record.distribution,
            version=record.version,
            requirements={"": record.requirements},
            requires_python=record.requires_python,
            licenses={},
            files=frozenset(listed.keys() - {RECORD}),
        )
    found = project_metadata(package, distribution) or installed_metadata(package, distribution)
    return found or Metadata(distribution, str(bundle.api["version"]), {}, "", {}, None)


def _paths(package: Path, listed: Collection[str] | None) -> list[str]:
    """Return the files of the client: those in its manifest or metadata; without either, all but files of tools such as caches."""
    there = sorted(list_files(package))
    return [path for path in there if (listed is None or path in listed) and not path.endswith(MANIFEST)]


def _content(place: Path) -> bytes:
    with translate_os_errors("read", place):
        return read_regular_file(place)


def _find_edited(package: Path, files: dict[str, bytes]) -> tuple[str, ...]:
    """Return the files that differ from the manifest of the generated project or copy, including missing ones."""
    root = next((folder for folder in (package, package.parent) if (folder / MANIFEST).is_file()), None)
    if root is None:
        return ()
    below = "" if root == package else f"{package.name}/"
    digests = {
        path.removeprefix(below): accepted
        for path, accepted in parse_manifest(_content(root / MANIFEST)).files.items()
        if path.startswith(below)
    }
    return tuple(
        path
        for path, accepted in sorted(digests.items())
        if path != RECORD and (path not in files or digest(files[path]) not in accepted)
    )
