"""`speccast init`: write the skeleton of an API or a commented model spec."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from string import Template

import click

from speccast.config import Project, find_project
from speccast.errors import SpeccastError
from speccast.specs.files import API, ENDINGS
from speccast.specs.format_types import SCHEMAS, schema_text
from speccast.targets.python.names import module_name

SCHEMA_FOLDER = ".schema"
"""Folder for copies of the schemas, inside the folder of specs; the loader skips hidden folders."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
_MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)/api\.schema\.json\s*\n")


@click.command(epilog="Then: speccast init --model my-model, edit both files, speccast generate.")
@click.argument("name", required=False)
@click.option("--model", "slug", metavar="SLUG", help="Write a commented model spec instead.")
@click.option("--api", metavar="NAME", help="API of the model, if the project has more than one.")
def command(name: str | None, slug: str | None, api: str | None) -> int:
    """Write the skeleton of an API (specs/NAME/api.yaml) or of a model.

    NAME is the folder of the API, by default the name of the current folder. The JSON Schemas of the format are copied
    beside the specs for completion and checks in editors. No file is overwritten.
    """
    project = find_project(Path.cwd())
    if slug is None:
        if api is not None:
            raise click.UsageError("--api requires --model")
        _init_api(project, name)
    else:
        if name is not None:
            raise click.UsageError("NAME cannot be combined with --model; use --api NAME")
        _init_model(project, slug, api)
    return 0


def _init_api(project: Project, name: str | None) -> None:
    if name is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise SpeccastError(
            f"{name!r} is not a valid name of an API",
            hint="use letters, digits, dots, dashes and underscores",
        )
    if _own_file(project.specs):
        raise SpeccastError(
            f"{project.shown(project.specs)} is an API itself, so it cannot contain another",
            hint="move its files into a subfolder, or add a model: speccast init --model SLUG",
        )
    folder = name or re.sub(r"[^a-z0-9]+", "-", project.root.name.lower()).strip("-") or "my-api"
    words = [word for word in re.split(r"[^A-Za-z0-9]+", folder) if word]
    if words[0][0].isdigit():
        words.insert(0, "api")
    stem = "_".join(words).lower()
    place = project.specs / folder / "api.yaml"
    _write(
        project,
        place,
        "api.yaml",
        title=folder,
        variable=stem.upper(),
        package=stem,
        distribution=stem.replace("_", "-"),
        client="".join(word[:1].upper() + word[1:] for word in words),
    )
    click.echo(
        f"Next: speccast init --model my-model{'' if _is_only_api(project, folder) else f' --api {folder}'}",
        err=True,
    )


def _init_model(project: Project, slug: str, api: str | None) -> None:
    if not _SLUG.fullmatch(slug):
        raise SpeccastError(
            f"{slug!r} is not a slug",
            hint="a slug has lower-case letters, digits, dots, dashes and underscores",
        )
    apis = _apis(project)
    if not apis:
        raise SpeccastError(
            f"no API in {project.shown(project.specs)}", hint="to create one: speccast init NAME"
        )
    if api is None and len(apis) > 1:
        raise SpeccastError(
            f"several APIs: {', '.join(apis)}", hint=f"speccast init --model {slug} --api NAME"
        )
    chosen = api or next(iter(apis))
    if chosen not in apis:
        raise SpeccastError(f"unknown API {chosen!r}", hint=f"APIs: {', '.join(apis)}")
    words = [word for word in re.split(r"[^a-z0-9]+", slug) if word]
    place = apis[chosen].with_name(f"{slug}.yaml")
    api_text = apis[chosen].read_text(encoding="utf-8", errors="replace")
    has_sync = re.search(r"^sync:", api_text, re.MULTILINE)
    _write(
        project,
        place,
        "model.yaml",
        schemas=_schemas_named(apis[chosen].parent, api_text),
        slug=_quoted(slug),
        address=slug,
        title=" ".join(word.capitalize() for word in words),
        surface="sync" if has_sync else "async",
        date=datetime.now(UTC).date().isoformat(),
    )
    click.echo(
        f"Next: complete it from the model's page, then: speccast generate (client.{module_name(slug)})",
        err=True,
    )


def _schemas_named(folder: Path, api_text: str) -> str | None:
    """Return the folder of schemas that `api.yaml` names, relative to its folder, if it exists."""
    named = _MODELINE.match(api_text)
    return named[1] if named is not None and (folder / named[1] / "model.schema.json").is_file() else None


def _write(
    project: Project, place: Path, skeleton: str, *, schemas: str | None = None, **values: str
) -> None:
    """Write a spec and update the copies of the schemas, unless the spec uses other schemas."""
    text = files("speccast.cli").joinpath("skeleton", skeleton).read_text(encoding="utf-8")
    copies = Path(os.path.relpath(project.specs / SCHEMA_FOLDER, place.parent)).as_posix()
    text = Template(text).substitute(values, schemas=schemas or copies)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        click.echo(f"wrote {project.shown(place)}")
        for name in SCHEMAS if schemas in (None, copies) else ():
            copy = project.specs / SCHEMA_FOLDER / f"{name}.schema.json"
            current = schema_text(name)
            if copy.is_file() and copy.read_text(encoding="utf-8") == current:
                continue
            copy.parent.mkdir(exist_ok=True)
            copy.write_text(current, encoding="utf-8", newline="\n")
            click.echo(f"wrote {project.shown(copy)}")
    except FileExistsError:
        raise SpeccastError(f"{project.shown(place)} already exists", hint="nothing was written") from None
    except OSError as error:
        raise SpeccastError(f"{error.filename}: {error.strerror}") from None


def _apis(project: Project) -> dict[str, Path]:
    """Return the `api.yaml` of every API by name, as the loader finds them. The folder of specs may itself be an API."""
    if not project.specs.is_dir():
        return {}
    if own := _own_file(project.specs):
        return {project.specs.name: own}
    folders = sorted(path for path in project.specs.iterdir() if not path.name.startswith("."))
    return {folder.name: own for folder in folders if (own := _own_file(folder))}


def _own_file(folder: Path) -> Path | None:
    files = (folder / f"{API}{ending}" for ending in ENDINGS)
    return next((file for file in files if file.is_file()), None)


def _is_only_api(project: Project, folder: str) -> bool:
    return list(_apis(project)) == [folder]


def _quoted(slug: str) -> str:
    """Quote a slug that YAML would not read as a string, such as `1e3` or `null`."""
    plain = re.fullmatch(r"[a-z][a-z0-9._-]*", slug) and slug not in ("null", "true", "false")
    return slug if plain else f'"{slug}"'
