"""Where the client to vendor lies: in a generated project, in a package's folder, or installed. It is never imported."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from speccast.config import TARGETS, find_project
from speccast.errors import SpeccastError
from speccast.publish import MANIFEST, parse_manifest, recover
from speccast.publish.content import digest
from speccast.publish.disk import explained
from speccast.specs.bundle import SPECS, Bundle, read_bundle
from speccast.targets.registry import built_in_templates
from speccast.vendoring.metadata import Metadata, installed_metadata, project_metadata
from speccast.vendoring.present import present
from speccast.vendoring.record import RECORD, read_record

if TYPE_CHECKING:
    from collections.abc import Collection

    from speccast.config import Project


@dataclass(frozen=True, slots=True)
class Source:
    """A client as it lies on the disk.

    `shown` is what `--from` says, `files` maps paths in the package's folder to contents. `target` and `overlay` are the
    templates that a part of it is to be made with: the built-in ones lie over themselves where it has no others. `edited`
    are files that are not as they were generated, as far as that can be told.
    """

    folder: Path
    shown: str | Path
    files: dict[str, bytes] = field(repr=False)
    bundle: Bundle = field(repr=False)
    metadata: Metadata
    target: str
    overlay: Path
    edited: tuple[str, ...] = ()


def find_source(source: str | None, start: Path) -> Source:
    """The client that `source` names: a folder relative to `start` or a package; without it, that of the project at `start`.

    Of the root of a project that has specs, the client is the one that it generates.

    Raises:
        SpeccastError: there is none, there are several, or what there is is no generated client.
    """
    if source is None:
        return _generated(find_project(start), start)
    folder = (start / source).resolve()
    if folder.is_dir():
        project = find_project(folder)
        if project.root == folder and project.specs.is_dir():
            return _generated(project, start)
        return _read(_package_in(folder), folder)
    if folder.is_file():
        raise SpeccastError(
            f"{source} is a file, and a client is a folder",
            hint=f"unpack a wheel with pip install --no-deps --target FOLDER {source}, and take --from FOLDER",
        )
    if not all(part.isidentifier() for part in source.split(".")):
        raise SpeccastError(
            f"there is no folder {source}",
            hint="--from takes a generated project, a package's folder or the name of an installed package",
        )
    return _read(_installed(source), source)


def _generated(project: Project, start: Path) -> Source:
    recover(project.cache, outputs=[project.output])
    found = sorted(place.parent for place in project.output.glob(f"*/*/*/{SPECS}"))
    if len(found) == 1:
        return _read(found[0], found[0].parent)
    if not found:
        raise SpeccastError(
            f"no client has been generated in {_shown(project.output, start)}",
            hint="run speccast generate, or say where one is: --from FOLDER or --from PACKAGE",
        )
    shown = [_shown(package.parent, start) for package in found]
    raise SpeccastError(
        f"there are several clients: {', '.join(shown)}", hint=f"choose one, such as: --from {shown[0]}"
    )


def _shown(path: Path, start: Path) -> str:
    """A folder as `--from` takes it."""
    return path.relative_to(start).as_posix() if path.is_relative_to(start) else path.as_posix()


def _package_in(folder: Path) -> Path:
    if (folder / SPECS).is_file():
        return folder
    depths = ("*", "*/*", "*/*/*")
    found = sorted({place.parent for depth in depths for place in folder.glob(f"{depth}/{SPECS}")})
    if len(found) == 1:
        return found[0]
    if not found:
        raise SpeccastError(
            f"{folder} is no generated client: there is no {SPECS} in it, nor in the folders below",
            hint="--from takes a generated project such as generated/acme/python, or the package in it",
        )
    raise SpeccastError(
        f"{folder} has several clients: {', '.join(str(package.relative_to(folder)) for package in found)}",
        hint=f"choose one, such as: --from {found[0]}",
    )


def _installed(name: str) -> Path:
    """The folder of an installed package. Only the first part of a dotted name is looked up; nothing is imported."""
    from importlib.util import find_spec

    top, *inner = name.split(".")
    try:
        found = find_spec(top)
    except (ImportError, ValueError):
        found = None
    for place in (found.submodule_search_locations or ()) if found is not None else ():
        package = Path(place).joinpath(*inner)
        if (package / SPECS).is_file():
            return package
    if found is not None:
        raise SpeccastError(
            f"the package {name} is no generated client: there is no {SPECS} in it",
            hint="--from takes a client that speccast generated",
        )
    raise SpeccastError(
        f"there is no folder and no installed package {name}",
        hint="install it beside speccast, or name its folder: --from .venv/lib/…/site-packages/" + name,
    )


def _read(package: Path, shown: str | Path) -> Source:
    package = package.resolve()
    project = find_project(package)
    is_ours = package.is_relative_to(project.output.resolve())
    if is_ours:
        recover(project.cache, outputs=[project.output])
    bundle = read_bundle(package / SPECS)
    if not (package / "__init__.py").is_file():
        raise SpeccastError(f"{package} is no package: there is no __init__.py in it")
    metadata = _metadata(package, bundle)
    paths = _paths(package, metadata.files)
    files = {path: _content(package / path) for path in paths}
    return Source(
        folder=package,
        shown=shown,
        files=files,
        bundle=bundle,
        metadata=metadata,
        target=package.parent.name if is_ours else TARGETS[0],
        overlay=project.templates if is_ours else built_in_templates(),
        edited=_edited(package, files),
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
    """The client's own files: those that its manifest or metadata lists, else whatever no tool has left there."""
    there = sorted(present(package))
    return [path for path in there if (listed is None or path in listed) and not path.endswith(MANIFEST)]


def _content(place: Path) -> bytes:
    with explained("read", place):
        return place.read_bytes()


def _edited(package: Path, files: dict[str, bytes]) -> tuple[str, ...]:
    """Files that are not as the manifest of a generated project, or of another copy, says; missing ones among them."""
    for root in (package, package.parent):
        if (root / MANIFEST).is_file():
            below = "" if root == package else f"{package.name}/"
            listed = parse_manifest(_content(root / MANIFEST)).files
            known = {
                path.removeprefix(below): digests
                for path, digests in listed.items()
                if path.startswith(below)
            }
            return tuple(
                path
                for path, digests in sorted(known.items())
                if path != RECORD and (path not in files or digest(files[path]) not in digests)
            )
    return ()
