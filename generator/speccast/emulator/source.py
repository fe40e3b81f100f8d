"""Finds the specs to serve: those of a project, of another folder, or of a generated package."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.packages import find_package
from speccast.specs.bundle import SPECS, Bundle, read_bundle, specs_json

if TYPE_CHECKING:
    from speccast.generation import LintedSpecs


def read_source(source: str | Path | None, *, api: str | None = None, start: Path | None = None) -> Bundle:
    """Return the specs of a source: by default those of the project around `start`.

    A source is a folder of specs, a package's folder or its `_specs.json`, or the name of an installed package.

    Raises:
        SpeccastError: the source does not exist, its specs have errors, or there are several APIs and `api` is None.
    """
    start = start or Path.cwd()
    if isinstance(source, str) and not (start / source).exists() and "/" not in source and "\\" not in source:
        return package_bundle(source)
    folder = None if source is None else start / source
    if folder is not None and (folder / SPECS).is_file():
        return read_bundle(folder / SPECS)
    if folder is not None and not folder.is_dir():
        return read_bundle(folder)
    specs = specs_of(start, folder)
    if specs.has_errors:
        report = "\n".join(finding.render() for finding in specs.findings)
        raise SpeccastError(f"the specs have errors:\n{report}", hint="run speccast lint")
    return choose_bundle(specs, api)


def package_bundle(package: str) -> Bundle:
    """Return the specs in an installed package, which can be vendored in another: `acme._vendor.fox_client`.

    No package is imported, so that the API of a broken client can be emulated.

    Raises:
        SpeccastError: the package is unknown, or contains no specs.
    """
    folder = find_package(package)
    if folder is None:
        raise SpeccastError(
            f"unknown package {package!r}",
            hint="install it in this environment, or pass its folder",
        )
    return read_bundle(folder / SPECS)


def specs_of(start: Path, folder: Path | None = None) -> LintedSpecs:
    """Return the specs of the project around `start`, or of another folder, with only the errors in them.

    Raises:
        SpeccastError: the project has no specs, or a file cannot be read.
    """
    from speccast.config import find_project
    from speccast.generation import read_specs

    project = find_project(start)
    return read_specs(
        project if folder is None else replace(project, specs=folder.resolve()), only_errors=True
    )


def choose_bundle(specs: LintedSpecs, api: str | None) -> Bundle:
    """Return the API with a name, or the only API.

    Raises:
        SpeccastError: the API is unknown, or there are several and `api` is None.
    """
    apis = {found.id: found for found in specs.apis}
    if api is None and len(apis) > 1:
        raise SpeccastError(f"several APIs: {', '.join(apis)}", hint="select one with --api NAME")
    chosen = api if api is not None else next(iter(apis))
    if chosen not in apis:
        raise SpeccastError(f"unknown API {chosen!r}", hint=f"known: {', '.join(apis)}")
    content = json.loads(specs_json(apis[chosen]))
    return Bundle(content["api"], {model["slug"]: model for model in content["models"]})
