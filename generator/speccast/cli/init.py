"""`speccast init`: write the skeleton of an API or a commented model spec."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import click

from speccast.cli.new_specs import api_names, find_apis, own_file, schema_copies, schemas_named, write_spec
from speccast.cli.project import current_project
from speccast.errors import SpeccastError
from speccast.targets.python.names import module_name

if TYPE_CHECKING:
    from speccast.config import Project

_SLUG = re.compile(r"(?=.{1,128}$)[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


@click.command(epilog="Then: speccast init --model my-model, edit both files, speccast generate.")
@click.argument("name", required=False)
@click.option("--model", "slug", metavar="SLUG", help="Write a commented model spec instead.")
@click.option("--api", metavar="NAME", help="API of the model, if the project has more than one.")
@click.option("--from", "page", metavar="PAGE", help="Draft the spec of a model from its saved page.")
def command(name: str | None, slug: str | None, api: str | None, page: str | None) -> int:
    """Write the skeleton of an API (specs/NAME/api.yaml) or of a model.

    NAME is the folder of the API, by default the name of the current folder. The JSON Schemas of the format are copied
    beside the specs for completion and checks in editors. No file is overwritten. With --from, the spec of a model is
    drafted from its page; see `speccast draft`.
    """
    project = current_project()
    if page is not None:
        from speccast.cli.draft import draft_pages

        if name is not None or slug is not None:
            raise click.UsageError("--from cannot be combined with NAME or --model; the page names the model")
        return draft_pages(project, [Path(page)], api=api)
    if slug is None:
        if api is not None:
            raise click.UsageError("--api requires --model or --from")
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
    if own_file(project.specs):
        raise SpeccastError(
            f"{project.format_path(project.specs)} is an API itself, so it cannot contain another",
            hint="move its files into a subfolder, or add a model: speccast init --model SLUG",
        )
    folder = name or re.sub(r"[^a-z0-9]+", "-", project.root.name.lower()).strip("-") or "my-api"
    place = project.specs / folder / "api.yaml"
    _write(
        project,
        place,
        "api.yaml",
        hint=f"nothing was written; to add a model to it: speccast init --model SLUG --api {folder}",
        title=folder,
        **api_names(folder),
    )
    click.echo(
        f"Next: speccast init --model my-model{'' if _is_only_api(project, folder) else f' --api {folder}'}",
        err=True,
    )


def _init_model(project: Project, slug: str, api: str | None) -> None:
    if not _SLUG.fullmatch(slug):
        raise SpeccastError(
            f"{slug!r} is not a slug",
            hint="a slug has letters, digits, dots, dashes and underscores; / separates its parts",
        )
    apis = find_apis(project)
    if not apis:
        raise SpeccastError(
            f"no API in {project.format_path(project.specs)}", hint="to create one: speccast init NAME"
        )
    if api is None and len(apis) > 1:
        raise SpeccastError(
            f"several APIs: {', '.join(apis)}", hint=f"speccast init --model {slug} --api NAME"
        )
    chosen = api or next(iter(apis))
    if chosen not in apis:
        raise SpeccastError(f"unknown API {chosen!r}", hint=f"APIs: {', '.join(apis)}")
    words = [word for word in re.split(r"[^A-Za-z0-9]+", slug) if word]
    place = apis[chosen].parent / f"{slug}.yaml"
    api_text = apis[chosen].read_text(encoding="utf-8", errors="replace")
    has_sync = re.search(r"^sync:", api_text, re.MULTILINE)
    _write(
        project,
        place,
        "model.yaml",
        hint="nothing was written; edit it, or choose another slug",
        schemas=schemas_named(apis[chosen].parent, api_text, slug),
        slug=_quote(slug),
        address=slug,
        title=" ".join(word.capitalize() for word in words),
        surface="sync" if has_sync else "async",
        date=datetime.now(UTC).date().isoformat(),
    )
    click.echo(
        f"Next: complete it from the model's page, then: speccast generate (client.{module_name(slug)})",
        err=True,
    )


def _write(
    project: Project, place: Path, skeleton: str, *, hint: str, schemas: str | None = None, **values: str
) -> None:
    """Write a spec from a skeleton. `hint` is for a spec that exists."""
    text = files("speccast.cli").joinpath("skeleton", skeleton).read_text(encoding="utf-8")
    text = Template(text).substitute(values, schemas=schemas or schema_copies(project, place))
    for written in write_spec(project, place, text, schemas=schemas, hint=hint):
        click.echo(f"wrote {written}")


def _is_only_api(project: Project, folder: str) -> bool:
    return list(find_apis(project)) == [folder]


def _quote(slug: str) -> str:
    """Quote a slug that YAML would not read as a string, such as `1e3` or `null`."""
    plain = re.fullmatch(r"[a-z][a-z0-9._-]*", slug) and slug not in ("null", "true", "false")
    return slug if plain else f'"{slug}"'
