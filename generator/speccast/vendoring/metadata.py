"""Read the metadata of a client: its requirements, version and license files."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from packaging.utils import canonicalize_name

from speccast.publish.manifest import MANIFEST, parse_manifest
from speccast.reading import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import Distribution

_LICENSES: Final = ("LICENSE*", "LICENCE*", "COPYING*", "NOTICE*")
_EXTRA: Final = re.compile(
    r"(?P<plain>[^;]*?)\s*;\s*(?:\((?P<bracketed>.*)\)\s+and\s+|(?P<marker>.*)\s+and\s+)?extra\s*==\s*['\"](?P<extra>[^'\"]+)['\"]"
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """Metadata of a client. `requirements` maps extras to requirements, "" to the base ones; `licenses` maps names to contents.

    `files` are the paths of the client in the folder of the package; None if they are not listed.
    """

    distribution: str
    version: str
    requirements: Mapping[str, tuple[str, ...]]
    requires_python: str
    licenses: Mapping[str, bytes] = field(repr=False)
    files: frozenset[str] | None = field(repr=False)


def project_metadata(package: Path, distribution: str) -> Metadata | None:
    """Return the metadata in the `pyproject.toml` beside a package, if it is that of the distribution."""
    place = package.parent / "pyproject.toml"
    try:
        project: Any = tomllib.loads(read_regular_file(place).decode("utf-8"))["project"]
    except (OSError, ValueError, KeyError):
        return None
    if not isinstance(project, dict) or canonicalize_name(str(project.get("name"))) != canonicalize_name(
        distribution
    ):
        return None
    extras = project.get("optional-dependencies", {})
    manifest = package.parent / MANIFEST
    listed = None
    if manifest.is_file():
        below = f"{package.name}/"
        paths = parse_manifest(read_regular_file(manifest)).files
        listed = frozenset(path.removeprefix(below) for path in paths if path.startswith(below))
    return Metadata(
        distribution=distribution,
        version=str(project.get("version", "")),
        requirements={
            "": tuple(project.get("dependencies", ())),
            **{name: tuple(lines) for name, lines in extras.items()},
        },
        requires_python=str(project.get("requires-python", "")),
        licenses={
            file.name: read_regular_file(file)
            for pattern in _LICENSES
            for file in sorted(package.parent.glob(pattern))
            if file.is_file()
        },
        files=listed,
    )


def installed_metadata(package: Path, distribution: str) -> Metadata | None:
    """Return the metadata of an installed distribution, if the package is one of its files."""
    from importlib.metadata import distributions  # slow: imports the email package

    for found in distributions(name=distribution, path=[str(package.parent)]):
        below = f"{package.name}/"
        paths = {file.as_posix() for file in found.files or ()}
        if f"{below}__init__.py" in paths:
            return Metadata(
                distribution=distribution,
                version=found.version,
                requirements=_requirements(found),
                requires_python="".join(found.metadata.get_all("Requires-Python") or ()),
                licenses=_licenses(found, below),
                files=frozenset(path.removeprefix(below) for path in paths if path.startswith(below)),
            )
    return None


def _requirements(found: Distribution) -> dict[str, tuple[str, ...]]:
    lines: dict[str, tuple[str, ...]] = {"": ()}
    for line in found.requires or ():
        extra, plain = "", line
        if of_extra := _EXTRA.fullmatch(line):
            marker = of_extra["bracketed"] or of_extra["marker"]
            extra, plain = of_extra["extra"], of_extra["plain"] + (f"; {marker}" if marker else "")
        lines[extra] = (*lines.get(extra, ()), plain)
    return lines


def _licenses(found: Distribution, below: str) -> dict[str, bytes]:
    """Return the license files in the metadata that are outside of the folder of the package."""
    licenses = {}
    for name in found.metadata.get_all("License-File") or ():
        if name.startswith(below):
            continue
        for file in found.files or ():
            if file.as_posix().endswith((f".dist-info/licenses/{name}", f".dist-info/{name}")):
                licenses[Path(name).name] = read_regular_file(str(found.locate_file(file)))
    return licenses
