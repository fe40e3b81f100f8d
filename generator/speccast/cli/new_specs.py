"""New specs of a project: its APIs, where a spec and the copies of the schemas belong, and writing without overwriting."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from speccast.atomic import write_atomically
from speccast.errors import SpeccastError
from speccast.specs.files import API, ENDINGS
from speccast.specs.format_types import SCHEMAS, schema_text

if TYPE_CHECKING:
    from speccast.config import Project

SCHEMA_FOLDER = ".schema"
"""Folder for copies of the schemas, inside the folder of specs; the loader skips hidden folders."""

_MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)/api\.schema\.json\s*\n")


def find_apis(project: Project) -> dict[str, Path]:
    """Return the `api.yaml` of every API by name, as the loader finds them. The folder of specs may itself be an API."""
    if not project.specs.is_dir():
        return {}
    if own := own_file(project.specs):
        return {project.specs.name: own}
    folders = sorted(path for path in project.specs.iterdir() if not path.name.startswith("."))
    return {folder.name: own for folder in folders if (own := own_file(folder))}


def own_file(folder: Path) -> Path | None:
    files = (folder / f"{API}{ending}" for ending in ENDINGS)
    return next((file for file in files if file.is_file()), None)


def api_names(folder: str) -> dict[str, str]:
    """Return the names of what is generated for an API, from the name of its folder."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", folder) if word]
    if words[0][0].isdigit():
        words.insert(0, "api")
    stem = "_".join(words).lower()
    return {
        "variable": stem.upper(),
        "package": stem,
        "distribution": stem.replace("_", "-"),
        "client": "".join(word[:1].upper() + word[1:] for word in words),
    }


def schemas_named(folder: Path, api_text: str, slug: str) -> str | None:
    """Return the folder of schemas that `api.yaml` names, relative to the folder of a model's spec, if it exists."""
    named = _MODELINE.match(api_text)
    is_there = named is not None and (folder / named[1] / "model.schema.json").is_file()
    return "../" * slug.count("/") + named[1] if named is not None and is_there else None


def schema_copies(project: Project, place: Path) -> str:
    """Return the folder of the copies of the schemas, relative to the folder of a spec."""
    return Path(os.path.relpath(project.specs / SCHEMA_FOLDER, place.parent)).as_posix()


def write_spec(
    project: Project, place: Path, text: str, *, schemas: str | None = None, hint: str = "nothing was written"
) -> list[str]:
    """Write a new spec and update the copies of the schemas, unless the spec uses other schemas.

    Returns the written files as they are shown.

    Raises:
        SpeccastError: the spec exists, or cannot be written.
    """
    written: list[str] = []
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        written.append(project.format_path(place))
        for name in SCHEMAS if schemas in (None, schema_copies(project, place)) else ():
            copy = project.specs / SCHEMA_FOLDER / f"{name}.schema.json"
            current = schema_text(name)
            if copy.is_file() and copy.read_text(encoding="utf-8") == current:
                continue
            copy.parent.mkdir(exist_ok=True)
            if copy.parent.is_symlink():
                raise SpeccastError(
                    f"{project.format_path(copy.parent)} is a symbolic link", hint="remove it"
                )
            write_atomically(copy, current.encode())  # never through a link
            written.append(project.format_path(copy))
    except FileExistsError:
        raise SpeccastError(f"{project.format_path(place)} already exists", hint=hint) from None
    except OSError as error:
        raise SpeccastError(f"{error.filename}: {error.strerror}") from None
    return written
