"""Find installed packages without importing them."""

from __future__ import annotations

from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path


def find_package(name: str) -> Path | None:
    """Return the folder of an installed package, which may be in another one such as `acme._vendor.fox_client`.

    Neither is imported: `find_spec` alone would import the packages before the last dot.
    """
    top, *names = name.split(".")
    try:
        found = find_spec(top)
        for inner in names:
            inside = found.submodule_search_locations if found is not None else None
            # Under its full name, a namespace package would look for its parent among the imported modules.
            found = PathFinder.find_spec(inner, list(inside)) if inside else None
    except (ImportError, ValueError):
        return None
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0])
