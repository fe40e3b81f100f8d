"""Fingerprints of everything that the output depends on: specs, templates, configuration and tools."""

from __future__ import annotations

import os
import re
import stat
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from speccast import __version__
from speccast.cache import key_of
from speccast.specs.changelog import CHANGELOG
from speccast.specs.files import ENDINGS
from speccast.targets.registry import source_files
from speccast.targets.tree import find_templates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from speccast.config import Project

_RECORDED = ("datamodel-code-generator", "ruff")
_OTHERS = ("jinja2", "jsonschema-rs", "pydantic", "pyyaml")
"""Tools that manifests do not record, because their version should not matter. The cache does not rely on that."""
_PACKAGE = Path(__file__).parent.parent
_OWN_SUFFIXES = (".py", ".json", ".yaml")
_NOT_RENDERING = ("__pycache__", "templates", "emulator")
"""Folders of the package that do not affect rendering, or have their own fingerprint."""


class Fingerprints(NamedTuple):
    """`rendering` is of tools and templates, `run` of everything."""

    rendering: str
    run: str


def find_fingerprints(project: Project) -> Fingerprints:
    """Compute the current fingerprints.

    Raises:
        OSError: a file cannot be read.
        SpeccastError: the path of a template is invalid, or a target has no templates.
    """
    tools = [f"{name} {_version(name)}" for name in (*_RECORDED, *_OTHERS)]
    own_source = _files(_PACKAGE, _OWN_SUFFIXES, lambda folder, _: folder.name not in _NOT_RENDERING)
    rendering = key_of(__version__, sys.version, *tools, *own_source, *_templates(project))
    places = (str(project.root), str(project.output), project.targets, project.format_types)
    # As `specs.files` reads them: in the folders of APIs and below, where no links are followed.
    specs = _files(
        project.specs, (*ENDINGS, CHANGELOG), lambda folder, depth: not (depth and folder.is_symlink())
    )
    run = key_of(rendering, repr((places, sorted(project.lint.items()))), *specs)
    return Fingerprints(rendering, run)


def recorded_versions() -> Mapping[str, str]:
    """Return the versions of tools that manifests record."""
    return {"speccast": __version__, **{name: _version(name) for name in _RECORDED}}


def _templates(project: Project) -> list[str]:
    found = []
    for target in project.targets:
        found += [f"{each.shown} {_digest(each.file)}" for each in find_templates(target, project.templates)]
        found += [f"{file} {_digest(file)}" for file in source_files(target)]
    return found


def _files(
    folder: Path, suffixes: tuple[str, ...], enters: Callable[[os.DirEntry[str], int], bool], depth: int = 0
) -> list[str]:
    """Return depth, name and digest of each file, with the names of the folders: an API has the name of its folder."""
    found = [folder.name, str(depth)]
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                if enters(entry, depth):
                    found += _files(folder / entry.name, suffixes, enters, depth + 1)
            elif entry.name.endswith(suffixes):
                found.append(f"{depth} {entry.name} {_digest(entry.path)}")
    return found


def _digest(path: Path | str) -> str:
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - a Path for each file takes longer; reading a pipe would block
        raise OSError(f"{path} is not a regular file")
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - as above
        return key_of(file.read())


@cache
def _version(name: str) -> str:
    """Return the version of an installed package, by the name of its metadata folder.

    `importlib.metadata` parses the package's description for it, which takes a quarter of a run without changes.
    """
    pattern = re.compile(rf"{name.replace('-', '_')}-([^-]+)\.dist-info", re.IGNORECASE)
    found = set()
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 - a Path for each name takes longer
        except OSError:
            continue
        found |= {match[1] for each in names if (match := pattern.fullmatch(each))}
    if len(found) == 1:
        return found.pop()
    from importlib.metadata import version  # the folder has another name, or there are several

    return version(name)
