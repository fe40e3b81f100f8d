"""What an emulator serves: the specs of a project or of another folder, or those that a generated package carries."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.specs.bundle import SPECS, Bundle, read_bundle, specs_json

if TYPE_CHECKING:
    from speccast.generation import Specs


def read_source(source: str | Path | None, *, api: str | None = None, start: Path | None = None) -> Bundle:
    """The specs of a folder, of a package's folder or its `_specs.json`, or of an installed package; of the project around `start` without any.

    A text that is no path of anything is the name of a package.

    Raises:
        SpeccastError: there is no such thing, the specs have errors, or there are several APIs and `api` names none.
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
        told = "\n".join(finding.render() for finding in specs.findings)
        raise SpeccastError(f"the specs have errors:\n{told}", hint="speccast lint")
    return chosen_bundle(specs, api)


def package_bundle(package: str) -> Bundle:
    """The specs that an installed package carries, which may be vendored within another: `acme._vendor.fox_client`.

    Neither is imported: a client that does not work can still be emulated.

    Raises:
        SpeccastError: there is no such package, or it carries none.
    """
    folder = _folder_of(package)
    if folder is None:
        raise SpeccastError(
            f"there is no package {package!r}",
            hint="install it in this environment, or name its folder instead",
        )
    return read_bundle(folder / SPECS)


def _folder_of(package: str) -> Path | None:
    """Where a package is. `find_spec` alone would import all that stand before the last dot."""
    from importlib.machinery import PathFinder
    from importlib.util import find_spec

    top, *names = package.split(".")
    try:
        found = find_spec(top)
        for name in names:
            inside = found.submodule_search_locations if found is not None else None
            # Under its full name, a folder without `__init__.py` would look for the one around it among what is imported.
            found = PathFinder.find_spec(name, list(inside)) if inside else None
    except (ImportError, ValueError):
        return None
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0])


def specs_of(start: Path, folder: Path | None = None) -> Specs:
    """The specs of the project that `start` belongs to, or of another folder.

    Raises:
        SpeccastError: there are none, or a file cannot be read.
    """
    from speccast.config import find_project
    from speccast.generation import read_specs

    project = find_project(start)
    return read_specs(project if folder is None else replace(project, specs=folder.resolve()))


def chosen_bundle(specs: Specs, api: str | None) -> Bundle:
    """The API with a name, or the only one.

    Raises:
        SpeccastError: there is no such API, or none is named and there are several.
    """
    apis = {found.id: found for found in specs.apis}
    if api is None and len(apis) > 1:
        raise SpeccastError(f"there are several APIs: {', '.join(apis)}", hint="speccast serve --api NAME")
    chosen = api if api is not None else next(iter(apis))
    if chosen not in apis:
        raise SpeccastError(f"there is no API {chosen!r}", hint=f"there are: {', '.join(apis)}")
    content = json.loads(specs_json(apis[chosen]))
    return Bundle(content["api"], {model["slug"]: model for model in content["models"]})
