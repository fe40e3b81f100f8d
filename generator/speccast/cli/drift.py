"""`speccast drift`: compare saved documentation pages with the specs made from them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from speccast.atomic import write_atomically
from speccast.cli.draft import read_source
from speccast.cli.project import current_project
from speccast.errors import SpeccastError
from speccast.findings import Finding, Related, Severity
from speccast.pages.apis import ApiPaths, api_paths
from speccast.pages.documents import is_openapi
from speccast.pages.drift import ADDED, Difference, differences
from speccast.pages.openapi import open_document, read_operations
from speccast.pages.reader import Page, read_page
from speccast.pages.updating import set_date, update_text
from speccast.specs.load import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speccast.config import Project
    from speccast.core.check import Pointer
    from speccast.specs.document import Document
    from speccast.specs.problems import Span

FORMATS = ("text", "json", "github", "sarif")


_HINT = (
    "to apply it, run: speccast drift --update; if the spec is right, say so in a note that quotes the page"
)


@dataclass(frozen=True, slots=True)
class _PageAndSpec:
    """A page and the spec that is from it."""

    path: Path
    page: Page
    spec: Document
    found: tuple[Difference, ...]


@click.command(
    epilog="Exit codes: 0 no difference; 1 differences; 2 no page was found, or the command failed."
)
@click.argument("pages", metavar="[PAGE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--pages",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of the pages that the specs name; by default they are beside the specs.",
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="Format of the report.")
@click.option("--update", is_flag=True, help="Apply what is certain to the specs, and mark the rest.")
def command(pages: tuple[Path, ...], folder: Path | None, format_: str, update: bool) -> int:
    """Compare saved pages with the specs made from them.

    A spec belongs to the page that its `source.document` names. With PAGE, only these pages are compared. A spec may
    differ on purpose if it says so: in `documented_as`, or in a note that quotes the page.
    """
    project = current_project()
    pairs = list(_pairs(project, pages, folder))
    if not pairs:
        raise _nothing_found(project, folder)
    _print(project, pairs, format_, is_applied=update)
    differ = any(pair.found for pair in pairs)
    if update and differ:
        return _update(project, pairs)
    return 1 if differ else 0


def _pairs(project: Project, pages: Sequence[Path], folder: Path | None) -> Iterator[_PageAndSpec]:
    """Read every page that is named, or every page of a spec, and compare it."""
    loaded = load(project.specs, shown_from=project.root)
    named = {page.name: page for page in pages}
    used: set[str] = set()
    for api in loaded.apis:
        value = api.api.value
        paths = api_paths(value if isinstance(value, dict) else {})
        read: dict[Path, list[Page]] = {}
        for spec in api.models:
            document = _document_name(spec)
            if pages:
                path = named.get(document) or named.get(f"{_model(spec).get('slug')}.txt")
            else:
                path = _beside(document, [*([folder] if folder else []), api.directory])
            if path is None:
                continue
            used.add(path.name)
            if path not in read:
                read[path] = _read(path, paths)
            page = _page_of(read[path], path, str(_model(spec).get("slug")))
            yield _PageAndSpec(path, page, spec, tuple(differences(page, _model(spec))))
    if unused := sorted(named.keys() - used):
        raise SpeccastError(
            f"no spec was written from {', '.join(unused)}", hint="to write one, run: speccast draft PAGE"
        )


def _nothing_found(project: Project, folder: Path | None) -> SpeccastError:
    """Return the error for specs without pages, which says what was looked for and where."""
    apis = load(project.specs, shown_from=project.root).apis
    specs = [(_document_name(spec), api.directory) for api in apis for spec in api.models]
    missing = [(document, directory) for document, directory in specs if document]
    if not missing:
        return SpeccastError(
            "no spec names its page in `source.document`",
            hint="add it to a spec, or write a spec from a page: speccast draft PAGE",
        )
    document, directory = missing[0]
    shown = Path(os.path.relpath(directory.resolve(), project.root.resolve())).as_posix()
    places = f"{folder} or {shown}" if folder else shown
    others = f" (also missing: {len(missing) - 1} more)" if len(missing) > 1 else ""
    return SpeccastError(
        f"no page was found: {document} is not in {places}{others}",
        hint=f"name the folder of the pages, as in: speccast drift --pages FOLDER, or pages: speccast drift FOLDER/{document}",
    )


def _read(path: Path, paths: ApiPaths) -> list[Page]:
    """Read a page, or all models of an OpenAPI document.

    Raises:
        SpeccastError: the file cannot be read, or is not a page.
    """
    source = read_source(path)
    if not is_openapi(source):
        page = read_page(source, paths)
        if not page.is_page:
            raise SpeccastError(f"{path}: is not a page of a model", hint="save the page again")
        return [page]
    try:
        return read_operations(source, open_document(source), paths)[0]
    except ValueError as error:
        raise SpeccastError(f"{path}: {error}") from None


def _page_of(found: Sequence[Page], path: Path, slug: str) -> Page:
    """Return the page itself or, of an OpenAPI document, the model with a slug."""
    if not found or "openapi" in found[0].layouts:
        page = next((page for page in found if page.facts.values["slug",].value == slug), None)
        if page is None:
            raise SpeccastError(f"{path}: the document has no model {slug!r}")
        return page
    return found[0]


def _model(spec: Document) -> dict[str, Any]:
    return spec.value if isinstance(spec.value, dict) else {}


def _document_name(spec: Document) -> str:
    source = _model(spec).get("source")
    name = source.get("document") if isinstance(source, dict) else None
    return name if isinstance(name, str) else ""


def _beside(document: str, folders: Sequence[Path]) -> Path | None:
    """Security boundary: return the file of a page, which must be inside one of the folders."""
    for folder in folders:
        path = folder / document
        if document and path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            return path
    return None


def _print(project: Project, pairs: Sequence[_PageAndSpec], format_: str, *, is_applied: bool) -> None:
    from speccast.lint.report import LintReport
    from speccast.lint.reports import FORMATS as REPORTS

    texts = {pair.spec.path: pair.spec.text for pair in pairs}
    findings = sorted(
        _finding(project, pair, each, is_applied=is_applied) for pair in pairs for each in pair.found
    )
    report = LintReport(findings=tuple(findings), files=tuple(texts), models=len(pairs), source=texts.get)
    if format_ == "text" and not findings:
        click.echo(f"{len(pairs)} page{'' if len(pairs) == 1 else 's'} and specs agree.")
        return
    click.echo(REPORTS[format_](report), nl=False)


def _finding(project: Project, pair: _PageAndSpec, difference: Difference, *, is_applied: bool) -> Finding:
    pointer: Pointer = ("parameters",) if difference.rule == ADDED else difference.pointer
    hint = "" if is_applied else _HINT
    finding = pair.spec.finding(
        difference.rule, pointer, difference.message, hint, at_key=True, severity=Severity.WARNING
    )
    shown = Path(os.path.relpath(pair.path.resolve(), project.root)).as_posix()
    spans = difference.fact.spans if difference.fact is not None else _nearest(pair.page, difference.pointer)
    line, column = pair.page.source.place(spans[0].start) if spans else (1, 1)
    message = f"the page says: {pair.page.source.quote(spans[0])[:60]}" if spans else "the page"
    return replace(finding, related=(Related(shown, line, column, " ".join(message.split())),))


def _nearest(page: Page, pointer: Pointer) -> tuple[Span, ...]:
    """Return the characters of the parameter that a pointer leads to, where the page lacks the value itself."""
    for length in range(len(pointer), 0, -1):
        fact = page.facts.values.get((*pointer[:length], "type"))
        if fact is not None:
            return fact.spans
    return ()


def _update(project: Project, pairs: Sequence[_PageAndSpec]) -> int:
    """Apply the differences. Return 1 if something is left to decide."""
    left = False
    day = datetime.now(UTC).date().isoformat()
    for pair in pairs:
        if not pair.found:
            continue
        try:
            text = update_text(pair.spec.text, pair.page, pair.found)
        except ValueError as error:
            raise SpeccastError(f"{pair.spec.path}: {error}", hint="change it by hand") from None
        left = left or not all(each.is_certain for each in pair.found)
        if text == pair.spec.text:
            continue
        path = project.root / pair.spec.path
        write_atomically(path, set_date(text, day).encode())
        click.echo(f"updated {pair.spec.path}", err=True)
    return 1 if left else 0
