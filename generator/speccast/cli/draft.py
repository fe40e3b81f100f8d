"""`speccast draft`: write the spec of a model from its saved documentation page."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from speccast.cli.new_specs import api_names, find_apis, schema_copies, schemas_named, write_spec
from speccast.cli.project import current_project
from speccast.errors import SpeccastError
from speccast.pages.apis import ApiPaths, api_paths, matching_api
from speccast.pages.documents import is_openapi, is_swagger, read_document_text
from speccast.pages.facts import Fact
from speccast.pages.head import ENDPOINT
from speccast.pages.openapi import open_document, read_operations, server
from speccast.pages.openapi_api import api_text
from speccast.pages.reader import read_page
from speccast.pages.report import Draft, json_report, text_report
from speccast.pages.writing import COMMENT
from speccast.pages.writing import write_spec as spec_text
from speccast.reading import read_regular_file
from speccast.specs.document import DocumentError, read_document
from speccast.targets.python.names import module_name, reserves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.config import Project
    from speccast.pages.reader import Page
    from speccast.pages.text import PageText
    from speccast.specs.document import Document

_API = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SLUG = re.compile(r"(?=.{1,128}$)[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_MOST_BYTES = 20_000_000


@click.command(epilog="Then decide what the comments `# draft:` ask for, and: speccast generate.")
@click.argument("pages", metavar="PAGE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--api", metavar="NAME", help="API of the models; by default the one whose address is on the page."
)
@click.option("--stdout", "to_stdout", is_flag=True, help="Print the specs instead of writing files.")
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", help="Format of the report."
)
@click.option(
    "--operation",
    "operations",
    metavar="ID",
    multiple=True,
    help="Draft only this operation of an OpenAPI document (id or path); can be given several times.",
)
@click.option("--url", metavar="URL", help="Address of the page, for `source`.")
def command(
    *,
    pages: tuple[Path, ...],
    api: str | None,
    to_stdout: bool,
    format_: str,
    operations: tuple[str, ...],
    url: str | None,
) -> int:
    """Write the spec of a model from its documentation page.

    PAGE is a saved page (copied text, HTML or Markdown) or an OpenAPI document, each of whose models becomes a spec. The report lists everything that is not certain, by line of the page and of the
    spec; comments `# draft:` mark it in the spec. No file is overwritten.

    Exit codes: 0 all is certain, 1 there is something to decide, 2 a file is not a page, or the spec exists.
    """
    if url is not None and len(pages) > 1:
        raise click.UsageError("--url is the address of one page")
    project = current_project()
    return draft_pages(
        project, pages, api=api, to_stdout=to_stdout, format_=format_, url=url or "", operations=operations
    )


def draft_pages(
    project: Project,
    pages: Sequence[Path],
    *,
    api: str | None = None,
    to_stdout: bool = False,
    format_: str = "text",
    url: str = "",
    operations: Sequence[str] = (),
) -> int:
    """Draft a spec for each page and print the report. Return the exit code."""
    from speccast.cli import print_error

    drafts: list[Draft] = []
    undecided: list[str] = []
    failed = False
    for path in pages:
        try:
            source = read_source(path)
            if is_openapi(source):
                target, read, left = _read_openapi(
                    project, path, source, api, operations, to_stdout=to_stdout
                )
                undecided += left
            else:
                target, read = _read_text(project, path, source, api, to_stdout=to_stdout)
        except SpeccastError as error:
            print_error(error)
            failed = True
            continue
        for page in read:
            try:
                drafts.append(_draft(project, path, page, target, to_stdout=to_stdout, url=url))
            except SpeccastError as error:
                print_error(error)
                failed = True
    if format_ == "json":
        click.echo(json_report(drafts, undecided, with_text=to_stdout), nl=False)
    else:
        for line in undecided:
            click.echo(line, err=to_stdout)
        for draft in drafts:
            if to_stdout:
                click.echo(draft.text, nl=False)
            click.echo(text_report(draft), nl=False, err=to_stdout)
    if failed:
        return 2
    return 0 if not undecided and all(draft.is_certain for draft in drafts) else 1


def read_source(path: Path) -> PageText:
    """Read a saved page.

    Raises:
        SpeccastError: the file cannot be read, is far larger than a page, or a document of Swagger.
    """
    try:
        data = read_regular_file(path, _MOST_BYTES + 1)
    except OSError as error:
        hint = "save the page as a file: the spec names it as its source" if str(path) == "-" else ""
        raise SpeccastError(f"{path}: {error.strerror}", hint=hint) from None
    if len(data) > _MOST_BYTES:
        raise SpeccastError(f"{path}: the file is larger than {_MOST_BYTES} bytes, so it is not a page")
    source = read_document_text(data, path)
    if is_swagger(source):
        raise SpeccastError(
            f"{path}: Swagger 2.0 is not supported", hint="convert the document to OpenAPI 3.0 or 3.1"
        )
    return source


def read_apis(apis: dict[str, Path]) -> dict[str, ApiPaths]:
    """Return the paths of every API whose `api.yaml` can be read."""
    found = {}
    for name, file in apis.items():
        try:
            value = read_document(file.read_bytes(), file.name).value
        except (DocumentError, OSError):
            continue
        found[name] = api_paths(value) if isinstance(value, dict) else ApiPaths()
    return found


def _read_text(
    project: Project, path: Path, source: PageText, api: str | None, *, to_stdout: bool
) -> tuple[str, list[Page]]:
    """Return the API that a page belongs to, and the page that was read."""
    apis = find_apis(project)
    if api is not None and api not in apis:
        raise SpeccastError(f"unknown API {api!r}", hint=f"APIs: {', '.join(apis)}" if apis else "")
    known = read_apis(apis)
    chosen = api or matching_api(source.text, known) or _by_path(source, known)
    page = read_page(source, known.get(chosen))
    if not page.is_page:
        raise SpeccastError(
            f"{path}: is not a page of a model: it has no address of an endpoint, or neither parameters nor a sample",
            hint="save the text of the page that documents the model's API",
        )
    if not chosen and not to_stdout:
        if not apis:
            raise SpeccastError(
                f"no API in {project.format_path(project.specs)}", hint="to create one: speccast init NAME"
            )
        raise SpeccastError(
            f"{path}: the address on the page matches none of the APIs: {', '.join(apis)}",
            hint="use --api NAME",
        )
    return chosen, [page]


def _by_path(source: PageText, known: Mapping[str, ApiPaths]) -> str:
    """Return the only API with a path that is on a page without an address, as pages with only a sample are."""
    if ENDPOINT.search(source.text):
        return ""
    found = [name for name, paths in known.items() if read_page(source, paths).is_page]
    return found[0] if len(found) == 1 else ""


def _read_openapi(
    project: Project,
    path: Path,
    source: PageText,
    api: str | None,
    operations: Sequence[str],
    *,
    to_stdout: bool,
) -> tuple[str, list[Page], list[str]]:
    """Return the API of an OpenAPI document, which is drafted if there is none, the models that were read, and what to decide."""
    undecided: list[str] = []
    try:
        document = open_document(source)
    except ValueError as error:
        raise SpeccastError(f"{path}: {error}") from None
    apis = find_apis(project)
    known = read_apis(apis)
    address = server(document)[0]
    chosen = api or (matching_api(address, known) if address else None) or ""
    if not read_operations(source, document, ApiPaths(), operations)[0]:
        raise SpeccastError(
            f"{path}: no operation with a JSON object as its body was found",
            hint="name an operation with --operation, by its id or its path" if operations else "",
        )
    if chosen not in apis and not to_stdout:
        if not _API.fullmatch(chosen):
            raise SpeccastError(
                f"{path}: the document does not match an API of the project",
                hint="to draft a new API, use --api NAME",
            )
        undecided = _draft_api(project, document, chosen)
        known = read_apis(find_apis(project))
    read, left_out = read_operations(source, document, known.get(chosen, ApiPaths()), operations)
    return chosen, read, [*undecided, *left_out]


def _draft_api(project: Project, document: Document, name: str) -> list[str]:
    """Write the `api.yaml` of a document. Return what a person has to decide in it, with its lines."""
    place = project.specs / name / "api.yaml"
    names = api_names(name)
    values = {
        "package": f"{names['package']}_client",
        "distribution": f"{names['distribution']}-client",
        "command": f"{names['distribution']}-client",
        "client": names["client"],
        "environment": names["variable"],
    }
    modeline = f"# yaml-language-server: $schema={schema_copies(project, place)}/api.schema.json"
    text = api_text(document, values, modeline=modeline)
    for written in write_spec(project, place, text):
        click.echo(f"wrote {written}", err=True)
    undecided = []
    for match in re.finditer(rf"(?m)^{COMMENT} (.*(?:\n#   .*)*)", text):
        line = text.count("\n", 0, match.start()) + 1
        undecided.append(f"{project.format_path(place)}:{line}: " + match[1].replace("\n#   ", " "))
    return undecided


def _draft(project: Project, path: Path, page: Page, api: str, *, to_stdout: bool, url: str) -> Draft:
    """Write the spec of a page."""
    slug = page.facts.values["slug",].value
    if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
        raise SpeccastError(f"{path}: the last part of the address, {slug!r}, is not a slug")
    if reserves(slug):
        name = f"{module_name(slug).rstrip('_')}_model"
        fact = Fact(name, page.facts.values["slug",].spans)
        page.facts.add(("name",), fact.with_doubt(f"`{slug}` is the name of something else in clients"))
    day = datetime.now(UTC).date().isoformat()
    apis = find_apis(project)
    if api not in apis:
        text = spec_text(page, document=path.name, date=day, url=url)
        return Draft(page, text, f"{slug}.yaml", "")
    place = apis[api].parent / f"{slug}.yaml"
    schemas = schemas_named(apis[api].parent, apis[api].read_text(encoding="utf-8", errors="replace"), slug)
    folder = schemas or schema_copies(project, place)
    modeline = f"# yaml-language-server: $schema={folder}/model.schema.json"
    text = spec_text(page, document=path.name, date=day, url=url, modeline=modeline)
    if not to_stdout:
        for written in write_spec(project, place, text, schemas=schemas):
            click.echo(f"wrote {written}", err=True)
    return Draft(page, text, project.format_path(place), api)
